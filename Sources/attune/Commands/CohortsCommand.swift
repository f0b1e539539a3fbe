import ArgumentParser
import Primitives

struct CohortsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cohorts",
    abstract: "The groups that people were found to fall into, and what sets each apart.",
    discussion: """
      They are looked for after each training ('attune train', or by itself as the section 'training' says).

      EXAMPLE
        attune cohorts list --data ./data
        attune cohorts show "running" --server http://127.0.0.1:8080 --key …
      """,
    subcommands: [List.self, Show.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "All of them, the largest first.",
      discussion: """
        EXAMPLE
          attune cohorts list --data ./data
        """)

    @OptionGroup var target: TargetOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let terminal = Terminal()
      let listing = try await target.withClient { try await $0.json("GET", "/v1/cohorts") }
      if json { return terminal.line(listing.text) }
      let cohorts = listing["cohorts"]?.array ?? []
      if !cohorts.isEmpty {
        var table = Table([.left, .left, .right, .right, .left])
        table.add(["id", "name", "people", "share", "what sets it apart"])
        for cohort in cohorts {
          let drivers = cohort["drivers"]?.array?.prefix(2).map(CohortText.driver).joined(separator: ", ") ?? ""
          table.add([
            cohort["id"]?.string ?? "", cohort["name"]?.string ?? "", Int(cohort["people"]?.int ?? 0).grouped,
            "\(((cohort["share"]?.double ?? 0) * 100).fixed(0)) %", drivers,
          ])
        }
        for line in table.lines() { terminal.line(line) }
        let people = Int(listing["people"]?.int ?? 0).grouped
        let stability = (listing["stability"]?.double ?? 0).fixed(2)
        terminal.line("found in \(people) people; two halves of them agree by \(stability) (adjusted Rand index)")
      }
      if let reason = listing["reason"]?.string {
        terminal.line(cohorts.isEmpty ? "there are no cohorts: \(reason)" : "the last search found none: \(reason)")
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One of them: its size, what sets it apart, and what its people like.",
      discussion: """
        EXAMPLE
          attune cohorts show c3 --data ./data
        """)

    @Argument(help: "The cohort's name or id.")
    var name: String

    @OptionGroup var target: TargetOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let terminal = Terminal()
      let listing = try await target.withClient { try await $0.json("GET", "/v1/cohorts") }
      let cohorts = listing["cohorts"]?.array ?? []
      guard
        let cohort = cohorts.first(where: { $0["id"]?.string == name })
          ?? cohorts.first(where: { $0["name"]?.string?.lowercased() == name.lowercased() })
      else {
        let known = cohorts.compactMap { $0["name"]?.string.map { "'\($0)'" } }
        let reason = listing["reason"]?.string ?? "there are none"
        throw CommandFailure(
          "there is no cohort '\(name)'"
            + (known.isEmpty ? ": \(reason)" : "; there are \(known.joined(separator: ", "))"))
      }
      if json { return terminal.line(cohort.text) }
      let people = Int(cohort["people"]?.int ?? 0).grouped
      terminal.line(terminal.styled(cohort["name"]?.string ?? "", .bold) + " (\(cohort["id"]?.string ?? ""))")
      terminal.line("\(people) people, \(((cohort["share"]?.double ?? 0) * 100).fixed(1)) %")
      terminal.line(terminal.styled("what sets it apart", .bold))
      for driver in cohort["drivers"]?.array ?? [] { terminal.line("  " + CohortText.driver(driver)) }
      terminal.line(terminal.styled("what its people like", .bold))
      for item in cohort["likes"]?.array ?? [] {
        let id = item["item_id"]?.string ?? ""
        terminal.line("  " + (item["title"]?.string.map { "\($0) (\(id))" } ?? id))
      }
    }
  }
}

/// Cohorts in words.
enum CohortText {
  /// `running 48 % (6.7×)`
  static func driver(_ driver: JSONValue) -> String {
    let share = ((driver["share"]?.double ?? 0) * 100).fixed(0)
    return "\(driver["feature"]?.string ?? "") \(share) % (\((driver["lift"]?.double ?? 0).fixed(1))×)"
  }
}
