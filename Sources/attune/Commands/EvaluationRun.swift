import Foundation
import Learning

/// Chooses, fits and measures the models of one `attune evaluate`.
struct EvaluationRun {
  enum Choice: Equatable {
    case model(any EvaluableModel)
    /// A blend of all, as the validation weighs them.
    case hybrid
    /// What does best on the validation, one of the models or their blend.
    case best

    static func == (one: Choice, other: Choice) -> Bool {
      switch (one, other) {
      case (.hybrid, .hybrid), (.best, .best): true
      case (.model(let one), .model(let other)): one.name == other.name
      default: false
      }
    }
  }

  let source: EvaluationSource
  let models: [Choice]
  /// How long to look for settings, in all.
  let tuning: Duration?
  let evaluator: Evaluator
  /// Each model is fitted with each of them.
  let seeds: [UInt64]
  /// Bytes that a model may take beside the data; nil for any.
  let memoryMax: Int?
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
        let chosen = tuning == nil ? model : try search([model], on: set.validation).trials[0].model
        measured.append(try self.measured(chosen, as: model.name, on: set))
      case .hybrid, .best:
        let outcome = try search(EvaluableModels.all, on: set.validation)
        guard let chosen = choice == .best ? outcome.best : outcome.hybrid?.hybrid else {
          throw CommandFailure("no blend is better on the validation than the best of its members; try --model best")
        }
        note("chosen on the validation: \(chosen.name) (\(chosen.settingsText))")
        measured.append(try self.measured(chosen, as: choice == .best ? "best" : chosen.name, on: set))
      }
    }
    return EvaluationOutcome(models: measured, task: set.test, evaluator: evaluator, seeds: seeds)
  }

  private func search(_ models: [any EvaluableModel], on validation: EvaluationTask) throws -> ModelSearch.Outcome {
    let clock = ContinuousClock()
    let began = clock.now
    let watch = ModelSearch.Watch(
      elapsed: { clock.now - began }, note: { note($0) }, progress: { terminal.progress($0) })
    let search = ModelSearch(
      evaluator: evaluator, budget: tuning.map { $0 / self.models.count }, seed: evaluator.seed, memoryMax: memoryMax)
    let outcome = search.run(models, on: validation, watch: watch)
    guard !outcome.trials.isEmpty else { throw CommandFailure("no model could be fitted; the lines above say why") }
    return outcome
  }

  private func measured(
    _ model: any EvaluableModel, as name: String, on set: EvaluationSet
  ) throws -> EvaluationOutcome.Model {
    if let memoryMax, let bytes = model.memoryBytes(for: set.test.training, workers: evaluator.workers),
      bytes > memoryMax
    {
      throw CommandFailure(
        "\(model.name) takes up to \(bytes >> 20) MB, more than the \(memoryMax >> 20) MB of --memory")
    }
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
