import ArgumentParser
import Foundation
import Governance
import Logging
import Primitives
import StorageSQLite
import Workspaces

/// Whose keys: those in a data directory that no server uses, or those of a server.
struct KeyTargetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Use this data directory; no server may be running on it.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("Ask this server. Default: ATTUNE_SERVER.", valueName: "url"))
  var server: String?

  @Option(help: ArgumentHelp("An admin key of the server. Default: ATTUNE_KEY.", valueName: "key"))
  var key: String?

  @Option(help: "The workspace whose keys are meant.")
  var workspace = "main"

  func validate() throws {
    if data != nil, server != nil { throw ValidationError("Say either --data or --server, not both.") }
    if WorkspaceID(workspace) == nil {
      throw ValidationError(
        "A workspace's name has lower-case letters, digits, - and _, and starts with one of the first two.")
    }
  }

  func withKeys<Value: Sendable>(_ body: (Keys) async throws -> Value) async throws -> Value {
    guard let workspace = WorkspaceID(workspace) else { preconditionFailure("validated") }
    if let data {
      let installation = try Installation(directory: data, logger: .quiet)
      defer { installation.release() }
      return try await body(.directory(installation.keys, workspace))
    }
    let environment = ProcessInfo.processInfo.environment
    guard let server = server ?? environment["ATTUNE_SERVER"] else {
      throw ValidationError(
        "Whose keys? Say --data DIR, or --server URL --key K (or set ATTUNE_SERVER and ATTUNE_KEY).")
    }
    let client = try APIClient(server: server, key: key ?? environment["ATTUNE_KEY"])
    return try await body(.server(client, workspace))
  }
}

/// The keys of one workspace, here or there; answers are those of `/v1/keys`.
enum Keys {
  case directory(KeyRing, WorkspaceID)
  case server(APIClient, WorkspaceID)

  func create(scopes: Set<Scope>) async throws -> JSONValue {
    let names = scopes.sorted().map { JSONValue.string($0.rawValue) }
    switch self {
    case .server(let client, let workspace):
      let body: JSONValue = ["workspace": .string(workspace.description), "scopes": .array(names)]
      return try await client.json("POST", "/v1/keys", body: Array(body.text.utf8))
    case .directory(let ring, let workspace):
      var generator = SystemRandomNumberGenerator()
      let issued = try Self.inWords {
        try ring.create(workspace: workspace, scopes: scopes, at: SystemSources.now(), using: &generator)
      }
      var object = Self.object(issued.key)
      object["key"] = .string(issued.secret.text)
      return .object(object)
    }
  }

  func list() async throws -> JSONValue {
    switch self {
    case .server(let client, let workspace):
      return try await client.json("GET", "/v1/keys", query: [("workspace", workspace.description)])
    case .directory(let ring, let workspace):
      return ["keys": .array(ring.list(workspace: workspace).map { .object(Self.object($0)) })]
    }
  }

  func revoke(_ id: String) async throws {
    switch self {
    case .server(let client, let workspace):
      _ = try await client.json(
        "DELETE", "/v1/keys/\(APIClient.encoded(id))", query: [("workspace", workspace.description)])
    case .directory(let ring, let workspace):
      guard let keyID = KeyID(id) else { throw CommandFailure("'\(id)' is no key's id; they begin with k_") }
      try Self.inWords { try ring.revoke(keyID, workspace: workspace) }
    }
  }

  private static func object(_ key: AccessKey) -> JSONObject {
    var object = JSONObject()
    object["id"] = .string(key.id.description)
    object["workspace"] = .string(key.workspace.description)
    object["scopes"] = .array(key.scopes.map { .string($0.rawValue) })
    object["origin"] = .string(key.origin.rawValue)
    object["created_at"] = .string(key.createdAt.description)
    return object
  }

  private static func inWords<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as KeyRingError {
      switch error {
      case .unknownKey(let id): throw CommandFailure("there is no key \(id) in this workspace")
      case .lastAdminKey: throw CommandFailure("this is the last admin key of 'main'; create another one first")
      case .noScopes: throw CommandFailure("a key needs a scope: collect, decide, read, admin")
      case .unusableAdminKey, .corrupt, .store: throw CommandFailure("\(error)")
      }
    }
  }
}
