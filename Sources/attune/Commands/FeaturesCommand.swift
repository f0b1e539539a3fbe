import ArgumentParser
import Primitives

struct FeaturesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Shows the features in force: where they come from, how fresh they are, who uses them.",
    discussion: """
      With a person also their values, and since when each has not changed.

      EXAMPLE
        attune features --server http://127.0.0.1:8080 --key …
        attune features --user 196 --data ./data
      """)

  @OptionGroup var person: PersonOptions
  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if person.user != nil, person.anonymous != nil {
      throw ValidationError("Who is meant? Say --user or --anonymous, not both.")
    }
  }

  func run() async throws {
    let terminal = Terminal()
    let person = person
    let listing = try await target.withClient { client in
      guard let identifier = person.user.map({ ("user_id", $0) }) ?? person.anonymous.map({ ("anonymous_id", $0) })
      else {
        return try await client.json("GET", "/v1/features")
      }
      let profile = try await client.json("GET", "/v1/profiles", query: [(identifier.0, identifier.1)])
      return try await client.json("GET", "/v1/profiles/\(profile["profile_id"]?.string ?? "")/features")
    }
    if json { return terminal.line(listing.text) }
    for line in Self.lines(of: listing["features"]?.array ?? []) { terminal.line(line) }
  }

  private static func lines(of features: [JSONValue]) -> [String] {
    let hasValues = features.contains { $0["value"] != nil }
    var table = Table([.left, .left, .left, .left, .left, .left])
    table.add(["feature", hasValues ? "value" : "type", "made of", "window", "last event", "used by"])
    for feature in features {
      let value = feature["value"].map { $0 == .null ? "–" : $0.text }
      let sources = (feature["parts"]?.texts ?? []) + (feature["events"]?.texts ?? [])
      let age = feature["updated_at"]?.string.map { String($0.prefix(16)) } ?? "–"
      let uses = feature["used_by"]?.array?.compactMap { use in
        "\(use["placement"]?.string ?? "") \(use["list"]?.string ?? "") \(use["number"]?.int ?? 0)"
      }
      table.add([
        feature["name"]?.string ?? "", shortened(hasValues ? value ?? "–" : feature["type"]?.string ?? ""),
        shortened(sources.joined(separator: ", ")),
        feature["window"]?.string ?? feature["half_life"]?.string.map { "half-life \($0)" } ?? "–",
        age + (feature["stale"]?.bool == true ? " (stale)" : ""), (uses ?? []).joined(separator: ", "),
      ])
    }
    return table.lines()
  }

  private static func shortened(_ text: String) -> String { text.count > 44 ? text.prefix(43) + "…" : text }
}

extension JSONValue {
  fileprivate var texts: [String] { array?.compactMap(\.string) ?? [] }
}
