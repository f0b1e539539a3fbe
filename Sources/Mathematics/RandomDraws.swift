import Foundation

/// Draws from distributions, for simulations and bootstraps. The same generator gives the same draws.
extension RandomNumberGenerator {
  /// From the open interval (0, 1).
  private mutating func nextOpenUnit() -> Double { (Double(next() >> 12) + 0.5) * 0x1p-52 }

  /// Normal with mean 0 and variance 1, by the inverse of the distribution.
  public mutating func nextStandardNormal() -> Double { NormalDistribution.quantile(nextOpenUnit()) }

  /// Exponential with mean 1.
  public mutating func nextExponential() -> Double { -log(nextOpenUnit()) }

  /// Gamma with rate 1.
  /// - Parameter shape: Above 0; below 1 as Gamma(shape + 1) · U^(1/shape).
  /// - SeeAlso: Marsaglia & Tsang, *A simple method for generating gamma variables*, ACM TOMS 26(3), 2000.
  public mutating func nextGamma(shape: Double) -> Double {
    precondition(shape > 0, "a shape above 0 expected, got \(shape)")
    if shape < 1 { return nextGamma(shape: shape + 1) * pow(nextOpenUnit(), 1 / shape) }
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let z = nextStandardNormal()
      let root = 1 + c * z
      guard root > 0 else { continue }
      let v = root * root * root
      if log(nextOpenUnit()) < z * z / 2 + d - d * v + d * log(v) { return d * v }
    }
  }

  /// Beta(a, b) with both above 0.
  public mutating func nextBeta(_ a: Double, _ b: Double) -> Double {
    let (first, second) = (nextGamma(shape: a), nextGamma(shape: b))
    return first + second > 0 ? first / (first + second) : (a >= b ? 1 : 0)
  }
}
