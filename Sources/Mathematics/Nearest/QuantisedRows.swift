import CKernels
import Synchronization

/// Finds what `ExactScan` finds, several times as fast: it looks at bytes first.
///
/// A row is x = s c + r, with whole numbers c in −127…127, the scale s = max|x| / 127, and a rest r; a query is
/// q = t p + u likewise. Then
///
///     |xᵀq − s t cᵀp|  ≤  |r| |q| + |s c| |u|
///
/// by the Cauchy-Schwarz inequality, so that only rows whose s t cᵀp comes within this of the best so far are multiplied as
/// they are: the answer is that of the exact scan. Rows stand by falling length, and the scan ends where |x| |q| cannot reach
/// the best so far: where lengths differ much, as those of popular items and others do, it sees few of them.
///
/// Takes a quarter more memory than the rows.
public struct QuantisedRows: Sendable {
  private static let blockRows = 16
  /// With fewer rows allowed than one in so many, these are multiplied as they are.
  private static let narrow = 6

  private let exact: ExactScan
  /// As `attune_quantised_rows` has them.
  private let codes: [UInt8]
  private let scales: [Float]
  private let order: [UInt32]
  private let lengths: [Float]
  private let errors: [Float]

  public var rows: FloatMatrix { exact.rows }

  /// - Throws: `VectorFault` for rows that cannot be compared.
  /// - Complexity: O(rows · columns + rows · log rows).
  public init(_ rows: FloatMatrix) throws(VectorFault) {
    exact = try ExactScan(rows)
    let (count, size) = (rows.rowCount, rows.columnCount)
    let blocks = (count + Self.blockRows - 1) / Self.blockRows
    let blockBytes = (size + 3) / 4 * 4 * Self.blockRows
    let ownLengths = (0..<count).map { VectorFault.length(of: rows[$0]) }
    order = (0..<UInt32(count)).sorted { (ownLengths[Int($1)], $0) < (ownLengths[Int($0)], $1) }
    // What rounding adds to the bounds, of products of numbers of 24 bits.
    let slack = 1 + Double(size + 64) * 0x1p-22
    var codes = Array(repeating: UInt8(128), count: blocks * blockBytes)
    var scales = Array(repeating: Float(0), count: blocks * Self.blockRows)
    var lengths = Array(repeating: 0.0, count: blocks)
    var errors = lengths
    for (place, row) in order.enumerated() {
      let (block, lane) = (place / Self.blockRows, place % Self.blockRows)
      let bytes = ByteVector(rows[Int(row)])
      for (column, code) in bytes.codes.enumerated() {
        codes[block * blockBytes + column / 4 * 64 + lane * 4 + column % 4] = UInt8(Int(code) + 128)
      }
      scales[place] = bytes.scale
      let length = max(ownLengths[Int(row)], bytes.length)
      lengths[block] = max(lengths[block], length * slack)
      errors[block] = max(errors[block], bytes.error * slack + length * (slack - 1))
    }
    self.codes = codes
    self.scales = scales
    self.lengths = lengths.map { Float($0).nextUp }
    self.errors = errors.map { Float($0).nextUp }
  }

  /// At most `count` rows, best first, ties by row.
  /// - Parameter longest: Looks at so many of the longest rows only; nil for all.
  /// - Complexity: O(rows · columns), a quarter of the bytes of the exact scan.
  public func best(
    _ count: Int, for query: [Float], among allowed: RowSet? = nil, longest: Int? = nil
  ) throws(VectorFault) -> [RowScore] {
    try VectorFault.check(query, dimensions: rows.columnCount)
    return best(count, checked: query[...], allowed, longest: longest)
  }

  /// The same for each row of `queries`.
  public func best(
    _ count: Int, for queries: FloatMatrix, workers: Int = 1
  ) throws(VectorFault) -> [[RowScore]] {
    guard queries.columnCount == rows.columnCount else {
      throw .dimensions(found: queries.columnCount, expected: rows.columnCount)
    }
    try VectorFault.check(queries)
    let found = Found(Array(repeating: [], count: queries.rowCount))
    WorkQueue.share(queries.rowCount, chunk: 32, workers: workers) { queue in
      while let range = queue.next() {
        let answers = range.map { best(count, checked: queries[$0], nil) }
        found.answers.withLock { $0.replaceSubrange(range, with: answers) }
      }
    }
    return found.answers.withLock { $0 }
  }

  private final class Found: Sendable {
    let answers: Mutex<[[RowScore]]>
    init(_ answers: [[RowScore]]) { self.answers = Mutex(answers) }
  }

  private func best(
    _ count: Int, checked query: ArraySlice<Float>, _ allowed: RowSet?, longest: Int? = nil
  ) -> [RowScore] {
    if longest == nil, let allowed, allowed.count < rows.rowCount / Self.narrow {
      return exact.best(count, checked: Array(query), allowed)
    }
    precondition(allowed.map { $0.rowCount == rows.rowCount } ?? true)
    let bytes = ByteVector(query)
    let padded = bytes.codes + Array(repeating: 0, count: (4 - bytes.codes.count % 4) % 4)
    let length = Float(max(VectorFault.length(of: query), bytes.length)).nextUp
    let words = allowed?.words
    let wanted = min(count, allowed?.count ?? rows.rowCount)
    return RowScore.best(wanted) { keys in
      withKernelRows(min(rows.rowCount, max(0, longest ?? rows.rowCount))) { kernelRows in
        words.withPointer { words in
          query.withUnsafeBufferPointer { query in
            var rescored = 0
            return attune_quantised_scan(
              kernelRows, padded, bytes.scale, query.baseAddress, length, Float(bytes.error).nextUp, words, wanted,
              keys, &rescored)
          }
        }
      }
    }
  }

  /// With the first `count` places.
  private func withKernelRows<Result>(_ count: Int, _ body: (UnsafePointer<attune_quantised_rows>) -> Result) -> Result
  {
    rows.values.withUnsafeBufferPointer { values in
      codes.withUnsafeBufferPointer { codes in
        scales.withUnsafeBufferPointer { scales in
          order.withUnsafeBufferPointer { order in
            lengths.withUnsafeBufferPointer { lengths in
              errors.withUnsafeBufferPointer { errors in
                var kernelRows = attune_quantised_rows(
                  n: count, d: rows.columnCount, rows: values.baseAddress, codes: codes.baseAddress,
                  scales: scales.baseAddress, order: order.baseAddress, lengths: lengths.baseAddress,
                  errors: errors.baseAddress)
                return body(&kernelRows)
              }
            }
          }
        }
      }
    }
  }
}

/// A vector in whole numbers of one byte.
struct ByteVector {
  /// In −127…127.
  let codes: [Int8]
  /// s: a code stands for s times itself.
  let scale: Float
  /// |s c| and |x − s c|.
  let length: Double
  let error: Double

  init(_ vector: ArraySlice<Float>) {
    let greatest = vector.reduce(0) { max($0, abs($1)) }
    let scale = greatest / 127
    // What is so small is taken for nothing.
    self.scale = scale.isNormal ? scale : 0
    let factor = scale.isNormal ? 127 / greatest : 0
    codes = vector.map { Int8(max(-127, min(127, ($0 * factor).rounded(.toNearestOrEven)))) }
    var (length, error) = (0.0, 0.0)
    for (code, value) in zip(codes, vector) {
      let taken = Double(code) * Double(self.scale)
      length += taken * taken
      error += (Double(value) - taken) * (Double(value) - taken)
    }
    self.length = length.squareRoot()
    self.error = error.squareRoot()
  }
}
