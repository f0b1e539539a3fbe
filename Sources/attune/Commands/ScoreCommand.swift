import ArgumentParser
import Primitives

struct ScoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Says what a person may do, how surely, and which of their features say so.",
    discussion: """
      Contributions are in log-odds, before calibration: the bias, all contributions and the rest sum to the margin.

      EXAMPLE
        attune score --user 196 --data ./data
        attune score p_01JC… --server http://127.0.0.1:8080 --key … --json
      """)

  @OptionGroup var person: PersonOptions

  @Argument(help: ArgumentHelp("A profile's own id, p_…", valueName: "profile"))
  var profile: String?

  @Option(help: "Only this prediction.")
  var prediction: String?

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard [person.user, person.anonymous, profile].compactMap(\.self).count == 1 else {
      throw ValidationError("Who is meant? Say one of --user, --anonymous, or a profile's id.")
    }
  }

  func run() async throws {
    let terminal = Terminal()
    let listing = try await target.withClient { client in
      var id = profile
      if id == nil {
        let query = person.user.map { ("user_id", $0 as String?) } ?? ("anonymous_id", person.anonymous)
        id = try await client.json("GET", "/v1/profiles", query: [query])["profile_id"]?.string
      }
      return try await client.json("GET", "/v1/profiles/\(APIClient.encoded(id ?? ""))/scores")
    }
    var scores = listing["scores"]?.object?.members.map { ($0.key, $0.value) } ?? []
    if let prediction {
      scores = scores.filter { $0.0 == prediction }
      if scores.isEmpty {
        throw CommandFailure("there is no prediction '\(prediction)'; 'attune predictions list' shows which there are")
      }
    }
    if json {
      var shown = listing.object ?? JSONObject()
      shown["scores"] = .object(JSONObject(members: scores.map { .init(key: $0.0, value: $0.1) }))
      return terminal.line(JSONValue.object(shown).text)
    }
    if scores.isEmpty {
      return terminal.line("nothing is predicted: the section 'predictions' of the definitions says what")
    }
    for (name, score) in scores { for line in Self.lines(name, score) { terminal.line(line) } }
  }

  private static func lines(_ name: String, _ score: JSONValue) -> [String] {
    guard let probability = score["probability"]?.double else {
      return ["\(name): none; \(score["absent"]?.string ?? "")"]
    }
    func number(_ key: String, _ digits: Int = 3) -> String { (score[key]?.double ?? 0).fixed(digits) }
    var table = Table([.right, .left, .left])
    table.add([number("bias"), "bias", ""])
    for contribution in score["contributions"]?.array ?? [] {
      let value = contribution["value"] ?? .null
      table.add([
        (contribution["contribution"]?.double ?? 0).fixed(3), contribution["feature"]?.string ?? "",
        value == .null ? "missing" : String(value.text.prefix(60)),
      ])
    }
    table.add([number("rest"), "all others", ""])
    return [
      "\(name): \(probability.fixed(4)) (base rate \(number("base_rate", 4))), by model \(score["version"]?.int ?? 0); "
        + "margin \(number("margin"))"
    ] + table.lines()
  }
}
