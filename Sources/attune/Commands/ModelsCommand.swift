import ArgumentParser
import Primitives

struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Lists the trained models, and brings one of before back.",
    discussion: """
      EXAMPLE
        attune models list --data ./data
        attune models rollback --server http://127.0.0.1:8080 --key …
      """,
    subcommands: [List.self, Show.self, ModelCardCommand.self, Rollback.self, Activate.self],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every training with its figures, the latest first.",
      discussion: """
        EXAMPLE
          attune models list --data ./data
        """)

    @OptionGroup var target: TargetOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let terminal = Terminal()
      let registry = try await target.withClient { try await $0.json("GET", "/v1/models") }
      if json { return terminal.line(registry.text) }
      let runs = registry["runs"]?.array ?? []
      if runs.isEmpty { return terminal.line("nothing was trained yet: 'attune train' does") }
      var table = Table([.left, .right, .left, .left, .right, .right, .right])
      table.add(["", "version", "trained at", "outcome", "acts", "NDCG@10", "before"])
      let (champion, serving) = (registry["champion"]?.int ?? 0, registry["serving"]?.int ?? 0)
      for run in runs {
        let version = run["version"]?.int ?? 0
        let place = version == serving ? "serves" : version == champion ? "cannot serve" : ""
        let acts = Int(run["window"]?["acts"]?.int ?? 0).grouped
        let finished = String((run["finished_at"]?.string ?? "").prefix(19))
        table.add([
          place, String(version), finished, run["outcome"]?.string ?? "", acts, Self.ndcg(of: run, ["candidate"]),
          Self.ndcg(of: run, ["champion", "fresh"]),
        ])
      }
      for line in table.lines() { terminal.line(line) }
      for fault in registry["faults"]?.array ?? [] {
        terminal.line("model \(fault["version"]?.int ?? 0) cannot serve: \(fault["reason"]?.string ?? "")")
      }
    }

    /// Of the first of the subjects that was measured.
    private static func ndcg(of run: JSONValue, _ subjects: [String]) -> String {
      let metrics = run["metrics"]?.array?.filter { $0["metric"]?.string == "ndcg" } ?? []
      for subject in subjects {
        if let metric = metrics.first(where: { $0["subject"]?.string == subject }) {
          return (metric["value"]?.double ?? 0).fixed(4)
        }
      }
      return "–"
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One training: what it learnt from, and how it compared.",
      discussion: """
        EXAMPLE
          attune models show 3 --data ./data
        """)

    @Argument(help: "The model's version.")
    var version: Int

    @OptionGroup var target: TargetOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let terminal = Terminal()
      let registry = try await target.withClient { try await $0.json("GET", "/v1/models") }
      guard let run = registry["runs"]?.array?.first(where: { $0["version"]?.int == Int64(version) }) else {
        throw CommandFailure("there is no model \(version); 'attune models list' shows which there are")
      }
      if json { return terminal.line(run.text) }
      for line in ModelText.lines(of: run) { terminal.line(line) }
      let parameters = run["parameters"]?.object?.members.map { "\($0.key) \($0.value.string ?? "")" } ?? []
      terminal.line("settings: " + parameters.joined(separator: ", "))
    }
  }

  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Brings the model before the champion into force; without one before, none.",
      discussion: """
        EXAMPLE
          attune models rollback --data ./data
        """)

    @OptionGroup var target: TargetOptions

    func run() async throws { try await activate("{}", in: target) }
  }

  struct Activate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Brings a version into force; 0 for none, the fresh models alone.",
      discussion: """
        EXAMPLE
          attune models activate 2 --data ./data
        """)

    @Argument(help: "The model's version.")
    var version: Int

    @OptionGroup var target: TargetOptions

    func run() async throws { try await activate(#"{"version":\#(version)}"#, in: target) }
  }

  private static func activate(_ body: String, in target: TargetOptions) async throws {
    let answer = try await target.withClient {
      try await $0.json("POST", "/v1/models/activate", body: Array(body.utf8))
    }
    let champion = answer["champion"]?.int ?? 0
    Terminal().line(champion == 0 ? "no trained model serves" : "model \(champion) serves")
  }
}
