import Foundation

/// Calibration by a line on the logit: p' = 1 / (1 + e^(−(a ln(p / (1 − p)) + b))).
/// - SeeAlso: Platt, *Probabilistic outputs for support vector machines*, 1999; Lin, Lin & Weng, *A note on Platt's
///   probabilistic outputs*, Machine Learning 2007.
public struct PlattScaling: Sendable, Hashable {
  /// What the line is fitted to.
  public enum Targets: Sendable, Hashable {
    /// The labels.
    case labels
    /// (N₁ + 1) / (N₁ + 2) for a yes, 1 / (N₀ + 2) for a no: as if one more of each had been seen, against certainty.
    case smoothed
  }

  public let slope: Double
  public let offset: Double

  public init(slope: Double, offset: Double) { (self.slope, self.offset) = (slope, offset) }

  /// - Parameter labels: 0 or 1.
  /// - Throws: `LogisticRegressionError`, as when all labels are the same.
  public init(
    probabilities: [Double], labels: [Double], targets: Targets = .labels
  ) throws(LogisticRegressionError) {
    let yes = labels.reduce(0, +)
    let no = Double(labels.count) - yes
    if yes == 0 || no == 0, let first = labels.first { throw .oneLabel(Float(first)) }
    let logits = probabilities.map { Float(Self.logit($0)) }
    let marks = labels.map { label in
      switch targets {
      case .labels: Float(label)
      case .smoothed: Float(label > 0.5 ? (yes + 1) / (yes + 2) : 1 / (no + 2))
      }
    }
    // Hardly any penalty: it keeps separable data finite.
    let line = try LogisticRegression(
      features: FloatMatrix(rowCount: logits.count, columnCount: 1, values: logits), labels: marks, penalty: 1e-6)
    self.init(slope: line.coefficients[0], offset: line.intercept)
  }

  public func calibrated(_ probability: Double) -> Double {
    LogisticRegression.logistic(slope * Self.logit(probability) + offset)
  }

  /// ln(p / (1 − p)) with p kept within [10⁻⁶, 1 − 10⁻⁶].
  static func logit(_ probability: Double) -> Double {
    let kept = min(max(probability, 1e-6), 1 - 1e-6)
    return log(kept / (1 - kept))
  }
}
