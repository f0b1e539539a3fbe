import Primitives

/// A model card, as the server tells it, on one page that needs nothing beside itself.
struct ModelCardPage {
  let card: JSONValue

  var html: String {
    let details = card["model_details"]
    let title = "Model \(details?["algorithm"]?.string ?? "") \(details?["version"]?.int ?? 0)"
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title.escapedForHTML)</title><style>\(PageStyle.css)</style></head><body><main>
      <header><h1>\(title.escapedForHTML)</h1>\(lead)</header>
      \(section("Details", card["model_details"]))
      \(section("Intended use", card["intended_use"]))
      \(section("What it learnt from", card["training_data"]))
      \(section("Whom it was judged on", card["evaluation_data"]))
      <div class="charts">
      \(chart("NDCG@10 on held-back people", "with the fresh models as they answer together, and alone", metricRows))
      \(chart("NDCG@10 by group", "people by history and by how popular their items are", partRows))
      </div>
      \(section("The gate", card["gate"]))
      \(section("In service", card["live"]))
      <h2>Limits</h2><ul>\(limits)</ul>
      <footer><p>Bars are 95 % intervals of a bootstrap over people. Sections after Mitchell et al., <i>Model cards for model
      reporting</i>, 2019.</p></footer>
      </main></body></html>

      """
  }

  private var lead: String {
    let live = card["live"]
    let state = card["model_details"]?["state"]?.string ?? ""
    let days = live?["people_days"]?.int ?? 0
    let rate = live?["rate"].flatMap { $0.double ?? $0.int.map(Double.init) }
    let outcomes =
      rate.map { "; something came of \(($0 * 100).fixed(1)) % of \(Int(days).grouped) people's days" } ?? ""
    return "<p class=\"lead\"><b>\(state.escapedForHTML)</b>\(outcomes)</p>"
  }

  private func section(_ title: String, _ value: JSONValue?) -> String {
    let rows = (value?.object?.members ?? []).compactMap { member -> String? in
      let text = Self.text(member.value)
      guard !text.isEmpty else { return nil }
      let name = member.key.replacing("_", with: " ")
      return "<dt>\(name.escapedForHTML)</dt><dd>\(text.escapedForHTML)</dd>"
    }
    return "<h2>\(title.escapedForHTML)</h2><dl>\(rows.joined())</dl>"
  }

  private static func text(_ value: JSONValue) -> String {
    if value == .null { return "" }
    if let text = value.string { return text }
    if let number = value.int { return Int(number).grouped }
    if let number = value.double { return number.shortText }
    if let list = value.array { return list.map(text).joined(separator: "; ") }
    if let object = value.object { return object.members.map { "\($0.key) \(text($0.value))" }.joined(separator: ", ") }
    return value.text
  }

  private var metricRows: [IntervalChart.Row] {
    let names = ["candidate": "with it", "champion": "champion", "fresh": "fresh models", "model": "it alone"]
    return (card["metrics"]?.array ?? []).filter { $0["metric"]?.string == "ndcg" }.enumerated().map { number, metric in
      let name = metric["subject"]?.string.flatMap { names[$0] } ?? ""
      return IntervalChart.Row(name: name, marks: [Self.mark(number, name, metric)])
    }
  }

  private var partRows: [IntervalChart.Row] {
    (card["factors"]?.array ?? []).map { part in
      let name = part["group"]?.string ?? ""
      let series = part["group_by"]?.string == "history" ? 0 : 1
      return IntervalChart.Row(
        name: name, note: "\(Int(part["people"]?.int ?? 0).grouped) people", marks: [Self.mark(series, name, part)])
    }
  }

  private static func mark(_ series: Int, _ name: String, _ value: JSONValue) -> IntervalChart.Mark {
    func number(_ key: String) -> Double { value[key].flatMap { $0.double ?? $0.int.map(Double.init) } ?? 0 }
    return .init(series: series, name: name, value: number("value"), low: number("low"), high: number("high"))
  }

  private func chart(_ title: String, _ note: String, _ rows: [IntervalChart.Row]) -> String {
    guard !rows.isEmpty else { return "" }
    return
      "<figure><figcaption><b>\(title)</b> \(note)</figcaption>\(IntervalChart(title: title, rows: rows).html)</figure>"
  }

  private var limits: String {
    (card["limits"]?.array ?? []).map { "<li>\(($0.string ?? "").escapedForHTML)</li>" }.joined()
  }
}
