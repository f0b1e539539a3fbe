import ArgumentParser
import Primitives

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Makes recorded decisions again from the log, and says whether they came out the same.",
    discussion: """
      The state is folded up to each decision as it was then: events, catalogue, definitions. One decision by its id, or a
      random sample of all in one pass. The exit code is 1 when any came out otherwise, or cannot be made again. The reason is
      inputs_erased when entries before it, or its own record, went with a person who was erased.

      EXAMPLE
        attune replay d_01M7Z9KNP841DCFN1GCM66D88X --data ./data
        attune replay --sample 1000 --data ./data
      """)

  @Argument(help: ArgumentHelp("The decision's id, d_…", valueName: "decision"))
  var decision: String?

  @Option(help: ArgumentHelp("So many of all recorded decisions; all where there are fewer.", valueName: "count"))
  var sample: Int?

  @Option(help: ArgumentHelp("With --sample: another seed draws others.", valueName: "number"))
  var seed: Int?

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (decision == nil) != (sample == nil) else {
      throw ValidationError("Say which decision, or --sample and how many.")
    }
    if let sample, sample < 1 { throw ValidationError("A sample has at least one decision.") }
    if let seed, seed < 1 { throw ValidationError("A seed is at least 1.") }
    if seed != nil, sample == nil { throw ValidationError("--seed belongs to --sample.") }
  }

  func run() async throws {
    if let decision { try await replay(decision) } else { try await replaySample() }
  }

  private func replay(_ decision: String) async throws {
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
      terminal.line(terminal.styled("not the same: ", .red) + Self.difference(answer))
    }
    if !isReproduced { throw ExitCode(1) }
  }

  private func replaySample() async throws {
    let terminal = Terminal()
    let query = [("sample", sample.map(String.init)), ("seed", seed.map(String.init))]
    let summary = try await target.withClient { client in
      var last: JSONValue?
      for try await line in LineStream.lines(of: try client.request("POST", "/v1/replay", query: query, body: []))
      where !line.isEmpty {
        let value = try JSONValue(parsing: line)
        if let entries = value["entries"]?.int, let all = value["of"]?.int {
          terminal.progress("\(Int(entries).grouped) of \(Int(all).grouped) entries folded")
        } else {
          last = value
        }
      }
      terminal.endProgress()
      guard let last else { throw CommandFailure("the server ended before it was through") }
      return last
    }
    let (replayed, reproduced) = (summary["replayed"]?.int ?? 0, summary["reproduced"]?.int ?? 0)
    if json {
      terminal.line(summary.text)
    } else {
      let share = "\(Int(reproduced).grouped) of \(Int(replayed).grouped) decisions are the same"
      terminal.line(
        terminal.styled(share, reproduced == replayed ? .green : .red)
          + " (the log holds \(Int(summary["decisions"]?.int ?? 0).grouped))")
      for view in summary["differing"]?.array ?? [] {
        terminal.line("  \(view["decision_id"]?.string ?? "")  \(Self.difference(view))")
      }
    }
    if reproduced != replayed { throw ExitCode(1) }
  }

  private static func difference(_ view: JSONValue) -> String {
    view["reason"]?.string ?? view["differences"]?.array?.compactMap(\.string).joined(separator: ", ") ?? ""
  }
}
