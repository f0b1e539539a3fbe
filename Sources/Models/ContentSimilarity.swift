public import Catalog
public import Events
public import Features
public import Primitives

/// Items like those that the person liked, by what the catalogue says of them.
///
/// An item is a sparse unit vector v of terms (`ContentTerms`). The person is the sum of those of the last 20 items acted
/// upon, each times its liking (dismissed ones count against) and 0.85 for each item further back; its terms are then
/// multiplied by their rarity ln((1 + N) / n):
///
///     q_t = rarity(t) · Σ_h w_h · v_h,t        score(i) = max(0, q · v_i / |q|)
///
/// An item does not speak for itself: its own part of the product is taken out. Rarity stands on the person's side alone
/// (lnc.ltc in the notation of SMART), so that an item's vector does not change when others come and go.
///
/// Candidates come from the inverted index: of the person's 12 weightiest terms, the 64 items last heard of that have
/// each; the best of these by shared terms are then scored exactly. State is a function of the catalogue and not saved.
///
/// Memory: 8 bytes for each of an item's at most 64 terms plus 40, about 300 bytes an item, and 100 for each different term.
/// - Complexity: folding a change is O(terms) and a move within the lists of terms that come or go; a question is
///   O(20 · terms) and then O(terms) for each item.
/// - SeeAlso: Salton & Buckley, *Term-weighting approaches in automatic text retrieval*, IPM 1988; Manning, Raghavan &
///   Schütze, *Introduction to information retrieval*, 2008, §6.4.3 (weights) and §9.1.1 (Rocchio: likes and dislikes).
public struct ContentSimilarity: CandidateModel {
  public let name = "content"
  public let version = "1"
  public let isPersonal = true

  private static let seedsMax = 20
  private static let recency: Float = 0.85

  private var index = ContentIndex()

  public init() {}

  public mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog
  ) {}

  public mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {
    index.set(item.rawValue, to: catalog.item(item).map { ContentTerms.terms(of: $0) } ?? [])
  }

  public func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] {
    prepare(query, catalog: catalog).candidates(limit: limit)
  }

  public func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
    prepare(query, catalog: catalog).scores(of: items)
  }

  public func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? {
    prepare(query, catalog: catalog).reason(for: item)
  }

  public func prepare(_ query: ModelQuery, catalog: ItemCatalog) -> any PreparedModel {
    ContentAnswer(index: index, seeds: Self.seeds(of: query), catalog: catalog)
  }

  /// The items that speak, newest first, each once with its strongest act; all alike when the caller named them.
  private static func seeds(of query: ModelQuery) -> [ContentAnswer.Seed] {
    var seeds: [ContentAnswer.Seed] = []
    if !query.similarTo.isEmpty {
      for item in query.similarTo.prefix(seedsMax) where !seeds.contains(where: { $0.item == item.rawValue }) {
        seeds.append(.init(item: item.rawValue, weight: 1))
      }
      return seeds
    }
    var fade: Float = 1
    for act in query.history.reversed() {
      let liking = Float(ActStrength.liking(act))
      guard liking != 0 else { continue }
      if let place = seeds.firstIndex(where: { $0.item == act.item.rawValue }) {
        // Dismissed after it was liked, or liked more before: the stronger counts, the newer in a tie.
        if abs(liking) > abs(seeds[place].liking) { seeds[place].strengthen(to: liking) }
        continue
      }
      guard seeds.count < seedsMax else { break }
      seeds.append(.init(item: act.item.rawValue, liking: liking, fade: fade))
      fade *= recency
    }
    return seeds
  }

  /// Nothing: the catalogue brings it back.
  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] { [] }

  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    throw BinaryError("content similarity is made from the catalogue and saves nothing")
  }
}
