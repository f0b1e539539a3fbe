import Primitives
import Testing

@testable import HTTPAPI

/// What nobody should send, sent to every route that could take it: the answer says what is wrong, and what was
/// acknowledged before is there after.
@Suite struct BadInputTests {
  /// Runs `body` between an event that is acknowledged and the check that it, and nothing else, is stored.
  private func harmless(_ body: @escaping @Sendable (TestServer) async throws -> Void) async throws {
    try await TestServer.run { server in
      let event = #"{"message_id":"before","event_type":"view","user_id":"witness","item_id":"mug"}"#
      #expect(try await server.admin.post("/v1/events", event).status == 200)
      try await body(server)
      let stored = try await server.admin.get("/v1/export").text.split(separator: "\n")
      #expect(stored.count == 1 && stored.first?.contains(#""message_id":"before""#) == true, "\(stored)")
      let after = event.replacing("before", with: "after")
      #expect(try await server.admin.post("/v1/events", after).json["accepted"]?.int == 1)
    }
  }

  @Test(
    arguments: [
      ("malformed", Array(#"{"a":"#.utf8), "invalid_json"), ("two texts", Array("{} {}".utf8), "invalid_json"),
      ("1,000 nested arrays", [UInt8](repeating: UInt8(ascii: "["), count: 1_000), "too_deep"),
      (
        "1,000 nested arrays that end",
        Array((String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)).utf8),
        "too_deep"
      ),
      ("invalid UTF-8", Array(#"{"a":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8), "invalid_utf8"),
      ("a surrogate encoded", Array(#"{"a":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8), "invalid_utf8"),
      ("a lone surrogate", Array(#"{"a":"\ud800"}"#.utf8), "invalid_utf8"),
      ("surrogates the wrong way round", Array(#"{"a":"\udc00\ud800"}"#.utf8), "invalid_utf8"),
      ("a name that is a lone surrogate", Array(#"{"\udfff":1}"#.utf8), "invalid_utf8"),
      ("nothing", [], "missing_body"),
    ] as [(String, [UInt8], String)])
  func `a body that is no text to read is refused on every route`(name: String, body: [UInt8], code: String)
    async throws
  {
    try await harmless { server in
      for route in try await documentedRoutes(server) where route.takesBody {
        // One text after the other is how items are sent.
        if name == "two texts", route.path == "/v1/catalog/items" { continue }
        if name == "nothing", !route.needsBody { continue }
        let answer = try await server.admin.send(route.method, route.examplePath, body)
        #expect(answer.status == 400, "\(route): \(answer.text)")
        #expect(answer.code == code, "\(route): \(answer.text)")
        #expect(answer.json["message"]?.string?.isEmpty == false)
      }
    }
  }

  @Test(arguments: [
    "-1", #""-5""#, #""1969-12-31T23:59:59Z""#, #""3000-01-01T00:00:00Z""#, "32503680000", "32503680000000", "1e300",
    #""2026-02-30""#, #""yesterday""#, "true", "{}",
  ])
  func `a time before 1970, far ahead, or none at all is refused wherever it stands`(time: String) async throws {
    try await harmless { server in
      let segment = #""userId":"u","event":"e","groupId":"g","previousId":"p","timestamp":\#(time)"#
      for call in ["track", "identify", "page", "screen", "group", "alias"] {
        let answer = try await server.admin.post("/v1/\(call)", "{\(segment)}")
        #expect(answer.status == 400 && answer.code == "invalid_timestamp", "\(call): \(answer.text)")
        #expect(answer.json["field"]?.string == "timestamp")
      }
      let flat = #""user_id":"u","event_type":"e","timestamp":\#(time)"#
      #expect(try await server.admin.post("/v1/events", "{\(flat)}").code == "invalid_timestamp")
      let consent = #"{"user_id":"u","purposes":{"personalization":false},"timestamp":\#(time)}"#
      #expect(try await server.admin.post("/v1/consent", consent).code == "invalid_timestamp")
      for (path, body) in [
        ("/v1/events", "[{\(flat)}]"), ("/v1/batch", #"{"batch":[{"type":"track",\#(segment)}]}"#),
        ("/v1/import", #"{"batch":[{"type":"track",\#(segment)}]}"#), ("/v1/import", #"{"batch":[{\#(flat)}]}"#),
      ] {
        let answer = try await server.admin.post(path, body)
        #expect(answer.status == 200 && answer.json["accepted"]?.int == 0, "\(path)")
        #expect(answer.json["rejected"]?.array?.map { $0["code"]?.string } == ["invalid_timestamp"], "\(path)")
      }
      #expect(try await server.admin.get("/v1/dead-letters").json["by_code"]?["invalid_timestamp"]?.int == 12)
    }
  }

  @Test(
    arguments: [
      ("POST", "/v1/track", #"{"userId":"u","event":7}"#, "wrong_type", "event"),
      ("POST", "/v1/track", #"{"userId":["u"],"event":"e"}"#, "wrong_type", "userId"),
      ("POST", "/v1/track", #"{"userId":"u","event":"e","properties":"p"}"#, "wrong_type", "properties"),
      ("POST", "/v1/track", #"{"userId":"u","event":"e","context":7}"#, "wrong_type", "context"),
      ("POST", "/v1/identify", #"{"userId":"u","traits":[1]}"#, "wrong_type", "traits"),
      ("POST", "/v1/group", #"{"userId":"u","groupId":{}}"#, "wrong_type", "groupId"),
      ("POST", "/v1/alias", #"{"userId":"u","previousId":false}"#, "wrong_type", "previousId"),
      ("POST", "/v1/events", #"{"user_id":"u","event_type":{}}"#, "wrong_type", "event_type"),
      ("POST", "/v1/events", #"{"user_id":"u","event_type":"view","item_id":[]}"#, "wrong_type", "item_id"),
      (
        "POST", "/v1/events", #"{"user_id":"u","event_type":"rating","item_id":"i","value":"x"}"#, "wrong_type", "value"
      ),
      (
        "POST", "/v1/events", #"{"user_id":"u","event_type":"rating","item_id":"i","value":1e13}"#, "out_of_range",
        "value"
      ),
      ("POST", "/v1/events", #""text""#, "invalid_type", nil), ("POST", "/v1/events", "7", "invalid_type", nil),
      ("POST", "/v1/consent", #"{"user_id":"u","purposes":"no"}"#, "wrong_type", "purposes"),
      ("POST", "/v1/batch", #"{"batch":"b"}"#, "invalid_type", "batch"),
      ("POST", "/v1/decide", #"{"user_id":{}}"#, "invalid_type", "user_id"),
      ("POST", "/v1/keys", #"{"scopes":[7]}"#, "invalid_type", "scopes[0]"),
      ("PUT", "/v1/definitions", #"{"files":{}}"#, "invalid_type", "files"),
      ("PUT", "/v1/definitions", #"{"files":[{"path":7}]}"#, "invalid_type", "files[0]"),
      ("PUT", "/v1/catalog/items", "7", "invalid_type", nil),
      ("PATCH", "/v1/catalog/items/none", #"{"price":"dear"}"#, "wrong_type", "price"),
    ] as [(String, String, String, String, String?)])
  func `a value of the wrong type is refused by its name`(
    method: String, path: String, body: String, code: String, field: String?
  ) async throws {
    try await harmless { server in
      let answer = try await server.admin.send(method, path, Array(body.utf8))
      #expect(answer.status == 400, "\(answer.text)")
      #expect(answer.code == code, "\(answer.text)")
      #expect(answer.json["field"]?.string == field, "\(answer.text)")
    }
  }

  @Test func `an id that is longer than any id is refused or unknown`() async throws {
    try await harmless { server in
      let long = String(repeating: "x", count: 600)
      for (path, body) in [
        ("/v1/events", #"{"event_type":"view","user_id":"\#(long)"}"#),
        ("/v1/events", #"{"event_type":"view","user_id":"u","item_id":"\#(long)"}"#),
        ("/v1/events", #"{"event_type":"view","user_id":"u","message_id":"\#(long)"}"#),
      ] {
        let answer = try await server.admin.post(path, body)
        #expect(answer.code == "too_long", "\(body.prefix(60))")
      }
      let question = #"{"user_id":"u","similar_to":["\#(long)"]}"#
      #expect(try await server.admin.post("/v1/decide", question).code == "invalid_parameter")
      for path in ["/v1/catalog/items/\(long)", "/v1/items/\(long)/similar", "/v1/profiles?user_id=\(long)"] {
        #expect(try await server.admin.get(path).status == 404, "\(path)")
      }
    }
  }

  @Test func `an event about an item or a decision that nobody knows is an event all the same`() async throws {
    try await TestServer.run { server in
      let event =
        #"{"event_type":"purchase","user_id":"u","item_id":"unheard-of","decision_id":"d_none","value":3,"message_id":"m"}"#
      let taken = try await server.admin.post("/v1/events", event)
      #expect(taken.json["accepted"]?.int == 1)
      #expect(try await server.admin.get("/v1/catalog/items/unheard-of").status == 404)
      #expect(try await server.admin.get("/v1/profiles?user_id=u").status == 200)
    }
  }
}
