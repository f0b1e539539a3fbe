public import Mathematics
import Primitives
import Synchronization

/// Asks a fitted model all questions of a task, and measures its answers.
public struct Evaluator: Sendable {
  /// A model's figures on one task, each with its interval.
  public struct Result: Sendable, Hashable {
    public let hr: Bootstrap.Estimate
    public let ndcg: Bootstrap.Estimate
    public let recall: Bootstrap.Estimate
    public let mrr: Bootstrap.Estimate
  }

  /// Questions that are answered at once, and scores that a worker holds for them.
  private static let questionsMax = 64
  private static let scoresMax = 4 << 20

  public let k: Int
  public let workers: Int
  public let bootstrap: Bootstrap
  public let seed: UInt64

  public init(k: Int = 10, workers: Int = 2, bootstrap: Bootstrap = Bootstrap(), seed: UInt64 = 0) {
    precondition(k > 0)
    self.k = k
    self.workers = workers
    self.bootstrap = bootstrap
    self.seed = seed
  }

  /// - Returns: nil when there are no questions.
  public func result(of model: any FittedModel, on questions: [EvaluationQuestion]) -> Result? {
    let all = metrics(of: model, on: questions)
    var groups: [Bootstrap.Group] = []
    var places: [Int: Int] = [:]
    for (question, own) in zip(questions, all) {
      let place = places[question.group] ?? groups.count
      if place == groups.count {
        places[question.group] = place
        groups.append(Bootstrap.Group(observations: 0, sums: [0, 0, 0, 0]))
      }
      groups[place].observations += 1
      for (measure, value) in [own.hr, own.ndcg, own.recall, own.mrr].enumerated() {
        groups[place].sums[measure] += value
      }
    }
    var generator = SeededGenerator(seed: seed)
    let estimates = bootstrap.estimates(of: groups, using: &generator)
    guard estimates.count == 4 else { return nil }
    return Result(hr: estimates[0], ndcg: estimates[1], recall: estimates[2], mrr: estimates[3])
  }

  /// The metrics of each question.
  public func metrics(of model: any FittedModel, on questions: [EvaluationQuestion]) -> [RankingMetrics] {
    let answered = Answered()
    let k = k
    WorkQueue.share(questions.count, chunk: chunk(of: model), workers: workers) { queue in
      while let range = queue.next() {
        let scores = model.scores(for: questions[range])
        let metrics = zip(range, 0...).map { number, row in
          let question = questions[number]
          let places = Self.places(of: question, scores: scores[row])
          return RankingMetrics(places: places, targetCount: question.targets.count, k: k)
        }
        answered.chunks.withLock { $0[range.lowerBound] = metrics }
      }
    }
    return answered.chunks.withLock { chunks in chunks.sorted { $0.key < $1.key }.flatMap(\.value) }
  }

  /// Questions that a worker asks at once.
  func chunk(of model: any FittedModel) -> Int {
    min(Self.questionsMax, max(1, Self.scoresMax / max(1, model.itemCount)))
  }

  private final class Answered: Sendable {
    let chunks = Mutex<[Int: [RankingMetrics]]>([:])
  }

  /// The place of each target among its candidates; ties count against it.
  static func places(of question: EvaluationQuestion, scores: ArraySlice<Float>) -> [Int] {
    let start = scores.startIndex
    return question.targets.compactMap { target in
      let score = scores[start + Int(target)]
      switch question.candidates {
      case .given(let others):
        return RankingMetrics.place(
          of: score,
          among: others.lazy.filter { $0 != target }.map { scores[start + Int($0)] })
      case .all:
        return RankingMetrics.place(of: score, among: scores) - 1
      case .unseen:
        let seen = Set(question.history.items)
        guard !seen.contains(target) else { return nil }
        let ahead = RankingMetrics.place(of: score, among: scores) - 1
        return ahead + 1 - RankingMetrics.place(of: score, among: seen.lazy.map { scores[start + Int($0)] })
      }
    }
  }
}
