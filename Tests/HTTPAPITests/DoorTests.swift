import Governance
import Primitives
import Testing

@testable import HTTPAPI

@Suite struct DoorTests {
  @Test func `without a key only health, readiness and the document answer`() async throws {
    try await TestServer.run { server in
      for route in try await documentedRoutes(server) {
        let answer = try await server.stranger.send(route.method, route.examplePath, Array("{}".utf8))
        let isOpen = ["/healthz", "/readyz", "/openapi.json"].contains(route.path)
        #expect(answer.status == (isOpen ? 200 : 401), "\(route)")
        if isOpen { continue }
        #expect(answer.code == "missing_key", "\(route)")
        expectBearerChallenge(answer, "\(route)")
      }
    }
  }

  @Test func `an unknown key opens nothing`() async throws {
    try await TestServer.run { server in
      let forger = Client(address: server.address, key: "atn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
      for route in try await documentedRoutes(server) where route.needsKey {
        // Tracking calls may still have a good key in the body; without any it is a missing one.
        let body = route.takesWriteKey ? #"{"writeKey":"atn_no"}"# : "{}"
        let answer = try await forger.send(route.method, route.examplePath, Array(body.utf8))
        #expect(answer.status == 401, "\(route)")
        #expect(answer.code == "unknown_key", "\(route)")
        expectBearerChallenge(answer, "\(route)")
      }
    }
  }

  /// Not Basic: browsers would ask for a name and a password, and clients wait for somebody to type one.
  private func expectBearerChallenge(_ answer: Client.Answer, _ route: String) {
    #expect(answer.headers["www-authenticate"] == #"Bearer realm="attune""#, "\(route)")
  }

  /// What each scope alone may call; `admin` may call everything.
  @Test(arguments: [Scope.collect, .decide, .read])
  func `a key without the scope of a route is refused there`(scope: Scope) async throws {
    try await TestServer.run { server in
      let client = try server.client("main", scope)
      for route in try await documentedRoutes(server) where route.needsKey && !route.isStream {
        let answer = try await client.send(route.method, route.examplePath, Array("{}".utf8))
        let isRefused = answer.status == 403 && answer.code == "missing_scope"
        #expect(isRefused == (route.scope != scope), "\(route) answered \(answer.status)")
      }
    }
  }

  @Test func `a removed key is refused from the next request on`() async throws {
    try await TestServer.run { server in
      let created = try await server.admin.post("/v1/keys", #"{"workspace":"shop","scopes":["read"]}"#)
      let key = try #require(created.json["key"]?.string)
      let id = try #require(created.json["id"]?.string)
      let client = Client(address: server.address, key: key)
      #expect(try await client.get("/v1/dead-letters").status == 200)
      #expect(try await server.admin.send("DELETE", "/v1/keys/\(id)?workspace=shop").status == 200)
      #expect(try await client.get("/v1/dead-letters").status == 401)
    }
  }

  @Test(arguments: [
    ("GET", "/nothing", 404, "unknown_route"), ("GET", "/v1/items", 404, "unknown_route"),
    ("GET", "/v1/track", 405, "method_not_allowed"), ("POST", "/healthz", 405, "method_not_allowed"),
    ("PUT", "/v1/items/a/similar", 405, "method_not_allowed"), ("OPTIONS", "/v1/track", 405, "method_not_allowed"),
    ("GET", "/v1/catalog/items/%ff", 400, "invalid_path"), ("GET", "/v1/catalog/items/%2", 400, "invalid_path"),
    ("GET", "/v1/recommendations?user_id=%ff", 400, "invalid_parameter"),
    ("GET", "/v1/recommendations?user_id=u&count=0", 400, "invalid_parameter"),
    ("GET", "/v1/dead-letters?limit=x", 400, "invalid_parameter"),
    ("GET", "/v1/dead-letters?cursor=x", 400, "invalid_parameter"),
    ("GET", "/v1/catalog/items?cursor=%20!", 400, "invalid_parameter"),
    ("GET", "/v1/export?kind=secrets", 400, "invalid_parameter"),
    ("GET", "/v1/keys?workspace=NO", 400, "invalid_parameter"),
    ("GET", "/v1/profiles", 400, "invalid_parameter"), ("GET", "/v1/profiles?a=1&b=2", 400, "invalid_parameter"),
    ("GET", "/v1/profiles/p_x", 404, "not_found"), ("GET", "/v1/decisions/d_x", 404, "not_found"),
  ])
  func `what cannot be asked is refused with a code`(
    method: String, path: String, status: Int, code: String
  ) async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.send(method, path)
      #expect(answer.status == status)
      #expect(answer.code == code)
      #expect(answer.json["message"]?.string?.isEmpty == false)
      #expect(answer.headers["content-type"] == "application/json")
    }
  }

  @Test func `a path says which methods it answers`() async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.send("POST", "/v1/catalog/items/mug")
      #expect(answer.headers["allow"] == "GET, PATCH, DELETE")
    }
  }

  @Test func `HEAD answers the head of GET`() async throws {
    try await TestServer.run { server in
      let head = try await server.admin.send("HEAD", "/healthz")
      #expect(head.status == 200)
      #expect(head.headers["content-length"] == "15")
      #expect(head.body.isEmpty)
    }
  }

  @Test func `a key that sends too much is told when to come back`() async throws {
    try await TestServer.run {
      $0.requestRate = RateLimit(perSecond: 1, burst: 2)
    } _: { server in
      let client = try server.client("main", .read)
      #expect(try await client.get("/v1/dead-letters").status == 200)
      #expect(try await client.get("/v1/dead-letters").status == 200)
      let refused = try await client.get("/v1/dead-letters")
      #expect(refused.status == 429)
      #expect(refused.code == "rate_limited")
      #expect(refused.headers["retry-after"] == "1")
      #expect(refused.headers["x-ratelimit-reset"] == "\(TestServer.start.microseconds / 1_000_000 + 2)")
      #expect(try await server.admin.get("/v1/dead-letters").status == 200, "another key has its own share")
      server.advance(by: .seconds(1))
      #expect(try await client.get("/v1/dead-letters").status == 200)
    }
  }

  @Test func `a key that sends too many events is told so`() async throws {
    try await TestServer.run {
      $0.eventRate = RateLimit(perSecond: 1, burst: 2)
    } _: { server in
      let three =
        #"[{"event_type":"a","user_id":"u"},{"event_type":"b","user_id":"u"},{"event_type":"c","user_id":"u"}]"#
      #expect(try await server.admin.post("/v1/events", three).status == 200)
      let refused = try await server.admin.post("/v1/events", three)
      #expect(refused.status == 429)
      #expect(refused.headers["retry-after"] == "1")
      server.advance(by: .seconds(5))
      #expect(try await server.admin.post("/v1/events", three).status == 200)
    }
  }
}

@Suite struct CrossOriginTests {
  private let ask = ["Origin": "https://shop.example", "Access-Control-Request-Method": "POST"]

  @Test func `pages of any origin may send events and ask for decisions`() async throws {
    try await TestServer.run { server in
      for path in ["/v1/track", "/v1/events", "/v1/decide", "/v1/consent", "/v1/batch"] {
        let preflight = try await server.stranger.send("OPTIONS", path, headers: ask)
        #expect(preflight.status == 204, "\(path)")
        #expect(preflight.headers["access-control-allow-origin"] == "*", "\(path)")
        #expect(preflight.headers["access-control-allow-headers"]?.contains("Authorization") == true, "\(path)")
        let answer = try await server.admin.post(path, "{}", headers: ["Origin": "https://shop.example"])
        #expect(answer.headers["access-control-allow-origin"] == "*", "\(path), also when it is refused")
      }
    }
  }

  @Test func `pages may not use what is for operators`() async throws {
    try await TestServer.run { server in
      for path in ["/v1/keys", "/v1/definitions/check"] {
        let preflight = try await server.stranger.send("OPTIONS", path, headers: ask)
        #expect(preflight.headers["access-control-allow-origin"] == nil, "\(path)")
      }
      let answer = try await server.admin.get("/v1/dead-letters", headers: ["Origin": "https://shop.example"])
      #expect(answer.headers["access-control-allow-origin"] == nil)
    }
  }

  @Test func `only the chosen origins are let in when there are some`() async throws {
    try await TestServer.run {
      $0.allowedOrigins = ["https://shop.example"]
    } _: { server in
      let good = try await server.stranger.send("OPTIONS", "/v1/track", headers: ask)
      #expect(good.headers["access-control-allow-origin"] == "https://shop.example")
      #expect(good.headers["vary"] == "Origin")
      var other = ask
      other["Origin"] = "https://evil.example"
      let bad = try await server.stranger.send("OPTIONS", "/v1/track", headers: other)
      #expect(bad.headers["access-control-allow-origin"] == nil)
    }
  }
}
