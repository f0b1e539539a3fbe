import ArgumentParser
import Primitives

struct TailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "Shows events and decisions as they happen.",
    discussion: """
      Watches a running server until Ctrl-C.

      EXAMPLE
        attune tail --server http://127.0.0.1:8080 --key atn_…
      """)

  @Option(help: "Only these: event, decision, catalog, definitions, dead_letter; with commas between.")
  var kinds: String?

  @Option(help: "Stop after so many.")
  var limit: Int?

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print each as a line of JSON.")
  var json = false

  func validate() throws {
    if target.data != nil {
      throw ValidationError(
        "tail watches a running server: say --server URL --key K. What is stored is shown by 'attune export --data DIR'."
      )
    }
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1.") }
  }

  func run() async throws {
    let terminal = Terminal()
    let wanted = kinds.map { Set($0.split(separator: ",").map(String.init)) }
    let limit = limit ?? Int.max
    let json = json
    try await target.withClient { client in
      var shown = 0
      for try await line in LineStream.lines(of: try client.request("GET", "/v1/tail")) where !line.isEmpty {
        guard let item = try? JSONValue(parsing: line) else { continue }
        if let wanted, let kind = item["kind"]?.string, !wanted.contains(kind) { continue }
        terminal.line(json ? line : Self.text(of: item, terminal: terminal))
        shown += 1
        if shown == limit { return }
      }
    }
  }

  private static func text(of item: JSONValue, terminal: Terminal) -> String {
    let kind = item["kind"]?.string ?? ""
    let style: Terminal.Style = kind == "decision" ? .green : kind == "dead_letter" ? .red : .cyan
    let time = (item["at"]?.string ?? "").dropFirst(11).prefix(12)
    let items = (item["items"]?.array ?? []).compactMap(\.string).joined(separator: " ")
    return [
      terminal.styled(String(time), .dim), terminal.styled(kind.paddedRight(to: 11), style),
      (item["person"]?.string ?? "").paddedRight(to: 16), (item["name"]?.string ?? "").paddedRight(to: 18), items,
    ].joined(separator: "  ")
  }
}
