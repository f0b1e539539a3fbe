/// Count, mean and spread of numbers seen one by one, without keeping them. Two of them add up to that of all numbers.
///
/// Welford's update:  δ = x − mean,  mean ← mean + δ/n,  M2 ← M2 + δ · (x − mean).
///
/// - SeeAlso: Welford, *Technometrics* 4(3), 1962; Chan, Golub & LeVeque, COMPSTAT 1982, for `merge`.
public struct RunningMoments: Sendable, Hashable {
  public private(set) var count = 0
  /// 0 while nothing was seen.
  public private(set) var mean = 0.0
  /// Σ (x − mean)².
  public private(set) var sumOfSquaredDeviations = 0.0

  public init() {}

  /// What `count` numbers with these sums come to.
  /// - Parameter sumOfSquares: Σ x².
  public init(count: Int, sum: Double, sumOfSquares: Double) {
    precondition(count >= 0, "count must be at least 0, got \(count)")
    guard count > 0 else { return }
    self.count = count
    mean = sum / Double(count)
    sumOfSquaredDeviations = max(0, sumOfSquares - sum * mean)
  }

  /// - Complexity: O(1).
  public mutating func add(_ value: Double) {
    count += 1
    let delta = value - mean
    mean += delta / Double(count)
    sumOfSquaredDeviations += delta * (value - mean)
  }

  /// Joins what was seen elsewhere; the order of joining changes the result by rounding only.
  public mutating func merge(_ other: RunningMoments) {
    guard other.count > 0 else { return }
    guard count > 0 else { return self = other }
    let total = Double(count + other.count)
    let delta = other.mean - mean
    mean += delta * Double(other.count) / total
    sumOfSquaredDeviations +=
      other.sumOfSquaredDeviations + delta * delta * Double(count) * Double(other.count) / total
    count += other.count
  }

  /// Unbiased (n − 1); nil for fewer than two numbers.
  public var variance: Double? { count > 1 ? sumOfSquaredDeviations / Double(count - 1) : nil }
}
