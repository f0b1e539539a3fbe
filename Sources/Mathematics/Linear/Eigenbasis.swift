/// The directions in which the rows of a matrix F vary: the basis in which FᵀF is diagonal.
public struct Eigenbasis: Sendable {
  /// Eigenvalues of FᵀF, at least 0, ascending; shape `[d]`.
  public let spectrum: [Float]
  /// The eigenvectors, one a row.
  private let vectors: FloatMatrix

  /// - Returns: nil when F holds what is no number.
  /// - Complexity: O(rows · d² + d³).
  public init?(of factors: FloatMatrix) {
    let kernels = DenseKernels()
    let size = factors.columnCount
    var gram = FloatMatrix(zeros: size, by: size)
    let spectrum = gram.values.withUnsafeMutableBufferPointer { gram -> [Float]? in
      guard let gram = gram.baseAddress else { return [] }
      factors.values.withUnsafeBufferPointer { rows in
        if let rows = rows.baseAddress { kernels.gram(rows, rows: factors.rowCount, columns: size, into: gram) }
      }
      // LAPACK may look for ever for eigenvalues of what is no number.
      guard (0..<size).allSatisfy({ gram[$0 * (size + 1)].isFinite }) else { return nil }
      return kernels.eigen(gram, size)
    }
    guard let spectrum, spectrum.allSatisfy(\.isFinite) else { return nil }
    self.spectrum = spectrum.map { max(0, $0) }
    vectors = gram
  }

  /// Rows in this basis. Products of two rows stay what they were.
  public func rotated(_ rows: FloatMatrix, workers: Int = 1) -> FloatMatrix {
    rows.multiplied(byTransposed: vectors, workers: workers)
  }

  /// What `rotated` was given.
  public func restored(_ rows: FloatMatrix, workers: Int = 1) -> FloatMatrix {
    rows.multiplied(byTransposed: vectors.transposed(), workers: workers)
  }
}
