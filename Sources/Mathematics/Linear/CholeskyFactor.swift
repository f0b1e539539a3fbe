/// A = LLᵀ of a symmetric positive definite matrix in double precision: for the small systems of statistics (parameters,
/// regression coefficients), where accuracy counts more than speed.
///
/// - Complexity: O(n³) once, O(n²) a solution.
/// - SeeAlso: Golub & Van Loan, *Matrix Computations*, section 4.2.
public struct CholeskyFactor: Sendable {
  public let size: Int
  /// Row after row; above the diagonal nothing is read.
  private var lower: [Double]

  /// - Parameter matrix: Row after row, shape `[size, size]`; the lower triangle is read.
  /// - Returns: nil when the matrix is not positive definite, as when it holds what is no number.
  public init?(_ matrix: [Double], size: Int) {
    precondition(matrix.count == size * size)
    var lower = matrix
    for row in 0..<size {
      for column in 0...row {
        var sum = matrix[row * size + column]
        for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
        if row == column {
          guard sum > 0, sum.isFinite else { return nil }
          lower[row * size + row] = sum.squareRoot()
        } else {
          lower[row * size + column] = sum / lower[column * size + column]
        }
      }
    }
    self.size = size
    self.lower = lower
  }

  /// The least of L's diagonal: near 0 when A hardly has an inverse.
  public var smallestPivot: Double { (0..<size).reduce(.infinity) { min($0, lower[$1 * size + $1]) } }

  /// x with Ax = b.
  public func solve(_ b: [Double]) -> [Double] {
    precondition(b.count == size)
    var x = b
    for row in 0..<size {
      for inner in 0..<row { x[row] -= lower[row * size + inner] * x[inner] }
      x[row] /= lower[row * size + row]
    }
    for row in (0..<size).reversed() {
      for inner in (row + 1)..<max(row + 1, size) { x[row] -= lower[inner * size + row] * x[inner] }
      x[row] /= lower[row * size + row]
    }
    return x
  }

  /// A⁻¹, row after row.
  public var inverse: [Double] {
    var inverse: [Double] = []
    for row in 0..<size { inverse += solve((0..<size).map { $0 == row ? 1 : 0 }) }
    return inverse
  }

  /// Lz: with z of independent normal numbers a draw from the normal distribution with covariance A.
  public func timesLower(_ z: [Double]) -> [Double] {
    (0..<size).map { row in (0...row).reduce(0) { $0 + lower[row * size + $1] * z[$1] } }
  }
}
