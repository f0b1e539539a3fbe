/// Some of the rows of a matrix: a bit for each.
public struct RowSet: Sendable, Hashable {
  public let rowCount: Int
  /// Rows that are in it.
  public private(set) var count = 0
  /// Bit r mod 64 of word r / 64 stands for row r.
  private(set) var words: [UInt64]

  /// None of `rowCount` rows.
  public init(rowCount: Int) {
    self.rowCount = rowCount
    words = Array(repeating: 0, count: (rowCount + 63) / 64)
  }

  public init(_ rows: some Sequence<Int>, rowCount: Int) {
    self.init(rowCount: rowCount)
    for row in rows { insert(row) }
  }

  public func contains(_ row: Int) -> Bool { words[row / 64] >> UInt64(row % 64) & 1 == 1 }

  public mutating func insert(_ row: Int) {
    precondition(row >= 0 && row < rowCount, "row \(row) of \(rowCount)")
    if !contains(row) {
      words[row / 64] |= 1 << UInt64(row % 64)
      count += 1
    }
  }
}
