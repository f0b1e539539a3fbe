import Mathematics
import Primitives

/// Looks for better settings of a model on validation data, one change at a time, keeping what is better.
public struct Tuning: Sendable {
  /// A model with what it reached on the validation.
  public struct Trial: Sendable {
    public let model: any EvaluableModel
    /// NDCG at k.
    public let score: Double
  }

  /// A trial whose model is still there.
  struct FittedTrial: Sendable {
    let trial: Trial
    let fitted: any FittedModel
  }

  public let evaluator: Evaluator
  public let seed: UInt64

  public init(evaluator: Evaluator, seed: UInt64 = 0) {
    self.evaluator = evaluator
    self.seed = seed
  }

  /// What a model reaches on a validation as it is.
  /// - Throws: `FitFailure`.
  public func trial(
    of model: any EvaluableModel, on validation: EvaluationTask, report: (String) -> Bool
  ) throws(FitFailure) -> Trial {
    try fittedTrial(of: model, on: validation, report: report).trial
  }

  func fittedTrial(
    of model: any EvaluableModel, on validation: EvaluationTask, report: (String) -> Bool
  ) throws(FitFailure) -> FittedTrial {
    guard !validation.questions.isEmpty else { throw .refused("the validation has no questions") }
    let fitted = try model.fit(
      validation.training, seed: evaluator.seed, workers: evaluator.workers, report: report)
    let score = score(of: fitted, on: validation.questions)
    return FittedTrial(trial: Trial(model: model, score: score), fitted: fitted)
  }

  /// The mean NDCG at k.
  func score(of fitted: any FittedModel, on questions: [EvaluationQuestion]) -> Double {
    evaluator.metrics(of: fitted, on: questions).reduce(0) { $0 + $1.ndcg } / Double(max(1, questions.count))
  }

  /// The best settings found until `isOver`; at least those of `model` are tried. A trial that is running then is stopped.
  /// - Parameters:
  ///   - isOver: Whether the time is up.
  ///   - tried: Told of each trial, and of the best until then, itself included.
  /// - Throws: `FitFailure` when `model` itself cannot be fitted.
  public func best(
    from model: any EvaluableModel, on validation: EvaluationTask, isOver: () -> Bool,
    tried: (_ trial: Trial, _ best: Trial) -> Void = { _, _ in }
  ) throws(FitFailure) -> Trial {
    var search = SettingsSearch(from: model, seed: seed)
    var best = try trial(of: model, on: validation) { _ in true }
    tried(best, best)
    while !isOver(), let next = search.next(from: best.model) {
      do throws(FitFailure) {
        let trial = try trial(of: next, on: validation) { _ in !isOver() }
        if trial.score > best.score { best = trial }
        tried(trial, best)
      } catch {
        // Settings with which nothing can be fitted are no better ones; when the time was up the loop ends.
        continue
      }
    }
    return best
  }
}

/// Proposes settings of one model that were not tried before.
struct SettingsSearch: Sendable {
  /// Changes in a row that have been tried before: then all is tried.
  private static let repeatsMax = 200

  private var generator: SeededGenerator
  private var known: Set<String>

  init(from model: any EvaluableModel, seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    known = [model.settingsText]
  }

  /// One change of the best settings so far; nil when there is none that is new.
  mutating func next(from best: any EvaluableModel) -> (any EvaluableModel)? {
    for _ in 0..<Self.repeatsMax {
      guard let next = best.varied(using: &generator) else { return nil }
      if known.insert(next.settingsText).inserted { return next }
    }
    return nil
  }
}
