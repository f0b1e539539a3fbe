import Governance
import Primitives
import Testing

@testable import HTTPAPI

@Suite struct CollectTests {
  private let track = #"{"userId":"u","event":"Product Viewed","properties":{"product_id":"mug"}}"#

  @Test(arguments: [
    ("track", #"{"userId":"u","event":"Signed Up"}"#), ("identify", #"{"userId":"u","traits":{"plan":"pro"}}"#),
    ("page", #"{"anonymousId":"a","name":"Home"}"#), ("screen", #"{"anonymousId":"a"}"#),
    ("group", #"{"userId":"u","groupId":"g"}"#), ("alias", #"{"userId":"u","previousId":"a"}"#),
  ])
  func `each of the six calls is taken with the key in any place`(call: String, body: String) async throws {
    try await TestServer.run { server in
      let collector = try server.client("main", .collect)
      let key = try #require(collector.key)
      let basic = "Basic " + base64(key + ":")
      let inBody = body.dropLast() + #","writeKey":"\#(key)"}"#
      let ways: [(String, [String: String])] = [
        (body, ["Authorization": "Bearer \(key)"]), (body, ["Authorization": basic]),
        (String(inBody), [:]), (String(inBody), ["Authorization": "Bearer some-oauth-token"]),
      ]
      for (text, headers) in ways {
        let answer = try await server.stranger.post("/v1/\(call)", text, headers: headers)
        #expect(answer.status == 200, "\(headers)")
        #expect(answer.text == #"{"success":true}"#)
      }
    }
  }

  @Test func `a key in the body is not kept with the event`() async throws {
    try await TestServer.run { server in
      let key = try #require(try server.client("main", .collect).key)
      let good = #"{"userId":"u","event":"e","writeKey":"\#(key)"}"#
      let bad = #"{"userId":"u","event":7,"writeKey":"\#(key)"}"#
      #expect(try await server.stranger.post("/v1/track", good).status == 200)
      #expect(try await server.stranger.post("/v1/track", bad).status == 400)
      let secret = key.dropFirst(4)
      #expect(try await !server.admin.get("/v1/export").text.contains(secret))
      #expect(try await !server.admin.get("/v1/dead-letters").text.contains(secret))
    }
  }

  @Test func `a bad single call is refused with its reason and kept`() async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.post("/v1/track", #"{"userId":"u"}"#)
      #expect(answer.status == 400)
      #expect(answer.code == "missing_event")
      #expect(answer.json["field"]?.string == "event")
      let letters = try await server.admin.get("/v1/dead-letters").json
      #expect(letters["dead_letters"]?.array?.first?["code"]?.string == "missing_event")
      #expect(letters["dead_letters"]?.array?.first?["raw"]?.string == #"{"userId":"u"}"#)
      #expect(letters["total"]?.int == 1)
    }
  }

  @Test func `a bad event does not hold up the others of its batch`() async throws {
    try await TestServer.run { server in
      let body =
        #"{"batch":[{"type":"track","messageId":"m1","userId":"u","event":"e"},{"type":"nonsense"},17,"#
        + #"{"type":"track","messageId":"m1","userId":"u","event":"e"},{"type":"identify","userId":"u"}]}"#
      let answer = try await server.admin.post("/v1/batch", body)
      #expect(answer.status == 200)
      #expect(answer.json["success"]?.bool == true)
      #expect(answer.json["accepted"]?.int == 2)
      #expect(answer.json["duplicates"]?.int == 1)
      #expect(answer.json["rejected"]?.array?.map { $0["index"]?.int } == [1, 2])
      #expect(answer.json["rejected"]?.array?.map { $0["code"]?.string } == ["unknown_type", "not_an_object"])
      #expect(try await server.admin.get("/v1/dead-letters").json["total"]?.int == 2)
    }
  }

  @Test func `flat events answer with what became of each`() async throws {
    try await TestServer.run { server in
      let one = try await server.admin.post("/v1/events", #"{"event_type":"view","user_id":"u","message_id":"m"}"#)
      #expect(one.text == #"{"accepted":1,"duplicates":0,"rejected":[]}"#)
      let again = try await server.admin.post("/v1/events", #"[{"event_type":"view","user_id":"u","message_id":"m"}]"#)
      #expect(again.text == #"{"accepted":0,"duplicates":1,"rejected":[]}"#)
      let mixed = try await server.admin.post(
        "/v1/events", #"[{"event_type":"view","user_id":5},{"user_id":"u"},null]"#)
      #expect(mixed.status == 200)
      #expect(mixed.json["accepted"]?.int == 1)
      #expect(mixed.json["rejected"]?.array?.map { $0["index"]?.int } == [1, 2])
      #expect(try await server.admin.post("/v1/events", #"{"user_id":"u"}"#).status == 400)
      #expect(try await server.admin.post("/v1/events", "[]").text == #"{"accepted":0,"duplicates":0,"rejected":[]}"#)
    }
  }

  @Test func `an event is visible once it is answered`() async throws {
    try await TestServer.run { server in
      for number in 1...5 {
        let event = #"{"event_type":"view","user_id":"u","message_id":"m\#(number)","item_id":"mug"}"#
        #expect(try await server.admin.post("/v1/events", event).status == 200)
        let profile = try await server.admin.get("/v1/profiles?user_id=u").json
        let id = try #require(profile["profile_id"]?.string)
        let events = try await server.admin.get("/v1/profiles/\(id)/events?limit=3").json
        #expect(events["events"]?.array?.first?["message_id"]?.string == "m\(number)")
        #expect(events["events"]?.array?.count == min(number, 3))
      }
    }
  }

  @Test func `history may hold both forms`() async throws {
    try await TestServer.run { server in
      let body =
        #"{"batch":[{"type":"track","userId":"u","event":"e","messageId":"1","timestamp":"2020-01-01T00:00:00Z"},"#
        + #"{"event_type":"view","user_id":"u","item_id":"mug","message_id":"2","timestamp":"2020-01-02"}]}"#
      let answer = try await server.admin.post("/v1/import", body)
      #expect(answer.json["accepted"]?.int == 2, "\(answer.text)")
    }
  }

  @Test func `consent is an event that counts at once`() async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.post(
        "/v1/consent", #"{"user_id":"u","purposes":{"personalization":false}}"#)
      #expect(answer.text == #"{"success":true}"#)
      let decision = try await server.admin.post("/v1/decide", #"{"user_id":"u"}"#).json
      #expect(decision["fallback"]?.string == "no_consent" || decision["fallback"]?.string == "no_candidates")
      #expect(try await server.admin.post("/v1/consent", #"{"user_id":"u"}"#).code == "missing_purposes")
    }
  }

  @Test(arguments: [
    ("", "missing_body"), ("{", "invalid_json"), ("[]", "invalid_type"), ("7", "invalid_type"),
    ("{\"userId\":\"\\ud800\"}", "invalid_utf8"), ("{\"a\":1e999}", "invalid_json"),
    (String(repeating: "[", count: 1_000), "too_deep"),
    ("{\"a\":" + String(repeating: "{\"a\":", count: 70) + "1" + String(repeating: "}", count: 71), "too_deep"),
  ])
  func `a body that cannot be read is refused with what is wrong`(body: String, code: String) async throws {
    try await TestServer.run { server in
      for path in ["/v1/track", "/v1/batch", "/v1/consent", "/v1/decide", "/v1/keys", "/v1/definitions/check"] {
        let answer = try await server.admin.post(path, body)
        #expect(answer.status == 400, "\(path)")
        #expect(answer.code == code, "\(path): \(answer.text)")
      }
    }
  }

  @Test func `bytes that are no UTF-8 are refused`() async throws {
    try await TestServer.run { server in
      let body = Array(#"{"userId":""#.utf8) + [0xFF, 0xFE] + Array(#"","event":"e"}"#.utf8)
      let answer = try await server.admin.send("POST", "/v1/track", body)
      #expect(answer.status == 400)
      #expect(answer.code == "invalid_utf8")
    }
  }

  @Test(arguments: [
    (#"{}"#, "missing_field"), (#"{"batch":{}}"#, "invalid_type"), (#"{"batch":null}"#, "invalid_type"),
  ])
  func `a batch without an array of events is refused`(body: String, code: String) async throws {
    try await TestServer.run { server in
      for path in ["/v1/batch", "/v1/import"] {
        let answer = try await server.admin.post(path, body)
        #expect(answer.status == 400)
        #expect(answer.code == code)
        #expect(answer.json["field"]?.string == "batch")
      }
    }
  }
}

/// RFC 4648 §4.
func base64(_ text: String) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  let bytes = Array(text.utf8)
  return stride(from: 0, to: bytes.count, by: 3).map { start in
    let group = bytes[start..<min(start + 3, bytes.count)]
    let word = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32((3 - group.count) * 8)
    let letters = (0...group.count).map { alphabet[Int(word >> UInt32(18 - 6 * $0) & 63)] }
    return String(letters) + String(repeating: "=", count: 3 - group.count)
  }.joined()
}
