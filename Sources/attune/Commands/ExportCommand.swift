import ArgumentParser
import Foundation
import FoundationNetworking
import Primitives

struct ExportCommand: AsyncParsableCommand {
  enum Subject: String, CaseIterable, ExpressibleByArgument { case events, decisions, items }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes events, decisions or items as JSON Lines.",
    discussion: """
      Exported events can be imported again, here or elsewhere; those that are known already count once.

      EXAMPLE
        attune export events --output events.jsonl --data ./data
        attune export items --server http://127.0.0.1:8080 --key atn_… | head -3
      """)

  @Argument(help: "What to export: events, decisions or items.")
  var subject = Subject.events

  @Option(help: ArgumentHelp("The file to write to. Default: standard output.", valueName: "path"))
  var output: String?

  @OptionGroup var target: TargetOptions

  func run() async throws {
    let terminal = Terminal()
    let sink = try Sink(path: output, terminal: terminal)
    let subject = subject
    let count = try await target.withClient { client in
      switch subject {
      case .events, .decisions:
        try await Self.copyLines(
          of: try client.request("GET", "/v1/export", query: [("kind", subject.rawValue)]), to: sink)
      case .items: try await Self.copyItems(from: client, to: sink)
      }
    }
    if output != nil { terminal.note("\(count.grouped) \(subject.rawValue)") }
  }

  private static func copyLines(of request: URLRequest, to sink: Sink) async throws -> Int {
    var count = 0
    for try await line in LineStream.lines(of: request) where !line.isEmpty {
      try sink.write(line)
      count += 1
    }
    return count
  }

  private static func copyItems(from client: APIClient, to sink: Sink) async throws -> Int {
    var count = 0
    var cursor: String?
    repeat {
      let page = try await client.json("GET", "/v1/catalog/items", query: [("limit", "500"), ("cursor", cursor)])
      for item in page["items"]?.array ?? [] {
        try sink.write(item.text)
        count += 1
      }
      cursor = page["next"]?.string
    } while cursor != nil
    return count
  }

  /// A file, or standard output.
  private struct Sink: Sendable {
    private let file: FileHandle?
    private let terminal: Terminal

    init(path: String?, terminal: Terminal) throws {
      self.terminal = terminal
      guard let path else {
        file = nil
        return
      }
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw CommandFailure("\(path) cannot be written")
      }
      file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    func write(_ line: String) throws {
      guard let file else { return terminal.line(line) }
      try file.write(contentsOf: Data((line + "\n").utf8))
    }
  }
}
