import AttuneTestKit
import Engine
import Governance
import Primitives
import ServiceLifecycle
import StorageMemory
import Synchronization
import Testing

@testable import HTTPAPI

@Suite struct OperatingTests {
  @Test func `metrics are families of help, type and samples`() async throws {
    try await TestServer.run { server in
      _ = try await server.admin.post("/v1/events", #"[{"event_type":"view","user_id":"u"},{}]"#)
      _ = try await server.admin.post("/v1/decide", #"{"user_id":"u"}"#)
      let answer = try await server.admin.get("/metrics")
      #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let lines = answer.text.split(separator: "\n")
      #expect(lines.contains(#"attune_events_accepted_total{workspace="main"} 1"#))
      #expect(lines.contains(#"attune_events_rejected_total{workspace="main"} 1"#))
      #expect(lines.contains(#"attune_http_requests_total{route="/v1/events",method="POST",status="200"} 1"#))
      #expect(!answer.text.contains(#"user_id="#))
      // Each name is introduced once, and only introduced names have samples.
      let introduced = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
      #expect(Set(introduced).count == introduced.count)
      for line in lines where !line.hasPrefix("#") {
        let name = line.prefix { $0 != "{" && $0 != " " }
        let isKnown = introduced.contains { family in
          name == family || ["_bucket", "_sum", "_count"].contains { name == family + $0 }
        }
        #expect(isKnown, "\(line)")
      }
    }
  }

  @Test func `another workspace reads its own figures and none of the process`() async throws {
    try await TestServer.run { server in
      let text = try await server.client("shop", .read).get("/metrics").text
      #expect(text.contains(#"workspace="shop""#))
      #expect(!text.contains(#"workspace="main""#))
      #expect(!text.contains("attune_http_requests_total"))
    }
  }

  @Test func `who asks for server-sent events gets them`() async throws {
    try await TestServer.run { server in
      let (began, begin) = AsyncStream.makeStream(of: Void.self)
      async let watched = server.admin.watch(
        "/v1/tail", headers: ["Accept": "text/event-stream"], onStart: { begin.finish() }
      ) { $0.contains("data: ") }
      for await _ in began {}
      _ = try await server.admin.post("/v1/events", #"{"event_type":"view","user_id":"u","item_id":"mug"}"#)
      let text = try await watched
      #expect(text.contains("event: event\ndata: {"))
      #expect(text.contains(#""items":["mug"]"#))
    }
  }

  @Test func `an export holds every entry once, in order`() async throws {
    try await TestServer.run { server in
      // More than one piece of what is read from the store at once.
      let padding = String(repeating: "x", count: 20_000)
      for number in 0..<30 {
        let event =
          #"{"event_type":"view","user_id":"u\#(number % 3)","message_id":"m\#(number)","x":"line\nbreak\#(padding)"}"#
        _ = try await server.admin.post("/v1/events", event)
      }
      let decision = try await server.admin.post("/v1/decide", #"{"user_id":"u1"}"#).json["decision_id"]?.string
      let answer = try await server.admin.get("/v1/export?kind=events")
      #expect(answer.headers["content-type"] == "application/x-ndjson")
      let lines = try answer.text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
      #expect(lines.map { $0["message_id"]?.string } == (0..<30).map { "m\($0)" })
      let from = try #require(lines[20]["position"]?.int)
      let rest = try await server.admin.get("/v1/export?from=\(from)").text.split(separator: "\n")
      #expect(rest.count == 10)
      let decisions = try await server.admin.get("/v1/export?kind=decisions").text.split(separator: "\n")
      #expect(decisions.count == 1)
      #expect(try JSONValue(parsing: String(decisions[0]))["decision_id"]?.string == decision)
    }
  }

  @Test func `what is exported and imported elsewhere is exported there again the same`() async throws {
    try await TestServer.run { server in
      let sent: [(String, String)] = [
        (
          "/v1/track",
          #"{"userId":"u","event":"Order Completed","properties":{"total":12.50},"sentAt":"2026-01-01T00:00:00Z","timestamp":"2025-12-31T23:00:00Z"}"#
        ),
        (
          "/v1/identify",
          "{\"anonymousId\":\"a\",\n \"traits\":{\"big\":12345678901234567890123,\"text\":\"two\\nlines\"}}"
        ),
        ("/v1/alias", #"{"userId":"u","previousId":"a","messageId":"alias-1"}"#),
        (
          "/v1/batch",
          #"{"context":{"locale":"de","region":"x"},"batch":[{"type":"page","userId":"u","name":"Home","context":{"region":"y"}}]}"#
        ),
        ("/v1/events", #"{"event_type":"rating","user_id":7,"item_id":"mug","value":4.5,"timestamp":1767225600}"#),
        ("/v1/consent", #"{"anonymous_id":"a","purposes":{"personalization":false,"ads":true}}"#),
      ]
      for (path, body) in sent {
        server.advance(by: .seconds(10))
        #expect(try await server.admin.post(path, body).status == 200, "\(path)")
      }
      let first = try await server.admin.get("/v1/export").text
      // Received 10 s after the start, by a clock an hour behind when it happened.
      let happenedAt = TestServer.start + .seconds(10) - .seconds(3_600)
      #expect(first.contains(#""timestamp":"\#(happenedAt)""#))
      let other = try server.client("other", .admin)
      let batch = #"{"batch":["# + first.split(separator: "\n").joined(separator: ",") + "]}"
      server.advance(by: .seconds(86_400))
      let imported = try await other.post("/v1/import", batch)
      #expect(imported.json["accepted"]?.int == 6, "\(imported.text)")
      let second = try await other.get("/v1/export").text
      func withoutPositions(_ text: String) -> [Substring] {
        text.split(separator: "\n").map { $0.drop { $0 != "," } }
      }
      #expect(withoutPositions(first) == withoutPositions(second))
      #expect(first.contains(#""locale":"de""#) && first.contains(#""region":"y""#))
      #expect(first.contains("12345678901234567890123"))
    }
  }

  @Test func `a key that may only send events cannot say since when they were known`() async throws {
    try await TestServer.run { server in
      let event = #"{"event_type":"view","user_id":"u","timestamp":"2020-01-01","received_at":"2020-01-02"}"#
      let segment = #"{"type":"track","event":"e","userId":"u","timestamp":"2020-01-01","receivedAt":"2020-01-02"}"#
      let collector = try server.client("main", .collect)
      _ = try await collector.post("/v1/import", #"{"batch":[\#(event),\#(segment)]}"#)
      _ = try await server.admin.post("/v1/events", event)
      _ = try await server.admin.post("/v1/track", segment)
      _ = try await server.admin.post("/v1/import", #"{"batch":[\#(event)]}"#)
      let lines = try await server.admin.get("/v1/export").text.split(separator: "\n")
      let times = try lines.map { line in
        let value = try JSONValue(parsing: String(line))
        return (value["received_at"] ?? value["receivedAt"])?.string
      }
      let now = "\(TestServer.start)"
      #expect(times == [now, now, now, now, "2020-01-02T00:00:00.000Z"])
      #expect(lines.allSatisfy { $0.contains(#""timestamp":"2020-01-01T00:00:00.000Z""#) })
    }
  }

  @Test func `at a shutdown what runs is finished, watchers are let go and nothing more is taken`() async throws {
    try await TestServer.run { server in
      #expect(try await server.stranger.get("/readyz").json["status"]?.string == "ready")
      let (began, begin) = AsyncStream.makeStream(of: Void.self)
      async let watched = server.admin.watch("/v1/tail", onStart: { begin.finish() }) { _ in false }
      for await _ in began {}
      // A call whose body is still under way when the shutdown begins.
      let key = try #require(server.admin.key)
      let body = #"{"event_type":"view","user_id":"u"}"#
      let head =
        "POST /v1/events HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\nConnection: close\r\n"
        + "Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      let group = server.group
      let answer = try await server.admin.exchange(
        Array(head.utf8),
        rest: {
          await group.triggerGracefulShutdown()
          return Array(body.utf8)
        })
      #expect(answer.status == 200)
      #expect(answer.json["accepted"]?.int == 1)
      _ = try await watched
      await #expect(throws: (any Error).self) { try await server.stranger.get("/healthz") }
    }
  }

  @Test func `a workspace that cannot be opened does not keep the others from working`() async throws {
    try await TestServer.run(openStore: { workspace in
      if workspace.description == "broken" { throw PartitionStoreFailure() }
      return MemoryPartitionStore()
    }) { server in
      let broken = try server.client("broken", .read, .collect)
      let answer = try await broken.post("/v1/track", #"{"userId":"u","event":"e"}"#)
      #expect(answer.status == 503)
      #expect(answer.code == "unavailable")
      #expect(answer.headers["retry-after"] == "1")
      #expect(try await server.admin.post("/v1/track", #"{"userId":"u","event":"e"}"#).status == 200)
    }
  }

  @Test func `of a call that is refused for want of room no part is stored`() async throws {
    let letterless = HookedStore(
      MemoryPartitionStore(),
      onCommit: { commit throws(PartitionStoreError) in
        if commit.entries.contains(where: { $0.kind == .deadLetter }) { throw .full }
      })
    try await TestServer.run(openStore: { _ in letterless }) { server in
      let good = #"{"type":"track","userId":"u","event":"e"}"#
      let refused = try await server.admin.post("/v1/batch", #"{"batch":[\#(good),{"type":"nonsense"}]}"#)
      #expect(refused.status == 503)
      #expect(refused.headers["retry-after"] == "1")
      #expect(try await server.admin.get("/v1/export").body.isEmpty)
      #expect(try await server.admin.post("/v1/batch", #"{"batch":[\#(good)]}"#).json["accepted"]?.int == 1)
    }
  }

  @Test func `corrupt data is named to the caller`() async throws {
    try await TestServer.run(openStore: { workspace in
      if workspace.description == "broken" { throw PartitionStoreError.corrupt("page 7 of log.db is damaged") }
      return MemoryPartitionStore()
    }) { server in
      let answer = try await server.client("broken", .read).get("/v1/dead-letters")
      #expect(answer.status == 500)
      #expect(answer.code == "corrupt_data")
      #expect(answer.json["message"]?.string?.contains("page 7") == true)
    }
  }
}

private struct PartitionStoreFailure: Error {}
