import Foundation
import Learning

/// Chooses, fits and measures the models of one `attune evaluate`.
struct EvaluationRun {
  enum Choice {
    case model(any EvaluableModel)
    /// The one that does best on the validation.
    case best
  }

  let source: EvaluationSource
  let models: [Choice]
  /// How long to look for settings, in all.
  let tuning: Duration?
  let evaluator: Evaluator
  /// Each model is fitted with each of them.
  let seeds: [UInt64]
  let terminal: Terminal

  func outcome() throws -> EvaluationOutcome {
    note("reading")
    let set = try source.load(seed: evaluator.seed)
    let training = set.test.training
    note(
      "\(training.sequences.count.grouped) sequences, \(training.itemCount.grouped) items, "
        + "\(training.actCount.grouped) acts; \(set.test.questions.count.grouped) questions")
    var measured: [EvaluationOutcome.Model] = []
    for choice in models {
      switch choice {
      case .model(let model):
        let chosen = try tuningEach.map { try tuned(model, on: set.validation, for: $0).model } ?? model
        measured.append(try self.measured(chosen, as: model.name, on: set))
      case .best:
        let chosen = try best(on: set.validation)
        note("best on the validation: \(chosen.name) (\(chosen.settingsText))")
        measured.append(try self.measured(chosen, as: "best", on: set))
      }
    }
    return EvaluationOutcome(models: measured, task: set.test, evaluator: evaluator, seeds: seeds)
  }

  /// How long to look for settings of one model.
  private var tuningEach: Duration? {
    let count = models.reduce(0) { count, choice in
      if case .best = choice { count + EvaluableModels.all.count } else { count + 1 }
    }
    return tuning.map { $0 / max(1, count) }
  }

  private func best(on validation: EvaluationTask) throws -> any EvaluableModel {
    var best: Tuning.Trial?
    for model in EvaluableModels.all {
      do throws(FitFailure) {
        let trial: Tuning.Trial
        if let tuningEach {
          trial = try tuned(model, on: validation, for: tuningEach)
        } else {
          trial = try Tuning(evaluator: evaluator, seed: evaluator.seed).trial(of: model, on: validation) {
            progress("\(model.name) on the validation: \($0)")
          }
        }
        note("\(model.name): validation NDCG@\(evaluator.k) \(trial.score.fixed(4))")
        if best.map({ trial.score > $0.score }) ?? true { best = trial }
      } catch {
        note("\(model.name) is left out: \(error)")
      }
    }
    guard let best else { throw CommandFailure("no model could be fitted") }
    return best.model
  }

  private func tuned(
    _ model: any EvaluableModel, on validation: EvaluationTask, for duration: Duration
  ) throws(FitFailure) -> Tuning.Trial {
    let clock = ContinuousClock()
    let end = clock.now + duration
    var count = 0
    let best = try Tuning(evaluator: evaluator, seed: evaluator.seed).best(
      from: model, on: validation, isOver: { clock.now >= end },
      tried: { trial, best in
        count += 1
        note(
          "\(model.name) trial \(count): NDCG@\(evaluator.k) \(trial.score.fixed(4)), best \(best.score.fixed(4)); "
            + trial.model.settingsText)
      })
    note("\(model.name) tuned: \(best.model.settingsText)")
    return best
  }

  private func measured(
    _ model: any EvaluableModel, as name: String, on set: EvaluationSet
  ) throws -> EvaluationOutcome.Model {
    PeakMemory.restart()
    let clock = ContinuousClock()
    var seconds = 0.0
    var answers: [[EvaluationAnswer]] = []
    for seed in seeds {
      let began = clock.now
      let fitted: any FittedModel
      do {
        fitted = try model.fit(set.test.training, seed: seed, workers: evaluator.workers) {
          progress("\(model.name): \($0)")
        }
      } catch {
        terminal.endProgress()
        throw CommandFailure("\(model.name) cannot be fitted: \(error)")
      }
      let taken = (clock.now - began) / .seconds(1)
      seconds += taken / Double(seeds.count)
      note("\(model.name): fitted in \(taken.fixed(1)) s (\(model.settingsText)); asking")
      answers.append(evaluator.answers(of: fitted, to: set.test.questions))
    }
    guard let figures = evaluator.figures(of: answers, to: set.test, categories: set.categories) else {
      throw CommandFailure("there are no questions to ask")
    }
    return EvaluationOutcome.Model(
      name: name, algorithm: model.name, settings: model.settingsText, figures: figures, fitSeconds: seconds,
      peakMegabytes: PeakMemory.megabytes())
  }

  private func note(_ text: String) {
    terminal.endProgress()
    terminal.note(text)
  }

  private func progress(_ text: String) -> Bool {
    terminal.progress(text)
    return true
  }
}

/// The most memory that this process has had resident, as the kernel counts it.
enum PeakMemory {
  /// Counts from now on, where the kernel lets it.
  static func restart() {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    try? file.write(contentsOf: Data("5".utf8))
    try? file.close()
  }

  static func megabytes() -> Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Double($0) })
    else { return nil }
    return kilobytes / 1_024
  }
}
