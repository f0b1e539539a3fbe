import Governance
import Primitives
import Testing

@testable import HTTPAPI

/// An export, imported into an empty workspace, gives the same people, the same catalogue, and models that answer the same.
@Suite struct ExportRoundTripTests {
  /// Calls of clients at random: people who share devices and change names, several forms, late clocks, batches with a
  /// context of their own, consent, what cannot be read, items that no catalogue holds.
  private struct Traffic {
    private var generator: SeededGenerator
    private var messages = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func int(_ low: Int, _ high: Int) -> Int { Int.random(in: low...high, using: &generator) }

    /// Path and body of a call.
    mutating func call(at now: Timestamp) -> (path: String, body: String) {
      messages += 1
      let at = now - .seconds(int(0, 3) == 0 ? int(0, 90_000) : 0)
      let id = int(0, 5) == 0 ? "" : #""messageId":"m\#(messages)","#
      let item = int(0, 5) == 0 ? "unlisted-\(int(1, 4))" : "item-\(int(1, 12))"
      let email = #"{"type":"email","id":"e\#(int(1, 3))@example.com"}"#
      switch int(0, 11) {
      case 0:
        return (
          "/v1/identify",
          #"{\#(id)\#(who(both: true)),"timestamp":"\#(at)","traits":{"plan":"p\#(int(1, 4))","age":\#(int(9, 80))}}"#
        )
      case 1: return ("/v1/alias", #"{\#(id)"userId":"u\#(int(1, 5))","previousId":"a\#(int(1, 7))"}"#)
      case 2:
        return (
          "/v1/consent",
          #"{\#(id)\#(who(both: false)),"context":{"externalIds":[\#(email)],"device":{"type":"mobile"}},"#
            + #""timestamp":"\#(now + .seconds(int(0, 3_600)))","#
            + #""purposes":{"personalization":\#(int(0, 1) == 0),"analytics":\#(int(0, 1) == 0)}}"#
        )
      case 3:
        let sent = now + .seconds(int(-4_000, 4_000))
        let items = (0..<int(1, 4)).map { _ in
          #"{"type":"track","event":"Product Viewed",\#(who(both: int(0, 3) == 0)),"originalTimestamp":"\#(sent - .seconds(int(0, 600)))","#
            + #""properties":{"product_id":"item-\#(int(1, 12))"}}"#
        }
        return (
          "/v1/batch",
          #"{"sentAt":"\#(sent)","context":{"ip":"203.0.113.9","externalIds":[\#(email)],"timezone":"Asia/Tokyo","device":{"type":"desktop"}},"#
            + #""integrations":{"All":true},"batch":[\#(items.joined(separator: ","))]}"#
        )
      case 4: return ("/v1/events", #"{"event_type":"view","user_id":7.5e}"#)
      case 5: return ("/v1/events", #"{"event_type":"view","item_id":"\#(item)"}"#)
      case 6:
        return (
          "/v1/track",
          #"{\#(id)\#(who(both: false)),"event":"click","event_type":"ui","properties":{"item_id":"\#(item)"}}"#
        )
      case 7: return ("/v1/page", #"{\#(id)\#(who(both: false)),"name":"Home","properties":{"url":"/"}}"#)
      default:
        let user = int(0, 1) == 0 ? #""user_id":"u\#(int(1, 5))""# : #""anonymous_id":"a\#(int(1, 7))""#
        let kind = ["view", "click", "add_to_cart", "purchase", "dwell"][int(0, 4)]
        return (
          "/v1/events",
          #"{\#(user),"event_type":"\#(kind)","item_id":"\#(item)","value":\#(int(1, 90)),"timestamp":"\#(at)","region":"R\#(int(1, 2))"}"#
        )
      }
    }

    private mutating func who(both: Bool) -> String {
      let user = #""userId":"u\#(int(1, 5))""#
      let device = #""anonymousId":"a\#(int(1, 7))""#
      return both ? "\(user),\(device)" : int(0, 1) == 0 ? user : device
    }
  }

  /// What a workspace says of everybody and of its items, without what hangs on its own key.
  private func picture(_ client: Client) async throws -> [String: String] {
    var picture: [String: String] = [:]
    let names =
      (1...5).map { "user_id=u\($0)" } + (1...7).map { "anonymous_id=a\($0)" }
      + (1...3).map { "email=e\($0)@example.com" }
    for name in names {
      let profile = try await client.get("/v1/profiles?\(name)").json
      for member in profile.object?.members ?? [] where !["profile_id", "absorbed"].contains(member.key) {
        picture["\(name) \(member.key)"] = withoutIDs(member.value).text
      }
    }
    picture["items"] = withoutRevision(try await client.get("/v1/catalog/items?limit=500").json["items"] ?? .null).text
    picture["popular"] = try await client.get("/v1/popular?count=20").text
    for item in 1...12 {
      picture["like \(item)"] = try await client.get("/v1/items/item-\(item)/similar?count=12").text
    }
    return picture
  }

  /// Ids of profiles are made with the workspace's key.
  private func withoutIDs(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text) where text.hasPrefix("p_"): .string("p_")
    case .array(let elements): .array(elements.map(withoutIDs))
    case .object(let object):
      .object(JSONObject(members: object.members.map { .init(key: $0.key, value: withoutIDs($0.value)) }))
    default: value
    }
  }

  /// A revision is a place in the log.
  private func withoutRevision(_ value: JSONValue) -> JSONValue {
    .array(
      (value.array ?? []).map { item in
        .object(JSONObject(members: (item.object?.members ?? []).filter { $0.key != "revision" }))
      })
  }

  private func lines(_ answer: Client.Answer) -> [String] { answer.text.split(separator: "\n").map(String.init) }

  @Test(arguments: 1...5)
  func `what is exported and imported is the same`(seed: Int) async throws {
    let rounds = 300
    try await TestServer.run { server in
      var traffic = Traffic(seed: UInt64(seed))
      let items = (1...12).map {
        #"{"item_id":"item-\#($0)","title":"Item \#($0)","categories":["c\#($0 % 3)"],"price":\#($0).5,"stock":\#($0 % 4)}"#
      }
      _ = try await server.admin.send(
        "PUT", "/v1/catalog/items", Array(items.joined(separator: "\n").utf8),
        headers: ["Content-Type": "application/x-ndjson"])
      var now = TestServer.start
      for round in 0..<rounds {
        let step = Duration.seconds(60 + round % 7 * 100)
        server.advance(by: step)
        now = now + step
        let call = traffic.call(at: now)
        _ = try await server.admin.post(call.path, call.body)
      }
      server.advance(by: .seconds(rounds * 400))
      let expected = try await picture(server.admin)
      let events = lines(try await server.admin.get("/v1/export"))
      let catalog = try await server.admin.get("/v1/catalog/items?limit=500").json["items"]?.array ?? []
      #expect(events.count > rounds / 2, "seed \(seed)")

      let other = try server.client("copy", .admin, .collect, .read, .decide)
      let lines = catalog.map(\.text).joined(separator: "\n")
      _ = try await other.send(
        "PUT", "/v1/catalog/items", Array(lines.utf8), headers: ["Content-Type": "application/x-ndjson"])
      for start in stride(from: 0, to: events.count, by: 50) {
        let batch = events[start..<min(start + 50, events.count)].joined(separator: ",")
        let answer = try await other.post("/v1/import", #"{"batch":[\#(batch)]}"#)
        #expect(answer.json["rejected"]?.array?.isEmpty == true, "seed \(seed): \(answer.text.prefix(400))")
      }
      let found = try await picture(other)
      for (key, value) in expected.sorted(by: { $0.key < $1.key }) {
        #expect(found[key] == value, "seed \(seed): \(key)")
      }
      #expect(expected.count > 60 && Set(found.keys) == Set(expected.keys))
      let profiles = self.lines(try await server.admin.get("/v1/export?kind=profiles"))
      let copied = self.lines(try await other.get("/v1/export?kind=profiles"))
      #expect(profiles.count == copied.count && profiles.count > 1)
    }
  }
}
