import ArgumentParser
import Primitives

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Says why a decision shows what it shows, and not something else.",
    discussion: """
      EXAMPLE
        attune explain d_01JC… --data ./data
        attune explain d_01JC… --item mug-7 --server … --key …
      """)

  @Argument(help: ArgumentHelp("The decision's id, d_…", valueName: "decision"))
  var decision: String

  @Option(help: ArgumentHelp("Only what is recorded of this item.", valueName: "id"))
  var item: String?

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print the whole record as JSON.")
  var json = false

  func run() async throws {
    let terminal = Terminal()
    let path = "/v1/decisions/\(APIClient.encoded(decision))"
    let item = item
    let record = try await target.withClient { try await $0.json("GET", path, query: [("item", item)]) }
    if json { return terminal.line(record.text) }
    let outline = OutlineText(terminal: terminal)
    guard let item else {
      for line in outline.lines(of: record) { terminal.line(line) }
      return
    }
    let found = Self.mentions(of: item, in: record)
    guard !found.isEmpty else {
      throw CommandFailure("the record of \(decision) does not mention '\(item)': it was not among the candidates")
    }
    for mention in found {
      for line in outline.lines(of: mention) { terminal.line(line) }
      terminal.line()
    }
  }

  /// Every object within the record whose `item_id` is `item`.
  private static func mentions(of item: String, in value: JSONValue) -> [JSONValue] {
    switch value {
    case .object(let object):
      if object["item_id"]?.string == item { return [value] }
      return object.members.flatMap { mentions(of: item, in: $0.value) }
    case .array(let elements): return elements.flatMap { mentions(of: item, in: $0) }
    default: return []
    }
  }
}
