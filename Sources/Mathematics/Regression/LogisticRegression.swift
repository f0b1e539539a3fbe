import Foundation

/// Why a logistic regression was not fitted.
public enum LogisticRegressionError: Error, Sendable, Hashable, CustomStringConvertible {
  case noRows
  case count(of: String, found: Int, expected: Int)
  /// Not a finite number.
  case feature(row: Int, column: Int)
  /// Outside of 0 to 1.
  case label(row: Int, found: Float)
  case weight(row: Int, found: Float)
  /// Every row that has weight has this label: there is nothing to tell apart.
  case oneLabel(Float)
  /// Without a penalty the coefficients would grow for ever, as when a line separates the labels.
  case diverged

  public var description: String {
    switch self {
    case .noRows: "there are no rows to learn from"
    case .count(let name, let found, let expected): "found \(found) \(name), expected \(expected)"
    case .feature(let row, let column): "row \(row), column \(column) is not a finite number"
    case .label(let row, let found): "row \(row) has the label \(found), expected 0 to 1"
    case .weight(let row, let found): "row \(row) has the weight \(found), expected a number of at least 0"
    case .oneLabel(let label): "every label is \(label): there is nothing to tell apart"
    case .diverged: "the coefficients grow without bound; try a larger penalty"
    }
  }
}

/// The probability of a yes by a linear function of the features,
///
///     p(x) = 1 / (1 + e^(−(b + wᵀx))),      b, w = argmin  Σ_i v_i ℓ(y_i, p(x_i)) + λ/2 |w|²
///
/// with the log-loss ℓ = −y ln p − (1 − y) ln(1 − p). λ is what elsewhere is 1 / C; b has no penalty. Newton's steps, each
/// halved until the objective falls.
/// - SeeAlso: Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning*, 2009, 4.4.1.
public struct LogisticRegression: Sendable, Hashable {
  public let intercept: Double
  /// w, shape `[features]`.
  public let coefficients: [Double]

  private static let stepsMax = 100
  /// Beyond it a probability is certain as far as labels can tell.
  private static let certainLogit = 20.0
  /// Rows whose weighted products are summed at once.
  private static let blockRows = 256

  public init(intercept: Double, coefficients: [Double]) {
    (self.intercept, self.coefficients) = (intercept, coefficients)
  }

  /// - Parameters:
  ///   - features: Shape `[n, features]`, all finite; `ColumnScaling` brings them to one scale.
  ///   - labels: 0 to 1, shape `[n]`.
  ///   - weights: v ≥ 0, shape `[n]`; nil when all are 1.
  ///   - penalty: λ ≥ 0.
  /// - Throws: `LogisticRegressionError`.
  /// - Complexity: O(n · features² + features³) for each of some ten steps.
  public init(
    features: FloatMatrix, labels: [Float], weights: [Float]? = nil, penalty: Double
  ) throws(LogisticRegressionError) {
    precondition(penalty >= 0 && penalty.isFinite, "a penalty of \(penalty)")
    try Self.check(features, labels, weights)
    let sizes = weights?.map { Double($0) } ?? Array(repeating: 1, count: labels.count)
    let targets = labels.map { Double($0) }
    // The intercept stands last: [w, b].
    let mean = zip(targets, sizes).reduce(0) { $0 + $1.0 * $1.1 } / sizes.reduce(0, +)
    var solution = Array(repeating: 0.0, count: features.columnCount) + [log(mean / (1 - mean))]
    var logits = Self.logits(features, solution)
    var objective = Self.objective(logits, targets, sizes, solution, penalty)
    for _ in 0..<Self.stepsMax {
      let newton = Self.step(features, logits, targets, sizes, solution, penalty)
      guard let newton else { throw .diverged }
      // Twice what the step can gain.
      guard newton.decrement > 1e-12 * (1 + objective) else {
        // Where labels can be told apart for sure the optimum is at infinity, and the steps end on the way.
        guard penalty > 0 || logits.allSatisfy({ abs($0) < Self.certainLogit }) else { throw .diverged }
        self.init(intercept: solution[features.columnCount], coefficients: Array(solution.dropLast()))
        return
      }
      var length = 1.0
      while true {
        let next = zip(solution, newton.direction).map { $0 - length * $1 }
        let nextLogits = Self.logits(features, next)
        let nextObjective = Self.objective(nextLogits, targets, sizes, next, penalty)
        if nextObjective <= objective || length < 1e-9 {
          (solution, logits, objective) = (next, nextLogits, nextObjective)
          break
        }
        length /= 2
      }
    }
    throw .diverged
  }

  /// b + wᵀx.
  public func logit(of row: ArraySlice<Float>) -> Double {
    precondition(row.count == coefficients.count)
    return zip(row, coefficients).reduce(intercept) { $0 + Double($1.0) * $1.1 }
  }

  public func probability(of row: ArraySlice<Float>) -> Double { Self.logistic(logit(of: row)) }

  /// 1 / (1 + e^(−x)), without overflow.
  public static func logistic(_ x: Double) -> Double {
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }

  // MARK: Newton

  private struct Step {
    let direction: [Double]
    let decrement: Double
  }

  private static func logits(_ features: FloatMatrix, _ solution: [Double]) -> [Double] {
    let width = features.columnCount
    return features.values.withUnsafeBufferPointer { values in
      (0..<features.rowCount).map { row in
        var sum = solution[width]
        for column in 0..<width { sum += Double(values[row * width + column]) * solution[column] }
        return sum
      }
    }
  }

  private static func objective(
    _ logits: [Double], _ targets: [Double], _ sizes: [Double], _ solution: [Double], _ penalty: Double
  ) -> Double {
    var sum = penalty / 2 * solution.dropLast().reduce(0) { $0 + $1 * $1 }
    for row in logits.indices where sizes[row] > 0 {
      let logit = logits[row]
      sum += sizes[row] * (max(logit, 0) + log1p(exp(-abs(logit))) - targets[row] * logit)
    }
    return sum
  }

  /// - Returns: H⁻¹g and gᵀH⁻¹g; nil when H is not positive definite.
  private static func step(
    _ features: FloatMatrix, _ logits: [Double], _ targets: [Double], _ sizes: [Double], _ solution: [Double],
    _ penalty: Double
  ) -> Step? {
    let width = features.columnCount
    let size = width + 1
    let kernels = DenseKernels()
    var hessian = Array(repeating: 0.0, count: size * size)
    var gradient = Array(repeating: 0.0, count: size)
    for column in 0..<width {
      hessian[column * (size + 1)] = penalty
      gradient[column] = penalty * solution[column]
    }
    var block = Array(repeating: 0.0, count: blockRows * size)
    for start in stride(from: 0, to: logits.count, by: blockRows) {
      let rows = start..<min(start + blockRows, logits.count)
      for row in rows {
        let probability = logistic(logits[row])
        let residual = sizes[row] * (probability - targets[row])
        let root = (sizes[row] * probability * (1 - probability)).squareRoot()
        let place = (row - start) * size
        for column in 0..<width {
          let value = Double(features.values[row * width + column])
          gradient[column] += residual * value
          block[place + column] = root * value
        }
        gradient[width] += residual
        block[place + width] = root
      }
      hessian.withUnsafeMutableBufferPointer { hessian in
        block.withUnsafeBufferPointer { block in
          guard let hessian = hessian.baseAddress, let block = block.baseAddress else { return }
          kernels.addGram(block, rows: rows.count, columns: size, into: hessian)
        }
      }
    }
    var direction = gradient
    let isSolved = hessian.withUnsafeMutableBufferPointer { hessian in
      direction.withUnsafeMutableBufferPointer { direction in
        guard let hessian = hessian.baseAddress, let direction = direction.baseAddress else { return false }
        return kernels.solvePositiveDefinite(hessian, size, direction)
      }
    }
    guard isSolved, direction.allSatisfy(\.isFinite) else { return nil }
    return Step(direction: direction, decrement: zip(direction, gradient).reduce(0) { $0 + $1.0 * $1.1 })
  }

  private static func check(
    _ features: FloatMatrix, _ labels: [Float], _ weights: [Float]?
  ) throws(LogisticRegressionError) {
    let rows = features.rowCount
    guard rows > 0 else { throw .noRows }
    guard labels.count == rows else { throw .count(of: "labels", found: labels.count, expected: rows) }
    if let odd = features.values.firstIndex(where: { !$0.isFinite }) {
      throw .feature(row: odd / features.columnCount, column: odd % features.columnCount)
    }
    if let odd = labels.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) { throw .label(row: odd, found: labels[odd]) }
    if let weights {
      guard weights.count == rows else { throw .count(of: "weights", found: weights.count, expected: rows) }
      if let odd = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
        throw .weight(row: odd, found: weights[odd])
      }
    }
    let counted = labels.indices.filter { row in weights.map { $0[row] > 0 } ?? true }
    guard let first = counted.first else { throw .noRows }
    // A label between counts as both.
    guard labels[first] > 0 && labels[first] < 1 || counted.contains(where: { labels[$0] != labels[first] }) else {
      throw .oneLabel(labels[first])
    }
  }
}
