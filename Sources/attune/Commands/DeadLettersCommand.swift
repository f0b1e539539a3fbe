import ArgumentParser
import Primitives

struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters", abstract: "Shows events that were refused, and takes them again after a fix.",
    discussion: """
      --replay reads them with the event names and the tracking plan in force now. What has become good is taken, once.

      EXAMPLE
        attune dead-letters --server http://127.0.0.1:8080 --key …
        attune dead-letters --replay --code missing_property --data ./data
      """)

  @Option(help: ArgumentHelp("Only those of this code.", valueName: "code"))
  var code: String?

  @Option(help: "How many to show.")
  var limit = 20

  @Flag(help: "Take those again that are good now; all pages.")
  var replay = false

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (1...500).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 500.") }
  }

  func run() async throws {
    if replay { return try await replayAll() }
    let terminal = Terminal()
    let limit = limit
    let page = try await target.withClient {
      try await $0.json("GET", "/v1/dead-letters", query: [("limit", String(limit))])
    }
    if json { return terminal.line(page.text) }
    for letter in page["dead_letters"]?.array ?? [] where code == nil || letter["code"]?.string == code {
      let place = letter["field"]?.string.map { "\($0): " } ?? ""
      terminal.line(
        "\((letter["received_at"]?.string ?? "").prefix(19))  \(terminal.styled(letter["code"]?.string ?? "", .red))  "
          + place + (letter["message"]?.string ?? ""))
      terminal.line("    " + terminal.styled(String((letter["raw"]?.string ?? "").prefix(160)), .dim))
    }
    terminal.line("\(page["total"]?.int ?? 0) in all")
    for member in page["by_code"]?.object?.members ?? [] { terminal.line("  \(member.key)  \(member.value.text)") }
  }

  private func replayAll() async throws {
    let terminal = Terminal()
    let code = code
    let total = try await target.withClient { client in
      var total = Total()
      var cursor: String?
      repeat {
        let question = JSONValue.object(
          JSONObject(
            members: [("code", code), ("cursor", cursor)].compactMap { name, text in
              text.map { JSONObject.Member(key: name, value: .string($0)) }
            }))
        let answer = try await client.json(
          "POST", "/v1/dead-letters/replay", body: Array(question.text.utf8))
        total.add(answer)
        cursor = answer["next"]?.string
      } while cursor != nil
      return total
    }
    terminal.line(json ? total.json : total.sentence)
  }

  private struct Total: Sendable {
    private var counts: [(name: String, count: Int64)] = [
      ("accepted", 0), ("duplicates", 0), ("still_refused", 0), ("unreadable", 0),
    ]

    mutating func add(_ answer: JSONValue) {
      for index in counts.indices { counts[index].count += answer[counts[index].name]?.int ?? 0 }
    }

    var json: String {
      var writer = JSONWriter()
      writer.object { for (name, count) in counts { $0.member(name, count) } }
      return String(decoding: writer.bytes, as: UTF8.self)
    }

    var sentence: String {
      "\(counts[0].count) taken, \(counts[1].count) known already, \(counts[2].count) still refused, "
        + "\(counts[3].count) that were not kept whole"
    }
  }
}
