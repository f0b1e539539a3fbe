/// A ratio of two totals over independent units, such as clicks per decision over people who each got several decisions.
///
/// With x the unit's numerator, w its weight and R = Σx / Σw, the delta method gives
///
///     Var(R) = (s²_x − 2 R s_xw + R² s²_w) / (n · w̄²)
///
/// Treating each decision as independent instead would make the interval too narrow, since a person's decisions are alike.
/// Units may grow: `replace` exchanges a unit's old totals for its new ones.
/// - SeeAlso: Deng, Knoblich & Lu, *Applying the Delta Method in Metric Analytics*, KDD 2018, section 3.
public struct RatioMoments: Sendable, Hashable {
  public private(set) var units = 0
  public private(set) var numeratorSum = 0.0
  public private(set) var weightSum = 0.0
  private var numeratorSquares = 0.0
  private var weightSquares = 0.0
  private var products = 0.0

  public init() {}

  /// What `units` units with these sums come to.
  public init(
    units: Int, numeratorSum: Double, numeratorSquares: Double, weightSum: Double, weightSquares: Double,
    products: Double
  ) {
    self.units = units
    self.numeratorSum = numeratorSum
    self.numeratorSquares = numeratorSquares
    self.weightSum = weightSum
    self.weightSquares = weightSquares
    self.products = products
  }

  public mutating func add(numerator: Double, weight: Double) {
    units += 1
    accumulate(numerator, weight, sign: 1)
  }

  /// A unit that was added as `old` has become `new`.
  public mutating func replace(
    numerator old: Double, weight oldWeight: Double, by new: Double, weight newWeight: Double
  ) {
    accumulate(old, oldWeight, sign: -1)
    accumulate(new, newWeight, sign: 1)
  }

  private mutating func accumulate(_ numerator: Double, _ weight: Double, sign: Double) {
    numeratorSum += sign * numerator
    weightSum += sign * weight
    numeratorSquares += sign * numerator * numerator
    weightSquares += sign * weight * weight
    products += sign * numerator * weight
  }

  /// The ratio and its variance; nil for fewer than two units or no weight.
  public var estimate: ArmEstimate? {
    guard units > 1, weightSum > 0 else { return nil }
    let count = Double(units)
    let ratio = numeratorSum / weightSum
    func covariance(_ product: Double, _ left: Double, _ right: Double) -> Double {
      (product - left * right / count) / (count - 1)
    }
    let spread =
      covariance(numeratorSquares, numeratorSum, numeratorSum)
      - 2 * ratio * covariance(products, numeratorSum, weightSum)
      + ratio * ratio * covariance(weightSquares, weightSum, weightSum)
    let meanWeight = weightSum / count
    return ArmEstimate(units: units, value: ratio, variance: max(0, spread) / (count * meanWeight * meanWeight))
  }
}
