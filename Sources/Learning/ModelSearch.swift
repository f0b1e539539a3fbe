import Mathematics
import Primitives

/// Chooses a model and its settings by itself, on validation data, within a time: every model as it is, then changes of
/// settings where they gain most for their time, then a blend of the best of each (`BlendTraining`).
public struct ModelSearch {
  /// Who is told how far it is, and what time it is.
  public struct Watch {
    /// Since the search began.
    let elapsed: () -> Duration
    let note: (String) -> Void
    /// Of a fit that is under way.
    let progress: (String) -> Void

    public init(
      elapsed: @escaping () -> Duration, note: @escaping (String) -> Void, progress: @escaping (String) -> Void
    ) {
      self.elapsed = elapsed
      self.note = note
      self.progress = progress
    }
  }

  public struct Outcome: Sendable {
    /// Each model that could be fitted with its best settings, the best first.
    public let trials: [Tuning.Trial]
    /// nil when fewer than two models were fitted, or no blend was better than the best of them.
    public let hybrid: BlendTraining.Result?

    public var best: (any EvaluableModel)? { hybrid?.hybrid ?? trials.first?.model }
  }

  /// Questions of a validation that are asked.
  private static let questionsMax = 20_000
  /// Questions that settings are asked first; those that do worse there are asked no more.
  private static let firstQuestions = 4_000
  /// The share of the time that is kept for blending.
  private static let blendingShare = 0.25
  /// What a change of settings is believed to gain, relative, before any was tried; and how that fades.
  private static let gainFirst = 0.01
  private static let gainMemory = 0.8

  public let evaluator: Evaluator
  /// For settings; without it every model is tried as it is.
  public let budget: Duration?
  public let seed: UInt64
  /// Bytes that the models may take, all that are kept together; nil for any.
  public let memoryMax: Int?

  public init(evaluator: Evaluator, budget: Duration?, seed: UInt64 = 0, memoryMax: Int? = nil) {
    self.memoryMax = memoryMax
    self.evaluator = evaluator
    self.budget = budget
    self.seed = seed
  }

  /// One model under search.
  private struct Contender {
    var best: Tuning.FittedTrial
    /// That `best` may take.
    var bytes: Int
    var search: SettingsSearch
    /// What a change gained lately, relative to the score.
    var gain = ModelSearch.gainFirst
    /// That the last trial took.
    var seconds: Double
    /// On the first questions.
    var firstScore: Double
    var isDone = false

    /// What a trial promises for its time, as far as the model counts beside the best.
    func promise(beside top: Double) -> Double {
      let closeness = top > 0 ? best.trial.score / top : 1
      return isDone ? -1 : gain * closeness * closeness / max(seconds, 0.001)
    }
  }

  /// - Parameter blends: Whether a blend is looked for.
  /// - Returns: The trials are empty when no model could be fitted.
  public func run(
    _ models: [any EvaluableModel], on validation: EvaluationTask, blends: Bool = true, watch: Watch
  ) -> Outcome {
    let task = EvaluationTask(
      training: validation.training, questions: validation.questions.spread(over: Self.questionsMax))
    let first = task.questions.spread(over: Self.firstQuestions)
    let tuningEnd = budget.map { $0 * (blends && models.count > 1 ? 1 - Self.blendingShare : 1) }
    func isOver() -> Bool { tuningEnd.map { watch.elapsed() >= $0 } ?? false }

    var contenders: [Contender] = []
    for model in models {
      if !contenders.isEmpty, isOver() {
        watch.note("\(model.name) is left out: the time is up")
        continue
      }
      let bytes = model.memoryBytes(for: task.training, workers: evaluator.workers) ?? 0
      let kept = memoryMax == nil ? 0 : contenders.reduce(0) { $0 + $1.bytes }
      if let memoryMax, bytes > memoryMax - kept {
        watch.note(
          "\(model.name) is left out: it takes up to \(bytes >> 20) MB, of \((memoryMax - kept) >> 20) MB left")
        continue
      }
      let began = watch.elapsed()
      do throws(FitFailure) {
        // One model at least is fitted, however long it takes.
        let mayStop = !contenders.isEmpty
        let trial = try Tuning(evaluator: evaluator, seed: seed).fittedTrial(of: model, on: task) {
          watch.progress("\(model.name) on the validation: \($0)")
          return !(mayStop && isOver())
        }
        contenders.append(
          Contender(
            best: trial, bytes: bytes, search: SettingsSearch(from: model, seed: seed),
            seconds: (watch.elapsed() - began) / .seconds(1), firstScore: score(trial.fitted, first)))
        watch.note("\(model.name): validation NDCG@\(evaluator.k) \(Self.text(trial.trial.score))")
      } catch {
        watch.note(
          "\(model.name) is left out: \(error == .stopped ? "it takes longer than there is time" : "\(error)")")
      }
    }
    if budget != nil { tune(&contenders, on: task, first: first, isOver: isOver, watch: watch) }
    contenders.sort { $0.best.trial.score > $1.best.trial.score }
    let hybrid = blends && contenders.count > 1 ? blend(contenders, on: task, watch: watch) : nil
    return Outcome(trials: contenders.map(\.best.trial), hybrid: hybrid)
  }

  private func tune(
    _ contenders: inout [Contender], on task: EvaluationTask, first: [EvaluationQuestion], isOver: () -> Bool,
    watch: Watch
  ) {
    while !isOver() {
      let top = contenders.map(\.best.trial.score).max() ?? 0
      let promises = contenders.map { $0.promise(beside: top) }
      guard let place = promises.indices.max(by: { promises[$0] < promises[$1] }), promises[place] >= 0 else { return }
      guard let next = contenders[place].search.next(from: contenders[place].best.trial.model) else {
        contenders[place].isDone = true
        continue
      }
      let bytes = next.memoryBytes(for: task.training, workers: evaluator.workers) ?? 0
      // What is kept stays while another is fitted, the one that it may replace too.
      if let memoryMax, bytes > memoryMax - contenders.reduce(0, { $0 + $1.bytes }) { continue }
      let began = watch.elapsed()
      let before = contenders[place].best.trial.score
      do throws(FitFailure) {
        let fitted = try next.fit(task.training, seed: evaluator.seed, workers: evaluator.workers) {
          watch.progress("\(next.name) with \(next.settingsText): \($0)")
          return !isOver()
        }
        let firstScore = score(fitted, first)
        if firstScore > contenders[place].firstScore {
          let score = task.questions.count == first.count ? firstScore : score(fitted, task.questions)
          if score > before {
            contenders[place].best = Tuning.FittedTrial(
              trial: Tuning.Trial(model: next, score: score), fitted: fitted)
            contenders[place].bytes = bytes
            contenders[place].firstScore = firstScore
            watch.note("\(next.name): \(Self.text(score)) with \(next.settingsText)")
          }
        }
      } catch {
        // Settings with which nothing can be fitted are no better ones; when the time was up the loop ends.
      }
      contenders[place].seconds = (watch.elapsed() - began) / .seconds(1)
      let gained = before > 0 ? (contenders[place].best.trial.score - before) / before : 0
      contenders[place].gain =
        Self.gainMemory * contenders[place].gain + (1 - Self.gainMemory) * min(gained, 0.2)
    }
  }

  /// nil when it is no better than the best alone on the same questions.
  private func blend(_ contenders: [Contender], on task: EvaluationTask, watch: Watch) -> BlendTraining.Result? {
    watch.progress("blending \(contenders.count) models")
    let members = contenders.map { BlendTraining.Member(model: $0.best.trial.model, fitted: $0.best.fitted) }
    let training = BlendTraining(members: members, on: task, evaluator: evaluator)
    let found = training.best(isOver: { budget.map { watch.elapsed() >= $0 } ?? false }) { names, score in
      watch.note("blend of \(names.joined(separator: " + ")): \(Self.text(score))")
    }
    guard let found else { return nil }
    let alone = score(contenders[0].best.fitted, BlendTraining.questions(of: task))
    watch.note("\(contenders[0].best.trial.model.name) alone on the same questions: \(Self.text(alone))")
    return found.score > alone ? found : nil
  }

  private func score(_ fitted: any FittedModel, _ questions: [EvaluationQuestion]) -> Double {
    Tuning(evaluator: evaluator, seed: seed).score(of: fitted, on: questions)
  }

  /// Of a score from 0 to 1, four digits: `.0421`.
  static func text(_ score: Double) -> String {
    let digits = String(Int((score * 10_000).rounded()))
    return digits.count > 4 ? "1.0000" : "." + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
