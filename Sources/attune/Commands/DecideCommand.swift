import ArgumentParser
import Primitives

struct DecideCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Asks what to show a person.",
    discussion: """
      EXAMPLE
        attune decide --user 196 --count 5 --data ./data
        attune decide --anonymous v1 --context '{"device":"mobile"}' --filter 'item.price < 50' --server … --key …
      """)

  @OptionGroup var person: PersonOptions

  @Option(help: "The placement to decide for.")
  var placement = "home"

  @Option(help: "How many items. Default: what the placement says.")
  var count: Int?

  @Option(help: ArgumentHelp("Circumstances, as a JSON object.", valueName: "json"))
  var context: String?

  @Option(help: ArgumentHelp("Items not to show, with commas between.", valueName: "ids"))
  var exclude: String?

  @Option(help: ArgumentHelp("A rule that must hold of every item.", valueName: "rule"))
  var filter: String?

  @Option(help: ArgumentHelp("The only items to choose from, with commas between.", valueName: "ids"))
  var candidates: String?

  @Option(help: ArgumentHelp("Items to show alternatives to, with commas between.", valueName: "ids"))
  var similarTo: String?

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print the answer as JSON.")
  var json = false

  func validate() throws {
    if person.user == nil, person.anonymous == nil {
      throw ValidationError("Who is asking? Say --user or --anonymous.")
    }
    if let context, (try? JSONValue(parsing: context))?.object == nil {
      throw ValidationError("--context takes a JSON object, such as '{\"device\":\"mobile\"}'.")
    }
  }

  func run() async throws {
    let terminal = Terminal()
    let body = question()
    let isForPeople = !json
    let (answer, titles) = try await target.withClient { client in
      let answer = try await client.json("POST", "/v1/decide", body: body)
      return (answer, isForPeople ? await Self.titles(of: answer, from: client) : [:])
    }
    if json { return terminal.line(answer.text) }
    for line in DecisionText(terminal: terminal, titles: titles).lines(of: answer) { terminal.line(line) }
  }

  /// Titles by item id; what has none, or may not be read with this key, is left out.
  private static func titles(of answer: JSONValue, from client: APIClient) async -> [String: String] {
    var titles: [String: String] = [:]
    for id in (answer["items"]?.array ?? []).prefix(20).compactMap({ $0["item_id"]?.string }) {
      let item = try? await client.json("GET", "/v1/catalog/items/\(APIClient.encoded(id))")
      titles[id] = item?["title"]?.string
    }
    return titles
  }

  private func question() -> [UInt8] {
    func ids(_ text: String) -> JSONValue { .array(text.split(separator: ",").map { .string(String($0)) }) }
    var writer = JSONWriter()
    writer.object { writer in
      person.write(into: &writer)
      writer.member("placement", placement)
      if let count { writer.member("count", count) }
      if let context, let value = try? JSONValue(parsing: context) { writer.member("context", value) }
      if let exclude { writer.member("exclude", ids(exclude)) }
      if let filter { writer.member("filter", filter) }
      if let candidates { writer.member("candidates", ids(candidates)) }
      if let similarTo { writer.member("similar_to", ids(similarTo)) }
    }
    return writer.bytes
  }
}

/// An answer of `POST /v1/decide` for people to read.
struct DecisionText {
  let terminal: Terminal
  let titles: [String: String]

  func lines(of answer: JSONValue) -> [String] {
    var table = Table([.right, .left, .left, .right, .left])
    for item in answer["items"]?.array ?? [] {
      let id = item["item_id"]?.string ?? ""
      let reasons = (item["reasons"]?.array ?? []).compactMap { $0["text"]?.string }
      table.add([
        "\(item["rank"]?.int ?? 0).", id, titles[id] ?? "", (item["score"]?.double ?? 0).fixed(3),
        reasons.joined(separator: "; "),
      ])
    }
    var lines = table.lines(indent: "  ")
    if lines.isEmpty { lines = ["  nothing to show"] }
    return lines + ["", summary(of: answer)]
  }

  private func summary(of answer: JSONValue) -> String {
    var parts = ["decision \(answer["decision_id"]?.string ?? "(not recorded)")"]
    parts.append("placement \(answer["placement"]?.string ?? "?")")
    parts.append("stage \(answer["stage"]?.string ?? "?")")
    if answer["holdout"]?.bool == true { parts.append("holdout") }
    if let fallback = answer["fallback"]?.string { parts.append("fallback \(fallback)") }
    return terminal.styled(parts.joined(separator: " · "), .dim)
  }
}
