import Governance
import Primitives
import Testing

@testable import HTTPAPI

@Suite struct TenantWallTests {
  /// Ids that exist in the first workspace, each under the route that shows it.
  private struct Known {
    let profile: String
    let decision: String
    let key: String

    func path(of route: DocumentedRoute) -> String {
      let id =
        switch route.path {
        case let path where path.hasPrefix("/v1/profiles/"): profile
        case let path where path.hasPrefix("/v1/decisions/"): decision
        case let path where path.hasPrefix("/v1/keys/"): key
        default: "secret-mug"
        }
      let query =
        switch route.path {
        case "/v1/profiles", "/v1/recommendations": "?user_id=secret-person"
        default: ""
        }
      return route.path.replacing("{id}", with: id) + query
    }
  }

  private func fill(_ server: TestServer) async throws -> Known {
    let admin = server.admin
    _ = try await admin.send("PUT", "/v1/catalog/items", Array(#"[{"item_id":"secret-mug","title":"Mug"}]"#.utf8))
    _ = try await admin.post("/v1/events", #"{"event_type":"view","user_id":"secret-person","item_id":"secret-mug"}"#)
    _ = try await admin.post("/v1/events", #"{"user_id":"secret-person"}"#)
    let definitions = #"{"files":[{"path":"secret.yaml","text":"placements: {secret-place: {}}"}]}"#
    _ = try await admin.send("PUT", "/v1/definitions", Array(definitions.utf8))
    let profile = try await admin.get("/v1/profiles?user_id=secret-person").json
    let decision = try await admin.post("/v1/decide", #"{"user_id":"secret-person"}"#).json
    let keys = try await admin.get("/v1/keys").json
    return Known(
      profile: try #require(profile["profile_id"]?.string), decision: try #require(decision["decision_id"]?.string),
      key: try #require(keys["keys"]?.array?.first?["id"]?.string))
  }

  /// Bodies that a route takes, so that the wall is tried and not the door before it.
  private func body(of route: DocumentedRoute) -> String {
    switch route.path {
    case "/v1/batch", "/v1/import": #"{"batch":[]}"#
    case "/v1/definitions", "/v1/definitions/check": #"{"files":[]}"#
    case "/v1/keys": #"{"scopes":["read"]}"#
    case "/v1/catalog/items": #"[{"item_id":"own"}]"#
    case "/v1/catalog/items/{id}": #"{"title":"changed"}"#
    case "/v1/profiles/{id}/unmerge": #"{"identifier":{"namespace":"user_id","value":"secret-person"}}"#
    case "/v1/train": "{}"
    case "/v1/models/activate": #"{"version":0}"#
    case "/v1/predictions/activate": #"{"prediction":"buys"}"#
    case "/v1/table":
      #"{"moments":[{"namespace":"user_id","value":"secret-person","at":"2026-07-01T00:00:00Z"}]}"#
    case "/v1/decide": #"{"user_id":"secret-person","similar_to":["secret-mug"],"candidates":["secret-mug"]}"#
    default:
      #"{"userId":"own","user_id":"own","event":"e","event_type":"e","groupId":"g","previousId":"p","purposes":{"a":true}}"#
    }
  }

  @Test func `on no route does a second workspace see anything of the first`() async throws {
    try await TestServer.run { server in
      let known = try await fill(server)
      let second = try server.client("second", .collect, .decide, .read, .admin)
      let secrets = ["secret-", known.profile, known.decision, known.key]
      for route in try await documentedRoutes(server) where route.needsKey && !route.isStream {
        let path = known.path(of: route)
        let hasBody = ["POST", "PUT", "PATCH"].contains(route.method)
        let answer = try await second.send(route.method, path, hasBody ? Array(body(of: route).utf8) : nil)
        if route.path.contains("{id}") || ["/v1/profiles", "/v1/predictions/activate"].contains(route.path) {
          #expect(answer.status == 404, "\(route) answered \(answer.status)")
        } else {
          #expect((200...202).contains(answer.status), "\(route): \(answer.text)")
        }
        // What the caller sent may be named in a refusal; what only the first workspace knows may not.
        let isTold = route.path == "/v1/dead-letters" || answer.status == 200
        for secret in secrets where isTold { #expect(!answer.text.contains(secret), "\(route) shows \(secret)") }
      }
      #expect(try await server.admin.get("/v1/catalog/items/secret-mug").json["title"]?.string == "Mug")
      #expect(try await server.admin.get("/v1/profiles?user_id=own").status == 404)
      #expect(try await server.admin.get("/v1/catalog/items/own").status == 404)
      #expect(try await server.admin.get("/v1/definitions").json["version"]?.int == 1)
    }
  }

  @Test func `who watches sees their own workspace only`() async throws {
    try await TestServer.run { server in
      let second = try server.client("second", .collect, .read)
      let (began, begin) = AsyncStream.makeStream(of: Void.self)
      async let watched = second.watch("/v1/tail", onStart: { begin.finish() }) { $0.contains("own-event") }
      for await _ in began {}
      for (client, name) in [(server.admin, "secret-event"), (second, "own-event")] {
        #expect(try await client.post("/v1/events", #"{"event_type":"\#(name)","user_id":"u"}"#).status == 200)
      }
      let text = try await watched
      #expect(text.contains("own-event"))
      #expect(!text.contains("secret"))
    }
  }
}
