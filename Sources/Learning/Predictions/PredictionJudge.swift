import Engine
import Features
import Foundation
import Mathematics
import Models
import Primitives

/// Compares probabilities on the same held-back moments.
struct PredictionJudge {
  /// Of the intervals of AUC and ECE, which cost more than means do.
  private static let draws = 200
  /// Of the reliability plot and the ECE.
  static let bins = 10
  /// Moments that drivers are averaged over.
  private static let driverRows = 500
  private static let driversMax = 15

  let rows: [PredictionSet.Row]
  let seed: UInt64

  private var labels: [Double] { rows.map { $0.label ? 1 : 0 } }

  /// A model's probabilities, one for each row.
  func probabilities(of model: PredictionModel, in features: FeatureSet) -> [Double] {
    let places = model.columns.places(in: features)
    return rows.map { model.probability(of: model.columns.row(of: $0.values, at: places)) }
  }

  /// The moments of one person, drawn together.
  private var people: [[Int]] {
    var numbers: [ProfileID: Int] = [:]
    var people: [[Int]] = []
    for (index, row) in rows.enumerated() {
      let number = numbers[row.person] ?? people.count
      if number == people.count {
        numbers[row.person] = number
        people.append([])
      }
      people[number].append(index)
    }
    return people
  }

  /// Log-loss, Brier score, AUC and ECE of each subject with their intervals over people, and the difference in log-loss between
  /// the first and each other.
  func metrics(_ subjects: [(name: String, probabilities: [Double])]) -> [ModelRun.Metric] {
    let (people, labels) = (self.people, self.labels)
    var generator = SeededGenerator(seed: seed)
    var metrics: [ModelRun.Metric] = []
    // Means, and differences of means, in one go.
    let losses = subjects.map { zip($0.probabilities, labels).map { ProbabilityMetrics.logLoss($0, $1) } }
    let briers = subjects.map { zip($0.probabilities, labels).map { ($0 - $1) * ($0 - $1) } }
    let differences = losses.dropFirst().map { zip(losses[0], $0).map { $0 - $1 } }
    let columns = losses + briers + differences
    let groups = people.map { rows in
      Bootstrap.Group(
        observations: rows.count, sums: columns.map { column in rows.reduce(0) { $0 + column[$1] } })
    }
    let estimates = Bootstrap().estimates(of: groups, using: &generator)
    let names =
      subjects.map { ($0.name, "log_loss") } + subjects.map { ($0.name, "brier") }
      + subjects.dropFirst().map { ("difference to \($0.name)", "log_loss") }
    for (name, estimate) in zip(names, estimates) {
      metrics.append(
        ModelRun.Metric(
          subject: name.0, name: name.1, k: 0, value: estimate.value, low: estimate.low, high: estimate.high))
    }
    for subject in subjects {
      metrics += ranked(subject.name, subject.probabilities, labels, people, &generator)
    }
    return metrics
  }

  /// AUC and ECE, drawn anew over people. A draw repeats people, so that its ECE lies above that of all: its interval
  /// is moved to stand around the figure itself.
  private func ranked(
    _ subject: String, _ probabilities: [Double], _ labels: [Double], _ people: [[Int]],
    _ generator: inout SeededGenerator
  ) -> [ModelRun.Metric] {
    func measured(_ rows: [Int]) -> [Double?] {
      let metrics = ProbabilityMetrics(
        probabilities: rows.map { probabilities[$0] }, labels: rows.map { labels[$0] })
      return [metrics.auc, metrics.calibrationError(.equalMass(Self.bins))]
    }
    let whole = measured(Array(labels.indices))
    var drawn: [[Double]] = [[], []]
    for _ in 0..<Self.draws {
      let rows = people.indices.flatMap { _ in people[Int(generator.next(upperBound: UInt64(people.count)))] }
      for (place, value) in measured(rows).enumerated() { if let value { drawn[place].append(value) } }
    }
    return zip(["auc", "ece"], zip(whole, drawn)).compactMap { name, found in
      guard let value = found.0 else { return nil }
      let estimate =
        name == "ece" ? Bootstrap.centred(value, drawn: found.1) : Bootstrap.estimate(value, drawn: found.1)
      return ModelRun.Metric(
        subject: subject, name: name, k: 0, value: value, low: estimate.low, high: estimate.high)
    }
  }

  func reliability(_ probabilities: [Double]) -> [PredictionRun.Bin] {
    ProbabilityMetrics(probabilities: probabilities, labels: labels).reliability(.equalMass(Self.bins)).map {
      PredictionRun.Bin(count: $0.count, predicted: $0.mean, observed: $0.rate)
    }
  }

  /// Features by the mean of what they add to the margin, whatever its sign.
  func drivers(of model: PredictionModel, in features: FeatureSet) -> [PredictionRun.Driver] {
    let places = model.columns.places(in: features)
    var sums = [Double](repeating: 0, count: model.columns.features.count)
    let told = stride(from: 0, to: rows.count, by: max(1, rows.count / Self.driverRows)).map { rows[$0] }
    for row in told {
      var own = [Double](repeating: 0, count: sums.count)
      let amounts = model.contributions(of: model.columns.row(of: row.values, at: places)).columns
      for (column, amount) in zip(model.columns.columns, amounts) { own[column.feature] += amount }
      for feature in sums.indices { sums[feature] += abs(own[feature]) }
    }
    return sums.indices.filter { sums[$0] > 0 }
      .sorted { (sums[$1], $0) < (sums[$0], $1) }.prefix(Self.driversMax)
      .map {
        PredictionRun.Driver(feature: model.columns.features[$0].name, weight: sums[$0] / Double(max(1, told.count)))
      }
  }

  /// Why the candidate may not go live: its mean log-loss on the same moments is higher than the champion's or, where there is
  /// none, not lower than that of always saying the base rate.
  static func refusal(_ metrics: [ModelRun.Metric], isFirst: Bool) -> String? {
    let rival = isFirst ? "base" : "champion"
    guard let difference = metrics.first(where: { $0.subject == "difference to \(rival)" }) else { return nil }
    guard difference.value.isFinite else { return "its log-loss on the held-back moments is no number" }
    // Equal means may differ in the last digits of their sums.
    guard isFirst ? difference.value >= -1e-9 : difference.value > 1e-9 else { return nil }
    func loss(_ subject: String) -> String {
      String(format: "%.4f", metrics.first { $0.subject == subject && $0.name == "log_loss" }?.value ?? 0)
    }
    return String(
      format:
        "it is %@ on the same held-back moments: log-loss %@ against %@, a difference of %.4f (95 %% between %.4f and %.4f)",
      isFirst ? "no better than the base rate" : "worse than the champion", loss("candidate"), loss(rival),
      difference.value, difference.low, difference.high)
  }
}
