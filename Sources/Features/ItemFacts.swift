public import Catalog
import Primitives

/// What features read of an item, packed. Made from the catalogue for one `FeatureSet`; kept by `ItemFactsTable`.
public final class ItemFacts: Sendable {
  public let ordinal: ItemOrdinal
  let id: FeatureKey
  let categories: [FeatureKey]
  let tags: [FeatureKey]
  let price: Double?
  let margin: Double?
  /// For each path that the set reads.
  let attributes: [Attribute]

  struct Attribute: Sendable {
    var keys: [FeatureKey] = []
    var number: Double?
  }

  /// - Parameter item: nil for an item only heard of in events.
  public init(_ ordinal: ItemOrdinal, id: String, item: CatalogItem?, in set: FeatureSet) {
    self.ordinal = ordinal
    self.id = FeatureKey(id)
    categories = item?.categories.map { FeatureKey($0) } ?? []
    tags = item?.tags.map { FeatureKey($0) } ?? []
    price = item?.price
    margin = item?.margin
    attributes = set.attributes.map { path in
      var value: JSONValue? = item.map { .object($0.attributes) }
      for name in path { value = value?[name] }
      return Attribute(keys: value?.featureKeys ?? [], number: value?.double)
    }
  }
}

/// Facts of the items that events speak of, made when first asked for.
public struct ItemFactsTable: Sendable {
  private var facts: [ItemFacts?] = []

  public init() {}

  /// - Parameter item: The item of the catalogue, asked for only when its facts are not there yet.
  /// - Complexity: O(1) but for the first time.
  public mutating func facts(
    of ordinal: ItemOrdinal, id: @autoclosure () -> String, in set: FeatureSet, item: () -> CatalogItem?
  ) -> ItemFacts {
    if ordinal.index < facts.count, let known = facts[ordinal.index] { return known }
    let made = ItemFacts(ordinal, id: id(), item: item(), in: set)
    while facts.count <= ordinal.index { facts.append(nil) }
    facts[ordinal.index] = made
    return made
  }

  /// The item has changed.
  public mutating func forget(_ ordinal: ItemOrdinal) {
    if ordinal.index < facts.count { facts[ordinal.index] = nil }
  }

  /// The features have changed.
  public mutating func forgetAll() { facts = [] }
}

extension JSONValue {
  /// Texts that features count by: a string, a number or boolean as text, each of a list (at most 16).
  var featureKeys: [FeatureKey] {
    switch self {
    case .string(let text): text.isEmpty ? [] : [FeatureKey(text)]
    case .int(let value): [FeatureKey(String(value))]
    case .double(let value): [FeatureKey(value.description)]
    case .bool(let value): [FeatureKey(value ? "true" : "false")]
    case .array(let values): values.prefix(16).flatMap { value in value.array == nil ? value.featureKeys : [] }
    case .null, .object: []
    }
  }
}
