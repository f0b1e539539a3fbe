import Foundation
import Mathematics

/// Least squares with a penalty on standardised columns:  min Σ (y − β₀ − xᵀβ)² + λ |β|².
///
/// - SeeAlso: Hoerl & Kennard, Technometrics 12(1), 1970.
public struct LinearLearner: OutcomeLearner {
  public var name: String { "linear" }
  /// λ ≥ 0; the intercept is free.
  public let penalty: Double

  public init(penalty: Double = 1) {
    precondition(penalty >= 0)
    self.penalty = penalty
  }

  /// - Complexity: O(rows · columns² + columns³).
  public func fit(
    _ table: FeatureTable, outcomes: [Double], seed: UInt64
  ) throws(UpliftRefusal) -> any OutcomeModel {
    let columns = StandardisedColumns(table)
    let width = table.names.count
    let coefficients = try Self.coefficients(
      columns.design(table), outcomes, width: width + 1, penalties: Array(repeating: penalty, count: width))
    return LinearPredictor(columns: columns, coefficients: coefficients, link: .identity)
  }

  /// - Parameters:
  ///   - design: Shape `[rows, width]`, the first column ones.
  ///   - penalties: Of each column after the first.
  static func coefficients(
    _ design: [Double], _ outcomes: [Double], width n: Int, penalties: [Double]
  ) throws(UpliftRefusal) -> [Double] {
    var gram = Array(repeating: 0.0, count: n * n)
    var right = Array(repeating: 0.0, count: n)
    for row in outcomes.indices {
      for i in 0..<n {
        let value = design[row * n + i]
        if value == 0 { continue }
        right[i] += value * outcomes[row]
        for j in 0...i { gram[i * n + j] += value * design[row * n + j] }
      }
    }
    for i in 1..<max(1, n) { gram[i * n + i] += penalties[i - 1] }
    return try solveRegular(gram, right, size: n)
  }
}

/// Logistic regression with a penalty on standardised columns:  min −Σ ln P(y) + |β|² / (2C).
///
/// - SeeAlso: `LogisticRegression`; le Cessie & van Houwelingen, Applied Statistics 41(1), 1992.
public struct LogisticLearner: OutcomeLearner {
  public var name: String { "logit" }
  /// C > 0: how little the coefficients are held back, as scikit-learn counts it.
  public let c: Double

  public init(c: Double = 1) {
    precondition(c > 0)
    self.c = c
  }

  public func fit(
    _ table: FeatureTable, outcomes: [Double], seed: UInt64
  ) throws(UpliftRefusal) -> any OutcomeModel {
    let columns = StandardisedColumns(table)
    let width = table.names.count
    let coefficients = try Self.coefficients(
      columns.design(table), outcomes, width: width + 1, penalties: Array(repeating: 1 / c, count: width))
    return LinearPredictor(columns: columns, coefficients: coefficients, link: .logit)
  }

  /// A penalty of its own for each column: dividing a column by √λ gives its coefficient the penalty λ under a common one of 1.
  ///
  /// - Parameters:
  ///   - design: Shape `[rows, width]`, the first column ones.
  ///   - penalties: λ > 0 of each column after the first.
  static func coefficients(
    _ design: [Double], _ outcomes: [Double], width n: Int, penalties: [Double]
  ) throws(UpliftRefusal) -> [Double] {
    let scales = penalties.map { 1 / $0.squareRoot() }
    let rows = outcomes.count
    var values = Array(repeating: Float(0), count: rows * (n - 1))
    for row in 0..<rows {
      for column in 1..<n { values[row * (n - 1) + column - 1] = Float(design[row * n + column] * scales[column - 1]) }
    }
    do {
      let regression = try LogisticRegression(
        features: FloatMatrix(rowCount: rows, columnCount: n - 1, values: values), labels: outcomes.map { Float($0) },
        penalty: 1)
      return [regression.intercept] + zip(regression.coefficients, scales).map { $0 * $1 }
    } catch {
      throw .learnerFailed("\(error)")
    }
  }
}

/// β₀ + xᵀβ, or its logistic function.
struct LinearPredictor: OutcomeModel {
  enum Link { case identity, logit }

  let columns: StandardisedColumns
  /// The intercept first.
  let coefficients: [Double]
  let link: Link

  func predict(_ table: FeatureTable) -> [Double] {
    let design = columns.design(table)
    let n = coefficients.count
    return (0..<table.rowCount).map { row in
      var score = 0.0
      for i in 0..<n { score += design[row * n + i] * coefficients[i] }
      return link == .identity ? score : 1 / (1 + exp(-score))
    }
  }
}

/// Solves Ax = b, of which the lower triangle is given. Columns that say the same as others make A singular without a penalty;
/// the least addition to the diagonal that can be solved is then made.
func solveRegular(_ matrix: [Double], _ right: [Double], size n: Int) throws(UpliftRefusal) -> [Double] {
  var extra = 0.0
  let scale = (0..<n).reduce(0) { max($0, matrix[$1 * n + $1]) }
  while extra < 1 {
    var damped = matrix
    for i in 0..<n { damped[i * n + i] += extra * scale }
    // A pivot near 0 says that a column repeats others.
    if let factor = CholeskyFactor(damped, size: n), factor.smallestPivot > 1e-7 * scale.squareRoot() {
      return factor.solve(right)
    }
    extra = extra == 0 ? 1e-12 : extra * 10
  }
  throw .learnerFailed("the regression cannot be solved: a column holds what is no number")
}
