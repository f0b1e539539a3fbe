/// By how much one model is ahead of another on the same questions, and how surely.
public struct PairedDifference: Sendable, Hashable {
  /// Mean of the differences, the first model less the second.
  public let value: Double
  public let low: Double
  public let high: Double
  /// Two-sided: twice the share of the draws on the other side of zero, `2 (1 + min(|d* ≤ 0|, |d* ≥ 0|)) / (1 + draws)`, at
  /// most 1. Not corrected for how many differences are looked at.
  public let p: Double
}

extension Bootstrap {
  /// An estimate of the mean difference for each measure; empty when nothing was observed.
  /// - Parameter groups: `sums` are of differences, question by question.
  /// - Complexity: O(draws · groups · measures).
  /// - SeeAlso: Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993, ch. 8 and 16; Sakai, *Evaluating evaluation
  ///   metrics based on the bootstrap*, SIGIR 2006.
  public func differences(
    of groups: [Group], using generator: inout some RandomNumberGenerator
  ) -> [PairedDifference] {
    let total = groups.reduce(0) { $0 + $1.observations }
    guard total > 0 else { return [] }
    return ratios(of: groups, using: &generator).enumerated().map { measure, ratios in
      let sorted = ratios.sorted()
      let value = groups.reduce(0) { $0 + $1.sums[measure] } / Double(total)
      let (below, above) = (sorted.count { $0 <= 0 }, sorted.count { $0 >= 0 })
      return PairedDifference(
        value: value, low: Self.quantile((1 - level) / 2, of: sorted) ?? value,
        high: Self.quantile((1 + level) / 2, of: sorted) ?? value,
        p: min(1, 2 * Double(1 + min(below, above)) / Double(1 + sorted.count)))
    }
  }
}
