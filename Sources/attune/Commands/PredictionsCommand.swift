import ArgumentParser
import Primitives

struct PredictionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predictions",
    abstract: "Lists what is predicted of people, with the models behind it, and brings one of before back.",
    discussion: """
      EXAMPLE
        attune predictions list --data ./data
        attune predictions show buys_soon --data ./data
        attune predictions rollback buys_soon --server http://127.0.0.1:8080 --key …
      """,
    subcommands: [List.self, Show.self, Rollback.self, Activate.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every prediction that is defined, and how good its model is.",
      discussion: """
        EXAMPLE
          attune predictions list --data ./data
        """)

    @OptionGroup var target: TargetOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let terminal = Terminal()
      let registry = try await target.withClient { try await $0.json("GET", "/v1/predictions") }
      if json { return terminal.line(registry.text) }
      let rows = registry["predictions"]?.array ?? []
      guard !rows.isEmpty else {
        return terminal.line("nothing is predicted: the section 'predictions' of the definitions says what")
      }
      var table = Table([.left, .left, .right, .right, .right, .right, .right])
      table.add(["prediction", "true when", "model", "AUC", "log-loss", "of base rate", "ECE"])
      for row in rows {
        let version = row["serving"]?.int ?? 0
        let run = registry["runs"]?.array?.first { $0["version"]?.int == version }
        func figure(_ name: String, _ subject: String = "candidate") -> String {
          PredictionText.metric(name, subject, of: run)?["value"]?.double?.fixed(4) ?? "–"
        }
        table.add([
          row["name"]?.string ?? "", PredictionText.label(of: row), version == 0 ? "–" : String(version), figure("auc"),
          figure("log_loss"), figure("log_loss", "base"), figure("ece"),
        ])
      }
      for line in table.lines() { terminal.line(line) }
      for row in rows {
        if let lack = row["lack"]?.string { terminal.line("\(row["name"]?.string ?? "") has no scores: \(lack)") }
      }
      for fault in registry["faults"]?.array ?? [] {
        terminal.line("model \(fault["version"]?.int ?? 0) cannot serve: \(fault["reason"]?.string ?? "")")
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One prediction's model: what it learnt from, how it did, whether its probabilities are true.",
      discussion: """
        EXAMPLE
          attune predictions show buys_soon --data ./data
        """)

    @Argument(help: "The prediction's name.")
    var prediction: String

    @Option(
      name: .customLong("model"), help: "Of this version; else of the one that serves, or the last that was trained.")
    var model: Int?

    @OptionGroup var target: TargetOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let terminal = Terminal()
      let registry = try await target.withClient { try await $0.json("GET", "/v1/predictions") }
      let runs = (registry["runs"]?.array ?? []).filter { $0["prediction"]?.string == prediction }
      let row = registry["predictions"]?.array?.first { $0["name"]?.string == prediction }
      guard row != nil || !runs.isEmpty else {
        throw CommandFailure("there is no prediction '\(prediction)'; 'attune predictions list' shows which there are")
      }
      let serving = row?["serving"]?.int ?? 0
      let wanted = model.map { Int64($0) } ?? (serving > 0 ? serving : runs.first?["version"]?.int)
      guard let run = runs.first(where: { $0["version"]?.int == wanted }) else {
        throw CommandFailure(
          model.map { "the prediction '\(prediction)' has no model \($0)" }
            ?? "'\(prediction)' was not trained yet: 'attune train' does")
      }
      if json { return terminal.line(run.text) }
      for line in PredictionText.lines(of: run) { terminal.line(line) }
      for line in PredictionText.reliability(of: run) { terminal.line(line) }
      let parameters = run["parameters"]?.object?.members.map { "\($0.key) \($0.value.string ?? "")" } ?? []
      terminal.line("settings: " + parameters.joined(separator: ", "))
    }
  }

  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Brings the model before a prediction's champion into force; without one before, none.",
      discussion: """
        EXAMPLE
          attune predictions rollback buys_soon --data ./data
        """)

    @Argument(help: "The prediction's name.")
    var prediction: String

    @OptionGroup var target: TargetOptions

    func run() async throws { try await activate(prediction, nil, in: target) }
  }

  struct Activate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Brings a version into force; 0 for none: then nobody has this score.",
      discussion: """
        EXAMPLE
          attune predictions activate buys_soon 2 --data ./data
        """)

    @Argument(help: "The prediction's name.")
    var prediction: String

    @Argument(help: "The model's version.")
    var version: Int

    @OptionGroup var target: TargetOptions

    func run() async throws { try await activate(prediction, version, in: target) }
  }

  private static func activate(_ prediction: String, _ version: Int?, in target: TargetOptions) async throws {
    var body = JSONObject()
    body["prediction"] = .string(prediction)
    body["version"] = version.map { .int(Int64($0)) }
    let text = JSONValue.object(body).text
    let answer = try await target.withClient {
      try await $0.json("POST", "/v1/predictions/activate", body: Array(text.utf8))
    }
    let champion = answer["champion"]?.int ?? 0
    Terminal().line(champion == 0 ? "no model answers '\(prediction)'" : "model \(champion) answers '\(prediction)'")
  }
}
