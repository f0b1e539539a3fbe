/// Columns brought to mean 0 and deviation 1, so that one penalty suits them all.
///
///     z = (x − mean) / deviation          (0 where x is missing)
///
/// Mean and deviation (n below, not n − 1) are those of what is not missing; the deviation of a column that does not
/// vary is 1.
public struct ColumnScaling: Sendable, Hashable {
  /// Shape `[columns]`.
  public let means: [Double]
  public let deviations: [Double]

  public init(means: [Double], deviations: [Double]) {
    precondition(means.count == deviations.count)
    (self.means, self.deviations) = (means, deviations)
  }

  /// That of a matrix, over what is not missing.
  /// - Complexity: O(rows · columns).
  public init(of matrix: FloatMatrix) {
    var means = Array(repeating: 0.0, count: matrix.columnCount)
    var squares = means
    var counts = means
    for (place, value) in matrix.values.enumerated() where !value.isNaN {
      let column = place % matrix.columnCount
      // Welford: the sums of squares of large values would lose what distinguishes them.
      counts[column] += 1
      let distance = Double(value) - means[column]
      means[column] += distance / counts[column]
      squares[column] += distance * (Double(value) - means[column])
    }
    let deviations = zip(squares, counts).map { $1 > 0 ? ($0 / $1).squareRoot() : 0 }
    self.init(means: means, deviations: deviations.map { $0 > 0 && $0.isFinite ? $0 : 1 })
  }

  public func scaled(_ matrix: FloatMatrix) -> FloatMatrix {
    precondition(matrix.columnCount == means.count)
    var scaled = matrix
    scaled.values.withUnsafeMutableBufferPointer { values in
      for place in values.indices {
        let column = place % means.count
        let value = values[place]
        values[place] = value.isNaN ? 0 : Float((Double(value) - means[column]) / deviations[column])
      }
    }
    return scaled
  }
}
