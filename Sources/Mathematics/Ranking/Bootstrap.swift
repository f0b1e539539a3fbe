/// An interval for the mean of several measures over observations that come in groups, such as the questions of a person.
///
/// Draws the groups anew, with replacement, as many as there are, and takes the ratio Σ measure / Σ observations each time;
/// the interval lies between the quantiles of these ratios. All measures share the draws.
/// - SeeAlso: Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993, ch. 13 (percentile intervals).
public struct Bootstrap: Sendable, Hashable {
  /// One group's observations and the sum of each measure over them.
  public struct Group: Sendable, Hashable {
    public var observations: Int
    public var sums: [Double]

    public init(observations: Int, sums: [Double]) {
      self.observations = observations
      self.sums = sums
    }
  }

  public struct Estimate: Sendable, Hashable {
    public let value: Double
    public let low: Double
    public let high: Double

    public init(value: Double, low: Double, high: Double) {
      (self.value, self.low, self.high) = (value, low, high)
    }
  }

  public var draws = 1_000
  /// How much the interval holds, in (0, 1).
  public var level = 0.95

  public init() {}

  /// An estimate for each measure; empty when nothing was observed.
  /// - Complexity: O(draws · groups · measures).
  public func estimates(of groups: [Group], using generator: inout some RandomNumberGenerator) -> [Estimate] {
    let total = groups.reduce(0) { $0 + $1.observations }
    guard total > 0 else { return [] }
    return ratios(of: groups, using: &generator).enumerated().map { measure, ratios in
      let sorted = ratios.sorted()
      let value = groups.reduce(0) { $0 + $1.sums[measure] } / Double(total)
      return Estimate(
        value: value, low: Self.quantile((1 - level) / 2, of: sorted) ?? value,
        high: Self.quantile((1 + level) / 2, of: sorted) ?? value)
    }
  }

  /// The ratio of each measure in each draw, shape `[measures][draws]`; draws without an observation are left out.
  func ratios(of groups: [Group], using generator: inout some RandomNumberGenerator) -> [[Double]] {
    let measures = groups.first?.sums.count ?? 0
    precondition(groups.allSatisfy { $0.sums.count == measures && $0.observations >= 0 })
    let counts = groups.map { Double($0.observations) }
    let sums = groups.flatMap(\.sums)
    var ratios = Array(repeating: [Double](), count: measures)
    for _ in 0..<draws {
      var drawn = Array(repeating: 0.0, count: measures)
      var observations = 0.0
      for _ in groups.indices {
        let group = Int(generator.next(upperBound: UInt64(groups.count)))
        observations += counts[group]
        for measure in 0..<measures { drawn[measure] += sums[group * measures + measure] }
      }
      guard observations > 0 else { continue }
      for measure in 0..<measures { ratios[measure].append(drawn[measure] / observations) }
    }
    return ratios
  }

  /// Between the neighbours in proportion (Hyndman and Fan's type 7); nil of nothing.
  static func quantile(_ share: Double, of sorted: [Double]) -> Double? {
    guard let last = sorted.indices.last else { return nil }
    let place = share * Double(last)
    let below = min(Int(place), last)
    let above = min(below + 1, last)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
