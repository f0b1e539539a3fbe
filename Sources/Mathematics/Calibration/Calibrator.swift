/// A map from what a model says to what is true of those it says it of.
public enum Calibrator: Sendable, Hashable {
  /// The model's own probabilities.
  case unchanged
  /// Fitted to smoothed targets: a few rows that can be told apart do not prove certainty.
  case platt(PlattScaling)
  /// Kept off 0 and 1 by `margin`: a step that saw no yes does not prove that there is none.
  case isotonic(IsotonicRegression, margin: Double)

  /// The methods, the simplest first.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case unchanged, platt, isotonic
  }

  public var method: Method {
    switch self {
    case .unchanged: .unchanged
    case .platt: .platt
    case .isotonic: .isotonic
    }
  }

  /// - Parameters:
  ///   - probabilities: Of a model that has not learnt from these rows.
  ///   - labels: 0 or 1, not all the same.
  public init(
    _ method: Method, probabilities: [Double], labels: [Double]
  ) throws(LogisticRegressionError) {
    switch method {
    case .unchanged: self = .unchanged
    case .platt: self = .platt(try PlattScaling(probabilities: probabilities, labels: labels, targets: .smoothed))
    case .isotonic:
      guard let first = labels.first else { throw .noRows }
      guard labels.contains(where: { $0 != first }) else { throw .oneLabel(Float(first)) }
      self = .isotonic(
        IsotonicRegression(x: probabilities, labels: labels), margin: 1 / Double(probabilities.count + 2))
    }
  }

  public func calibrated(_ probability: Double) -> Double {
    switch self {
    case .unchanged: probability
    case .platt(let scaling): scaling.calibrated(probability)
    case .isotonic(let steps, let margin): min(max(steps.value(at: probability), margin), 1 - margin)
    }
  }

  /// A choice, and what it was made by.
  public struct Choice: Sendable, Hashable {
    public let calibrator: Calibrator
    /// Held-back log-loss of each method.
    public let losses: [Method: Double]
  }

  /// The method with the lowest log-loss on rows that it was not fitted to, then fitted to all of them. Of equals the
  /// simplest; a method that some folds do not allow (their labels are all the same) is out.
  /// - Parameters:
  ///   - probabilities: Of models that have not learnt from the rows that they speak of (cross-fitted).
  ///   - labels: 0 or 1.
  ///   - folds: Of each row, 0 ..< the number of folds.
  /// - Returns: Unchanged where nothing else can be fitted.
  /// - Complexity: O(folds · n log n).
  public static func choice(probabilities: [Double], labels: [Double], folds: [Int]) -> Choice {
    precondition(probabilities.count == labels.count && folds.count == labels.count && !labels.isEmpty)
    let foldCount = (folds.max() ?? 0) + 1
    var losses: [Method: Double] = [:]
    for method in Method.allCases {
      var sum = 0.0
      var isPossible = true
      for fold in 0..<foldCount where isPossible {
        let inside = labels.indices.filter { folds[$0] != fold }
        let fitted = try? Calibrator(
          method, probabilities: inside.map { probabilities[$0] }, labels: inside.map { labels[$0] })
        guard let fitted else {
          isPossible = false
          break
        }
        for row in labels.indices where folds[row] == fold {
          sum += ProbabilityMetrics.logLoss(fitted.calibrated(probabilities[row]), labels[row])
        }
      }
      if isPossible { losses[method] = sum / Double(labels.count) }
    }
    let ranked = Method.allCases.compactMap { method in losses[method].map { (method, $0) } }
    for (method, _) in ranked.sorted(by: { $0.1 < $1.1 }) {
      if let fitted = try? Calibrator(method, probabilities: probabilities, labels: labels) {
        return Choice(calibrator: fitted, losses: losses)
      }
    }
    return Choice(calibrator: .unchanged, losses: losses)
  }
}
