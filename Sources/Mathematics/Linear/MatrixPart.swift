/// Rows of numbers somewhere in memory that somebody else owns: a matrix, or columns of a wider one.
public struct MatrixPart {
  public let start: UnsafeMutablePointer<Float>
  public let rows: Int
  public let columns: Int
  /// From a row to the next one, at least `columns`.
  public let stride: Int

  /// - Parameter stride: nil when the rows follow each other.
  public init(_ start: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.start = start
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// The part that begins at a place of this one.
  public func part(row: Int = 0, column: Int = 0, rows: Int, columns: Int) -> MatrixPart {
    MatrixPart(start + row * stride + column, rows: rows, columns: columns, stride: stride)
  }

  public func rows(_ range: Range<Int>) -> MatrixPart {
    part(row: range.lowerBound, rows: range.count, columns: columns)
  }
}

/// Numbers of memory that are freed with it, 0 at the beginning.
public final class FloatRoom {
  public let start: UnsafeMutablePointer<Float>
  public let count: Int

  public init(_ count: Int) {
    self.count = count
    start = .allocate(capacity: max(1, count))
    start.initialize(repeating: 0, count: max(1, count))
  }

  deinit { start.deallocate() }

  public var values: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
