/// Why vectors are not taken.
public enum VectorFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// Of a query or of what is added.
  case dimensions(found: Int, expected: Int)
  /// Nothing to compare, or more than `dimensionsMax`.
  case unusableDimensions(Int)
  /// The row is not a number somewhere, or longer than `lengthMax`; -1 for a query.
  case unusable(row: Int)
  case tooManyRows(Int)
  /// The approximate index could not be built, or asked: there was no memory for it.
  case noMemory

  /// Sums of products of bytes stay far from the end of 32 bits.
  public static let dimensionsMax = 1 << 14
  /// |x| that is taken at most: products stay finite.
  public static let lengthMax = 1e18

  public var description: String {
    switch self {
    case .dimensions(let found, let expected): "found a vector of \(found) numbers, expected \(expected)"
    case .unusableDimensions(let found): "found vectors of \(found) numbers, expected 1 to \(Self.dimensionsMax)"
    case .unusable(let row):
      "\(row < 0 ? "the query" : "row \(row)") holds what is no number, or is longer than \(Self.lengthMax)"
    case .tooManyRows(let count): "found \(count) rows, expected fewer than \(UInt32.max)"
    case .noMemory: "there is no memory for the index"
    }
  }

  /// The length of a vector.
  static func length(of vector: some Sequence<Float>) -> Double {
    vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  static func check(_ rows: FloatMatrix) throws(VectorFault) {
    guard (1...dimensionsMax).contains(rows.columnCount) else { throw .unusableDimensions(rows.columnCount) }
    guard rows.rowCount < UInt32.max else { throw .tooManyRows(rows.rowCount) }
    for row in 0..<rows.rowCount where !(length(of: rows[row]) <= lengthMax) { throw .unusable(row: row) }
  }

  static func check(_ query: [Float], dimensions: Int) throws(VectorFault) {
    guard query.count == dimensions else { throw .dimensions(found: query.count, expected: dimensions) }
    guard length(of: query) <= lengthMax else { throw .unusable(row: -1) }
  }
}
