import ArgumentParser
import Foundation
import FoundationNetworking
import Primitives

struct ExportCommand: AsyncParsableCommand {
  enum Subject: String, CaseIterable, ExpressibleByArgument { case events, decisions, items, profiles, log }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes events, decisions, items, profiles or the whole log as JSON Lines or CSV.",
    discussion: """
      Events and items as JSON Lines can be imported again, here or elsewhere (items first); events that are known already
      count once. Decisions and profiles are for others to read: profiles are made of events. CSV has the columns that are
      asked for most, and the whole record as JSON in the last. What was erased is left out. Definitions: attune pull.
      An import of events and items does not bring back decisions with what they showed, unmerges and dead letters, and
      profiles get ids of the new workspace: 'log' is everything, and 'attune import --log' makes the same state of it, but for
      the files of trained models (attune backup has these).

      The file has its name only when all is in it; until then it is called .part.

      EXAMPLE
        attune export events --output events.jsonl --data ./data
        attune export profiles --output profiles.csv --data ./data
        attune export items --server http://127.0.0.1:8080 --key atn_… | head -3
      """)

  @Argument(help: "What to export: events, decisions, items, profiles, or log.")
  var subject = Subject.events

  @Option(help: ArgumentHelp("The file to write to. Default: standard output.", valueName: "path"))
  var output: String?

  @Option(help: "jsonl or csv. Default: what the file's name ends with, else jsonl.")
  var format: ExportFormat?

  @OptionGroup var target: TargetOptions

  func validate() throws {
    if subject == .log, format == .csv { throw ValidationError("A log is exported as JSON Lines only.") }
  }

  func run() async throws {
    let terminal = Terminal()
    let format = subject == .log ? .jsonl : format ?? (output?.lowercased().hasSuffix(".csv") == true ? .csv : .jsonl)
    let sink = try ExportSink(path: output, terminal: terminal, subject: subject, format: format)
    let subject = subject
    let count = try await target.withClient { client in
      switch subject {
      case .events, .decisions, .profiles, .log:
        try await Self.copyLines(
          of: try client.request("GET", "/v1/export", query: [("kind", subject.rawValue)]), to: sink)
      case .items: try await Self.copyItems(from: client, to: sink)
      }
    }
    try sink.finish()
    if output != nil { terminal.note("\(count.grouped) \(subject.rawValue)") }
  }

  private static func copyLines(of request: URLRequest, to sink: ExportSink) async throws -> Int {
    var count = 0
    for try await line in LineStream.lines(of: request) where !line.isEmpty {
      count += 1
      try sink.write(line, count: count)
    }
    return count
  }

  private static func copyItems(from client: APIClient, to sink: ExportSink) async throws -> Int {
    var count = 0
    var cursor: String?
    repeat {
      let page = try await client.json("GET", "/v1/catalog/items", query: [("limit", "500"), ("cursor", cursor)])
      for item in page["items"]?.array ?? [] {
        count += 1
        try sink.write(item.text, count: count)
      }
      cursor = page["next"]?.string
    } while cursor != nil
    return count
  }
}

/// Where an export goes: standard output, or a file that is given its name when everything is in it.
struct ExportSink: Sendable {
  private static let linesBetweenProgress = 5_000

  private let file: OutputFile?
  private let terminal: Terminal
  private let subject: ExportCommand.Subject
  private let table: ExportTable?

  init(path: String?, terminal: Terminal, subject: ExportCommand.Subject, format: ExportFormat) throws {
    self.terminal = terminal
    self.subject = subject
    table = format == .csv ? ExportTable(of: subject) : nil
    file = if let path { try OutputFile(path) } else { nil }
    if let table { try put(table.header) }
  }

  /// - Parameter line: A record as JSON.
  /// - Parameter count: Records with this one.
  func write(_ line: String, count: Int) throws {
    try put(try table?.row(of: line) ?? line + "\n")
    if file != nil, count.isMultiple(of: Self.linesBetweenProgress) {
      terminal.progress("\(count.grouped) \(subject.rawValue)")
    }
  }

  private func put(_ text: String) throws {
    guard let file else { return terminal.write(Array(text.utf8)) }
    try file.write(text.utf8)
  }

  /// Gives the file its name.
  func finish() throws {
    terminal.endProgress()
    try file?.finish()
  }
}
