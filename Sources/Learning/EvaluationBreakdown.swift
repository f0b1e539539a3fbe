public import Mathematics
import Primitives

/// Where a model's figures come from: at which depth, for which targets, and for whom.
public struct EvaluationBreakdown: Sendable {
  /// Recall and precision (hits / k) of all questions at a depth.
  public struct Depth: Sendable, Hashable {
    public let k: Int
    public let recall: Bootstrap.Estimate
    public let precision: Bootstrap.Estimate
  }

  /// A measure over a part of the targets or questions.
  public struct Part: Sendable, Hashable {
    /// What is in it, in words: `5-9 items`.
    public let name: String
    /// Targets, or questions.
    public let count: Int
    public let estimate: Bootstrap.Estimate
  }

  public let depths: [Depth]
  /// Recall at k of the targets, by how popular they are: the items with most people first, each part with about a fifth of
  /// all that the training holds; targets that it does not hold last.
  public let byPopularity: [Part]
  /// NDCG at k by how many items the model was shown of the person.
  public let byHistory: [Part]
}

extension Evaluator {
  private static let depths = [1, 2, 3, 5, 10, 20, 50, 100]
  private static let popularityParts = 5
  private static let historyEdges = [0, 1, 5, 10, 20, 50, 100, 200, .max]

  public func breakdown(of figures: EvaluationFigures, on task: EvaluationTask) -> EvaluationBreakdown {
    EvaluationBreakdown(
      depths: depths(of: figures, on: task.questions), byPopularity: byPopularity(figures, task),
      byHistory: byHistory(figures, task.questions))
  }

  private func depths(of figures: EvaluationFigures, on questions: [EvaluationQuestion]) -> [EvaluationBreakdown.Depth]
  {
    let found = Self.depths.flatMap { k in
      let hits = questions.indices.map { question in
        figures.answers.reduce(0.0) { $0 + Double($1[question].places.count { $0 <= k }) }
          / Double(figures.answers.count)
      }
      return [zip(hits, questions).map { $0 / Double($1.targets.count) }, hits.map { $0 / Double(k) }]
    }
    let estimates = estimates(found, questions)
    return Self.depths.enumerated().compactMap { place, k in
      guard estimates.count > 2 * place + 1 else { return nil }
      return .init(k: k, recall: estimates[2 * place], precision: estimates[2 * place + 1])
    }
  }

  private func estimates(
    _ values: [[Double]], _ questions: [EvaluationQuestion], chosen: [Bool]? = nil
  ) -> [Bootstrap.Estimate] {
    var generator = SeededGenerator(seed: seed)
    return bootstrap.estimates(of: Self.groups(of: values, by: questions, chosen: chosen), using: &generator)
  }

  private func byPopularity(_ figures: EvaluationFigures, _ task: EvaluationTask) -> [EvaluationBreakdown.Part] {
    var counts = Array(repeating: 0, count: task.training.itemCount)
    for sequence in task.training.sequences { for item in Set(sequence.items) { counts[Int(item)] += 1 } }
    let total = Double(counts.reduce(0, +))
    var partOf = Array(repeating: Self.popularityParts, count: counts.count)
    var ranges: [Int: ClosedRange<Int>] = [:]
    var before = 0.0
    for (rank, item) in counts.indices.sorted(by: { (counts[$1], $0) < (counts[$0], $1) }).enumerated()
    where counts[item] > 0 {
      let part = min(Self.popularityParts - 1, Int(Double(Self.popularityParts) * before / total))
      partOf[item] = part
      ranges[part] = (ranges[part]?.lowerBound ?? rank + 1)...(rank + 1)
      before += Double(counts[item])
    }
    return (0...Self.popularityParts).compactMap { part in
      // Targets count one by one: a group is a person's targets of this part.
      let places = Self.places(of: task.questions)
      var groups = Array(repeating: Bootstrap.Group(observations: 0, sums: [0]), count: (places.max() ?? -1) + 1)
      for (number, question) in task.questions.enumerated() {
        for target in question.targets where partOf[Int(target)] == part {
          groups[places[number]].observations += 1
        }
        guard groups[places[number]].observations > 0 else { continue }
        groups[places[number]].sums[0] += hits(figures, number, question) { partOf[Int($0)] == part }
      }
      let asked = groups.filter { $0.observations > 0 }
      var generator = SeededGenerator(seed: seed)
      guard let estimate = bootstrap.estimates(of: asked, using: &generator).first else { return nil }
      let name = ranges[part].map { "items \($0.lowerBound)–\($0.upperBound)" } ?? "not in the training"
      return .init(name: name, count: asked.reduce(0) { $0 + $1.observations }, estimate: estimate)
    }
  }

  /// How many of the targets in question were among the first k, the mean over the seeds.
  private func hits(
    _ figures: EvaluationFigures, _ number: Int, _ question: EvaluationQuestion, where counts: (UInt32) -> Bool
  ) -> Double {
    let seen = question.candidates == .unseen ? Set(question.history.items) : []
    // What has a place, in the order of the places.
    let ranked = question.targets.filter { !seen.contains($0) }
    return figures.answers.reduce(0.0) { sum, answers in
      sum + Double(zip(ranked, answers[number].places).count { counts($0) && $1 <= k })
    } / Double(figures.answers.count)
  }

  private func byHistory(_ figures: EvaluationFigures, _ questions: [EvaluationQuestion]) -> [EvaluationBreakdown.Part]
  {
    guard let values = figures.values[.ndcg] else { return [] }
    return zip(Self.historyEdges, Self.historyEdges.dropFirst()).compactMap { from, until in
      let chosen = questions.map { (from..<until).contains($0.history.items.count) }
      guard let estimate = estimates([values], questions, chosen: chosen).first else { return nil }
      let name = until == .max ? "\(from) or more" : from + 1 == until ? "\(from)" : "\(from)–\(until - 1)"
      return .init(name: name, count: chosen.count { $0 }, estimate: estimate)
    }
  }
}
