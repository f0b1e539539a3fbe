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

  public let evaluator: Evaluator
  public let seed: UInt64
  /// Changes in a row that have been tried before: then all is tried.
  private static let repeatsMax = 200

  /// - Parameter evaluator: Its intervals are not used.
  public init(evaluator: Evaluator, seed: UInt64 = 0) {
    var bootstrap = Bootstrap()
    bootstrap.draws = 1
    self.evaluator = Evaluator(k: evaluator.k, workers: evaluator.workers, bootstrap: bootstrap, seed: evaluator.seed)
    self.seed = seed
  }

  /// What a model reaches on a validation as it is.
  /// - Throws: `FitFailure`.
  public func trial(
    of model: any EvaluableModel, on validation: EvaluationTask, report: (String) -> Bool
  ) throws(FitFailure) -> Trial {
    let fitted = try model.fit(
      validation.training, seed: evaluator.seed, workers: evaluator.workers, report: report)
    guard let result = evaluator.result(of: fitted, on: validation.questions) else {
      throw .refused("the validation has no questions")
    }
    return Trial(model: model, score: result.ndcg.value)
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
    var generator = SeededGenerator(seed: seed)
    var best = try trial(of: model, on: validation) { _ in true }
    tried(best, best)
    var known: Set<String> = [model.settingsText]
    var repeats = 0
    while !isOver(), repeats < Self.repeatsMax, let next = best.model.varied(using: &generator) {
      guard known.insert(next.settingsText).inserted else {
        repeats += 1
        continue
      }
      repeats = 0
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
