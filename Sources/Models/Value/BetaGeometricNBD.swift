import Foundation
import Mathematics

/// How often a customer buys, and when it stops: the BG/NBD model, and its modified form.
///
/// While alive a customer buys at random moments with a rate λ ~ Gamma(r, α), and after each purchase stops for good with
/// probability p ~ Beta(a, b). In the modified form (MBG/NBD) it may also stop right after the first purchase, so that nobody without
/// a repeat purchase counts as surely alive. With y = x for BG/NBD and y = x + 1 for the modified form, a customer adds to the likelihood
///
///     Γ(r+x) αʳ / Γ(r) · Γ(a+b) Γ(b+y) / (Γ(b) Γ(a+b+y)) · [ (α+T)^−(r+x) + [y > 0] a/(b+y−1) · (α+t_x)^−(r+x) ]
///
/// - SeeAlso: Fader, Hardie & Lee, *"Counting your customers" the easy way*, Marketing Science 24(2), 2005; Batislam, Denizel &
///   Filiztekin, *Empirical validation and comparison of models for customer base analysis*, IJRM 24(3), 2007.
public struct BetaGeometricNBD: Sendable, Hashable {
  public enum Dropout: String, Sendable, Hashable, CaseIterable {
    /// BG/NBD.
    case afterRepeatPurchase
    /// MBG/NBD.
    case afterEveryPurchase

    /// y − x.
    var opportunitiesBefore: Int { self == .afterRepeatPurchase ? 0 : 1 }
  }

  /// Shape of the rates.
  public let r: Double
  /// Rate of the rates, in units of time: r/α purchases a unit on average.
  public let alpha: Double
  public let a: Double
  public let b: Double
  public let dropout: Dropout

  /// - Parameters: All positive.
  public init(r: Double, alpha: Double, a: Double, b: Double, dropout: Dropout = .afterRepeatPurchase) {
    precondition(r > 0 && alpha > 0 && a > 0 && b > 0, "r, α, a and b are positive, got \(r), \(alpha), \(a), \(b)")
    self.r = r
    self.alpha = alpha
    self.a = a
    self.b = b
    self.dropout = dropout
  }

  /// ln of the likelihood of one history: the textbook form.
  public func logLikelihood(_ history: PurchaseHistory) -> Double {
    let x = Double(history.frequency)
    let y = x + Double(dropout.opportunitiesBefore)
    let alive = -(r + x) * log(alpha + history.age)
    let common = lgamma(r + x) - lgamma(r) + r * log(alpha) + logBeta(a, b + y) - logBeta(a, b)
    guard y > 0 else { return common + alive }
    let stopped = log(a / (b + y - 1)) - (r + x) * log(alpha + history.recency)
    let greater = max(alive, stopped)
    return common + greater + log1p(exp(min(alive, stopped) - greater))
  }

  /// P(alive): whether the customer still buys, given its history.
  public func probabilityAlive(_ history: PurchaseHistory) -> Double {
    let x = Double(history.frequency)
    let y = x + Double(dropout.opportunitiesBefore)
    guard y > 0 else { return 1 }
    let odds = log(a / (b + y - 1)) + (r + x) * log((alpha + history.age) / (alpha + history.recency))
    return 1 / (1 + exp(odds))
  }

  /// The number of purchases to expect in the next `time` after what was seen.
  ///
  /// - Parameter time: At least 0.
  /// - Complexity: O(1 + time / (α + T)) terms of a series.
  public func expectedPurchases(_ history: PurchaseHistory, within time: Double) -> Double {
    probabilityAlive(history) * FuturePurchases(self, after: history).expected(within: time)
  }

  /// The number of purchases to expect of somebody in the first `time` after the first purchase, that not counted.
  public func expectedPurchasesOfNewCustomer(within time: Double) -> Double {
    expectedPurchases(PurchaseHistory(frequency: 0, recency: 0, age: 0), within: time)
  }

  /// P(X = n) for n = 0, 1 … purchases in the next `time`, until less than `tail` is left.
  public func purchaseProbabilities(
    _ history: PurchaseHistory, within time: Double, tail: Double = 1e-9
  ) -> [Double] {
    let alive = probabilityAlive(history)
    var shares = FuturePurchases(self, after: history).probabilities(within: time, tail: tail).map { $0 * alive }
    shares[0] += 1 - alive
    return shares
  }
}

/// What a customer that is alive will do: λ ~ Gamma(r + x, α + T) and p ~ Beta(a, b + y), independent of each other.
struct FuturePurchases {
  let shape: Double
  let rate: Double
  let a: Double
  let b: Double

  init(_ model: BetaGeometricNBD, after history: PurchaseHistory) {
    shape = model.r + Double(history.frequency)
    rate = model.alpha + history.age
    a = model.a
    b = model.b + Double(history.frequency + model.dropout.opportunitiesBefore)
  }

  /// With c = a + b − 1 and z = t / (rate + t) the published form is c/(a − 1) · [1 − (1 − z)^shape ₂F₁(shape, b; c; z)], which
  /// divides 0 by 0 at a = 1 and at c = 0. Euler's form of the series, with the factors taken out, does not:
  ///
  ///     E = −[φ c + (1 − z)^(a−1) G],   φ = ((1 − z)^(a−1) − 1)/(a − 1),
  ///     G = Σ_{n ≥ 1} (c − shape)ₙ (a)ₙ₋₁ / ((c + 1)ₙ₋₁ n!) · zⁿ
  ///
  /// Its terms cancel when c − shape is far below 0 (rates that hardly differ), and G grows beyond bounds with a (people who
  /// leave at a steady rate); there the published form, whose terms are all positive, is exact.
  func expected(within time: Double) -> Double {
    precondition(time >= 0, "a time of at least 0 expected, got \(time)")
    if time == 0 { return 0 }
    let z = time / (rate + time)
    let logRest = -log1p(time / rate)
    let c = a + b - 1
    if c > 0, a > 10 || (c - shape < -5 && abs(a - 1) > 1e-3) {
      return c / (a - 1) * (1 - exp(shape * logRest) * hypergeometric2F1(shape, b, c, z))
    }
    var term = (c - shape) * z
    var sum = term
    var n = 1.0
    while n < 10_000_000 {
      let ratio = (c - shape + n) * (a + n - 1) / ((c + n) * (n + 1)) * z
      term *= ratio
      sum += term
      n += 1
      if abs(term) <= 1e-16 * abs(sum) * max(1e-7, 1 - abs(ratio)), abs(ratio) < 1 { break }
    }
    let phi = abs(a - 1) < 1e-12 ? logRest : expm1((a - 1) * logRest) / (a - 1)
    return max(0, -(phi * c + exp((a - 1) * logRest) * sum))
  }

  /// P(X = n) = B(a, b+n)/B(a, b) qₙ + [n > 0] B(a+1, b+n−1)/B(a, b) · [1 − Σ_{j<n} qⱼ] with the negative binomial
  /// probabilities q of a customer that never stops.
  func probabilities(within time: Double, tail: Double) -> [Double] {
    if time == 0 { return [1] }
    let (logZ, logRest) = (log(time / (rate + time)), -log1p(time / rate))
    // B(a, b+n)/B(a, b), and a/(b+n−1) times that is the chance to have stopped at the n-th.
    var survival = 1.0
    var counted = 0.0
    var given = 0.0
    var shares: [Double] = []
    while shares.count < 1_000_000 {
      let n = Double(shares.count)
      if n > 0 { survival *= (b + n - 1) / (a + b + n - 1) }
      let q = exp(lgamma(shape + n) - lgamma(shape) - lgamma(n + 1) + shape * logRest + n * logZ)
      let stopped = n > 0 ? survival * a / (b + n - 1) * max(0, 1 - counted) : 0
      shares.append(survival * q + stopped)
      counted += q
      given += survival * q + stopped
      if 1 - given < tail || (counted > 1 - 1e-13 && n > 0) { break }
    }
    return shares
  }
}
