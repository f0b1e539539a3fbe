public import Catalog
public import Events
public import Features
public import Primitives

/// What people with the same leading interest like lately. The interest is the category that most of the person's last 20
/// acts go to; acts on items without category say nothing.
///
/// Score: weight over the best of the cell, times m / (m + 20) with the decayed mass m of the cell's acts. Memory: at most
/// 512 cells of 24 KB.
/// - Complexity: a fold is O(20 + log k), candidates O(limit).
/// - SeeAlso: `PopularityCell`.
public struct CohortPopularity: CandidateModel {
  public let name = "cohort_popularity"
  public let version = "1"
  public let isPersonal = true

  private static let actsMax = 20
  private static let massHalf = 20.0

  private var table: CellTable

  public init(halfLife: Duration = .seconds(7 * 86_400)) { table = CellTable(halfLife: halfLife) }

  public mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog
  ) {
    let liking = ActStrength.liking(interaction)
    guard liking != 0, let interest = Self.leadingCategory(of: history, catalog: catalog) else { return }
    table.add(
      liking * table.weight(at: interaction.at), to: interaction.item.rawValue, in: Self.key(interest, catalog))
  }

  public mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {}

  public func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] {
    guard let (_, cell, share) = cell(for: query, catalog: catalog) else { return [] }
    return cell.ranking.items.prefix(max(0, limit)).map {
      ScoredItem(item: ItemOrdinal($0), score: share * cell.score(of: $0))
    }.filter { $0.score > 0 }
  }

  public func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
    guard let (_, cell, share) = cell(for: query, catalog: catalog) else {
      return Array(repeating: 0, count: items.count)
    }
    return items.map { share * cell.score(of: $0.rawValue) }
  }

  public func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? {
    guard let (key, cell, _) = cell(for: query, catalog: catalog), cell.score(of: item.rawValue) > 0 else { return nil }
    return ModelReason(code: "popular_in_cohort", detail: key.inWords)
  }

  private func cell(
    for query: ModelQuery, catalog: ItemCatalog
  ) -> (key: CellTable.Key, cell: PopularityCell, share: Float)? {
    guard let interest = Self.leadingCategory(of: query.history, catalog: catalog) else { return nil }
    let key = Self.key(interest, catalog)
    guard let cell = table[key] else { return nil }
    let mass = table.mass(of: cell, at: query.now)
    return (key, cell, Float(mass / (mass + Self.massHalf)))
  }

  private static func key(_ category: UInt32, _ catalog: ItemCatalog) -> CellTable.Key {
    CellTable.Key(kind: .category, name: catalog.categoryName(category))
  }

  /// The category number with the most liking among the last acts; in a tie the one that came up later.
  static func leadingCategory(of history: [Interaction], catalog: ItemCatalog) -> UInt32? {
    withUnsafeTemporaryAllocation(of: (category: UInt32, liking: Double).self, capacity: actsMax) { found in
      var count = 0
      for act in history.suffix(actsMax) {
        let liking = ActStrength.liking(act)
        guard liking > 0, let category = catalog.leadingCategory(of: act.item) else { continue }
        if let place = (0..<count).first(where: { found[$0].category == category }) {
          found[place].liking += liking
        } else {
          found.initializeElement(at: count, to: (category, liking))
          count += 1
        }
      }
      var best: Int?
      for place in 0..<count where best.map({ found[place].liking >= found[$0].liking }) ?? true { best = place }
      return best.map { found[$0].category }
    }
  }

  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] { table.takeChanges() }

  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    try table.restore(key: key, value: value)
  }
}
