import Governance
import Primitives
import Testing

@testable import HTTPAPI

@Suite struct ProfileRouteTests {
  private static let tablet = #"{"identifier":{"namespace":"anonymous_id","value":"tablet"}}"#

  /// A user and a tablet that came together.
  private func meet(_ server: TestServer) async throws -> (old: String, gone: String) {
    _ = try await server.admin.post("/v1/events", #"{"anonymous_id":"tablet","event_type":"view","item_id":"a"}"#)
    let old = try await server.admin.get("/v1/profiles?anonymous_id=tablet").json["profile_id"]?.string
    _ = try await server.admin.post("/v1/events", #"{"user_id":"ada","event_type":"view","item_id":"a"}"#)
    let gone = try await server.admin.get("/v1/profiles?user_id=ada").json["profile_id"]?.string
    _ = try await server.admin.post(
      "/v1/identify", #"{"userId":"ada","anonymousId":"tablet","messageId":"meeting"}"#)
    let kept = try await server.admin.get("/v1/profiles?user_id=ada").json["profile_id"]?.string
    let ids = [try #require(old), try #require(gone)]
    return (try #require(kept), try #require(ids.first { $0 != kept }))
  }

  @Test func `a merge shows its cause, and the id that went leads to the one that stayed`() async throws {
    try await TestServer.run { server in
      let (old, gone) = try await meet(server)
      let answer = try await server.admin.get("/v1/profiles/\(gone)")
      #expect(answer.status == 200)
      #expect(answer.json["profile_id"]?.string == old && answer.json["redirected_from"]?.string == gone)
      let link = answer.json["links"]?.array?.first
      #expect(link?["message_id"]?.string == "meeting" && link?["rule"]?.string == "identify")
      #expect(link?["merged"]?.string == gone && link?["at"]?.string != nil)
      #expect(try await server.admin.get("/v1/profiles/\(old)").json["redirected_from"] == nil)
    }
  }

  @Test func `an unmerge makes two of one, once, and needs an admin key`() async throws {
    try await TestServer.run { server in
      let (old, gone) = try await meet(server)
      let path = "/v1/profiles/\(old)/unmerge"
      #expect(try await server.client("main", .read, .collect, .decide).post(path, Self.tablet).status == 403)
      let answer = try await server.admin.post(path, Self.tablet)
      #expect(answer.status == 200 && answer.json["separated"]?.bool == true, "\(answer.text)")
      #expect(Set(answer.json["profiles"]?.array?.compactMap { $0["profile_id"]?.string } ?? []) == [old, gone])
      #expect(answer.json["cut"]?.array?.count == 1)
      #expect(try await server.admin.get("/v1/profiles/\(gone)").json["redirected_from"] == nil)
      let again = try await server.admin.post(path, Self.tablet)
      #expect(again.status == 409, "\(again.text)")
    }
  }

  @Test(
    arguments: [
      ("{}", 400, "missing_field"), ("[]", 400, "invalid_type"), ("", 400, "missing_body"),
      (#"{"identifier":"ada"}"#, 400, "invalid_type"),
      (#"{"identifier":{"namespace":"user_id"}}"#, 400, "missing_field"),
      (#"{"identifier":{"namespace":"user_id","value":7}}"#, 400, "invalid_type"),
      (#"{"identifier":{"namespace":"user_id","value":""}}"#, 400, "invalid_type"),
      (#"{"link":[]}"#, 400, "invalid_type"), (#"{"link":[1,2]}"#, 400, "invalid_type"),
      (#"{"identifier":{"namespace":"user_id","value":"x"},"link":[]}"#, 400, "invalid_parameter"),
      (#"{"identifier":{"namespace":"user_id","value":"bob"}}"#, 409, "not_linked"),
      (#"{"link":[{"namespace":"user_id","value":"ada"},{"namespace":"user_id","value":"ada"}]}"#, 409, "not_linked"),
    ] as [(String, Int, String)])
  func `what cannot be cut is refused`(body: String, status: Int, code: String) async throws {
    try await TestServer.run { server in
      let (old, _) = try await meet(server)
      let answer = try await server.admin.post("/v1/profiles/\(old)/unmerge", body)
      #expect(answer.status == status && answer.code == code, "\(answer.text)")
    }
  }

  @Test func `the past is answered as of a moment, and what cannot be is refused`() async throws {
    try await TestServer.run { server in
      let (old, _) = try await meet(server)
      for path in ["/v1/profiles/\(old)?as_of=", "/v1/profiles?user_id=ada&as_of="] {
        let now = try await server.admin.get("\(path)\(TestServer.start)")
        #expect(now.status == 200 && now.json["as_of"]?.string != nil, "\(now.text)")
        #expect(now.json["event_count"]?.int == 3)
        let before = try await server.admin.get("\(path)1999-01-01")
        #expect(before.status == 404 && before.code == "not_yet_known", "\(before.text)")
        let later = try await server.admin.get("\(path)2999-01-01")
        #expect(later.json["as_of"] == now.json["as_of"], "what is yet to come is not known: \(later.text)")
        for bad in ["", "soon"] {
          let refused = try await server.admin.get("\(path)\(bad)")
          #expect(refused.status == 400 && refused.code == "invalid_parameter", "\(refused.text)")
        }
      }
      #expect(try await server.admin.get("/v1/profiles?user_id=nobody&as_of=1999-01-01").code == "not_found")
    }
  }
}
