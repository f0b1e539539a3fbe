/// Finds the rows of a matrix with the greatest products with a query: all of them where there are few rows, most of them, many
/// times as fast, where there are many.
///
/// Up to `exactMax` rows it is a scan by bytes (`QuantisedRows`), whose answer is exact. Above that a graph finds them, and
/// `recall(of:at:)` says how many. A filter never empties an answer: the rows that it keeps are looked for through the graph
/// where that is less work than to scan, and otherwise, or when the graph finds too few, by a scan.
public struct VectorIndex: Sendable {
  /// With fewer rows a scan takes less than a tenth of a millisecond, and a graph would not be worth its building.
  public static let exactMax = 50_000
  /// Rows that a filtered search keeps in sight, as a multiple of those without.
  private static let filteredEffort = 2.0
  /// Rows that a scan looks at in the time in which the graph takes in one.
  private static let scannedPerStep = 800.0

  private let bytes: QuantisedRows
  /// nil for an exact index.
  private let graph: NeighbourGraph?
  /// Rows that a search keeps in sight at least; ef in the literature.
  public var effort = 32

  public var rows: FloatMatrix { bytes.rows }
  public var isExact: Bool { graph == nil }

  /// - Parameters:
  ///   - exactMax: With more rows a graph is built.
  ///   - report: Told the share that is done now and then; false stops the building, and the index is an exact one.
  /// - Throws: `VectorFault`.
  /// - Complexity: O(rows · columns) for an exact index; about 90 µs for each row of 64 numbers for a graph.
  public init(
    _ rows: FloatMatrix, exactMax: Int = Self.exactMax, report: (Double) -> Bool = { _ in true }
  ) throws(VectorFault) {
    bytes = try QuantisedRows(rows)
    graph = rows.rowCount > exactMax ? try NeighbourGraph(rows, report: report) : nil
  }

  /// At most `count` rows, best first, ties by row: fewer only where fewer are allowed.
  /// - Parameters:
  ///   - query: Shape `[columnCount]`.
  ///   - allowed: The rows to look for; nil for all.
  /// - Throws: `VectorFault`.
  public func best(
    _ count: Int, for query: [Float], among allowed: RowSet? = nil
  ) throws(VectorFault) -> [RowScore] {
    guard let graph else { return try bytes.best(count, for: query, among: allowed) }
    try VectorFault.check(query, dimensions: rows.columnCount)
    let share = allowed.map { Double($0.count) / Double(rows.rowCount) } ?? 1
    let effort = Double(max(count, self.effort)) * (allowed == nil ? 1 : Self.filteredEffort)
    if effort * Self.scannedPerStep < share * Double(rows.rowCount) {
      let found = try graph.best(count, for: query, in: rows, effort: Int(effort), among: allowed)
      if found.count >= min(count, allowed?.count ?? rows.rowCount) { return found }
    }
    return try bytes.best(count, for: query, among: allowed)
  }

  /// The share of the truly best `count` rows that are found, on average over queries; 1 for an exact index.
  /// - Parameter queries: Shape `[queries, columnCount]`, such as some of the rows.
  public func recall(of count: Int, at queries: FloatMatrix) throws(VectorFault) -> Double {
    let truth = try bytes.best(count, for: queries)
    var sum = 0.0
    for (query, truth) in truth.enumerated() {
      let found = Set(try best(count, for: Array(queries[query])).map(\.row))
      sum += truth.isEmpty ? 1 : Double(truth.count { found.contains($0.row) }) / Double(truth.count)
    }
    return truth.isEmpty ? 1 : sum / Double(truth.count)
  }
}
