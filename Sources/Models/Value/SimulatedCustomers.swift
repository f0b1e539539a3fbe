import Foundation
import Mathematics
import Primitives

/// Customers who do what the models say, with what they did afterwards: for checks of coverage and of speed.
public struct SimulatedCustomer: Sendable {
  public let history: PurchaseHistory
  /// Amounts of the repeat purchases that were seen.
  public let spend: GammaGamma.Spend
  /// What it bought in the time after that: how often, and for how much in all.
  public let laterPurchases: Int
  public let laterValue: Double

  /// - Parameters:
  ///   - age: T of this customer.
  ///   - horizon: How long after T it is watched.
  public init(
    _ model: BetaGeometricNBD, _ amounts: GammaGamma?, age: Double, horizon: Double,
    using generator: inout some RandomNumberGenerator
  ) {
    let rate = generator.nextGamma(shape: model.r) / model.alpha
    let stops = generator.nextBeta(model.a, model.b)
    let amountRate = amounts.map { generator.nextGamma(shape: $0.q) / $0.v } ?? 1
    var (frequency, recency, time) = (0, 0.0, 0.0)
    var (later, sum, laterSum) = (0, 0.0, 0.0)
    var isAlive = model.dropout == .afterRepeatPurchase || generator.nextUnit() >= stops
    while isAlive, frequency + later < 10_000_000 {
      time += rate > 0 ? generator.nextExponential() / rate : .infinity
      guard time <= age + horizon else { break }
      let amount = amounts.map { generator.nextGamma(shape: $0.p) / amountRate } ?? 0
      if time <= age {
        frequency += 1
        recency = time
        sum += amount
      } else {
        later += 1
        laterSum += amount
      }
      isAlive = generator.nextUnit() >= stops
    }
    history = PurchaseHistory(frequency: frequency, recency: recency, age: age)
    spend = GammaGamma.Spend(count: frequency, mean: frequency > 0 ? sum / Double(frequency) : 0)
    laterPurchases = later
    laterValue = laterSum
  }
}
