import Learning
import Mathematics

/// What an evaluation found, on one page that needs nothing beside itself.
struct EvaluationPage {
  /// How the figures were made.
  struct Description {
    /// Without their folders.
    let files: [String]
    /// What is asked, and among what.
    let split: String
    let command: String
  }

  let outcome: EvaluationOutcome
  let description: Description

  init(_ outcome: EvaluationOutcome, description: Description) {
    (self.outcome, self.description) = (outcome, description)
  }

  private var k: Int { outcome.evaluator.k }
  private var models: [EvaluationOutcome.Model] { outcome.models }

  var html: String {
    let title = models.count == 1 ? "One model, measured" : "\(models.count) models on the same questions"
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title.escapedForHTML) · \(description.files.joined(separator: ", ").escapedForHTML)</title>
      <style>\(PageStyle.css)</style></head><body><main>
      <header><h1>\(title.escapedForHTML)</h1>\(summary)\(caption)</header>
      \(legend)
      \(figureTable)
      <div class="charts">
      \(metricCharts)
      \(differenceChart)
      \(breakdownCharts)
      </div>
      \(notes)
      </main></body></html>

      """
  }

  // MARK: Words

  private var summary: String {
    guard let best = models.max(by: { (ndcg($0)) < ndcg($1) }), models.count > 1 else { return "" }
    let rivals = outcome.comparisons.compactMap { comparison -> (String, Double, Double)? in
      guard let difference = comparison.differences[.ndcg] else { return nil }
      if comparison.first.name == best.name { return (comparison.second.name, difference.low, difference.high) }
      if comparison.second.name == best.name { return (comparison.first.name, -difference.high, -difference.low) }
      return nil
    }
    let close = rivals.filter { $0.1 <= 0 }.map(\.0)
    let ahead =
      close.isEmpty
      ? "ahead of every other by more than chance explains"
      : "not clearly ahead of \(close.joined(separator: ", "))"
    return
      "<p class=\"lead\"><b>\(best.name.escapedForHTML)</b> has the highest NDCG@\(k), "
      + "\(ndcg(best).fixed(4)), \(ahead.escapedForHTML).</p>"
  }

  private func ndcg(_ model: EvaluationOutcome.Model) -> Double { model.figures[.ndcg]?.estimate.value ?? 0 }

  private var caption: String {
    let training = outcome.task.training
    let groups = Set(outcome.task.questions.map(\.group)).count
    let seeds = outcome.seeds.map(String.init).joined(separator: ", ")
    let rows = [
      ("Data", description.files.joined(separator: ", ")),
      (
        "Training",
        "\(training.actCount.grouped) acts in \(training.sequences.count.grouped) sequences on "
          + "\(training.itemCount.grouped) items"
      ),
      (
        "Test",
        "\(outcome.task.questions.count.grouped) questions to \(groups.grouped) people or sessions; \(description.split)"
      ),
      (
        "Chance",
        "seed\(outcome.seeds.count > 1 ? "s" : "") \(seeds); \(outcome.evaluator.bootstrap.draws.grouped) bootstrap draws of people"
      ),
    ]
    let lines = rows.map { "<dt>\($0.0)</dt><dd>\($0.1.escapedForHTML)</dd>" }.joined()
    return "<dl>\(lines)<dt>Command</dt><dd><code>\(command)</code></dd></dl>"
  }

  /// Breaks between words only, so that no option is torn at its dashes.
  private var command: String {
    description.command.split(separator: " ").map { "<span>\(String($0).escapedForHTML)</span>" }
      .joined(separator: " ")
  }

  private var legend: String {
    let entries = models.enumerated().map { number, model in
      let settings = model.settings.isEmpty ? "" : " <span>\(model.settings.escapedForHTML)</span>"
      let name = model.algorithm == model.name ? model.name : "\(model.name): \(model.algorithm)"
      return "<li><i class=\"\(Graphic.series(number))\"></i>\(name.escapedForHTML)\(settings)</li>"
    }
    return "<ul class=\"legend\">\(entries.joined())</ul>"
  }

  private var figureTable: String {
    let metrics = models[0].figures.figures.map(\.metric)
    let head = metrics.map { "<th>\(Self.name(of: $0))</th>" }.joined()
    let rows = models.enumerated().map { number, model in
      let cells = metrics.map { metric -> String in
        guard let figure = model.figures[metric] else { return "<td>–</td>" }
        let isBest = isBest(figure.estimate.value, metric)
        let value = isBest ? "<b>\(figure.estimate.value.fixed(4))</b>" : figure.estimate.value.fixed(4)
        let spread = figure.deviation.map { "<small>± \($0.fixed(4))</small>" } ?? ""
        return "<td>\(value)\(spread)</td>"
      }
      return
        "<tr><th><i class=\"\(Graphic.series(number))\"></i>\(model.name.escapedForHTML)</th>\(cells.joined())"
        + "<td>\(model.fitSeconds.fixed(1)) s</td></tr>"
    }
    return
      "<div class=\"wide\"><table><thead><tr><th></th>\(head)<th>fit</th></tr></thead>"
      + "<tbody>\(rows.joined())</tbody></table></div>"
  }

  private func isBest(_ value: Double, _ metric: EvaluationMetric) -> Bool {
    guard models.count > 1, let isHigh = metric.isBetterHigh else { return false }
    let all = models.compactMap { $0.figures[metric]?.estimate.value }
    return value == (isHigh ? all.max() : all.min())
  }

  static func name(of metric: EvaluationMetric) -> String {
    switch metric {
    case .hr: "Hit rate"
    case .ndcg: "NDCG"
    case .recall: "Recall"
    case .mrr: "MRR"
    case .coverage: "Coverage"
    case .novelty: "Novelty"
    case .gini: "Gini"
    case .diversity: "Diversity"
    case .calibration: "Miscalibration"
    }
  }

  private static func explanation(of metric: EvaluationMetric) -> String {
    switch metric {
    case .hr: "share of questions with a hit; higher is better"
    case .ndcg: "hits count more the higher they stand; higher is better"
    case .recall: "share of what was to be found; higher is better"
    case .mrr: "1 / place of the first hit; higher is better"
    case .coverage: "share of the catalogue that is shown at all"
    case .novelty: "bits of surprise: rarely chosen items have more"
    case .gini: "0: all items shown alike; 1: one item always"
    case .diversity: "how unlike the items of one list are"
    case .calibration: "distance of a list's mixture from the person's own; 0 is best"
    }
  }

  // MARK: Charts

  private func card(_ title: String, _ note: String, _ chart: String, isWide: Bool = false) -> String {
    "<figure\(isWide ? " class=\"full\"" : "")><figcaption><b>\(title.escapedForHTML)</b> "
      + "\(note.escapedForHTML)</figcaption>\(chart)</figure>"
  }

  /// Hit rate is recall where each question has one target.
  private var shownMetrics: [EvaluationMetric] {
    let isSingle = outcome.task.questions.allSatisfy { $0.targets.count == 1 }
    return models[0].figures.figures.map(\.metric).filter { !(isSingle && $0 == .recall) }
  }

  private var metricCharts: String {
    shownMetrics.map { metric in
      let rows = models.enumerated().compactMap { number, model in
        model.figures[metric].map {
          IntervalChart.Row(name: model.name, marks: [Self.mark(number, model.name, $0.estimate)])
        }
      }
      let name = "\(Self.name(of: metric))@\(k)"
      return card(name, Self.explanation(of: metric), IntervalChart(title: name, rows: rows).html)
    }.joined(separator: "\n")
  }

  private static func mark(_ series: Int, _ name: String, _ estimate: Bootstrap.Estimate) -> IntervalChart.Mark {
    .init(series: series, name: name, value: estimate.value, low: estimate.low, high: estimate.high)
  }

  private var differenceChart: String {
    guard !outcome.comparisons.isEmpty else { return "" }
    let rows = outcome.comparisons.compactMap { comparison -> IntervalChart.Row? in
      guard let difference = comparison.differences[.ndcg] else { return nil }
      let series = models.firstIndex { $0.name == comparison.first.name } ?? 0
      let p = difference.p < 0.001 ? "p < 0.001" : "p = \(difference.p.fixed(3))"
      return IntervalChart.Row(
        name: "\(comparison.first.name) − \(comparison.second.name)", note: p,
        marks: [
          .init(
            series: series, name: comparison.first.name, value: difference.value, low: difference.low,
            high: difference.high)
        ])
    }
    return card(
      "Paired differences in NDCG@\(k)", "question by question; an interval that leaves out 0 is more than chance",
      IntervalChart(title: "Paired differences", rows: rows, hasZero: true, digits: 4, width: 900).html, isWide: true)
  }

  private var breakdownCharts: String {
    let parts = models.map { outcome.evaluator.breakdown(of: $0.figures, on: outcome.task) }
    let depths = parts[0].depths.map(\.k)
    func curve(_ title: String, _ note: String, _ value: (EvaluationBreakdown.Depth) -> Bootstrap.Estimate) -> String {
      let series = zip(models, parts).map { model, part in
        DepthChart.Series(
          name: model.name,
          points: part.depths.map { (value($0).value, value($0).low, value($0).high) })
      }
      return card(title, note, DepthChart(title: title, depths: depths, series: series).html)
    }
    func buckets(_ title: String, _ note: String, _ all: [[EvaluationBreakdown.Part]], _ unit: String) -> String {
      let rows = (all.first ?? []).indices.map { place in
        IntervalChart.Row(
          name: all[0][place].name, note: "\(all[0][place].count.grouped) \(unit)",
          marks: zip(models, all).enumerated().map { Self.mark($0, $1.0.name, $1.1[place].estimate) })
      }
      return card(title, note, IntervalChart(title: title, rows: rows).html)
    }
    return [
      curve("Recall by depth", "share of what was to be found among the first k", \.recall),
      curve("Precision by depth", "share of the first k that was to be found", \.precision),
      buckets(
        "Recall@\(k) by popularity", "of the target, most popular items first", parts.map(\.byPopularity), "targets"),
      buckets("NDCG@\(k) by history", "items that the model saw of the person", parts.map(\.byHistory), "questions"),
    ].joined(separator: "\n")
  }

  private var notes: String {
    let seeds =
      outcome.seeds.count > 1
      ? " Figures are means over the seeds, ± their standard deviation; intervals are over people." : ""
    return """
      <footer><p>Bars are 95 % intervals of a bootstrap over people (Efron &amp; Tibshirani 1993). Ties count against a model. p is
      two-sided and not corrected for the number of comparisons.\(seeds) Novelty: Zhou et al. 2010. Diversity: Ziegler et al.
      2005. Miscalibration: Steck 2018, over categories where they are known, else over head, middle and tail of the
      catalogue (Abdollahpouri et al. 2021). Gini and coverage: Ge et al. 2010.</p></footer>
      """
  }
}
