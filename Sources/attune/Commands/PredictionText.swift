import Primitives

/// Trainings of predictions in words.
enum PredictionText {
  private static let barWidth = 30

  /// `purchase within 7d`
  static func label(of row: JSONValue) -> String {
    let within = row["within"]?.string ?? ""
    if let events = row["of"]?.string { return "\(events) within \(within)" }
    return "no \(row["none_of"]?.string ?? "") within \(within)"
  }

  static func metric(_ name: String, _ subject: String, of run: JSONValue?) -> JSONValue? {
    run?["metrics"]?.array?.first { $0["metric"]?.string == name && $0["subject"]?.string == subject }
  }

  static func lines(of run: JSONValue) -> [String] {
    let window = run["window"]
    func count(_ name: String) -> String { Int(window?[name]?.int ?? 0).grouped }
    var lines = [
      "prediction \(run["prediction"]?.string ?? "") \(run["version"]?.int ?? 0), \(run["outcome"]?.string ?? "")",
      "learnt from \(count("training")) moments, chosen by \(count("validation")), judged by \(count("test")); "
        + "\(count("positives")) of all true; \(count("people")) people, \(count("held_back")) held back; "
        + "\(count("open")) moments not over",
    ]
    if let refusal = run["refusal"]?.string { lines.append("refused: \(refusal)") }
    let metrics = run["metrics"]?.array ?? []
    if !metrics.isEmpty {
      var table = Table([.left, .left, .right, .left])
      table.add(["of", "metric", "value", "95 % interval"])
      for metric in metrics {
        func number(_ name: String) -> String { (metric[name]?.double ?? 0).fixed(4) }
        table.add([
          subjects[metric["subject"]?.string ?? ""] ?? "", metric["metric"]?.string ?? "", number("value"),
          "\(number("low")) to \(number("high"))",
        ])
      }
      lines += table.lines()
    }
    let drivers = run["drivers"]?.array ?? []
    if !drivers.isEmpty {
      lines.append(
        "drivers: "
          + drivers.prefix(8).map { "\($0["feature"]?.string ?? "") \(($0["weight"]?.double ?? 0).fixed(2))" }
          .joined(separator: ", "))
    }
    return lines
  }

  private static let subjects = [
    "candidate": "this model", "champion": "the champion", "base": "always the base rate",
    "difference to base": "difference to the base rate", "difference to champion": "difference to the champion",
  ]

  /// What was said beside what happened: a bar for what happened, `|` where it should end.
  static func reliability(of run: JSONValue) -> [String] {
    let bins = run["reliability"]?.array ?? []
    guard !bins.isEmpty else { return [] }
    let shares: [Double] = bins.flatMap { bin in ["predicted", "observed"].map { bin[$0]?.double ?? 0 } }
    let scale = Double(barWidth) / max(shares.max() ?? 1, 0.01)
    var table = Table([.right, .right, .right, .left])
    table.add(["said", "happened", "moments", ""])
    for bin in bins {
      let (predicted, observed) = (bin["predicted"]?.double ?? 0, bin["observed"]?.double ?? 0)
      var bar = Array(repeating: " ", count: barWidth + 1)
      for place in 0..<Int((observed * scale).rounded()) where place <= barWidth { bar[place] = "█" }
      bar[min(barWidth, Int((predicted * scale).rounded()))] = "|"
      table.add([predicted.fixed(3), observed.fixed(3), Int(bin["count"]?.int ?? 0).grouped, bar.joined()])
    }
    return table.lines()
  }
}
