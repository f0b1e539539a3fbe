import Foundation
import Learning
import Mathematics
import Models
import Primitives

/// Reads, learns and measures for one `attune uplift`.
struct UpliftRun {
  let file: ExperimentFile
  let learner: String
  let settings: UpliftEvaluation.Settings
  let repeats: Int
  let terminal: Terminal

  struct Result {
    let table: ExperimentTable
    let first: UpliftEvaluation
    let figures: [UpliftEvaluation.Figures]
    let learners: [String]
    let settings: UpliftEvaluation.Settings
  }

  /// - Throws: `DocumentError`, `UpliftRefusal`, `CommandFailure`.
  func result() throws -> Result {
    let table = try file.load { terminal.progress("reading: \($0.grouped) rows") }
    terminal.endProgress()
    for note in table.notes { terminal.note("note: \(note)") }
    let isBinary = table.outcomes.allSatisfy { $0 == 0 || $0 == 1 }
    let names = learner == "best" ? UpliftLearners.candidates : [learner]
    let learners = names.compactMap { UpliftLearners.named($0, isBinary: isBinary) }
    var first: UpliftEvaluation?
    var figures: [UpliftEvaluation.Figures] = []
    var chosen: [String] = []
    for number in 0..<repeats {
      var own = settings
      own.seed = settings.seed &+ UInt64(number)
      let evaluation = try UpliftEvaluation(table, learners: learners, settings: own, isDetailed: number == 0) {
        terminal.progress((repeats > 1 ? "split \(number + 1) of \(repeats): " : "") + $0)
      }
      terminal.endProgress()
      if number == 0 {
        for warning in evaluation.warnings { terminal.note("note: \(warning)") }
        first = evaluation
      }
      figures.append(evaluation.figures)
      chosen.append(evaluation.learner)
    }
    guard let first else { throw CommandFailure("no split was made") }
    return Result(table: table, first: first, figures: figures, learners: chosen, settings: settings)
  }
}

/// The mean and the standard deviation of a figure over splits.
struct SplitSpread {
  let mean: Double
  let deviation: Double
  let count: Int

  init?(_ values: [Double?]) {
    var moments = RunningMoments()
    for value in values { if let value { moments.add(value) } }
    guard moments.count > 0 else { return nil }
    (mean, deviation, count) = (moments.mean, (moments.variance ?? 0).squareRoot(), moments.count)
  }
}

extension UpliftRun.Result {
  static func text(_ readout: DifferenceReadout?, digits: Int = 4) -> String {
    switch readout {
    case .estimate(let estimate):
      "\(estimate.difference.signed(digits)) (\(estimate.interval.lowerBound.signed(digits)) to \(estimate.interval.upperBound.signed(digits)))"
    case .inconclusive(let reason): reason
    case nil: ""
    }
  }

  private static func text(_ interval: UpliftEvaluation.DifferenceInterval) -> String {
    "\(interval.value.signed(4)) (\(interval.low.signed(4)) to \(interval.high.signed(4)))"
  }

  var lines: [String] {
    let treated = table.treated.count { $0 }
    var lines = [
      "\(table.count.grouped) people, \(treated.grouped) treated; \(first.encoder.names.count) features; "
        + "\(first.split.test.count.grouped) held back",
      "average effect there  \(Self.text(first.averageEffect))", "",
    ]
    if let selection = first.selection {
      var rows = Table([.left, .right, .right])
      rows.add(["held-back parts of the training", "Qini", "ahead of the first"])
      for trial in selection.trials {
        rows.add([
          "  \(trial.name)", trial.qini?.fixed(4) ?? "could not be fitted",
          trial.qini == nil ? "" : "\(trial.lead.signed(4)) ± \(trial.leadError.fixed(4))",
        ])
      }
      lines += rows.lines()
    }
    lines.append("learner   \(first.learner)")
    let interval = first.qiniInterval.map { " (\($0.lowerBound.fixed(4)) to \($0.upperBound.fixed(4)))" } ?? ""
    lines.append("Qini      \(first.figures.qini?.fixed(4) ?? "not defined")\(interval)")
    lines.append("AUUC      \(first.figures.auuc?.fixed(4) ?? "for yes and no only")")
    lines.append("uplift at 30 %  \(first.figures.upliftAt30?.signed(4) ?? "an arm is missing")")
    if figures.count > 1 {
      lines.append("")
      for (name, values) in [
        ("Qini", figures.map(\.qini)), ("AUUC", figures.map(\.auuc)), ("uplift at 30 %", figures.map(\.upliftAt30)),
      ] {
        guard let spread = SplitSpread(values) else { continue }
        lines.append("\(name) over \(spread.count) splits  \(spread.mean.fixed(4)) ± \(spread.deviation.fixed(4))")
      }
    }
    lines.append("")
    var rows = Table([.right, .right, .right, .right, .right, .left])
    rows.add(["group", "people", "predicted", "treated", "others", "effect, 95 %"])
    for (number, group) in first.groups.groups.enumerated() {
      rows.add([
        String(number + 1), group.count.grouped, group.scoreMean.signed(4), group.treatedMean.fixed(4),
        group.controlMean.fixed(4), Self.text(group.effect),
      ])
    }
    lines += rows.lines() + [""]
    if first.harmedGroups > 0 {
      lines.append(
        "leave alone: the last \(first.harmedGroups) of \(first.groups.groups.count) groups are harmed, \(Self.text(first.harm))"
      )
    } else {
      lines.append("leave alone: no group is shown to be harmed by the treatment")
    }
    let policy = first.policy
    lines.append(
      "treating whoever is predicted to gain more than \(settings.cost.shortText): \((policy.share * 100).fixed(1)) % of all"
    )
    lines.append("  against nobody    \(Self.text(policy.gain)) a person")
    lines.append("  everybody         \(Self.text(policy.gainOfAll)) a person")
    lines.append("  some, not all     \(Self.text(policy.lead)) a person")
    return lines
  }

  /// Each person with its line in the file, in which part it was, and its uplift. Those of the training part were learnt from, so
  /// their figures flatter.
  func write(to path: String, terminal: Terminal) throws {
    var output = try TableOutput(
      format: .csv, columns: ["line", "part", "treated", "outcome", "uplift", "group"], path: path, terminal: terminal)
    do {
      let all = first.encoder.encode(table, rows: Array(0..<table.count))
      let uplift = first.model.uplift(all)
      var groupOf: [Int: Int] = [:]
      var place = 0
      for (number, group) in first.groups.groups.enumerated() {
        for person in first.curve.order[place..<place + group.count] { groupOf[first.split.test[person]] = number + 1 }
        place += group.count
      }
      for row in 0..<table.count {
        let group = groupOf[row]
        try output.add([
          .int(Int64(table.lines[row])), .string(group == nil ? "training" : "test"), .bool(table.treated[row]),
          .double(table.outcomes[row]), .double(uplift[row]), group.map { .int(Int64($0)) },
        ])
      }
      try output.finish()
    } catch {
      output.discard()
      throw error
    }
    terminal.note("\(table.count.grouped) people written to \(path)")
  }

  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { root in
      root.member("people", table.count)
      root.member("treated", table.treated.count { $0 })
      root.member("held_back", first.split.test.count)
      root.member("features", array: { for name in first.encoder.names { $0.string(name) } })
      root.member("average_effect", object: { Self.write(first.averageEffect, to: &$0) })
      if let selection = first.selection {
        root.member(
          "trials",
          array: { list in
            for trial in selection.trials {
              list.object {
                $0.member("learner", trial.name)
                $0.member("qini", trial.qini)
                $0.member("lead", trial.lead)
                $0.member("lead_standard_error", trial.leadError)
              }
            }
          })
      }
      root.member("learner", first.learner)
      root.member("qini", first.figures.qini)
      root.member("qini_low", first.qiniInterval?.lowerBound)
      root.member("qini_high", first.qiniInterval?.upperBound)
      root.member("auuc", first.figures.auuc)
      root.member("uplift_at_30", first.figures.upliftAt30)
      root.member(
        "splits",
        array: { list in
          for (number, figure) in figures.enumerated() {
            list.object {
              $0.member("seed", Int64(bitPattern: settings.seed &+ UInt64(number)))
              $0.member("learner", learners[number])
              $0.member("qini", figure.qini)
              $0.member("auuc", figure.auuc)
              $0.member("uplift_at_30", figure.upliftAt30)
            }
          }
        })
      for (name, values) in [
        ("qini", figures.map(\.qini)), ("auuc", figures.map(\.auuc)), ("uplift_at_30", figures.map(\.upliftAt30)),
      ] {
        let spread = SplitSpread(values)
        root.member("\(name)_mean", spread?.mean)
        root.member("\(name)_standard_deviation", spread.flatMap { $0.count > 1 ? $0.deviation : nil })
      }
      root.member(
        "groups",
        array: { list in
          for group in first.groups.groups {
            list.object {
              $0.member("people", group.count)
              $0.member("predicted", group.scoreMean)
              $0.member("treated_mean", group.treatedMean)
              $0.member("control_mean", group.controlMean)
              Self.write(group.effect, to: &$0)
            }
          }
        })
      root.member("harmed_groups", first.harmedGroups)
      root.member(
        "policy",
        object: {
          $0.member("share", first.policy.share)
          Self.write(first.policy.gain, "gain", to: &$0)
          Self.write(first.policy.gainOfAll, "gain_of_all", to: &$0)
          Self.write(first.policy.lead, "lead", to: &$0)
        })
    }
    return writer.bytes + [0x0A]
  }

  private static func write(_ readout: DifferenceReadout, to writer: inout JSONWriter) {
    switch readout {
    case .estimate(let estimate):
      writer.member("effect", estimate.difference)
      writer.member("low", estimate.interval.lowerBound)
      writer.member("high", estimate.interval.upperBound)
    case .inconclusive(let reason): writer.member("inconclusive", reason)
    }
  }

  private static func write(
    _ interval: UpliftEvaluation.DifferenceInterval, _ name: String, to writer: inout JSONWriter
  ) {
    writer.member(name, interval.value)
    writer.member("\(name)_low", interval.low)
    writer.member("\(name)_high", interval.high)
  }
}
