import Foundation

/// Student's t distribution.
public struct StudentDistribution: Sendable, Hashable {
  public let degreesOfFreedom: Double

  /// - Parameter degreesOfFreedom: ν > 0, not necessarily whole.
  public init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0, "degrees of freedom must be above 0, got \(degreesOfFreedom)")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// P(T ≤ t) = 1 − I_{ν/(ν+t²)}(ν/2, 1/2) / 2 for t ≥ 0.
  public func cumulative(_ t: Double) -> Double {
    let tail = upperTail(abs(t))
    return t > 0 ? 1 - tail : tail
  }

  /// P(|T| ≥ |t|): the two-sided p-value.
  public func twoSided(_ t: Double) -> Double { min(1, 2 * upperTail(abs(t))) }

  private func upperTail(_ t: Double) -> Double {
    let nu = degreesOfFreedom
    return regularizedIncompleteBeta(nu / (nu + t * t), a: nu / 2, b: 0.5) / 2
  }

  /// The t with P(T ≤ t) = `probability`, to about 1e-12 relative.
  ///
  /// Bisection on the tail, from a bracket grown around the normal quantile; some 60 steps.
  /// - Parameter probability: In (0, 1).
  public func quantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a probability within 0...1 expected, got \(probability)")
    if probability == 0.5 { return 0 }
    let tail = min(probability, 1 - probability)
    var low = 0.0
    var high = max(1, -NormalDistribution.quantile(tail))
    while upperTail(high) > tail { (low, high) = (high, high * 2) }
    while high - low > 1e-13 * high {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { break }
      if upperTail(middle) > tail { low = middle } else { high = middle }
    }
    let magnitude = (low + high) / 2
    return probability < 0.5 ? -magnitude : magnitude
  }
}

/// I_x(a, b), the share of the Beta(a, b) distribution below x.
///
/// Continued fraction, evaluated by Lentz's method on the side where it converges fast.
/// - Parameter x: In [0, 1].
/// - Complexity: O(√max(a, b)) terms.
/// - SeeAlso: DLMF 8.17.22.
public func regularizedIncompleteBeta(_ x: Double, a: Double, b: Double) -> Double {
  precondition((0...1).contains(x) && a > 0 && b > 0, "x in 0...1 and positive shapes expected, got \(x), \(a), \(b)")
  if x == 0 || x == 1 { return x }
  let logFront = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
  if x < (a + 1) / (a + b + 2) { return exp(logFront) / (a * betaFraction(x, a, b)) }
  return 1 - exp(logFront) / (b * betaFraction(1 - x, b, a))
}

/// The denominator 1 + d₁/(1 + d₂/(1 + …)) of DLMF 8.17.22.
private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  var value = 1.0
  var upper = 1.0
  var lower = 0.0
  for term in 1...10_000 {
    let m = Double(term / 2)
    let coefficient =
      term.isMultiple(of: 2)
      ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    lower = 1 + coefficient * lower
    lower = 1 / (abs(lower) < tiny ? tiny : lower)
    upper = 1 + coefficient / upper
    if abs(upper) < tiny { upper = tiny }
    let factor = upper * lower
    value *= factor
    if abs(factor - 1) < 1e-15 { break }
  }
  return value
}
