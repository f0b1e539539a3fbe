import CKernels

/// Finds the rows of a matrix with the greatest products with a query by looking at all of them.
public struct ExactScan: Sendable {
  public let rows: FloatMatrix

  /// - Throws: `VectorFault` for rows that cannot be compared.
  public init(_ rows: FloatMatrix) throws(VectorFault) {
    try VectorFault.check(rows)
    self.rows = rows
  }

  /// At most `count` rows, best first, ties by row.
  /// - Parameters:
  ///   - query: Shape `[columnCount]`.
  ///   - allowed: The rows to look at; nil for all.
  /// - Complexity: O(rows · columns), bound by the memory's speed; with few allowed O(allowed · columns + rows / 64).
  public func best(
    _ count: Int, for query: [Float], among allowed: RowSet? = nil
  ) throws(VectorFault) -> [RowScore] {
    try VectorFault.check(query, dimensions: rows.columnCount)
    return best(count, checked: query, allowed)
  }

  func best(_ count: Int, checked query: [Float], _ allowed: RowSet?) -> [RowScore] {
    precondition(allowed.map { $0.rowCount == rows.rowCount } ?? true)
    let wanted = min(count, allowed?.count ?? rows.rowCount)
    return RowScore.best(wanted) { keys in
      let words = allowed?.words
      return rows.values.withUnsafeBufferPointer { values in
        words.withPointer { allowed in
          attune_scan(
            values.baseAddress, rows.rowCount, rows.columnCount, query, allowed, wanted, keys)
        }
      }
    }
  }
}

extension Optional where Wrapped == [UInt64] {
  /// With a pointer to the words, nil for none.
  func withPointer<Result>(_ body: (UnsafePointer<UInt64>?) -> Result) -> Result {
    guard let self else { return body(nil) }
    return self.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
