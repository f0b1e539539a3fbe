import Foundation
import Mathematics
import Primitives
import Synchronization

/// Learns which models to blend, and how, from what fitted ones say to the questions of a validation.
///
/// The blend is a conditional logit on `BlendCandidates`. What it reaches is told by cross-fitting: one half of the people
/// is answered with what was learnt from the other. Members are added one at a time while the likelihood of the answers
/// grows, which is less a matter of chance than their places.
public struct BlendTraining {
  /// A model as it was fitted to the training of the validation.
  public struct Member: Sendable {
    public let model: any EvaluableModel
    public let fitted: any FittedModel

    public init(model: any EvaluableModel, fitted: any FittedModel) {
      self.model = model
      self.fitted = fitted
    }
  }

  /// A blend with what it reached.
  public struct Result: Sendable {
    public let hybrid: EvaluableHybrid
    /// NDCG at k, on questions whose answers it had not learnt from.
    public let score: Double
  }

  /// Questions that are learnt from.
  private static let questionsMax = 8_000
  /// λ of the logit.
  private static let penalty = 3.0
  /// What a member has to add to the log-likelihood of an answer, in the mean.
  private static let gainMin = 0.000_5

  /// What a blend reached on answers that it had not learnt from, in the mean.
  private struct CrossFit {
    var ndcg = 0.0
    /// Of the questions whose target was among the candidates.
    var logLikelihood = 0.0
  }

  private struct Answered: Sendable {
    let choice: ConditionalLogit.Choice?
    let candidates: BlendCandidates
    let question: EvaluationQuestion
  }

  private final class Found: Sendable {
    let chunks = Mutex<[Int: [Answered]]>([:])
  }

  private let members: [Member]
  private let evaluator: Evaluator
  private let answered: [Answered]
  /// For each answered question the half, 0 or 1, that its group is in: groups take turns as they appear. Their numbers
  /// would not do, since those of picked questions may all be even.
  private let halves: [Int]

  /// - Parameters:
  ///   - members: At least one, the best first.
  ///   - evaluator: Its k counts.
  public init(members: [Member], on validation: EvaluationTask, evaluator: Evaluator) {
    self.members = members
    self.evaluator = evaluator
    let questions = Self.questions(of: validation)
    let frequencies = validation.training.logFrequencies
    let found = Found()
    WorkQueue.share(questions.count, chunk: 32, workers: evaluator.workers) { queue in
      while let range = queue.next() {
        let scores = members.map { $0.fitted.scores(for: questions[range]) }
        let answered = zip(questions[range], 0...).map { question, row in
          let candidates = BlendCandidates(question, scores: scores.map { $0[row] }, frequencies: frequencies)
          let chosen = candidates.items.firstIndex { question.targets.contains($0) }
          return Answered(
            choice: chosen.map {
              ConditionalLogit.Choice(
                situation: BlendCandidates.situation(question), features: candidates.features, chosen: $0)
            }, candidates: candidates, question: question)
        }
        found.chunks.withLock { $0[range.lowerBound] = answered }
      }
    }
    answered = found.chunks.withLock { chunks in chunks.sorted { $0.key < $1.key }.flatMap(\.value) }
    halves = Self.halves(of: questions)
  }

  private static func halves(of questions: [EvaluationQuestion]) -> [Int] {
    var places: [Int: Int] = [:]
    return questions.map { question in
      let place = places[question.group] ?? places.count
      places[question.group] = place
      return place % 2
    }
  }

  /// Those that are learnt from.
  static func questions(of validation: EvaluationTask) -> [EvaluationQuestion] {
    validation.questions.spread(over: questionsMax)
  }

  /// The blend that reaches most; nil when nothing can be learnt from the questions, as when no member finds a target.
  /// - Parameter isOver: Whether the time is up: then the members found until then are blended.
  public func best(isOver: () -> Bool = { false }, tried: ([String], Double) -> Void = { _, _ in }) -> Result? {
    var chosen: [Int] = []
    var best: CrossFit?
    while chosen.count < members.count, chosen.isEmpty || !isOver() {
      var added: (member: Int, fit: CrossFit)?
      for member in members.indices where !chosen.contains(member) {
        guard let fit = crossFitted(chosen + [member]) else { continue }
        if added.map({ fit.logLikelihood > $0.fit.logLikelihood }) ?? true { added = (member, fit) }
        if isOver() { break }
      }
      guard let added else { break }
      if let best, added.fit.logLikelihood < best.logLikelihood + Self.gainMin { break }
      chosen.append(added.member)
      best = added.fit
      tried(chosen.map { members[$0].model.name }, added.fit.ndcg)
    }
    guard let best, let blend = learnt(chosen, from: answered) else { return nil }
    return Result(hybrid: EvaluableHybrid(members: chosen.map { members[$0].model }, blend: blend), score: best.ndcg)
  }

  private func learnt(_ chosen: [Int], from answered: [Answered]) -> ConditionalLogit? {
    let choices = answered.compactMap(\.choice).map {
      ConditionalLogit.Choice(
        situation: $0.situation, features: BlendCandidates.keeping(chosen, of: members.count, in: $0.features),
        chosen: $0.chosen)
    }
    return ConditionalLogit(
      learning: choices, featureCount: BlendCandidates.width(members: chosen.count), penalty: Self.penalty,
      workers: evaluator.workers)
  }

  /// Each half of the groups with what was learnt from the other; nil when nothing can be learnt.
  private func crossFitted(_ chosen: [Int]) -> CrossFit? {
    var sum = CrossFit()
    var found = 0
    for half in 0..<2 {
      let own = answered.indices.filter { halves[$0] == half }.map { answered[$0] }
      let other = answered.indices.filter { halves[$0] != half }.map { answered[$0] }
      guard !own.isEmpty else { continue }
      guard let blend = learnt(chosen, from: other) else { return nil }
      for one in own {
        let scores = blend.scores(
          situation: BlendCandidates.situation(one.question),
          features: BlendCandidates.keeping(chosen, of: members.count, in: one.candidates.features))
        let places = one.question.targets.compactMap { target in
          one.candidates.items.firstIndex(of: target).map { place in
            // It counts itself.
            RankingMetrics.place(of: scores[place], among: scores) - 1
          }
        }
        sum.ndcg += RankingMetrics(places: places, targetCount: one.question.targets.count, k: evaluator.k).ndcg
        guard let choice = one.choice, let top = scores.max() else { continue }
        sum.logLikelihood += Double(scores[choice.chosen] - top - log(scores.reduce(0) { $0 + exp($1 - top) }))
        found += 1
      }
    }
    guard found > 0 else { return nil }
    return CrossFit(ndcg: sum.ndcg / Double(answered.count), logLikelihood: sum.logLikelihood / Double(found))
  }
}

extension Array {
  /// At most so many, evenly taken from the whole.
  func spread(over count: Int) -> [Element] {
    guard self.count > count, count > 0 else { return self }
    return (0..<count).map { self[$0 * self.count / count] }
  }
}
