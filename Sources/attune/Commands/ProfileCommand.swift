import ArgumentParser
import Primitives

struct ProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Shows what is known of a person.",
    discussion: """
      EXAMPLE
        attune profile --user 196 --events 5 --data ./data
        attune profile --identifier email:ada@example.com --server … --key …
      """)

  @OptionGroup var person: PersonOptions

  @Option(help: ArgumentHelp("An identifier of any namespace.", valueName: "namespace:value"))
  var identifier: String?

  @Argument(help: ArgumentHelp("A profile's own id, p_…", valueName: "profile"))
  var profile: String?

  @Option(help: "Also list so many of the latest events.")
  var events: Int?

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
    if let events, events < 1 { throw ValidationError("--events takes a number from 1.") }
  }

  func run() async throws {
    let terminal = Terminal()
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

  private func address() -> (path: String, query: [(String, String?)]) {
    if let profile { return ("/v1/profiles/\(APIClient.encoded(profile))", []) }
    if let user = person.user { return ("/v1/profiles", [("user_id", user)]) }
    if let anonymous = person.anonymous { return ("/v1/profiles", [("anonymous_id", anonymous)]) }
    let parts = (identifier ?? "").split(separator: ":", maxSplits: 1).map(String.init)
    return ("/v1/profiles", [(parts.first ?? "", parts.last)])
  }
}
