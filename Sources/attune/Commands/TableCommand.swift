import ArgumentParser
import Foundation
import Primitives

struct TableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table", abstract: "Writes a training table: features of people as they were known at moments.",
    discussion: """
      ROWS
        --at FILE        people and moments (.csv, .tsv, .jsonl): user_id, anonymous_id
                         or identifier (namespace:value), and time; other columns,
                         such as labels, pass through
        --on EVENT       every event of a name or signal, just before it
        --on-decisions   every item that decisions showed, as they were asked for,
                         with what came of it

      Values are those that the server knew then: what happened before a moment and
      came after it does not count. Rows come by moment. Lines that cannot be read,
      and moments yet to come, are told and left out.

      EXAMPLE
        attune table --at churned.csv --out table.csv --data ./data
        attune table --on purchase --features views_7d,category_affinity \\
          --format jsonl --server http://127.0.0.1:8080 --key atn_…
      """)

  @Option(help: ArgumentHelp("The file of people and moments.", valueName: "file"))
  var at: String?

  @Option(help: ArgumentHelp("The event whose moments are meant.", valueName: "event"))
  var on: String?

  @Flag(help: "The items that decisions showed.")
  var onDecisions = false

  @Option(help: "With --on-decisions: only of this placement.")
  var placement: String?

  @Option(help: ArgumentHelp("Of events and decisions, those from this moment on.", valueName: "moment"))
  var from: String?

  @Option(help: ArgumentHelp("Of events and decisions, those before this moment.", valueName: "moment"))
  var until: String?

  @Option(help: ArgumentHelp("Features, with commas between. Default: all in force.", valueName: "names"))
  var features: String?

  @Option(help: "csv or jsonl.")
  var format = TableOutput.Format.csv

  @Option(help: ArgumentHelp("The file to write to. Default: standard output.", valueName: "path"))
  var out: String?

  @OptionGroup var target: TargetOptions

  func validate() throws {
    guard [at != nil, on != nil, onDecisions].count(where: { $0 }) == 1 else {
      throw ValidationError("Which rows? Say one of --at FILE, --on EVENT and --on-decisions.")
    }
    if placement != nil, !onDecisions { throw ValidationError("--placement goes with --on-decisions.") }
    if at != nil, from != nil || until != nil {
      throw ValidationError("--from and --until go with --on and --on-decisions.")
    }
    for moment in [from, until].compactMap(\.self) where Timestamp(iso8601: moment) == nil {
      throw ValidationError("'\(moment)' is no moment; write one such as 2026-03-01T12:00:00Z.")
    }
  }

  func run() async throws {
    let terminal = Terminal()
    let names = features?.split(separator: ",").map { String($0).trimmingCharacters(in: .whitespaces) }
    let run = TableRun(features: names, format: format, path: out, terminal: terminal)
    if let at {
      let file = try MomentFile(path: at)
      return try await target.withClient { try await run.write(file, named: at, from: $0) }
    }
    var question = JSONObject()
    if let on { question["event"] = .string(on) }
    if onDecisions { question["decisions"] = placement.map { ["placement": .string($0)] } ?? [:] }
    for (name, moment) in [("from", from), ("until", until)] { question[name] = moment.map { .string($0) } }
    try await target.withClient { [question] in try await run.write(question, from: $0) }
  }
}

extension TableOutput.Format: ExpressibleByArgument {}
