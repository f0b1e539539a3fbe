import Foundation
import Mathematics

/// How often a customer buys, and when it stops at a moment that no purchase marks: the Pareto/NBD model.
///
/// While alive a customer buys with a rate λ ~ Gamma(r, α); it stops with a rate μ ~ Gamma(s, β). Likelihood and
/// conditional expectation need Gauss' function for each customer, so BG/NBD is the model for many customers; this one
/// stands beside it for comparison: reference cases are held against it, no command uses it.
/// - SeeAlso: Schmittlein, Morrison & Colombo, Management Science 33(1), 1987; Fader & Hardie, *A note on deriving the
///   Pareto/NBD model and related expressions*, 2005.
public struct ParetoNBD: Sendable, Hashable {
  public let r: Double
  public let alpha: Double
  public let s: Double
  public let beta: Double

  /// - Parameters: All positive.
  public init(r: Double, alpha: Double, s: Double, beta: Double) {
    precondition(r > 0 && alpha > 0 && s > 0 && beta > 0, "r, α, s, β are positive, got \(r), \(alpha), \(s), \(beta)")
    self.r = r
    self.alpha = alpha
    self.s = s
    self.beta = beta
  }

  public func logLikelihood(_ history: PurchaseHistory) -> Double {
    let x = Double(history.frequency)
    let alive = -(r + x) * log(alpha + history.age) - s * log(beta + history.age)
    let stopped = log(s / (r + s + x)) + logStopped(history)
    let greater = max(alive, stopped)
    return lgamma(r + x) - lgamma(r) + r * log(alpha) + s * log(beta) + greater
      + log1p(exp(min(alive, stopped) - greater))
  }

  /// ln A₀ = ln [F(t_x)/(m + t_x)^k − F(T)/(m + T)^k], k = r + s + x, m the greater of α and β.
  private func logStopped(_ history: PurchaseHistory) -> Double {
    let k = r + s + Double(history.frequency)
    let greater = max(alpha, beta)
    let second = alpha >= beta ? s + 1 : r + Double(history.frequency)
    func part(_ time: Double) -> Double {
      log(hypergeometric2F1(k, second, k + 1, abs(alpha - beta) / (greater + time))) - k * log(greater + time)
    }
    let (early, late) = (part(history.recency), part(history.age))
    return late >= early ? -.infinity : early + log(-expm1(late - early))
  }

  public func probabilityAlive(_ history: PurchaseHistory) -> Double {
    let x = Double(history.frequency)
    let odds =
      log(s / (r + s + x)) + (r + x) * log(alpha + history.age) + s * log(beta + history.age) + logStopped(history)
    return 1 / (1 + exp(odds))
  }

  /// (r+x)(β+T) / ((α+T)(s−1)) · [1 − ((β+T)/(β+T+t))^(s−1)] · P(alive); at s = 1 its limit.
  public func expectedPurchases(_ history: PurchaseHistory, within time: Double) -> Double {
    let rest = -log1p(time / (beta + history.age))
    let phi = abs(s - 1) < 1e-12 ? -rest : -expm1((s - 1) * rest) / (s - 1)
    return (r + Double(history.frequency)) * (beta + history.age) / (alpha + history.age) * phi
      * probabilityAlive(history)
  }

  /// The most likely parameters, by Newton's method with numerical derivatives.
  /// - Throws: `ValueRefusal` as `BetaGeometricNBD.fit`.
  /// - Complexity: O(groups) series a question, 33 questions a step.
  public static func fit(_ data: GroupedHistories) throws(ValueRefusal) -> LikelihoodFit<ParetoNBD> {
    guard data.customerCount > 1 else { throw .tooFewCustomers(data.customerCount) }
    guard data.histories.contains(where: { $0.frequency > 0 }) else {
      throw .nobodyRepeats(customers: data.customerCount)
    }
    let ageMean = zip(data.histories, data.counts).reduce(0) { $0 + $1.0.age * $1.1 } / Double(data.customerCount)
    guard ageMean > 0 else { throw .noTimePassed }
    let range = log(1e-3)...log(1e3)
    let scaled = range.lowerBound + log(ageMean)...range.upperBound + log(ageMean)
    let start = [log(0.5), log(0.3 * ageMean), log(0.5), log(0.3 * ageMean)]
    func value(_ logs: [Double]) -> Double {
      let p = logs.map { exp($0) }
      let model = ParetoNBD(r: p[0], alpha: p[1], s: p[2], beta: p[3])
      return zip(data.histories, data.counts).reduce(0) { $0 + $1.1 * model.logLikelihood($1.0) }
    }
    let optimum = NewtonMaximiser().maximise(from: start, bounds: [range, scaled, range, scaled]) {
      numericalCurvature(at: $0, value)
    }
    guard optimum.isConverged else { throw .notConverged(model: "Pareto/NBD", steps: optimum.steps) }
    let p = optimum.point.map { exp($0) }
    return LikelihoodFit(
      ParetoNBD(r: p[0], alpha: p[1], s: p[2], beta: p[3]), names: ["r", "alpha", "s", "beta"], optimum: optimum,
      logLikelihood: optimum.curvature.value, customers: data.customerCount)
  }
}
