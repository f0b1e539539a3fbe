import ArgumentParser
import Governance
import Primitives

struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Creates, lists and revokes keys.",
    discussion: """
      A key belongs to a workspace; a workspace begins with its first key. Scopes: collect (send events), decide (ask what to
      show), read (profiles, decisions, metrics), admin (everything, also catalogue, definitions and keys).

      EXAMPLE
        attune keys create --workspace shop --scopes collect,decide,read --data ./data
      """,
    subcommands: [CreateKeyCommand.self, ListKeysCommand.self, RevokeKeyCommand.self])
}

struct CreateKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Creates a key and prints it, this once.",
    discussion: """
      EXAMPLE
        attune keys create --workspace shop --scopes collect,decide,read --json --server … --key …
      """)

  @Option(help: "What the key may do: collect, decide, read, admin, with commas between.")
  var scopes: String

  @OptionGroup var target: KeyTargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    for name in scopes.split(separator: ",") where Scope(rawValue: String(name)) == nil {
      throw ValidationError("'\(name)' is no scope; there are collect, decide, read and admin.")
    }
  }

  func run() async throws {
    let terminal = Terminal()
    let scopes = Set(scopes.split(separator: ",").compactMap { Scope(rawValue: String($0)) })
    let created = try await target.withKeys { try await $0.create(scopes: scopes) }
    if json { return terminal.line(created.text) }
    terminal.line(created["key"]?.string ?? "")
    terminal.note("This key of workspace \(created["workspace"]?.string ?? "") is shown only now.")
  }
}

struct ListKeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the keys of a workspace, without their secrets.",
    discussion: """
      EXAMPLE
        attune keys list --workspace shop --data ./data
      """)

  @OptionGroup var target: KeyTargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let terminal = Terminal()
    let answer = try await target.withKeys { try await $0.list() }
    if json { return terminal.line(answer.text) }
    var table = Table([.left, .left, .left])
    for key in answer["keys"]?.array ?? [] {
      let scopes = (key["scopes"]?.array ?? []).compactMap(\.string).joined(separator: ",")
      table.add([key["id"]?.string ?? "", scopes, key["created_at"]?.string ?? ""])
    }
    for line in table.lines() { terminal.line(line) }
  }
}

struct RevokeKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Makes a key useless from now on.",
    discussion: """
      EXAMPLE
        attune keys revoke k_01JC… --workspace shop --data ./data
      """)

  @Argument(help: ArgumentHelp("The key's id, k_…", valueName: "key-id"))
  var id: String

  @OptionGroup var target: KeyTargetOptions

  func run() async throws {
    let id = id
    try await target.withKeys { try await $0.revoke(id) }
    Terminal().note("\(id) is revoked")
  }
}
