import Foundation
import Mathematics
import Models
import Primitives

/// Customers who do what BG/NBD and gamma-gamma say, with CDNOW's parameters.
///
///     customers fit [--count 2500000] [--seed 1] [--workers 2]     # seconds to group and to fit, in continuous time and in days
///     customers cover [--count 300] [--draws 200] [--seed 0]       # share of customers and parameters within 90 % intervals
func option(_ name: String, _ otherwise: Int) -> Int {
  let arguments = CommandLine.arguments
  guard let place = arguments.firstIndex(of: name), arguments.indices.contains(place + 1) else { return otherwise }
  return Int(arguments[place + 1]) ?? otherwise
}

enum World {
  static let truth = BetaGeometricNBD(r: 0.243, alpha: 4.414, a: 0.793, b: 2.426)
  static let money = GammaGamma(p: 6.25, q: 3.74, v: 15.44)
}

func fit(count: Int, seed: Int, workers: Int) throws {
  for isInDays in [false, true] {
    var generator = SeededGenerator(seed: UInt64(seed))
    let customers = (0..<count).map { _ in
      // CDNOW's customers first bought in the first twelve of 39 weeks.
      var age = 27 + 12 * generator.nextUnit()
      if isInDays { age = (age * 7).rounded() / 7 }
      var history = SimulatedCustomer(World.truth, nil, age: age, horizon: 0, using: &generator).history
      if isInDays, history.frequency > 0 {
        history.recency = min(history.age, max(1.0 / 7, (history.recency * 7).rounded() / 7))
      }
      return history
    }
    let clock = ContinuousClock()
    let began = clock.now
    let grouped = try GroupedHistories(customers)
    let isGrouped = clock.now
    let found = try BetaGeometricNBD.fit(grouped, workers: workers)
    let ended = clock.now
    let values = found.parameters.map { "\($0.name) \($0.value) ± \($0.standardError ?? .nan)" }
    print(
      "\(isInDays ? "days" : "continuous"): \(count) customers, seed \(seed), \(grouped.histories.count) groups;",
      "grouping \(isGrouped - began), fit \(ended - isGrouped), steps \(found.steps);", values.joined(separator: ", "))
  }
}

func cover(count: Int, draws: Int, seed: Int) {
  var (total, above, below, countInside, parameters, parametersInside, refused) = (0, 0, 0, 0, 0, 0, 0)
  let reach = NormalDistribution.quantile(0.95)
  for draw in 0..<draws {
    var generator = SeededGenerator(seed: UInt64(seed + draw))
    let customers = (0..<count).map { _ in
      SimulatedCustomer(World.truth, World.money, age: 27 + 12 * generator.nextUnit(), horizon: 39, using: &generator)
    }
    guard let grouped = try? GroupedHistories(customers.map(\.history)),
      let purchases = try? BetaGeometricNBD.fit(grouped), let spend = try? GammaGamma.fit(customers.map(\.spend))
    else {
      refused += 1
      continue
    }
    for (parameter, value) in zip(
      purchases.parameters, [World.truth.r, World.truth.alpha, World.truth.a, World.truth.b])
    {
      guard let error = parameter.standardError else { continue }
      parameters += 1
      parametersInside += abs(log(value / parameter.value)) < reach * error / parameter.value ? 1 : 0
    }
    let model = CustomerValue(purchases: purchases, spend: spend, horizon: 39)
    for customer in customers {
      let prediction = model.prediction(for: customer.history)
      guard let value = model.value(of: customer.spend, given: prediction) else { continue }
      total += 1
      countInside += prediction.interval.contains(Double(customer.laterPurchases)) ? 1 : 0
      above += customer.laterValue > value.interval.upperBound ? 1 : 0
      below += customer.laterValue < value.interval.lowerBound ? 1 : 0
    }
  }
  func share(_ part: Int, _ whole: Int) -> String { String(format: "%.4f", Double(part) / Double(max(1, whole))) }
  print(
    "\(draws) draws of \(count) customers, 39 weeks ahead, 90 %: value above its interval \(share(above, total)), below it",
    "\(share(below, total)); purchases within \(share(countInside, total)); parameters within",
    "\(share(parametersInside, parameters)); \(refused) draws refused")
}

if CommandLine.arguments.contains("cover") {
  cover(count: option("--count", 300), draws: option("--draws", 200), seed: option("--seed", 0))
} else {
  try fit(count: option("--count", 2_500_000), seed: option("--seed", 1), workers: option("--workers", 2))
}
