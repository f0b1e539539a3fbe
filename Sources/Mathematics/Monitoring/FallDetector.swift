import Foundation

/// Notices that a share has fallen below what it was, however often one looks, and seldom without reason.
///
/// What counts as fallen is a share below p₀ = L (1 − tolerance), where L is the lower confidence bound (Wilson's, one-sided, at
/// half of the allowed false alarms) of the share before. Against p ≥ p₀ each p₁ < p₀ has the likelihood ratio
///
///     Λ = (p₁ / p₀)^s ((1 − p₁) / (1 − p₀))^(n − s)      for a day with s successes of n,
///
/// whose expectation is at most 1 while p ≥ p₀, whatever came before. Since a fall may begin on any day, these are added up from
/// every day on (Shiryaev and Roberts): M ← (M + 1) Λ, and averaged over p₁ = 0.9, 0.8, 0.65, 0.5, 0.3 times p₀. The alarm is
/// raised when M reaches 2 · horizon / falseAlarms: since M less the number of days is a supermartingale, it is raised wrongly
/// within `horizon` days with probability at most `falseAlarms`.
/// - SeeAlso: Shin, Ramdas & Rinaldo, *E-detectors: a nonparametric framework for sequential change detection*, New England
///   Journal of Statistics in Data Science 2(2), 2023; Ramdas et al., *Game-theoretic statistics and safe anytime-valid
///   inference*, Statistical Science 38(4), 2023; Wilson, JASA 22, 1927.
public struct FallDetector: Sendable, Hashable {
  private static let falls = [0.9, 0.8, 0.65, 0.5, 0.3]

  /// The share p₀ that is still taken for no fall.
  public let bound: Double
  private let threshold: Double
  /// ln M for each p₁; nil before the first day.
  private var evidence: [Double]
  public private(set) var days = 0

  /// - Parameters:
  ///   - successes: Of `trials`, before.
  ///   - tolerance: Share of a fall that nobody minds, in [0, 1): weekdays and seasons move any rate.
  ///   - falseAlarms: In (0, 1).
  ///   - horizon: Days.
  /// - Returns: nil when the share before is too small for any fall to be told from it.
  public init?(successes: Int, of trials: Int, tolerance: Double, falseAlarms: Double, horizon: Int) {
    precondition(trials >= successes && successes >= 0 && (0..<1).contains(tolerance) && horizon > 0)
    precondition(falseAlarms > 0 && falseAlarms < 1)
    guard trials > 0 else { return nil }
    let lower = Self.wilsonLower(successes, of: trials, level: 1 - falseAlarms / 2)
    bound = lower * (1 - tolerance)
    guard bound > 1e-6, bound < 1 else { return nil }
    threshold = log(2 * Double(horizon) / falseAlarms)
    evidence = Array(repeating: -.infinity, count: Self.falls.count)
  }

  /// - Returns: Whether the alarm is raised.
  public mutating func add(successes: Int, of trials: Int) -> Bool {
    precondition(trials >= successes && successes >= 0)
    days += 1
    for (place, fall) in Self.falls.enumerated() {
      let other = bound * fall
      let ratio =
        Double(successes) * log(other / bound) + Double(trials - successes) * log((1 - other) / (1 - bound))
      // ln(M + 1) without leaving the range of numbers.
      let sum = max(0, evidence[place]) + log1p(exp(-abs(evidence[place])))
      evidence[place] = min(sum + ratio, 600)
    }
    return isRaised
  }

  /// ln of the mean M.
  public var strength: Double {
    let most = evidence.max() ?? -.infinity
    guard most > -.infinity else { return most }
    return most + log(evidence.reduce(0) { $0 + exp($1 - most) } / Double(evidence.count))
  }

  public var isRaised: Bool { strength >= threshold }

  /// One-sided lower bound of a share.
  static func wilsonLower(_ successes: Int, of trials: Int, level: Double) -> Double {
    let (n, share) = (Double(trials), Double(successes) / Double(trials))
    let z = NormalDistribution.quantile(level)
    let centre = share + z * z / (2 * n)
    let reach = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, (centre - reach) / (1 + z * z / n))
  }
}
