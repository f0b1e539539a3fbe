/// One arm of a comparison: how much it came to per unit, and how surely.
public struct ArmEstimate: Sendable, Hashable {
  /// Independent units: people, when people were assigned.
  public let units: Int
  public let value: Double
  /// Variance of `value` itself (a mean's s²/n).
  public let variance: Double

  public init(units: Int, value: Double, variance: Double) {
    self.units = units
    self.value = value
    self.variance = variance
  }

  /// The mean of the numbers seen; nil for fewer than two.
  public init?(_ moments: RunningMoments) {
    guard let variance = moments.variance else { return nil }
    self.init(units: moments.count, value: moments.mean, variance: variance / Double(moments.count))
  }

  /// The share of `units` for which something held, with variance p(1 − p)/n; nil for no units.
  public init?(successes: Int, units: Int) {
    guard units > 0 else { return nil }
    let share = Double(successes) / Double(units)
    self.init(units: units, value: share, variance: share * (1 - share) / Double(units))
  }
}

/// A difference with what it could as well have been.
public struct DifferenceEstimate: Sendable, Hashable {
  public let difference: Double
  public let standardError: Double
  public let interval: ClosedRange<Double>
  /// Two-sided, against no difference.
  public let pValue: Double
}

public enum DifferenceReadout: Sendable, Hashable {
  case estimate(DifferenceEstimate)
  /// Nothing can be said yet, and why.
  case inconclusive(String)
}

/// Treatment minus control, with Welch's interval: neither equal variances nor equal sizes are assumed.
///
///     difference ± t(1 − α/2, ν) · √(v_t + v_c),   ν = (v_t + v_c)² / (v_t²/(n_t − 1) + v_c²/(n_c − 1))
///
/// - Parameter level: Coverage of the interval, in (0, 1).
/// - SeeAlso: Welch, *Biometrika* 34, 1947.
public func welchDifference(
  treatment: ArmEstimate?, control: ArmEstimate?, level: Double = 0.95
) -> DifferenceReadout {
  guard let treatment, let control, treatment.units > 1, control.units > 1 else {
    return .inconclusive("at least two units in each arm are needed")
  }
  let variance = treatment.variance + control.variance
  let difference = treatment.value - control.value
  guard variance.isFinite, difference.isFinite else {
    return .inconclusive("the numbers of an arm are too large to compare")
  }
  guard variance > 0 else { return .inconclusive("neither arm varies yet") }
  func share(_ arm: ArmEstimate) -> Double { arm.variance * arm.variance / Double(arm.units - 1) }
  let degrees = variance * variance / (share(treatment) + share(control))
  // Squares of variances leave the range of numbers before the variances do.
  guard degrees.isFinite, degrees > 0 else {
    return .inconclusive("the variances are too large or too small to compare")
  }
  let student = StudentDistribution(degreesOfFreedom: degrees)
  let standardError = variance.squareRoot()
  let reach = student.quantile((1 + level) / 2) * standardError
  return .estimate(
    DifferenceEstimate(
      difference: difference, standardError: standardError, interval: difference - reach...difference + reach,
      pValue: student.twoSided(difference / standardError)))
}
