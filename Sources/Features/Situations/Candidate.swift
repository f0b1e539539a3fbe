public import Catalog
import Primitives
public import Rules

/// The items of a decision as rules see them, each with the situation: made once, asked for each item.
public final class CandidateList: Sendable {
  let catalog: ItemCatalog
  let situation: Situation
  /// At hand without the situation's lock, when rules will ask for them again and again.
  let features: FeatureValues?

  /// - Parameter readsPerson: Whether rules will ask for the person's features.
  public init(catalog: ItemCatalog, situation: Situation, readsPerson: Bool = false) {
    self.catalog = catalog
    self.situation = situation
    features = readsPerson ? situation.features : nil
  }

  public subscript(_ item: ItemOrdinal) -> Candidate { Candidate(item, of: self) }
}

/// One item in one situation: `item`, and all that the `Situation` has.
///
/// Of an item that is only heard of in events, everything but `item.id` is missing.
///
/// - Complexity: fields that the catalogue keeps as columns (price, margin, stock, availability, age limit,
///   publication) cost nanoseconds, `item.categories` an array, the others a reading of the packed item, about 1 µs.
public struct Candidate: RuleEnvironment, Sendable {
  public let item: ItemOrdinal
  private let list: CandidateList

  init(_ item: ItemOrdinal, of list: CandidateList) {
    self.item = item
    self.list = list
  }

  /// For one item; for many, one `CandidateList` saves copying the catalogue's parts each time.
  public init(item: ItemOrdinal, catalog: ItemCatalog, situation: Situation) {
    self.init(item, of: CandidateList(catalog: catalog, situation: situation))
  }

  /// How long after its publication an item is new.
  public static let newFor: Duration = .seconds(30 * 86_400)

  public func value(of path: FieldPath) -> RuleValue? {
    guard path.root == "item" else { return list.situation.value(of: path) }
    if let slot = list.situation.set.slot(of: path) { return value(slot: slot) }
    guard path.names.count >= 2, path.names[0] == "attributes" else { return nil }
    return list.catalog.attribute(at: path.names.dropFirst(), of: item).flatMap { Situation.present($0) }
  }

  public func value(slot: Int) -> RuleValue? {
    if slot >= SituationSlot.firstFeature, let features = list.features {
      return features[slot - SituationSlot.firstFeature]
    }
    guard let field = SituationSlot(rawValue: slot), field.isOfItem else { return list.situation.value(slot: slot) }
    let catalog = list.catalog
    if field == .itemID { return .string(catalog.id(of: item)) }
    let facts = catalog.facts(of: item)
    guard facts.isListed else { return nil }
    switch field {
    case .itemPrice: return facts.price.map { .double($0) }
    case .itemMargin: return facts.margin.map { .double($0) }
    case .itemAvailable: return .bool(facts.isAvailable)
    case .itemStock: return facts.stock.map { .int(Int64($0)) }
    case .itemAgeMin: return facts.ageMin == 0 ? nil : .int(Int64(facts.ageMin))
    case .itemPublishedAt: return facts.publishedAt.map { .timestamp($0) }
    case .itemIsNew:
      let now = list.situation.now
      return facts.publishedAt.map { .bool($0 > now - Self.newFor && $0 <= now) }
    case .itemCategories: return .list(catalog.categories(of: item).map { .string(catalog.categoryName($0)) })
    case .itemTitle: return catalog.title(of: item).map { .string($0) }
    case .itemText: return catalog.item(item)?.text.map { .string($0) }
    case .itemCurrency: return catalog.currency(of: item).map { .string($0) }
    case .itemTags: return catalog.labels(of: item).map { .list($0.tags.map { .string($0) }) }
    case .itemRegions: return catalog.item(item).map { .list($0.regions.map { .string($0) }) }
    default: return nil
    }
  }
}
