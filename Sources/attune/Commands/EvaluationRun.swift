import Foundation
import Learning
import Mathematics
import Primitives

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
  let terminal: Terminal

  func rows() throws -> [EvaluationRow] {
    note("reading")
    let set = try source.load(seed: evaluator.seed)
    let training = set.test.training
    note(
      "\(training.sequences.count.grouped) sequences, \(training.itemCount.grouped) items, "
        + "\(training.actCount.grouped) acts; \(set.test.questions.count.grouped) questions")
    var rows: [EvaluationRow] = []
    for choice in models {
      switch choice {
      case .model(let model):
        let chosen = try tuningEach.map { try tuned(model, on: set.validation, for: $0).model } ?? model
        rows += try measured(chosen, as: model.name, on: set.test)
      case .best:
        let chosen = try best(on: set.validation)
        note("best on the validation: \(chosen.name) (\(chosen.settingsText))")
        rows += try measured(chosen, as: "best", on: set.test)
      }
    }
    return rows
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
    _ model: any EvaluableModel, as name: String, on task: EvaluationTask
  ) throws -> [EvaluationRow] {
    PeakMemory.restart()
    let clock = ContinuousClock()
    let began = clock.now
    let fitted: any FittedModel
    do {
      fitted = try model.fit(task.training, seed: evaluator.seed, workers: evaluator.workers) {
        progress("\(model.name): \($0)")
      }
    } catch {
      terminal.endProgress()
      throw CommandFailure("\(model.name) cannot be fitted: \(error)")
    }
    let seconds = (clock.now - began) / .seconds(1)
    note("\(model.name): fitted in \(seconds.fixed(1)) s (\(model.settingsText)); asking")
    guard let result = evaluator.result(of: fitted, on: task.questions) else {
      throw CommandFailure("there are no questions to ask")
    }
    return [
      EvaluationRow(model: name, metric: "hr", k: evaluator.k, estimate: result.hr),
      EvaluationRow(model: name, metric: "ndcg", k: evaluator.k, estimate: result.ndcg),
      EvaluationRow(model: name, metric: "recall", k: evaluator.k, estimate: result.recall),
      EvaluationRow(model: name, metric: "mrr", k: evaluator.k, estimate: result.mrr),
      EvaluationRow(model: name, metric: "fit_seconds", value: seconds),
      EvaluationRow(model: name, metric: "peak_mb", value: PeakMemory.megabytes() ?? .nan),
    ]
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

/// One figure of one model.
struct EvaluationRow {
  let model: String
  let metric: String
  var k: Int?
  let value: Double
  var low: Double?
  var high: Double?

  init(model: String, metric: String, value: Double) {
    (self.model, self.metric, self.value) = (model, metric, value)
  }

  init(model: String, metric: String, k: Int, estimate: Bootstrap.Estimate) {
    self.init(model: model, metric: metric, value: estimate.value)
    (self.k, low, high) = (k, estimate.low, estimate.high)
  }

  static func json(_ rows: [EvaluationRow]) -> [UInt8] {
    var writer = JSONWriter()
    writer.array { list in
      for row in rows {
        list.object {
          $0.member("model", row.model)
          $0.member("metric", row.metric)
          $0.key("k")
          if let k = row.k { $0.int(Int64(k)) } else { $0.null() }
          $0.member("value", row.value)
          $0.member("low", row.low)
          $0.member("high", row.high)
        }
      }
    }
    return writer.bytes + [0x0A]
  }

  static func lines(_ rows: [EvaluationRow]) -> [String] {
    var table = Table([.left, .left, .right, .right, .left])
    table.add(["model", "metric", "k", "value", "95 % interval"])
    for row in rows {
      let digits = row.k == nil ? 1 : 4
      let interval = row.low.flatMap { low in row.high.map { "\(low.fixed(4)) to \($0.fixed(4))" } } ?? ""
      table.add([row.model, row.metric, row.k.map(String.init) ?? "", row.value.fixed(digits), interval])
    }
    return table.lines()
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
