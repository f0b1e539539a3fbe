import Foundation
import Mathematics

/// What a customer will buy, and what that is worth, over a horizon: BG/NBD and gamma-gamma together.
///
/// Expectations are the models' own. Intervals hold what a single customer may do: given the parameters, the number of purchases
/// has the model's exact distribution and their sum is a mixture over it,
///
///     P(value ≤ s) = Σₙ P(n) · I_u(pn, px+q),   u = s / (s + v + x z̄)
///
/// so nothing is drawn. What the parameters could as well have been (delta method on the expectation, from the observed
/// information) is joined with each half of the interval by the root of the squares; with thousands of customers it is the
/// small part.
public struct CustomerValue: Sendable {
  public let purchases: LikelihoodFit<BetaGeometricNBD>
  /// nil where amounts are not known: purchases alone are predicted.
  public let spend: LikelihoodFit<GammaGamma>?
  /// From the end of what was seen, in the histories' unit of time.
  public let horizon: Double
  /// What intervals hold, in (0, 1).
  public let level: Double
  /// δ: money loses the share 1 − 1/(1 + δ) in each unit of time; at least 0.
  public let discountRate: Double

  /// How much of a prediction is the customer's own.
  public enum Evidence: String, Sendable, Hashable {
    /// One purchase: the figures are those of all customers of that age.
    case none
    /// One or two repeat purchases.
    case little
    case enough
  }

  /// What holds for all customers with one history.
  public struct PurchasePrediction: Sendable {
    public let probabilityAlive: Double
    public let expected: Double
    /// Of `expected`, for what the parameters could as well have been.
    public let standardError: Double
    public let interval: ClosedRange<Double>
    public let evidence: Evidence
    /// P(n), n = 0, 1 …
    let probabilities: [Double]
    /// Σ discounted / Σ expected, in (0, 1].
    let discount: Double
  }

  public struct ValuePrediction: Sendable {
    /// Of one purchase.
    public let expectedSpend: Double
    /// Over the horizon, discounted.
    public let expected: Double
    public let standardError: Double
    public let interval: ClosedRange<Double>
  }

  public init(
    purchases: LikelihoodFit<BetaGeometricNBD>, spend: LikelihoodFit<GammaGamma>?, horizon: Double,
    level: Double = 0.9, discountRate: Double = 0
  ) {
    precondition(horizon > 0 && level > 0 && level < 1 && discountRate >= 0)
    self.purchases = purchases
    self.spend = spend
    self.horizon = horizon
    self.level = level
    self.discountRate = discountRate
  }

  /// - Complexity: O(number of purchases that are possible), nine expectations.
  public func prediction(for history: PurchaseHistory) -> PurchasePrediction {
    let model = purchases.model
    let expected = model.expectedPurchases(history, within: horizon)
    let logs = [log(model.r), log(model.alpha), log(model.a), log(model.b)]
    let gradient = Self.gradient(at: logs) { logs in
      BetaGeometricNBD(logs: logs, dropout: model.dropout).expectedPurchases(history, within: horizon)
    }
    let error = purchases.standardError(logGradient: gradient)
    let shares = model.purchaseProbabilities(history, within: horizon, tail: 1e-6)
    let low = Self.quantile((1 - level) / 2, of: shares)
    let high = Self.quantile((1 + level) / 2, of: shares)
    return PurchasePrediction(
      probabilityAlive: model.probabilityAlive(history), expected: expected, standardError: error,
      interval: joined(low: Double(low), expected: expected, high: Double(high), error: error),
      evidence: history.frequency == 0 ? .none : history.frequency < 3 ? .little : .enough, probabilities: shares,
      discount: discount(history, expected: expected))
  }

  /// - Returns: nil where no amounts are known.
  public func value(of spent: GammaGamma.Spend, given prediction: PurchasePrediction) -> ValuePrediction? {
    guard let spend, let each = spend.model.expectedSpend(spent) else { return nil }
    let model = spend.model
    let expected = prediction.expected * each
    let logs = [log(model.p), log(model.q), log(model.v)]
    let gradient = Self.gradient(at: logs) {
      GammaGamma(p: exp($0[0]), q: exp($0[1]), v: exp($0[2])).expectedSpend(spent) ?? .nan
    }
    // Both fits see different data, so their errors are independent: Var(NM) ≈ M² Var(N) + N² Var(M).
    let spendError = spend.standardError(logGradient: gradient)
    let purchaseShare = each * prediction.standardError
    let spendShare = prediction.expected * spendError
    let error = (purchaseShare * purchaseShare + spendShare * spendShare).squareRoot()
    func total(_ share: Double) -> Double { quantile(share, prediction.probabilities, spent, model, near: expected) }
    let interval = joined(
      low: total((1 - level) / 2), expected: expected, high: total((1 + level) / 2), error: error)
    let discount = prediction.discount
    // Nothing times an end that is not known would be no number.
    let upper = interval.upperBound.isFinite ? discount * interval.upperBound : .infinity
    return ValuePrediction(
      expectedSpend: each, expected: discount * expected, standardError: discount * error,
      interval: discount * interval.lowerBound...upper)
  }

  /// The individual's interval and the parameters' error, each half by the root of the squares; never below 0, and without
  /// an end where one of them is no number.
  private func joined(low: Double, expected: Double, high: Double, error: Double) -> ClosedRange<Double> {
    guard !low.isNaN, !expected.isNaN, !high.isNaN, !error.isNaN else { return 0...(.infinity) }
    let reach = NormalDistribution.quantile((1 + level) / 2) * error
    let below = max(0, expected - low)
    let above = high - expected
    let lower = max(0, expected - (below * below + reach * reach).squareRoot())
    // With a mean above the upper quantile, as of somebody who almost surely buys nothing, the interval ends at the quantile.
    let upper = above > 0 ? expected + (above * above + reach * reach).squareRoot() : high
    // Two infinities may have left what is no number.
    return upper.isNaN || lower.isNaN ? 0...(.infinity) : min(lower, upper)...upper
  }

  /// What is bought later counts less: thirty-two parts of the horizon, each at its end.
  private func discount(_ history: PurchaseHistory, expected: Double) -> Double {
    guard discountRate > 0, expected > 0, expected.isFinite else { return 1 }
    var (sum, before) = (0.0, 0.0)
    for part in 1...32 {
      let time = horizon * Double(part) / 32
      let until = purchases.model.expectedPurchases(history, within: time)
      sum += (until - before) * exp(-time * log1p(discountRate))
      before = until
    }
    return sum.isFinite ? sum / expected : 1
  }

  private static func gradient(at logs: [Double], _ value: ([Double]) -> Double) -> [Double] {
    logs.indices.map { index in
      var (up, down) = (logs, logs)
      up[index] += 1e-5
      down[index] -= 1e-5
      return (value(up) - value(down)) / 2e-5
    }
  }

  private static func quantile(_ share: Double, of probabilities: [Double]) -> Int {
    var sum = 0.0
    for (n, probability) in probabilities.enumerated() {
      sum += probability
      if sum >= share { return n }
    }
    return probabilities.count - 1
  }

  /// The s with P(value ≤ s) = `share`, to a thousandth: bisection of a bracket that was doubled around it.
  private func quantile(
    _ share: Double, _ probabilities: [Double], _ spent: GammaGamma.Spend, _ model: GammaGamma, near: Double
  ) -> Double {
    let counts = probabilities.indices.filter { $0 > 0 && probabilities[$0] > 1e-7 }
    // Counts that are left out leave less than 1: a share near 1 of everything might never be reached.
    let mass = share * counts.reduce(probabilities[0]) { $0 + probabilities[$1] }
    guard probabilities[0] < mass else { return 0 }
    func below(_ s: Double) -> Double {
      counts.reduce(probabilities[0]) { $0 + probabilities[$1] * model.cumulative(s, purchases: $1, spent) }
    }
    var high = max(near, 1e-9)
    while below(high) < mass, high < 1e30 { high *= 2 }
    var low = high / 2
    while below(low) > mass, low > 1e-30 { (low, high) = (low / 2, low) }
    while high - low > 1e-3 * high {
      let middle = (low + high) / 2
      if below(middle) < mass { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

extension BetaGeometricNBD {
  init(logs: [Double], dropout: Dropout) {
    self.init(r: exp(logs[0]), alpha: exp(logs[1]), a: exp(logs[2]), b: exp(logs[3]), dropout: dropout)
  }

  /// The value of purchases in `periods` of a length, each discounted at its end:
  /// Σᵢ (E[X(i · length)] − E[X((i−1) · length)]) · spend / (1 + rate)ⁱ.
  ///
  /// - Parameter rate: Of one period, at least 0.
  public func discountedValue(
    _ history: PurchaseHistory, spend: Double, periods: Int, length: Double, rate: Double
  ) -> Double {
    var (sum, before) = (0.0, 0.0)
    for period in 0..<periods {
      let until = expectedPurchases(history, within: Double(period + 1) * length)
      sum += (until - before) * spend / pow(1 + rate, Double(period + 1))
      before = until
    }
    return sum
  }
}
