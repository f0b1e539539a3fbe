import CHNSW
import CKernels

/// A graph in which near rows of a matrix are linked (HNSW): a search goes from row to row towards greater products.
///
/// hnswlib builds it; then it is numbers alone, so that it can be copied, saved and searched by several threads. The same rows and
/// settings give the same graph, on one kind of processor.
/// - SeeAlso: Malkov & Yashunin, *Efficient and robust approximate nearest neighbor search using hierarchical navigable small
///   world graphs*, TPAMI 2020.
struct NeighbourGraph: Sendable, Hashable {
  struct Settings: Sendable, Hashable {
    /// M: links of a row, twice as many on the lowest layer; 2 to 128.
    var links = 16
    /// efConstruction: rows that are compared when one is added.
    var buildEffort = 100
    var seed: UInt64 = 100
  }

  let settings: Settings
  let rowCount: Int
  /// Of the lowest layer, shape `[rowCount, 2 · links]`, filled up with `UInt32.max`.
  private let lower: [UInt32]
  /// As `attune_graph` has them.
  private let upper: [UInt32]

  /// - Parameter report: Told the share that is done now and then; false stops it.
  /// - Returns: nil when it was stopped.
  /// - Throws: `VectorFault.noMemory`.
  /// - Complexity: O(rows · buildEffort · links · columns) about.
  init?(_ rows: FloatMatrix, settings: Settings = Settings(), report: (Double) -> Bool) throws(VectorFault) {
    precondition((2...128).contains(settings.links) && settings.buildEffort > 0)
    guard
      let builder = attune_graph_make(
        rows.columnCount, max(1, rows.rowCount), settings.links, settings.buildEffort, settings.seed, attune_product())
    else { throw .noMemory }
    defer { attune_graph_free(builder) }
    var (isStopped, isFull) = (false, false)
    rows.values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      for row in 0..<rows.rowCount where !isStopped && !isFull {
        isFull = attune_graph_add(builder, start + row * rows.columnCount) != 0
        if row % 1_024 == 0 { isStopped = !report(Double(row) / Double(rows.rowCount)) }
      }
    }
    if isFull { throw .noMemory }
    if isStopped { return nil }
    self.settings = settings
    rowCount = rows.rowCount
    lower = Layer(0, of: builder, width: 2 * settings.links).links
    upper = Self.packed(builder, links: settings.links)
  }

  /// A layer as the builder gives it: links are row numbers.
  private struct Layer {
    let rows: [UInt32]
    let links: [UInt32]

    init(_ number: Int, of builder: OpaquePointer, width: Int) {
      let count = attune_graph_layer(builder, number, nil, nil)
      var rows = Array(repeating: UInt32(0), count: count)
      var links = Array(repeating: UInt32(0), count: count * width)
      if count > 0 { _ = attune_graph_layer(builder, number, &rows, &links) }
      self.rows = rows
      self.links = links
    }
  }

  /// The upper layers from the top down, with places instead of row numbers.
  private static func packed(_ builder: OpaquePointer, links width: Int) -> [UInt32] {
    var packed: [UInt32] = []
    // Places in the layer below; rows are their own.
    var below: [UInt32: UInt32]?
    for number in 1..<max(1, attune_graph_layers(builder)) {
      let layer = Layer(number, of: builder, width: width)
      let places = Dictionary(uniqueKeysWithValues: layer.rows.enumerated().map { ($1, UInt32($0)) })
      var own = [UInt32(layer.rows.count)] + layer.rows
      own += layer.rows.map { row in below.map { $0[row] ?? 0 } ?? row }
      own += layer.links.map { places[$0] ?? .max }
      packed = own + packed
      below = places
    }
    return packed
  }

  /// At most `count` rows with great products, best first, ties by row.
  /// - Parameters:
  ///   - rows: Those that it was built of.
  ///   - effort: Rows that are kept in sight, at least `count`; ef in the literature.
  ///   - allowed: Others are passed through, and not found.
  /// - Throws: `VectorFault.noMemory`.
  func best(
    _ count: Int, for query: [Float], in rows: FloatMatrix, effort: Int, among allowed: RowSet?
  ) throws(VectorFault) -> [RowScore] {
    precondition(rows.rowCount == rowCount && query.count == rows.columnCount)
    guard count > 0 else { return [] }
    let words = allowed?.words
    var hasFailed = false
    let found = RowScore.best(max(count, effort)) { keys in
      rows.values.withUnsafeBufferPointer { values in
        lower.withUnsafeBufferPointer { lower in
          upper.withUnsafeBufferPointer { upper in
            words.withPointer { words in
              var graph = attune_graph(
                n: rowCount, d: rows.columnCount, rows: values.baseAddress, links: lower.baseAddress,
                width: 2 * settings.links, upper: upper.baseAddress, upper_count: upper.count,
                upper_width: settings.links)
              let found = attune_graph_search(&graph, query, max(count, effort), words, keys)
              hasFailed = found < 0
              return max(0, found)
            }
          }
        }
      }
    }
    if hasFailed { throw .noMemory }
    return Array(found.prefix(count))
  }
}
