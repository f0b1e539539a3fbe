public import Catalog
public import Events
public import Features
public import Primitives

/// What people in the same circumstances like lately: on this device, at this time of the day and week, in this region.
///
/// Each circumstance is a cell of its own. An item's score is the mean over the question's cells of weight over the cell's
/// best, each cell weighing m / (m + 20) with the decayed mass m of its acts, so that a thin cell says little:
///
///     score(i) = Σ_c λ_c · w_c(i) / max w_c  /  Σ_c max(λ_c, ½),   λ_c = m_c / (m_c + 20)
///
/// Memory: at most 512 cells of 24 KB.
/// - Complexity: a fold is O(log k) for each of at most 3 cells; candidates O(cells · k).
/// - SeeAlso: `PopularityCell`.
public struct ContextPopularity: CandidateModel {
  public let name = "popularity_here"
  public let version = "1"
  public let isPersonal = false

  /// Acts, in purchases, at which a cell counts half.
  private static let massHalf = 20.0
  /// Best items of each cell that are considered.
  private static let depthMax = 128

  private var table: CellTable

  public init(halfLife: Duration = .seconds(7 * 86_400)) { table = CellTable(halfLife: halfLife) }

  public mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog
  ) {
    let liking = ActStrength.liking(interaction)
    guard liking != 0 else { return }
    var weight: Double?
    Self.forEachCell(of: context) { cell in
      let unit = weight ?? table.weight(at: interaction.at)
      weight = unit
      table.add(liking * unit, to: interaction.item.rawValue, in: cell)
    }
  }

  public mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {}

  public func prepare(_ query: ModelQuery, catalog: ItemCatalog) -> any PreparedModel {
    Answer(cells: weighedCells(for: query))
  }

  public func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] {
    Answer(cells: weighedCells(for: query)).candidates(limit: limit)
  }

  public func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
    Answer(cells: weighedCells(for: query)).scores(of: items)
  }

  public func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? {
    Answer(cells: weighedCells(for: query)).reason(for: item)
  }

  private struct WeighedCell {
    let key: CellTable.Key
    let cell: PopularityCell
    /// Share of the score, after division by the sum.
    var weight: Float
  }

  private func weighedCells(for query: ModelQuery) -> [WeighedCell] {
    var cells: [WeighedCell] = []
    Self.forEachCell(of: query.context) { key in
      guard let cell = table[key] else { return }
      let mass = table.mass(of: cell, at: query.now)
      cells.append(WeighedCell(key: key, cell: cell, weight: Float(mass / (mass + Self.massHalf))))
    }
    let total = cells.reduce(0) { $0 + max($1.weight, 0.5) }
    for index in cells.indices { cells[index].weight /= total }
    return cells
  }

  private static func forEachCell(of context: ContextFacts, _ body: (CellTable.Key) -> Void) {
    if let device = context.device { body(.init(kind: .device, name: device)) }
    if let daypart = daypart(of: context) { body(.init(kind: .daypart, name: daypart)) }
    if let region = context.region { body(.init(kind: .region, name: region)) }
  }

  /// `weekday morning`, `weekend night` …; nil when the time is unknown.
  private static func daypart(of context: ContextFacts) -> String? {
    guard let hour = context.hour, let weekday = context.weekday else { return nil }
    let dayparts =
      weekday >= 6
      ? ["weekend night", "weekend morning", "weekend afternoon", "weekend evening"]
      : ["weekday night", "weekday morning", "weekday afternoon", "weekday evening"]
    return (0..<24).contains(hour) ? dayparts[hour / 6] : nil
  }

  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] { table.takeChanges() }

  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    try table.restore(key: key, value: value)
  }
}

extension ContextPopularity {
  /// The question's cells, looked up and weighed once.
  private struct Answer: PreparedModel {
    let cells: [WeighedCell]

    func candidates(limit: Int) -> [ScoredItem] {
      var found = OrdinalMap<Float>(capacity: cells.count * ContextPopularity.depthMax)
      for cell in cells {
        for item in cell.cell.ranking.items.prefix(ContextPopularity.depthMax) { found.set(item, to: 0) }
      }
      var top = TopScores(reservingCapacity: found.count)
      found.forEach { item, _ in
        let score = score(of: item)
        if score > 0 { top.append(item, score) }
      }
      return top.best(limit)
    }

    func scores(of items: [ItemOrdinal]) -> [Float] { items.map { score(of: $0.rawValue) } }

    func reason(for item: ItemOrdinal) -> ModelReason? {
      var best: (score: Float, key: CellTable.Key)?
      for cell in cells {
        let score = cell.weight * cell.cell.score(of: item.rawValue)
        if score > best?.score ?? 0 { best = (score, cell.key) }
      }
      return best.map { ModelReason(code: "popular_here", detail: $0.key.inWords) }
    }

    private func score(of item: UInt32) -> Float {
      cells.reduce(0) { $0 + $1.weight * $1.cell.score(of: item) }
    }
  }
}
