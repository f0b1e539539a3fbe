import ArgumentParser
import Primitives

struct ProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Shows what is known of a person.",
    discussion: """
      EXAMPLE
        attune profile --user 196 --events 5 --data ./data
        attune profile --identifier email:ada@example.com --server … --key …
        attune profile --user 196 --as-of 2026-03-01T12:00:00Z --data ./data
        attune profile --user 196 --unmerge email:family@example.com --data ./data
      """)

  @OptionGroup var person: PersonOptions

  @Option(help: ArgumentHelp("An identifier of any namespace.", valueName: "namespace:value"))
  var identifier: String?

  @Argument(help: ArgumentHelp("A profile's own id, p_…", valueName: "profile"))
  var profile: String?

  @Option(help: "Also list so many of the latest events.")
  var events: Int?

  @Option(help: ArgumentHelp("Show what was known at this moment.", valueName: "moment"))
  var asOf: String?

  @Option(
    help: ArgumentHelp(
      "Cut this identifier off the person, as if it had never come together with the others; needs an admin key.",
      valueName: "namespace:value"))
  var unmerge: String?

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    let given = [person.user, person.anonymous, identifier, profile].compactMap(\.self)
    guard given.count == 1 else {
      throw ValidationError("Who is meant? Say one of --user, --anonymous, --identifier, or a profile's id.")
    }
    if let identifier, !identifier.contains(":") {
      throw ValidationError("--identifier takes a namespace and a value, such as email:ada@example.com.")
    }
    if let unmerge, !unmerge.contains(":") {
      throw ValidationError("--unmerge takes a namespace and a value, such as email:family@example.com.")
    }
    if let asOf, Timestamp(iso8601: asOf) == nil {
      throw ValidationError("--as-of takes a moment such as 2026-03-01T12:00:00Z.")
    }
    if asOf != nil, unmerge != nil || events != nil {
      throw ValidationError("--as-of shows the past; it goes with neither --unmerge nor --events.")
    }
    if let events, events < 1 { throw ValidationError("--events takes a number from 1.") }
  }

  func run() async throws {
    let terminal = Terminal()
    if let unmerge { return try await cut(unmerge) }
    let (path, query) = address()
    let events = events
    let (view, page) = try await target.withClient { client in
      let view = try await client.json("GET", path, query: query)
      guard let events, let id = view["profile_id"]?.string else { return (view, nil as JSONValue?) }
      let page = try await client.json("GET", "/v1/profiles/\(id)/events", query: [("limit", String(events))])
      return (view, page)
    }
    if json {
      guard let page, var object = view.object else { return terminal.line(view.text) }
      object["events"] = page["events"]
      return terminal.line(JSONValue.object(object).text)
    }
    for line in OutlineText(terminal: terminal).lines(of: view) { terminal.line(line) }
    guard let rows = page?["events"]?.array else { return }
    terminal.line(terminal.styled("latest events", .bold))
    for row in rows { terminal.line("  \(row.text)") }
  }

  private func cut(_ text: String) async throws {
    let (path, query) = address()
    let body = JSONValue.object(
      JSONObject(members: [.init(key: "identifier", value: Self.identifier(text))]))
    let receipt = try await target.withClient { client in
      let view = try await client.json("GET", path, query: query)
      let id = view["profile_id"]?.string ?? ""
      return try await client.json("POST", "/v1/profiles/\(APIClient.encoded(id))/unmerge", body: Array(body.text.utf8))
    }
    let terminal = Terminal()
    if json { return terminal.line(receipt.text) }
    for line in OutlineText(terminal: terminal).lines(of: receipt) { terminal.line(line) }
  }

  /// `namespace:value` as the interface takes it.
  private static func identifier(_ text: String) -> JSONValue {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return ["namespace": .string(parts.first ?? ""), "value": .string(parts.last ?? "")]
  }

  private func address() -> (path: String, query: [(String, String?)]) {
    let moment = asOf.map { [("as_of", $0 as String?)] } ?? []
    if let profile { return ("/v1/profiles/\(APIClient.encoded(profile))", moment) }
    if let user = person.user { return ("/v1/profiles", [("user_id", user)] + moment) }
    if let anonymous = person.anonymous { return ("/v1/profiles", [("anonymous_id", anonymous)] + moment) }
    let parts = (identifier ?? "").split(separator: ":", maxSplits: 1).map(String.init)
    return ("/v1/profiles", [(parts.first ?? "", parts.last)] + moment)
  }
}
