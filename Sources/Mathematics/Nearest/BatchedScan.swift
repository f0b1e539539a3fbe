import CKernels

/// Finds for each of many queries the rows of a matrix with the greatest products, all rows being looked at: products of
/// blocks of queries with all rows, of which the best are picked while they are in the cache.
public struct BatchedScan: Sendable {
  /// Queries whose products are held at once.
  private static let blockSize = 32

  public let rows: FloatMatrix

  public init(_ rows: FloatMatrix) { self.rows = rows }

  /// At most `count` rows for each query, best first, ties by row.
  /// - Parameters:
  ///   - queries: Shape `[queries, columnCount]`.
  ///   - struck: For each query the rows that it is not to get; nil when there are none.
  /// - Complexity: O(queries · rows · columns), `workers` · 32 · rows floats of memory.
  public func best(
    _ count: Int, for queries: FloatMatrix, except struck: SparseRows? = nil, workers: Int = 1
  ) -> [[RowScore]] {
    precondition(queries.columnCount == rows.columnCount && count > 0)
    precondition(struck.map { $0.rowCount == queries.rowCount && $0.columnCount == rows.rowCount } ?? true)
    let wanted = min(count, rows.rowCount)
    let blocks = (queries.rowCount + Self.blockSize - 1) / Self.blockSize
    let found = FoundBlocks(count: blocks)
    WorkQueue.share(blocks, chunk: 1, workers: workers) { queue in
      let products = UnsafeMutableBufferPointer<Float>.allocate(capacity: Self.blockSize * rows.rowCount)
      defer { products.deallocate() }
      while let block = queue.next()?.lowerBound {
        let start = block * Self.blockSize
        let span = start..<min(start + Self.blockSize, queries.rowCount)
        found.put(best(wanted, queries, span, struck, products), at: block)
      }
    }
    return found.all
  }

  private func best(
    _ wanted: Int, _ queries: FloatMatrix, _ span: Range<Int>, _ struck: SparseRows?,
    _ products: UnsafeMutableBufferPointer<Float>
  ) -> [[RowScore]] {
    let (size, width) = (rows.columnCount, rows.rowCount)
    guard let start = products.baseAddress, size > 0, width > 0 else { return span.map { _ in [] } }
    queries.values.withUnsafeBufferPointer { queries in
      rows.values.withUnsafeBufferPointer { rows in
        guard let queries = queries.baseAddress, let rows = rows.baseAddress else { return }
        DenseKernels().productWithTransposed(
          queries + span.lowerBound * size, rows: span.count, inner: size, rows, columns: width, into: start)
      }
    }
    return span.map { query in
      let own = start + (query - span.lowerBound) * width
      // What is no number is never among the best.
      if let struck { for row in struck.columns(ofRow: query) { own[Int(row)] = .nan } }
      return RowScore.best(wanted) { attune_best(own, width, wanted, $0) }
    }
  }
}
