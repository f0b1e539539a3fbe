import Learning
import Mathematics
import Primitives

/// What one `attune evaluate` found: the figures of each model, and how the models differ on the same questions.
struct EvaluationOutcome {
  struct Model {
    /// As it was asked for.
    let name: String
    /// Another than the name with `best`.
    let algorithm: String
    let settings: String
    let figures: EvaluationFigures
    /// The mean over the seeds.
    let fitSeconds: Double
    let peakMegabytes: Double?
  }

  /// Of two models, by metric.
  struct Comparison {
    let first: Model
    let second: Model
    let differences: [EvaluationMetric: PairedDifference]
  }

  let models: [Model]
  let task: EvaluationTask
  let evaluator: Evaluator
  let seeds: [UInt64]
  /// Every model with every one that was named before it.
  let comparisons: [Comparison]

  init(models: [Model], task: EvaluationTask, evaluator: Evaluator, seeds: [UInt64]) {
    self.models = models
    self.task = task
    self.evaluator = evaluator
    self.seeds = seeds
    comparisons = models.indices.flatMap { later in
      models[..<later].map { earlier in
        Comparison(
          first: earlier, second: models[later],
          differences: evaluator.differences(earlier.figures, less: models[later].figures, on: task.questions))
      }
    }
  }

  // MARK: For programs

  /// A list of figures, `{"model", "metric", "k", "value", "low", "high"}`. With several seeds figures have their deviation
  /// `sd`; differences have the model that is taken off, `against`, and `p`.
  func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.array { list in
      for model in models {
        for figure in model.figures.figures {
          list.object { row in
            Self.write(
              model.name, figure.metric.rawValue, k: evaluator.k, figure.estimate.value, figure.estimate.low,
              figure.estimate.high, into: &row)
            if let deviation = figure.deviation { row.member("sd", deviation) }
          }
        }
        list.object { Self.write(model.name, "fit_seconds", k: nil, model.fitSeconds, nil, nil, into: &$0) }
        list.object {
          Self.write(model.name, "peak_mb", k: nil, model.peakMegabytes ?? .nan, nil, nil, into: &$0)
        }
      }
      for comparison in comparisons {
        for metric in EvaluationMetric.allCases {
          guard let difference = comparison.differences[metric] else { continue }
          list.object { row in
            Self.write(
              comparison.first.name, metric.rawValue, k: evaluator.k, difference.value, difference.low,
              difference.high, into: &row)
            row.member("against", comparison.second.name)
            row.member("p", difference.p)
          }
        }
      }
    }
    return writer.bytes + [0x0A]
  }

  private static func write(
    _ model: String, _ metric: String, k: Int?, _ value: Double, _ low: Double?, _ high: Double?,
    into row: inout JSONWriter
  ) {
    row.member("model", model)
    row.member("metric", metric)
    row.key("k")
    if let k { row.int(Int64(k)) } else { row.null() }
    row.member("value", value)
    row.member("low", low)
    row.member("high", high)
  }

  // MARK: For people

  func lines() -> [String] {
    var table = Table([.left, .left, .right, .right, .left, .left])
    table.add(["model", "metric", "k", "value", "95 % interval", seeds.count > 1 ? "sd of seeds" : ""])
    for model in models {
      for figure in model.figures.figures {
        table.add([
          model.name, figure.metric.rawValue, String(evaluator.k), figure.estimate.value.fixed(4),
          "\(figure.estimate.low.fixed(4)) to \(figure.estimate.high.fixed(4))", figure.deviation?.fixed(4) ?? "",
        ])
      }
      table.add([model.name, "fit_seconds", "", model.fitSeconds.fixed(1)])
      table.add([model.name, "peak_mb", "", model.peakMegabytes?.fixed(1) ?? ""])
    }
    guard !comparisons.isEmpty else { return table.lines() }
    var differences = Table([.left, .left, .right, .left, .right])
    differences.add(["difference on the same questions", "metric", "value", "95 % interval", "p"])
    for comparison in comparisons {
      for metric in [EvaluationMetric.ndcg, .recall] {
        guard let difference = comparison.differences[metric] else { continue }
        differences.add([
          "\(comparison.first.name) − \(comparison.second.name)", metric.rawValue, difference.value.signed(4),
          "\(difference.low.signed(4)) to \(difference.high.signed(4))", difference.p.fixed(3),
        ])
      }
    }
    return table.lines() + [""] + differences.lines()
  }
}
