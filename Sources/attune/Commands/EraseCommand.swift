import ArgumentParser
import Foundation
import Primitives

struct EraseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase", abstract: "Erases a person for good, and keeps a proof that names nobody.",
    discussion: """
      The person's events, decisions and dead letters, and entries of others that name one of the person's identifiers, are
      overwritten in the log and gone from every file of the workspace when the command ends. Backups are not reached.
      With --list it shows the proofs; with a person as well, the proofs about whoever had that identifier.

      EXAMPLE
        attune erase --user 196 --data ./data
        attune erase p_01M7Z9KNP841DCFN1GCM66D88X --yes --json --server … --key …
        attune erase --list --user 196 --data ./data
      """)

  @OptionGroup var person: PersonOptions

  @Option(help: ArgumentHelp("An identifier of any namespace.", valueName: "namespace:value"))
  var identifier: String?

  @Argument(help: ArgumentHelp("A profile's own id, p_…", valueName: "profile"))
  var profile: String?

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(help: "Show the proofs of erasures, the latest first.")
  var list = false

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    let given = [person.user, person.anonymous, identifier, profile].compactMap(\.self)
    guard given.count == 1 || list && given.isEmpty else {
      throw ValidationError("Who is meant? Say one of --user, --anonymous, --identifier, or a profile's id.")
    }
    if list, profile != nil {
      throw ValidationError("--list takes an identifier: --user, --anonymous or --identifier.")
    }
    if let identifier, !identifier.contains(":") {
      throw ValidationError("--identifier takes a namespace and a value, such as email:ada@example.com.")
    }
  }

  func run() async throws {
    if list { return try await showProofs() }
    let terminal = Terminal()
    let (profile, named, yes) = (profile, named, yes)
    let proof = try await target.withClient { client in
      let id: String
      if let profile {
        id = profile
      } else {
        let query = named.map { [$0] } ?? []
        let answer = try await client.send("GET", "/v1/profiles", query: query)
        // Erased before: what a call that did not see the end left to do is waited for.
        if answer.status == 404, let proof = try await Self.finished(query, client) { return proof }
        id = try client.value(of: answer)["profile_id"]?.string ?? ""
      }
      if !yes { try Self.confirm(id, terminal: terminal) }
      return try await client.json("DELETE", "/v1/profiles/\(APIClient.encoded(id))")
    }
    if json { return terminal.line(proof.text) }
    terminal.line("erased, with this proof:")
    for line in OutlineText(terminal: terminal).lines(of: proof) { terminal.line("  " + line) }
  }

  /// Waits for the latest erasure of somebody with this identifier; nil when there was none.
  private static func finished(_ query: [(String, String?)], _ client: APIClient) async throws -> JSONValue? {
    let page = try await client.json("GET", "/v1/erasures", query: [("limit", "1")] + query)
    guard let digest = page["erasures"]?.array?.first?["profile_digest"]?.string else { return nil }
    return try await client.json("DELETE", "/v1/profiles/\(APIClient.encoded(digest))")
  }

  private func showProofs() async throws {
    let terminal = Terminal()
    let named = named
    let proofs = try await target.withClient { client in
      var proofs: [JSONValue] = []
      var cursor: String?
      repeat {
        let query = [("limit", "500"), ("cursor", cursor)] + (named.map { [$0] } ?? [])
        let page = try await client.json("GET", "/v1/erasures", query: query)
        proofs += page["erasures"]?.array ?? []
        cursor = page["next"]?.string
      } while cursor != nil
      return proofs
    }
    if json { return terminal.line(JSONValue.array(proofs).text) }
    for proof in proofs {
      for line in OutlineText(terminal: terminal).lines(of: proof) { terminal.line(line) }
      terminal.line()
    }
    terminal.line(proofs.count == 1 ? "1 erasure" : "\(proofs.count) erasures")
  }

  /// The identifier that was given, as a parameter.
  private var named: (String, String?)? {
    if let user = person.user { return ("user_id", user) }
    if let anonymous = person.anonymous { return ("anonymous_id", anonymous) }
    guard let identifier else { return nil }
    let parts = identifier.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return (parts[0], parts.last)
  }

  /// - Throws: `CommandFailure` when the person at the terminal says no, or when nobody can be asked.
  private static func confirm(_ id: String, terminal: Terminal) throws {
    guard isatty(STDIN_FILENO) != 0 else {
      throw CommandFailure("nothing was erased: nobody can be asked here; say --yes")
    }
    terminal.note("Erase \(id) for good? Nothing brings it back. Type yes:")
    guard readLine()?.lowercased() == "yes" else { throw CommandFailure("nothing was erased") }
  }
}
