import Foundation
import Mathematics
public import Primitives

/// Several models whose answers are blended; how, was learnt on held-back data (`BlendTraining`).
public struct EvaluableHybrid: EvaluableModel {
  public let name = "hybrid"
  /// Models with their settings, at least one.
  public let members: [any EvaluableModel]
  let blend: ConditionalLogit

  init(members: [any EvaluableModel], blend: ConditionalLogit) {
    self.members = members
    self.blend = blend
  }

  public var settingsText: String {
    members.map { "\($0.name) (\($0.settingsText))" }.joined(separator: " + ")
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    var fitted: [any FittedModel] = []
    for member in members {
      fitted.append(
        try member.fit(training, seed: seed, workers: workers) { report("\(member.name): \($0)") })
    }
    return FittedHybrid(members: fitted, blend: blend, frequencies: training.logFrequencies)
  }

  /// All members are there at once.
  public func memoryBytes(for training: TrainingData, workers: Int) -> Int? {
    members.reduce(0) { sum, member in
      guard let sum, let own = member.memoryBytes(for: training, workers: workers) else { return nil }
      return sum.addingReportingOverflow(own).overflow ? .max : sum + own
    }
  }

  /// The members are set before they are blended.
  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? { nil }
}

struct FittedHybrid: FittedModel {
  /// Below all scores of candidates: what is no candidate follows them, in the order of the first member.
  private static let below: Float = -1_000

  let members: [any FittedModel]
  let blend: ConditionalLogit
  let frequencies: [Float]

  var itemCount: Int { frequencies.count }

  func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
    let all = members.map { $0.scores(for: questions) }
    var blended = FloatMatrix(zeros: questions.count, by: itemCount)
    for (row, question) in questions.enumerated() {
      let candidates = BlendCandidates(question, scores: all.map { $0[row] }, frequencies: frequencies)
      let scores = blend.scores(
        situation: BlendCandidates.situation(question), features: candidates.features)
      let start = row * itemCount
      let first = all[0][row]
      let (low, high) = (first.min() ?? 0, first.max() ?? 0)
      let scale = high > low && (high - low).isFinite ? 1 / (high - low) : 0
      for (place, score) in first.enumerated() { blended.values[start + place] = Self.below + (score - low) * scale }
      for (item, score) in zip(candidates.items, scores) { blended.values[start + Int(item)] = score }
    }
    return blended
  }
}

extension TrainingData {
  /// log(1 + how often an item is there), by item.
  var logFrequencies: [Float] {
    var counts = Array(repeating: Float(1), count: itemCount)
    for sequence in sequences { for item in sequence.items { counts[Int(item)] += 1 } }
    return counts.map { log($0) }
  }
}
