public import Mathematics
import Primitives

/// All figures of one model on one task, over one or several seeds.
///
/// A figure is the mean over the seeds. Its interval is a bootstrap over people, each question counting with its mean over the
/// seeds: it says how far the people asked bear it, and `deviation` how far chance in the fit does.
public struct EvaluationFigures: Sendable {
  public struct Figure: Sendable, Hashable {
    public let metric: EvaluationMetric
    public let estimate: Bootstrap.Estimate
    /// Standard deviation of the figure between seeds (n − 1); nil with one.
    public let deviation: Double?
  }

  public let figures: [Figure]
  /// Of each question, the mean over the seeds; without those measures that were not taken.
  public let values: [EvaluationMetric: [Double]]
  /// What was answered with each seed, shape `[seeds][questions]`.
  public let answers: [[EvaluationAnswer]]

  public subscript(metric: EvaluationMetric) -> Figure? { figures.first { $0.metric == metric } }
}

extension Evaluator {
  /// - Parameter answers: With each seed, shape `[seeds][questions]`.
  /// - Returns: nil when there are no questions.
  public func figures(
    of answers: [[EvaluationAnswer]], to task: EvaluationTask, categories: ItemCategories?
  ) -> EvaluationFigures? {
    let questions = task.questions
    guard !questions.isEmpty, !answers.isEmpty else { return nil }
    precondition(answers.allSatisfy { $0.count == questions.count })
    let hasLists = answers.contains { $0.contains { !$0.list.isEmpty } }
    let traits = hasLists ? ListTraits(task.training, categories: categories) : nil
    let measures = EvaluationMetric.ofQuestions.filter { measure in
      switch measure {
      case .hr, .ndcg, .recall, .mrr: true
      case .diversity: hasLists && k > 1
      default: hasLists
      }
    }
    // Shape [seeds][measures][questions].
    let bySeed = answers.map { values(of: $0, to: questions, measures, traits) }
    let mean = measures.indices.map { measure in
      questions.indices.map { question in
        bySeed.reduce(0) { $0 + $1[measure][question] } / Double(bySeed.count)
      }
    }
    var generator = SeededGenerator(seed: seed)
    let estimates = bootstrap.estimates(of: Self.groups(of: mean, by: questions), using: &generator)
    var found: [EvaluationMetric: EvaluationFigures.Figure] = [:]
    for (place, (measure, estimate)) in zip(measures, estimates).enumerated() {
      let seeds = bySeed.map { $0[place].reduce(0, +) / Double(questions.count) }
      found[measure] = .init(metric: measure, estimate: estimate, deviation: Self.deviation(seeds))
    }
    if hasLists { for figure in exposure(of: answers, to: task) { found[figure.metric] = figure } }
    return EvaluationFigures(
      figures: EvaluationMetric.allCases.compactMap { found[$0] },
      values: Dictionary(uniqueKeysWithValues: zip(measures, mean)), answers: answers)
  }

  /// The differences of two models' figures on the same questions, for the measures that both have of each.
  public func differences(
    _ first: EvaluationFigures, less second: EvaluationFigures, on questions: [EvaluationQuestion]
  ) -> [EvaluationMetric: PairedDifference] {
    let measures = EvaluationMetric.ofQuestions.filter { first.values[$0] != nil && second.values[$0] != nil }
    let differences = measures.map { measure in
      zip(first.values[measure] ?? [], second.values[measure] ?? []).map { $0 - $1 }
    }
    var generator = SeededGenerator(seed: seed)
    let estimates = bootstrap.differences(of: Self.groups(of: differences, by: questions), using: &generator)
    return Dictionary(uniqueKeysWithValues: zip(measures, estimates))
  }

  // MARK: Parts

  /// Shape `[measures][questions]`.
  private func values(
    of answers: [EvaluationAnswer], to questions: [EvaluationQuestion], _ measures: [EvaluationMetric],
    _ traits: ListTraits?
  ) -> [[Double]] {
    var values = Array(repeating: [Double](), count: measures.count)
    for (question, answer) in zip(questions, answers) {
      let ranking = RankingMetrics(places: answer.places, targetCount: question.targets.count, k: k)
      for (place, measure) in measures.enumerated() {
        let value =
          switch measure {
          case .hr: ranking.hr
          case .ndcg: ranking.ndcg
          case .recall: ranking.recall
          case .mrr: ranking.mrr
          case .novelty: traits?.novelty(answer.list)
          case .diversity: traits?.diversity(answer.list)
          case .calibration: traits?.miscalibration(answer.list, history: question.history.items)
          case .coverage, .gini: nil as Double?
          }
        values[place].append(value ?? 0)
      }
    }
    return values
  }

  /// The mean of the seeds' figures and of the ends of their intervals.
  private func exposure(of answers: [[EvaluationAnswer]], to task: EvaluationTask) -> [EvaluationFigures.Figure] {
    let places = Self.places(of: task.questions)
    let estimates = answers.compactMap { answers in
      var lists = Array(repeating: [UInt32](), count: (places.max() ?? -1) + 1)
      for (place, answer) in zip(places, answers) { lists[place] += answer.list }
      var generator = SeededGenerator(seed: seed)
      return bootstrap.exposure(of: lists, itemCount: task.training.itemCount, using: &generator)
    }
    func mean(_ value: (Bootstrap.Estimate) -> Double, _ all: [Bootstrap.Estimate]) -> Double {
      all.reduce(0) { $0 + value($1) } / Double(all.count)
    }
    guard !estimates.isEmpty else { return [] }
    return [(EvaluationMetric.coverage, estimates.map(\.coverage)), (.gini, estimates.map(\.gini))].map {
      metric, all in
      .init(
        metric: metric,
        estimate: .init(value: mean(\.value, all), low: mean(\.low, all), high: mean(\.high, all)),
        deviation: Self.deviation(all.map(\.value)))
    }
  }

  private static func deviation(_ values: [Double]) -> Double? {
    var moments = RunningMoments()
    for value in values { moments.add(value) }
    return moments.variance?.squareRoot()
  }

  /// The number of each question's group, in the order in which groups first come.
  static func places(of questions: [EvaluationQuestion]) -> [Int] {
    var known: [Int: Int] = [:]
    return questions.map { question in
      let place = known[question.group] ?? known.count
      known[question.group] = place
      return place
    }
  }

  /// - Parameters:
  ///   - values: Shape `[measures][questions]`.
  ///   - chosen: Questions that count; nil for all.
  static func groups(
    of values: [[Double]], by questions: [EvaluationQuestion], chosen: [Bool]? = nil
  ) -> [Bootstrap.Group] {
    let places = places(of: questions)
    let none = Bootstrap.Group(observations: 0, sums: Array(repeating: 0, count: values.count))
    var groups = Array(repeating: none, count: (places.max() ?? -1) + 1)
    for (question, place) in places.enumerated() where chosen?[question] ?? true {
      groups[place].observations += 1
      for measure in values.indices { groups[place].sums[measure] += values[measure][question] }
    }
    return groups.filter { $0.observations > 0 }
  }
}
