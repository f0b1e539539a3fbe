import Governance
import Primitives
import Testing

@testable import HTTPAPI

/// A route as the served document lists it.
struct DocumentedRoute: CustomStringConvertible {
  let method: String
  let path: String
  let needsKey: Bool
  let takesBody: Bool
  let needsBody: Bool
  let tag: String

  var description: String { "\(method) \(path)" }

  /// With ids that nobody has.
  var examplePath: String {
    path.replacing("{id}", with: "none") + (path == "/v1/profiles" ? "?user_id=none" : "")
      + (path == "/v1/recommendations" ? "?user_id=none" : "")
  }

  var isStream: Bool { path == "/v1/tail" }

  var takesWriteKey: Bool { tag == "collect" && method == "POST" && path != "/v1/events" }

  /// By the interface's own table: what is sent is `collect`, what is asked is `decide`, what changes a workspace or
  /// shows its rules is `admin`, all other reading is `read`.
  var scope: Scope {
    switch (tag, method) {
    case _ where path.hasSuffix("/replay"): .admin
    case ("collect", "POST"): .collect
    case ("decide", _) where path != "/v1/decisions/{id}": .decide
    case ("definitions", _), ("keys", _), ("models", _), ("people", "POST"), ("catalog", "PUT"), ("catalog", "PATCH"),
      ("catalog", "DELETE"):
      .admin
    default: .read
    }
  }
}

func documentedRoutes(_ server: TestServer) async throws -> [DocumentedRoute] {
  let document = try await server.stranger.get("/openapi.json").json
  let paths = try #require(document["paths"]?.object)
  return paths.members.flatMap { path in
    (path.value.object?.members ?? []).map { method in
      DocumentedRoute(
        method: method.key.uppercased(), path: path.key, needsKey: method.value["security"]?.array?.isEmpty == false,
        takesBody: method.value["requestBody"] != nil,
        needsBody: method.value["requestBody"]?["required"]?.bool == true,
        tag: method.value["tags"]?.array?.first?.string ?? "")
    }
  }
}
