/// A symmetric matrix of doubles, shape `[size, size]`, row after row.
public struct SymmetricMatrix: Sendable {
  /// Rows and columns that are eliminated at once.
  private static let blockSize = 128

  public let size: Int
  /// Both triangles.
  public private(set) var values: [Double]

  /// - Parameter values: Of which the lower triangle is read.
  public init(size: Int, values: [Double]) {
    precondition(values.count == size * size, "\(values.count) values for \(size) × \(size)")
    self.size = size
    self.values = values
  }

  /// Adds a number to each element of the diagonal.
  public mutating func add(toDiagonal value: Double) {
    for place in 0..<size { values[place * (size + 1)] += value }
  }

  /// Replaces a positive definite A by its inverse, in place.
  ///
  /// The sweep operator, a block of rows and columns K at a time. With D = (A_KK)⁻¹, by Cholesky's factors,
  ///
  ///     A_IJ ← A_IJ − A_IK D A_KJ,   A_IK ← A_IK D,   A_KK ← −D
  ///
  /// leaves −A⁻¹ once every block is swept. Symmetry lasts, so that the lower triangle is enough: n³ multiplications and
  /// additions in all, as many as LAPACK's `potrf` and `potri` take, nearly all of them in products of blocks, which
  /// several threads share. The result does not depend on how many there are.
  /// - Returns: false when A is not positive definite, as when it holds what is no number; then it is no more.
  /// - Complexity: O(size³), in size · 256 doubles of memory more.
  /// - SeeAlso: Goodnight, *A tutorial on the SWEEP operator*, The American Statistician 1979.
  public mutating func invert(workers: Int = 1) -> Bool {
    guard size > 0 else { return true }
    let width = Self.blockSize
    let panel = DoublesInWork(start: .allocate(capacity: size * width))
    let swept = DoublesInWork(start: .allocate(capacity: size * width))
    let pivot = DoublesInWork(start: .allocate(capacity: width * width))
    defer {
      panel.start.deallocate()
      swept.start.deallocate()
      pivot.start.deallocate()
    }
    let size = size
    return values.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return true }
      let matrix = DoublesInWork(start: start)
      for first in stride(from: 0, to: size, by: width) {
        let sweep = BlockSweep(
          size: size, block: first..<min(first + width, size), matrix: matrix, panel: panel, swept: swept, pivot: pivot)
        guard sweep.prepare() else { return false }
        WorkQueue.share(size, chunk: 64, workers: workers) { queue in
          while let rows = queue.next() { sweep.multiply(rows) }
        }
        // The lower rows are the longer ones: they are taken first, so that no thread is left with one at the end.
        let chunks = (size + width - 1) / width
        WorkQueue.share(chunks, chunk: 1, workers: workers) { queue in
          while let taken = queue.next() {
            let lower = (chunks - 1 - taken.lowerBound) * width
            sweep.update(lower..<min(lower + width, size))
          }
        }
        sweep.finish()
      }
      for row in 0..<size {
        for column in 0...row {
          let value = -start[row * size + column]
          start[row * size + column] = value
          start[column * size + row] = value
        }
      }
      return (0..<size).allSatisfy { start[$0 * (size + 1)].isFinite }
    }
  }
}

/// One step of `SymmetricMatrix.invert`.
private struct BlockSweep: Sendable {
  let size: Int
  /// K.
  let block: Range<Int>
  /// A, the lower triangle.
  let matrix: DoublesInWork
  /// A_·K, shape `[size, |K|]`; 0 in the rows of K.
  let panel: DoublesInWork
  /// A_·K D, of the same shape.
  let swept: DoublesInWork
  /// D, then −D.
  let pivot: DoublesInWork

  /// Takes the panel out of the matrix and inverts the pivot.
  func prepare() -> Bool {
    let width = block.count
    for (place, row) in block.enumerated() {
      for (other, column) in block.enumerated() {
        pivot.start[place * width + other] = matrix.start[max(row, column) * size + min(row, column)]
      }
    }
    guard DenseKernels().invertPositiveDefinite(pivot.start, width) else { return false }
    for row in 0..<size {
      for (place, column) in block.enumerated() {
        panel.start[row * width + place] =
          block.contains(row)
          ? 0 : row > column ? matrix.start[row * size + column] : matrix.start[column * size + row]
      }
    }
    return true
  }

  func multiply(_ rows: Range<Int>) {
    let width = block.count
    // D is symmetric.
    DenseKernels().productWithTransposed(
      panel.start + rows.lowerBound * width, rows: rows.count, inner: width, pivot.start, columns: width,
      adding: 1, to: swept.start + rows.lowerBound * width, stride: width, beta: 0)
  }

  /// Takes away what the block explains of some rows, as far as the last one's diagonal.
  func update(_ rows: Range<Int>) {
    let width = block.count
    DenseKernels().productWithTransposed(
      swept.start + rows.lowerBound * width, rows: rows.count, inner: width, panel.start, columns: rows.upperBound,
      adding: -1, to: matrix.start + rows.lowerBound * size, stride: size, beta: 1)
  }

  func finish() {
    let width = block.count
    for row in 0..<size where !block.contains(row) {
      for (place, column) in block.enumerated() {
        let value = swept.start[row * width + place]
        if row > column {
          matrix.start[row * size + column] = value
        } else {
          matrix.start[column * size + row] = value
        }
      }
    }
    for (place, row) in block.enumerated() {
      for other in 0...place {
        matrix.start[row * size + block.lowerBound + other] = -pivot.start[place * width + other]
      }
    }
  }
}

/// Memory that several workers read and write.
///
// Proof: the pointer is used only while `SymmetricMatrix.invert` holds the memory; each phase hands every row that is
// written to one worker of a `WorkQueue` and ends before the next begins.
private struct DoublesInWork: @unchecked Sendable {
  let start: UnsafeMutablePointer<Double>
}
