import Learning
import Mathematics
import Primitives

/// What `attune propensity` prints.
struct PropensityReport {
  let table: PropensityTable
  let evaluation: PropensityEvaluation
  /// Reasons that are shown to people; JSON has all.
  private static let reasonsShown = 4

  private struct Measure: Sendable {
    let name: String
    let value: @Sendable (PropensityEvaluation.Figures) -> Bootstrap.Estimate?
  }

  private static let measures = [
    Measure(name: "auc") { $0.auc }, Measure(name: "log_loss") { $0.logLoss }, Measure(name: "brier") { $0.brier },
    Measure(name: "ece_equal_mass") { $0.equalMassError }, Measure(name: "ece_equal_width") { $0.equalWidthError },
  ]

  // MARK: For people

  func lines() -> [String] {
    var figures = Table([.left, .right] + Self.measures.map { _ in .right } + [.left])
    figures.add(["fold", "rows"] + Self.measures.map(\.name) + ["calibration"])
    for fold in evaluation.folds {
      let values = Self.measures.map { $0.value(fold.figures)?.value.fixed(4) ?? "" }
      figures.add([fold.name, fold.figures.rows.grouped] + values + [fold.calibration.rawValue])
    }
    var pooled = Table([.left, .right, .left])
    pooled.add(["pooled", "value", "95 % interval"])
    for measure in Self.measures {
      guard let estimate = measure.value(evaluation.pooled) else { continue }
      pooled.add([measure.name, estimate.value.fixed(4), "\(estimate.low.fixed(4)) to \(estimate.high.fixed(4))"])
    }
    var lines = figures.lines() + [""] + pooled.lines() + [""]
    lines.append(
      "mean of the folds: auc \(evaluation.meanAUC?.fixed(4) ?? "none"), log_loss \(evaluation.meanLogLoss.fixed(4))")
    lines.append("too little evidence: \(evaluation.unsureCount.grouped) of \(table.rowCount.grouped) rows")
    for explained in evaluation.explained { lines += [""] + self.lines(of: explained) }
    return lines
  }

  private func lines(of explained: PropensityEvaluation.Explained) -> [String] {
    let prediction = explained.prediction
    let answer =
      switch prediction.answer {
      case .probability(let probability): probability.fixed(4)
      case .tooLittleEvidence(let gap): "too little evidence: \(gap)"
      }
    let alike = prediction.alike
    let rest = explained.reasons.dropFirst(Self.reasonsShown).reduce(0) { $0 + $1.amount }
    var lines = [
      "row \(explained.row + 1): \(answer)",
      "  of \(alike.rows.grouped) like it in the training \(alike.yes.grouped) did; score "
        + "\(prediction.score.signed(3)) = base \(prediction.base.signed(3))",
    ]
    for reason in explained.reasons.prefix(Self.reasonsShown) {
      lines.append("  \(reason.amount.signed(3))  \(reason.name) = \(text(of: reason.name, row: explained.row))")
    }
    if explained.reasons.count > Self.reasonsShown { lines.append("  \(rest.signed(3))  all others") }
    return lines
  }

  private func text(of name: String, row: Int) -> String {
    guard let place = table.names.firstIndex(of: name) else { return "" }
    switch table.columns[place] {
    case .numbers(let numbers): return numbers[row].isNaN ? "missing" : Double(numbers[row]).shortText
    case .texts(let texts): return texts[row] ?? "missing"
    }
  }

  // MARK: For programs

  func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.object { report in
      report.member("rows", table.rowCount)
      report.member("features", table.names.count)
      report.member(
        "left_out",
        object: {
          for (name, reason) in table.leftOut.sorted(by: { $0.key < $1.key }) { $0.member(name, reason) }
        })
      report.member("duplicate_rows", table.duplicateCount)
      report.key("folds")
      report.array { list in
        for fold in evaluation.folds { list.object { Self.write(fold, to: &$0) } }
      }
      report.member("pooled", object: { Self.write(evaluation.pooled, to: &$0) })
      report.member("mean_auc", evaluation.meanAUC)
      report.member("mean_log_loss", evaluation.meanLogLoss)
      report.member("too_little_evidence", evaluation.unsureCount)
      report.key("explained")
      report.array { list in
        for explained in evaluation.explained { list.object { Self.write(explained, to: &$0) } }
      }
    }
    return writer.bytes + [0x0A]
  }

  private static func write(_ fold: PropensityEvaluation.Fold, to writer: inout JSONWriter) {
    writer.member("fold", fold.name)
    write(fold.figures, to: &writer)
    writer.member("calibration", fold.calibration.rawValue)
    writer.key("candidates")
    writer.array { list in
      for candidate in fold.candidates {
        list.object {
          $0.member("settings", candidate.settings)
          $0.member("held_back_log_loss", candidate.heldBackLoss)
          $0.member("weight", candidate.weight)
        }
      }
    }
  }

  private static func write(_ figures: PropensityEvaluation.Figures, to writer: inout JSONWriter) {
    writer.member("rows", figures.rows)
    writer.member("yes", figures.yes)
    for measure in measures {
      writer.key(measure.name)
      guard let estimate = measure.value(figures) else {
        writer.null()
        continue
      }
      writer.object {
        $0.member("value", estimate.value)
        $0.member("low", estimate.low)
        $0.member("high", estimate.high)
      }
    }
  }

  private static func write(_ explained: PropensityEvaluation.Explained, to writer: inout JSONWriter) {
    let prediction = explained.prediction
    writer.member("row", explained.row + 1)
    writer.member("label", Int(explained.label))
    writer.key("probability")
    switch prediction.answer {
    case .probability(let probability): writer.double(probability)
    case .tooLittleEvidence(let gap):
      writer.null()
      writer.member("too_little_evidence", gap.description)
    }
    writer.member(
      "alike",
      object: {
        $0.member("rows", prediction.alike.rows)
        $0.member("yes", prediction.alike.yes)
      })
    writer.member("score", prediction.score)
    writer.member("base", prediction.base)
    writer.key("reasons")
    writer.array { list in
      for reason in explained.reasons {
        list.object {
          $0.member("feature", reason.name)
          $0.member("amount", reason.amount)
        }
      }
    }
  }
}
