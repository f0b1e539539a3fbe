import Foundation

/// How far what is seen now is from what was seen before, over the same bins.
///
/// With the shares p (before) and q (now), m = (p + q) / 2, each bin counting half an observation more than it has:
///
///     population stability index  PSI = Σ (q − p) ln(q / p)
///     Jensen-Shannon divergence   JS = ½ Σ p log₂(p / m) + ½ Σ q log₂(q / m), in bits, from 0 to 1
///
/// A rule of thumb calls a PSI below 0.1 the same and one above 0.25 another distribution; both figures grow by chance alone
/// when little was seen, so that `chance` has to be small as well.
/// - SeeAlso: Lin, *Divergence measures based on the Shannon entropy*, IEEE Trans. Information Theory 1991; Yurdakul & Naranjo,
///   *Statistical properties of the population stability index*, Journal of Risk Model Validation 14(4), 2020.
public struct DistributionShift: Sendable, Hashable {
  public let stabilityIndex: Double
  public let divergence: Double
  /// Probability that two samples of one distribution are at least so far apart: of the likelihood ratio statistic
  /// G = 2 Σ counts · ln(share / pooled share), which has nearly a χ² distribution with one degree of freedom less than there are
  /// bins.
  public let chance: Double

  /// - Parameters:
  ///   - before: What was counted in each bin; may be fractions, such as a person's share in their acts.
  ///   - now: As many bins.
  /// - Returns: nil when one of them is empty, or there are fewer than two bins that anything is in.
  public init?(before: [Double], now: [Double]) {
    precondition(before.count == now.count, "both have the same bins")
    let used = before.indices.filter { before[$0] + now[$0] > 0 }
    let (size, other) = (before.reduce(0, +), now.reduce(0, +))
    guard used.count > 1, size > 0, other > 0 else { return nil }
    let room = 0.5 * Double(used.count)
    var (index, divergence, ratio) = (0.0, 0.0, 0.0)
    for bin in used {
      let (p, q) = ((before[bin] + 0.5) / (size + room), (now[bin] + 0.5) / (other + room))
      let middle = (p + q) / 2
      index += (q - p) * log(q / p)
      divergence += (p * log2(p / middle) + q * log2(q / middle)) / 2
      let pooled = (before[bin] + now[bin]) / (size + other)
      for (count, total) in [(before[bin], size), (now[bin], other)] where count > 0 {
        ratio += 2 * count * log(count / total / pooled)
      }
    }
    stabilityIndex = index
    self.divergence = divergence
    chance = Self.chiSquaredTail(max(0, ratio), degrees: Double(used.count - 1))
  }

  /// P(χ² ≥ x) by Wilson and Hilferty's cube root, within about 0.005.
  static func chiSquaredTail(_ x: Double, degrees: Double) -> Double {
    let spread = 2 / (9 * degrees)
    return NormalDistribution.cumulative(-(cbrt(x / degrees) - (1 - spread)) / spread.squareRoot())
  }
}
