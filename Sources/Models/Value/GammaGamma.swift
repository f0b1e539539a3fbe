import Foundation
import Mathematics

/// What a customer spends on a purchase: the gamma-gamma model.
///
/// A purchase is worth Gamma(p, ν), and ν ~ Gamma(q, v) differs between customers. Of x purchases with the mean z̄ a customer adds
///
///     Γ(px+q) / (Γ(px) Γ(q)) · v^q z̄^(px−1) x^(px) / (v + x z̄)^(px+q)
///
/// The model holds that what a purchase is worth says nothing of how often somebody buys.
/// - SeeAlso: Fader & Hardie, *The gamma-gamma model of monetary value*, 2013.
public struct GammaGamma: Sendable, Hashable {
  /// Shape of the amounts of one customer.
  public let p: Double
  /// Shape of how customers differ; the mean exists above 1.
  public let q: Double
  /// Scale, in money.
  public let v: Double

  public init(p: Double, q: Double, v: Double) {
    precondition(p > 0 && q > 0 && v > 0, "p, q and v are positive, got \(p), \(q), \(v)")
    self.p = p
    self.q = q
    self.v = v
  }

  /// What is known of a customer's purchases: how many amounts, and their mean.
  public struct Spend: Sendable, Hashable {
    public let count: Int
    /// In money; 0 without an amount.
    public let mean: Double

    public init(count: Int, mean: Double) {
      self.count = count
      self.mean = mean
    }
  }

  /// p v / (q − 1): of somebody of whom nothing is known; nil when q ≤ 1, as then there is no mean.
  public var populationMean: Double? { q > 1 ? p * v / (q - 1) : nil }

  /// p (v + x z̄) / (px + q − 1): between the population's mean and the customer's own, the nearer to this the more it bought;
  /// nil when there is no mean.
  public func expectedSpend(_ spend: Spend) -> Double? {
    let x = Double(spend.count)
    guard p * x + q > 1 else { return nil }
    return p * (v + x * spend.mean) / (p * x + q - 1)
  }

  /// P(the next n purchases come to at most `total`) = I_u(pn, px+q) with u = total / (total + v + x z̄).
  public func cumulative(_ total: Double, purchases n: Int, _ spend: Spend) -> Double {
    if n == 0 { return 1 }
    guard total > 0 else { return 0 }
    let x = Double(spend.count)
    return regularizedIncompleteBeta(total / (total + v + x * spend.mean), a: p * Double(n), b: p * x + q)
  }

  public func logLikelihood(_ spend: Spend) -> Double {
    let (x, mean) = (Double(spend.count), spend.mean)
    return lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * log(v) + (p * x - 1) * log(mean) + p * x * log(x)
      - (p * x + q) * log(v + x * mean)
  }

  /// The most likely parameters, by Newton's method on the logarithms with exact derivatives. Customers without a known amount
  /// are passed over.
  ///
  /// - Throws: `ValueRefusal` for amounts that are not positive numbers, fewer than 2 customers with amounts, customers who all
  ///   spend the same, a fit without a mean, or one that does not converge.
  /// - Complexity: O(customers) a step, some 15 steps.
  public static func fit(_ customers: [Spend]) throws(ValueRefusal) -> LikelihoodFit<GammaGamma> {
    for (index, spend) in customers.enumerated() {
      if spend.count < 0 {
        throw .notASpend(customer: index, "a number of purchases is not negative, found \(spend.count)")
      }
      guard spend.count > 0 else { continue }
      guard spend.mean.isFinite, spend.mean > 0 else {
        throw .notASpend(customer: index, "a mean amount is a number above 0, found \(spend.mean)")
      }
    }
    let spenders = customers.filter { $0.count > 0 }
    guard spenders.count > 1, let first = spenders.first else { throw .tooFewSpenders(spenders.count) }
    if spenders.allSatisfy({ abs($0.mean - first.mean) <= 1e-9 * first.mean }) { throw .allSpendAlike(first.mean) }
    let mean = spenders.reduce(0) { $0 + $1.mean } / Double(spenders.count)
    let likelihood = SpendLikelihood(spenders)
    let range = log(1e-3)...log(1e4)
    let scale = range.lowerBound + log(mean)...range.upperBound + log(mean)
    let optimum = NewtonMaximiser().maximise(
      from: [log(2), log(3), log(mean)], bounds: [range, range, scale], likelihood.curvature)
    guard optimum.isConverged else { throw .notConverged(model: "gamma-gamma", steps: optimum.steps) }
    let (p, q, v) = (exp(optimum.point[0]), exp(optimum.point[1]), exp(optimum.point[2]))
    guard q > 1 else { throw .noMeanSpend(q: q) }
    return LikelihoodFit(
      GammaGamma(p: p, q: q, v: v), names: ["p", "q", "v"], optimum: optimum,
      logLikelihood: optimum.curvature.value, customers: spenders.count)
  }
}

/// The log-likelihood of all spenders with its derivatives by the logarithms of p, q and v.
private struct SpendLikelihood {
  private let spenders: [GammaGamma.Spend]
  private let counts: [(x: Double, count: Double)]
  private let total: Double
  private let sumOfLogs: Double
  private let sumOfWeightedLogs: Double

  init(_ spenders: [GammaGamma.Spend]) {
    self.spenders = spenders
    total = Double(spenders.count)
    var counted: [Int: Double] = [:]
    var (logs, weighted) = (0.0, 0.0)
    for spend in spenders {
      counted[spend.count, default: 0] += 1
      logs += log(spend.mean)
      weighted += Double(spend.count) * (log(spend.mean) + log(Double(spend.count)))
    }
    counts = counted.sorted { $0.key < $1.key }.map { (Double($0.key), $0.value) }
    sumOfLogs = logs
    sumOfWeightedLogs = weighted
  }

  func curvature(_ logs: [Double]) -> Curvature {
    let (p, q, v) = (exp(logs[0]), exp(logs[1]), exp(logs[2]))
    var value = total * (q * log(v) - lgamma(q)) + p * sumOfWeightedLogs - sumOfLogs
    var (gP, gQ, gV) = (sumOfWeightedLogs, total * (log(v) - digamma(q)), total * q / v)
    var (hPP, hPQ, hPV) = (0.0, 0.0, 0.0)
    var (hQQ, hQV, hVV) = (-total * trigamma(q), total / v, -total * q / (v * v))
    for (x, count) in counts {
      let (joint, own) = (p * x + q, p * x)
      value += count * (lgamma(joint) - lgamma(own))
      let (slope, bend) = (digamma(joint), trigamma(joint))
      gP += count * x * (slope - digamma(own))
      gQ += count * slope
      hPP += count * x * x * (bend - trigamma(own))
      hPQ += count * x * bend
      hQQ += count * bend
    }
    for spend in spenders {
      let x = Double(spend.count)
      let sum = v + x * spend.mean
      let (logSum, inverse, exponent) = (log(sum), 1 / sum, p * x + q)
      value -= exponent * logSum
      gP -= x * logSum
      gQ -= logSum
      gV -= exponent * inverse
      hPV -= x * inverse
      hQV -= inverse
      hVV += exponent * inverse * inverse
    }
    return Curvature(
      value: value, gradient: [gP * p, gQ * q, gV * v],
      hessian: [
        hPP * p * p + gP * p, hPQ * p * q, hPV * p * v, hPQ * p * q, hQQ * q * q + gQ * q, hQV * q * v, hPV * p * v,
        hQV * q * v, hVV * v * v + gV * v,
      ])
  }
}
