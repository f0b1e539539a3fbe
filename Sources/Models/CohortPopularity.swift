public import Catalog
public import Events
public import Features
public import Primitives

/// What people like this one like lately: those of the same discovered cohort, when there are cohorts (`CohortSet`) and the
/// person has done enough to be placed, and those with the same leading interest. That interest is the category that most of
/// the last 20 acts go to; acts on items without category say nothing.
///
/// Score, with the decayed mass m of a cell's acts, λ = m / (m + 20), and w a weight over the best of its cell:
///
///     score(i) = λ · w(i) + (1 − λ) · λ′ · w′(i)
///
/// of the cohort's cell and the interest's, which has all of it where there is no cohort. Memory: at most 512 cells of 24 KB.
/// - Complexity: a fold is O(30 + log k), and the placing while there are cohorts; candidates O(limit).
/// - SeeAlso: `PopularityCell`, `CohortPlacing`.
public struct CohortPopularity: CandidateModel {
  public let name = "cohort_popularity"
  public let version = "2"
  public let isPersonal = true

  private static let actsMax = 20
  private static let massHalf = 20.0

  private var table: CellTable
  /// Those in force; not saved here, whoever restores the model installs them again.
  private(set) var cohorts: CohortPlacing?

  public init(halfLife: Duration = .seconds(7 * 86_400)) { table = CellTable(halfLife: halfLife) }

  /// Places people by these cohorts from now on; cells of cohorts that are known go on.
  /// - Parameter isNew: Whether they come into force now: those without a cell begin with what their people liked.
  public mutating func install(_ set: CohortSet?, catalog: ItemCatalog, isNew: Bool) {
    cohorts = set.map { CohortPlacing($0, catalog: catalog) }
    guard let set, isNew else { return }
    for cohort in set.cohorts where table[Self.key(cohort)] == nil {
      let unit = table.weight(at: set.until)
      for liking in cohort.likings {
        table.add(Double(liking.weight) * unit, to: liking.item.rawValue, in: Self.key(cohort))
      }
    }
  }

  public mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog
  ) {
    let liking = ActStrength.liking(interaction)
    guard liking != 0 else { return }
    if let interest = Self.leadingCategory(of: history, catalog: catalog) {
      table.add(
        liking * table.weight(at: interaction.at), to: interaction.item.rawValue, in: Self.key(interest, catalog))
    }
    if let cohort = cohorts?.cohort(history, catalog: catalog) {
      table.add(liking * table.weight(at: interaction.at), to: interaction.item.rawValue, in: Self.key(cohort))
    }
  }

  public mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {}

  public func prepare(_ query: ModelQuery, catalog: ItemCatalog) -> any PreparedModel {
    Answer(cells: weighedCells(for: query, catalog: catalog))
  }

  public func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] {
    Answer(cells: weighedCells(for: query, catalog: catalog)).candidates(limit: limit)
  }

  public func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
    Answer(cells: weighedCells(for: query, catalog: catalog)).scores(of: items)
  }

  public func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? {
    Answer(cells: weighedCells(for: query, catalog: catalog)).reason(for: item)
  }

  private func weighedCells(for query: ModelQuery, catalog: ItemCatalog) -> [WeighedCell] {
    var cells: [WeighedCell] = []
    var left: Float = 1
    func share(_ cell: PopularityCell) -> Float {
      let mass = table.mass(of: cell, at: query.now)
      return Float(mass / (mass + Self.massHalf))
    }
    if let cohort = cohorts?.cohort(query.history, catalog: catalog), let cell = table[Self.key(cohort)] {
      let weight = share(cell)
      cells.append(WeighedCell(words: cohort.name, cell: cell, weight: weight))
      left -= weight
    }
    if let interest = Self.leadingCategory(of: query.history, catalog: catalog) {
      let key = Self.key(interest, catalog)
      if let cell = table[key] {
        cells.append(WeighedCell(words: key.inWords, cell: cell, weight: left * share(cell)))
      }
    }
    return cells
  }

  private static func key(_ category: UInt32, _ catalog: ItemCatalog) -> CellTable.Key {
    CellTable.Key(kind: .category, name: catalog.categoryName(category))
  }

  private static func key(_ cohort: Cohort) -> CellTable.Key { CellTable.Key(kind: .cohort, name: cohort.id) }

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

extension CohortPopularity {
  private struct WeighedCell {
    let words: String
    let cell: PopularityCell
    let weight: Float
  }

  /// The question's cells, looked up and weighed once.
  private struct Answer: PreparedModel {
    let cells: [WeighedCell]

    func candidates(limit: Int) -> [ScoredItem] {
      guard cells.count > 1 else { return alone(limit: limit) }
      var found = OrdinalMap<Float>()
      for cell in cells { for item in cell.cell.ranking.items.prefix(max(0, limit)) { found.set(item, to: 0) } }
      var top = TopScores(reservingCapacity: found.count)
      found.forEach { item, _ in
        let score = score(of: item)
        if score > 0 { top.append(item, score) }
      }
      return top.best(limit)
    }

    private func alone(limit: Int) -> [ScoredItem] {
      guard let cell = cells.first else { return [] }
      return cell.cell.ranking.items.prefix(max(0, limit)).map {
        ScoredItem(item: ItemOrdinal($0), score: score(of: $0))
      }
      .filter { $0.score > 0 }
    }

    func scores(of items: [ItemOrdinal]) -> [Float] { items.map { score(of: $0.rawValue) } }

    func reason(for item: ItemOrdinal) -> ModelReason? {
      let best = cells.map { (cell: $0, score: $0.weight * $0.cell.score(of: item.rawValue)) }.max {
        $0.score < $1.score
      }
      guard let best, best.score > 0 else { return nil }
      return ModelReason(code: "popular_in_cohort", detail: best.cell.words)
    }

    private func score(of item: UInt32) -> Float { cells.reduce(0) { $0 + $1.weight * $1.cell.score(of: item) } }
  }
}
