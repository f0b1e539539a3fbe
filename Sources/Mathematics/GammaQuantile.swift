import Foundation

/// The x below which Gamma(shape) with rate 1 lies with a probability, by Wilson and Hilferty's cube:
///
///     x ≈ shape · (1 − 1/(9 shape) + z / (3 √shape))³
///
/// within about 1 % from shape 1 on, and within 10 % of the distribution's scale below: for intervals to look at.
/// - Parameters:
///   - probability: In (0, 1).
///   - shape: Above 0.
/// - SeeAlso: Wilson & Hilferty, *The distribution of chi-square*, PNAS 17, 1931.
public func gammaQuantile(_ probability: Double, shape: Double) -> Double {
  precondition(probability > 0 && probability < 1 && shape > 0)
  let root = 1 - 1 / (9 * shape) + NormalDistribution.quantile(probability) / (3 * shape.squareRoot())
  return shape * pow(max(0, root), 3)
}
