import ArgumentParser
import Documents
import Foundation
import Primitives

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract:
      "Trains a model on what people did, and the predictions; each goes live if it is not worse than what serves.",
    discussion: """
      A part of the people is held back: nobody learns from them, and the new model is compared on them with the champion,
      each together with the fresh models as they answer. Predictions that the definitions hold are trained after it, and judged
      on held-back people as well. The exit code is 1 when one of them is refused. With --server the training runs there, at low
      priority; stopping this command does not stop it.

      EXAMPLE
        attune train --data ./data
        attune train --only predictions --data ./data
        attune train --data ./data --model best
        attune train --server http://127.0.0.1:8080 --key … --dimensions 128 --tune 5m --json
      """)

  @OptionGroup var target: TargetOptions

  @Option(
    help: ArgumentHelp(
      "ials, ease, item_neighbours, transitions, session_neighbours, sequence, or best: each that fits into memory, of which "
        + "the one that does best on validation people is judged. Default: as the section 'training' says, else ials.",
      valueName: "name"))
  var model: String?

  @Option(help: "Numbers in a vector of ials. Default: as the section 'training' says, else 64.")
  var dimensions: Int?

  @Option(help: ArgumentHelp("A training that would take more memory is not begun: 500MB, 2GB.", valueName: "size"))
  var memory: MemorySize?

  @Option(
    help: ArgumentHelp("How long to look for better settings, on validation data alone: 30s, 5m.", valueName: "time"))
  var tune: String?

  @Option(help: ArgumentHelp("Train nothing else.", valueName: "models|predictions"))
  var only: Subjects?

  enum Subjects: String, ExpressibleByArgument, CaseIterable { case models, predictions }

  @Option(help: "Of what is drawn by chance.")
  var seed: Int?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard let tune else { return }
    guard let time = Duration(documentText: tune) else {
      throw ValidationError("'\(tune)' is no time; write one like 30s, 5m or 1h")
    }
    guard time >= .seconds(1) else {
      throw ValidationError("found '\(tune)', expected at least 1s to look for settings")
    }
  }

  func run() async throws {
    let terminal = Terminal()
    var body = JSONObject()
    body["model"] = model.map { .string($0) }
    body["dimensions"] = dimensions.map { .int(Int64($0)) }
    body["memory_mb"] = memory.map { .int(Int64($0.bytes >> 20)) }
    body["tune_seconds"] = tune.flatMap(Duration.init(documentText:)).map { .int($0.components.seconds) }
    body["seed"] = seed.map { .int(Int64($0)) }
    body["only"] = only.map { .string($0.rawValue) }
    let text = JSONValue.object(body).text
    let status = try await target.withClient { client in
      var status = try await client.json("POST", "/v1/train", body: Array(text.utf8))
      while status["state"]?.string == "running" {
        terminal.progress(Self.words(status))
        try await Task.sleep(for: .milliseconds(200))
        status = try await client.json("GET", "/v1/train")
      }
      return status
    }
    terminal.endProgress()
    if status["state"]?.string == "none" {
      throw CommandFailure(
        "the server was started anew while it trained, which ended the training; 'attune models list' shows what serves"
      )
    }
    guard status["state"]?.string == "done" else {
      throw CommandFailure("the training failed: \(status["reason"]?.string ?? status.text)")
    }
    let predictions = status["predictions"]?.array ?? []
    let runs = [status["run"]].compactMap(\.self) + predictions
    guard !runs.isEmpty else {
      throw CommandFailure("nothing was trained: no prediction is defined (see the section 'predictions')")
    }
    if json {
      for run in runs { terminal.line(run.text) }
    } else {
      if let run = status["run"] { for line in ModelText.lines(of: run) { terminal.line(line) } }
      for run in predictions { for line in PredictionText.lines(of: run) { terminal.line(line) } }
    }
    if runs.contains(where: { $0["outcome"]?.string != "live" }) { throw ExitCode(1) }
  }

  private static func words(_ status: JSONValue) -> String {
    let share = status["share"]?.double.map { " \(Int($0 * 100)) %" } ?? ""
    let detail = status["detail"]?.string.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
    return "training: " + (status["phase"]?.string ?? "waiting") + share + detail
  }
}

/// `512MB`, `2GB`; a number alone counts megabytes.
struct MemorySize: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let text = argument.uppercased()
    let units: [(String, Int)] = [("GB", 30), ("G", 30), ("MB", 20), ("M", 20), ("", 20)]
    guard let (unit, shift) = units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(unit.count)), number > 0, number * Double(1 << shift) < 1e15
    else { return nil }
    bytes = max(1 << 20, Int(number * Double(1 << shift)))
  }

  static var allValueStrings: [String] { [] }
}

/// Runs of the registry in words.
enum ModelText {
  static func lines(of run: JSONValue) -> [String] {
    let window = run["window"]
    func count(_ name: String) -> String { Int(window?[name]?.int ?? 0).grouped }
    var lines = [
      "model \(run["model"]?.string ?? "") \(run["version"]?.int ?? 0), \(run["outcome"]?.string ?? "")",
      "learnt from \(count("acts")) acts of \(count("people")) people on \(count("items")) items; "
        + "\(count("held_back")) people held back",
    ]
    if let refusal = run["refusal"]?.string { lines.append("refused: \(refusal)") }
    let metrics = run["metrics"]?.array ?? []
    if !metrics.isEmpty {
      var table = Table([.left, .left, .right, .left])
      table.add(["answers of", "metric", "value", "95 % interval"])
      for metric in metrics {
        func number(_ name: String) -> String { (metric[name]?.double ?? 0).fixed(4) }
        let name = "\(metric["metric"]?.string ?? "")@\(metric["k"]?.int ?? 0)"
        let subject = subjects[metric["subject"]?.string ?? ""] ?? ""
        table.add([subject, name, number("value"), "\(number("low")) to \(number("high"))"])
      }
      lines += table.lines()
    }
    let shares = run["shares"]?.object?.members.map { "\($0.key) \(($0.value.double ?? 0).fixed(2))" } ?? []
    if !shares.isEmpty { lines.append("shares in a person's own taste: " + shares.joined(separator: ", ")) }
    return lines
  }

  private static let subjects = [
    "candidate": "this model with the fresh ones", "champion": "the champion with the fresh ones",
    "fresh": "the fresh models alone", "model": "this model alone",
  ]
}
