import ArgumentParser
import Primitives

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Makes a recorded decision again from the log, and says whether it came out the same.",
    discussion: """
      The state is folded up to the decision as it was then: events, catalogue, definitions. The exit code is 1 when it came
      out otherwise, or cannot be made again. The reason is inputs_erased when entries before it, or its own record, went with
      a person who was erased.

      EXAMPLE
        attune replay d_01M7Z9KNP841DCFN1GCM66D88X --data ./data
      """)

  @Argument(help: ArgumentHelp("The decision's id, d_…", valueName: "decision"))
  var decision: String

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let terminal = Terminal()
    let path = "/v1/decisions/\(APIClient.encoded(decision))/replay"
    let reply = try await target.withClient { try await $0.send("POST", path, body: []) }
    // 410: the record itself was erased, and the answer says so.
    guard reply.isSuccess || reply.status == 410 && json else { throw APIClient.failure(reply) }
    let answer = try JSONDocument(parsing: reply.body).root.value
    let isReproduced = answer["reproduced"]?.bool == true
    if json {
      terminal.line(answer.text)
    } else if isReproduced {
      terminal.line(terminal.styled("the same", .green) + ", as of \(answer["at"]?.string ?? "")")
      for item in answer["items"]?.array ?? [] {
        terminal.line("  \(item["rank"]?.int ?? 0).  \(item["item_id"]?.string ?? "")  \(item["score"]?.text ?? "")")
      }
    } else {
      let differing = answer["differences"]?.array?.compactMap(\.string).joined(separator: ", ") ?? ""
      terminal.line(terminal.styled("not the same: ", .red) + (answer["reason"]?.string ?? differing))
    }
    if !isReproduced { throw ExitCode(1) }
  }
}
