/// Whether something new may take the place of what is there, judged on the same people.
///
/// With the mean d̄ of the n differences (new less old) and its standard error s/√n, the new one passes
///
/// - when d̄ ≥ 0: nothing speaks against it, or
/// - when the one-sided lower confidence bound d̄ − t(level, n − 1) · s/√n lies above −margin: it is shown to be worse by less
///   than anybody would notice.
///
/// So luck of the old one in the sample does not keep out its equals once there are people enough to tell, and few people let
/// nothing pass that looks worse.
/// - SeeAlso: Piaggio et al., *Reporting of noninferiority and equivalence randomized trials*, JAMA 308(24), 2012.
public struct NonInferiority: Sendable, Hashable {
  public let difference: Double
  public let standardError: Double
  /// One-sided lower confidence bound of the difference; −∞ for a single difference, the mean where all are equal.
  public let lower: Double
  public let passes: Bool

  /// - Parameters:
  ///   - differences: One for each person; at least one.
  ///   - margin: At least 0, in the unit of the differences.
  ///   - level: Of the bound, in (0.5, 1).
  public init(_ differences: [Double], margin: Double, level: Double = 0.95) {
    precondition(!differences.isEmpty && margin >= 0 && level > 0.5 && level < 1)
    var moments = RunningMoments()
    for difference in differences { moments.add(difference) }
    let count = Double(differences.count)
    difference = moments.mean
    standardError = ((moments.variance ?? 0) / count).squareRoot()
    // Equal means may differ in the last digits of their sums.
    let isNotWorse = moments.mean >= -1e-12
    if differences.count > 1 {
      let student = StudentDistribution(degreesOfFreedom: count - 1)
      lower = moments.mean - student.quantile(level) * standardError
    } else {
      lower = -.infinity
    }
    passes = isNotWorse || (margin > 0 && lower > -margin)
  }
}
