import Governance
import HTTPTypes
import Logging
import Primitives
import Workspaces

/// Who may do what.
struct KeyRoutes: Sendable {
  let context: ServerContext

  var routes: [Route] {
    [
      Route(.post, "/v1/keys", .key(.admin), body: .small, on: .blockingPool, .createKey) { try create($0) },
      Route(.get, "/v1/keys", .key(.admin), .listKeys) { try list($0) },
      Route(.delete, "/v1/keys/{id}", .key(.admin), on: .blockingPool, .revokeKey) { try revoke($0) },
    ]
  }

  private func create(_ call: Call) throws -> Reply {
    let body = try call.object()
    let workspace = try workspace(named: try Self.text(body["workspace" as StaticString], "workspace"), call)
    let scopes = try Self.scopes(body["scopes" as StaticString])
    var random = RandomSource(draw: context.random)
    let issued = try context.keys.create(workspace: workspace, scopes: scopes, at: call.receivedAt, using: &random)
    note("key created", issued.key, by: call.caller)
    return Reply { writer in
      writer.object { writer in
        issued.key.writeMembers(into: &writer)
        writer.member("key", issued.secret.text)
      }
    }
  }

  private func list(_ call: Call) throws -> Reply {
    let workspace = try workspace(named: try call.query.last("workspace"), call)
    return Reply { writer in
      writer.object { writer in
        writer.member(
          "keys",
          array: { list in
            for key in context.keys.list(workspace: workspace) { list.object { key.writeMembers(into: &$0) } }
          })
      }
    }
  }

  private func revoke(_ call: Call) throws -> Reply {
    let workspace = try workspace(named: try call.query.last("workspace"), call)
    guard let id = KeyID(call.parameters[0]) else { throw Problem.unknown("such key") }
    try context.keys.revoke(id, workspace: workspace)
    context.logger.info(
      "key revoked", metadata: ["workspace": "\(workspace)", "key": "\(id)", "by": "\(call.caller.key)"])
    return Reply { $0.object { $0.member("id", id.description) } }
  }

  /// The workspace meant: the caller's own unless they name one that they may look after.
  private func workspace(named name: String?, _ call: Call) throws(Problem) -> WorkspaceID {
    guard let name else { return call.caller.workspace }
    guard let workspace = WorkspaceID(name) else {
      throw .invalidParameter(
        "workspace", "'\(name.prefix(80))' is no workspace name: 1 to 64 lower-case letters, digits, '-' and '_'")
    }
    guard call.caller.mayKeepKeys(of: workspace) else { throw .foreignWorkspace }
    return workspace
  }

  private static func text(_ view: JSONView?, _ name: String) throws(Problem) -> String? {
    guard let view, !view.isNull else { return nil }
    guard let text = view.string else { throw .invalidField(name, found: view, expected: "a string") }
    return text
  }

  private static func scopes(_ view: JSONView?) throws(Problem) -> Set<Scope> {
    guard let view else { throw Problem(KeyRingError.noScopes) }
    guard view.isArray else { throw .invalidField("scopes", found: view, expected: "an array of scopes") }
    var scopes: Set<Scope> = []
    for (index, element) in view.elements.enumerated() {
      guard let scope = element.string.flatMap(Scope.init(rawValue:)) else {
        throw .invalidField(
          "scopes[\(index)]", found: element,
          expected: "one of " + Scope.allCases.map(\.rawValue).joined(separator: ", "))
      }
      scopes.insert(scope)
    }
    guard !scopes.isEmpty else { throw Problem(KeyRingError.noScopes) }
    return scopes
  }

  private func note(_ message: String, _ key: AccessKey, by caller: Caller) {
    context.logger.info(
      "\(message)",
      metadata: [
        "workspace": "\(key.workspace)", "key": "\(key.id)", "by": "\(caller.key)",
        "scopes": "\(key.scopes.map(\.rawValue).joined(separator: ","))",
      ])
  }
}

extension AccessKey {
  fileprivate func writeMembers(into writer: inout JSONWriter) {
    writer.member("id", id.description)
    writer.member("workspace", workspace.description)
    writer.member("scopes", array: { list in for scope in scopes { list.string(scope.rawValue) } })
    writer.member("origin", origin.rawValue)
    writer.member("created_at", createdAt)
  }
}
