import Foundation

/// ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b), for positive a and b.
public func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }

/// ψ(x), the derivative of ln Γ(x), to about 1e-14.
///
/// The recurrence ψ(x) = ψ(x + 1) − 1/x leads to x ≥ 10, where the asymptotic series holds.
/// - Parameter x: Above 0.
/// - SeeAlso: DLMF 5.5.2 and 5.11.2.
public func digamma(_ x: Double) -> Double {
  precondition(x > 0, "digamma takes a positive number, got \(x)")
  var (x, shift) = (x, 0.0)
  while x < 10 {
    shift -= 1 / x
    x += 1
  }
  let w = 1 / (x * x)
  let series = w * (1 / 12.0 - w * (1 / 120.0 - w * (1 / 252.0 - w * (1 / 240.0 - w * (1 / 132.0 - w * 691 / 32_760)))))
  return shift + log(x) - 0.5 / x - series
}

/// ψ′(x), the second derivative of ln Γ(x), to about 1e-14.
///
/// - Parameter x: Above 0.
/// - SeeAlso: DLMF 5.15.5 and 5.15.8.
public func trigamma(_ x: Double) -> Double {
  precondition(x > 0, "trigamma takes a positive number, got \(x)")
  var (x, shift) = (x, 0.0)
  while x < 10 {
    shift += 1 / (x * x)
    x += 1
  }
  let w = 1 / (x * x)
  let series = w * (1 / 6.0 - w * (1 / 30.0 - w * (1 / 42.0 - w * (1 / 30.0 - w * (5 / 66.0 - w * 691 / 2_730)))))
  return shift + 1 / x + w / 2 + series / x
}

/// Gauss' ₂F₁(a, b; c; z) = Σ (a)ₙ (b)ₙ / (c)ₙ · zⁿ / n!, by its series, to about 1e-14 where terms do not cancel.
///
/// Where c − a − b < 0 the sum grows towards z = 1; Euler's form (1 − z)^(c−a−b) ₂F₁(c − a, c − b; c; z) is then taken when
/// both of its parameters are positive, so that no terms cancel.
/// - Parameters:
///   - c: Not 0, −1, −2 ….
///   - z: In [0, 1).
/// - Returns: NaN when 10 million terms do not settle it (z within about 1e-6 of 1).
/// - Complexity: O(1 / (1 − z)) terms.
/// - SeeAlso: DLMF 15.2.1 and 15.8.1.
public func hypergeometric2F1(_ a: Double, _ b: Double, _ c: Double, _ z: Double) -> Double {
  precondition(z >= 0 && z < 1, "z within 0..<1 expected, got \(z)")
  if c - a - b < 0, c - a > 0, c - b > 0 {
    return exp((c - a - b) * log1p(-z)) * hypergeometricSeries(c - a, c - b, c, z)
  }
  return hypergeometricSeries(a, b, c, z)
}

private func hypergeometricSeries(_ a: Double, _ b: Double, _ c: Double, _ z: Double) -> Double {
  var (sum, term) = (1.0, 1.0)
  for n in 0..<10_000_000 {
    let count = Double(n)
    let ratio = (a + count) * (b + count) / ((c + count) * (count + 1)) * z
    term *= ratio
    sum += term
    // What is left is below term / (1 − ratio) once the terms shrink.
    if abs(term) <= 1e-16 * abs(sum) * max(1e-7, 1 - abs(ratio)) && abs(ratio) < 1 { return sum }
  }
  return .nan
}
