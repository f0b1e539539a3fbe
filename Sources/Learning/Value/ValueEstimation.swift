import Foundation
import Mathematics
public import Models
import Synchronization

/// Fits the models of value on a table of customers and predicts each of them.
public struct ValueEstimation: Sendable {
  public struct Prediction: Sendable {
    public let purchases: CustomerValue.PurchasePrediction
    public let value: CustomerValue.ValuePrediction?
  }

  public let table: PurchaseTable
  public let purchases: LikelihoodFit<BetaGeometricNBD>
  public let spend: LikelihoodFit<GammaGamma>?
  /// Why there is no model of spend though there are amounts.
  public let spendRefusal: ValueRefusal?
  /// Pearson's r between how often customers buy and for how much: gamma-gamma holds that it is near 0.
  public let spendCorrelation: Double?
  private let groups: GroupedHistories

  /// - Throws: `ValueRefusal` when repeat buying cannot be fitted. A spend that cannot be fitted is told, not thrown: purchases are
  ///   predicted without it.
  public init(
    _ table: PurchaseTable, dropout: BetaGeometricNBD.Dropout, workers: Int
  ) throws(ValueRefusal) {
    self.table = table
    groups = try GroupedHistories(table.customers.map(\.history))
    purchases = try BetaGeometricNBD.fit(groups, dropout: dropout, workers: workers)
    let spenders = table.customers.map { Self.known($0.spend) }.filter { $0.count > 0 }
    var fitted: LikelihoodFit<GammaGamma>?
    var refusal: ValueRefusal?
    if table.hasAmounts {
      do { fitted = try GammaGamma.fit(spenders) } catch { refusal = error }
    }
    (spend, spendRefusal) = (fitted, refusal)
    spendCorrelation =
      table.hasAmounts ? Self.correlation(spenders.map { (Double($0.count), $0.mean) }) : nil
  }

  /// Predictions of all customers, in their order.
  ///
  /// Customers with the same history share what does not depend on their amounts.
  /// - Complexity: Some 150 µs for each history and 50 µs for each customer with amounts, on each worker.
  public func predictions(
    horizon: Double, level: Double, discountRate: Double, workers: Int, progress: @escaping @Sendable (Double) -> Void
  ) -> [Prediction] {
    let model = CustomerValue(
      purchases: purchases, spend: spend, horizon: horizon, level: level, discountRate: discountRate)
    let shared = Self.shared(groups.histories.count, workers: workers, progress: { progress($0 / 2) }) {
      model.prediction(for: groups.histories[$0])
    }
    return Self.shared(table.customers.count, workers: workers, progress: { progress(0.5 + $0 / 2) }) { index in
      let prediction = shared[Int(groups.groups[index])]
      let spent = Self.known(table.customers[index].spend)
      return Prediction(purchases: prediction, value: model.value(of: spent, given: prediction))
    }
  }

  /// What is known of a customer's amounts, in the fit and in its prediction alike: a mean of 0 (gifts, promotions) says
  /// nothing of what the customer pays.
  private static func known(_ spend: GammaGamma.Spend) -> GammaGamma.Spend {
    spend.mean > 0 ? spend : GammaGamma.Spend(count: 0, mean: 0)
  }

  private static func shared<Result: Sendable>(
    _ count: Int, workers: Int, progress: @escaping @Sendable (Double) -> Void,
    _ result: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    let chunk = 512
    let parts = Mutex([Int: [Result]]())
    WorkQueue.share(count, chunk: chunk, workers: workers) { queue in
      while let range = queue.next() {
        let done = range.map(result)
        let finished = parts.withLock {
          $0[range.lowerBound] = done
          return $0.count * chunk
        }
        progress(min(1, Double(finished) / Double(count)))
      }
    }
    return parts.withLock { parts in parts.keys.sorted().flatMap { parts[$0] ?? [] } }
  }

  private static func correlation(_ pairs: [(Double, Double)]) -> Double? {
    guard pairs.count > 2 else { return nil }
    let n = Double(pairs.count)
    let mean = (pairs.reduce(0) { $0 + $1.0 } / n, pairs.reduce(0) { $0 + $1.1 } / n)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (x, y) in pairs {
      xx += (x - mean.0) * (x - mean.0)
      xy += (x - mean.0) * (y - mean.1)
      yy += (y - mean.1) * (y - mean.1)
    }
    return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : nil
  }
}

/// Predicted against actual purchases after the end of the histories, by how often a customer had bought before.
public struct HoldoutCheck: Sendable {
  public struct Row: Sendable {
    /// Repeat purchases; the last row stands for that many and more.
    public let frequency: Int
    public let customers: Int
    /// Means of one customer.
    public let predicted: Double
    public let actual: Double
  }

  public static let frequencyMax = 7

  public let weeks: Double
  public let rows: [Row]
  public let predicted: Double
  public let actual: Double
  /// Share of customers whose purchases lie within their interval.
  public let coverage: Double
  /// The same for what they spent; nil without amounts.
  public let valueCoverage: Double?
  public let predictedValue: Double?
  public let actualValue: Double?

  public init(_ customers: [PurchaseTable.Customer], _ predictions: [ValueEstimation.Prediction], weeks: Double) {
    self.weeks = weeks
    var sums = Array(repeating: (customers: 0, predicted: 0.0, actual: 0.0), count: Self.frequencyMax + 1)
    var (inside, valueInside) = (0, 0)
    for (customer, prediction) in zip(customers, predictions) {
      let row = min(customer.history.frequency, Self.frequencyMax)
      sums[row].customers += 1
      sums[row].predicted += prediction.purchases.expected
      sums[row].actual += Double(customer.laterPurchases)
      inside += prediction.purchases.interval.contains(Double(customer.laterPurchases)) ? 1 : 0
      if let value = prediction.value { valueInside += value.interval.contains(customer.laterValue) ? 1 : 0 }
    }
    rows = sums.enumerated().compactMap { frequency, sum in
      guard sum.customers > 0 else { return nil }
      let count = Double(sum.customers)
      return Row(
        frequency: frequency, customers: sum.customers, predicted: sum.predicted / count, actual: sum.actual / count)
    }
    predicted = sums.reduce(0) { $0 + $1.predicted }
    actual = sums.reduce(0) { $0 + $1.actual }
    let count = Double(max(1, customers.count))
    coverage = Double(inside) / count
    let hasValues = predictions.contains { $0.value != nil }
    valueCoverage = hasValues ? Double(valueInside) / count : nil
    predictedValue = hasValues ? predictions.reduce(0) { $0 + ($1.value?.expected ?? 0) } : nil
    actualValue = hasValues ? customers.reduce(0) { $0 + $1.laterValue } : nil
  }
}
