import AttuneTestKit
import Foundation
import Primitives
import Testing

extension EndToEnd {
  @Suite struct FullDisk {
    private static let definitions = """
      holdout: 0
      placements:
        home: {exploration: 0, count: 4}
        once: {exploration: 0, count: 2, seen_within: 7d}
      """

    /// Lamps are what everybody looks at, pans are what Ada looks at; one lamp she never wants to see again.
    private func fill(_ client: Client) async throws {
      let items = ["lamp", "pan"].flatMap { kind in
        (1...5).map { #"{"item_id":"\#(kind)-\#($0)","title":"\#(kind) \#($0)","categories":["\#(kind)"]}"# }
      }
      #expect(try await client.send("PUT", "/v1/catalog/items", "[\(items.joined(separator: ","))]").status == 200)
      let files: JSONValue = ["files": [["path": "a.yaml", "text": .string(Self.definitions)]]]
      let applied = try await client.send("PUT", "/v1/definitions", files.text)
      #expect(applied.status == 200, "\(applied.text)")
      for number in 0..<40 {
        let view = #"{"event_type":"view","user_id":"other-\#(number)","item_id":"lamp-\#(number % 5 + 1)"}"#
        #expect(try await client.post("/v1/events", view).status == 200)
      }
      for (name, item) in [("view", "pan-1"), ("view", "pan-2"), ("view", "pan-3"), ("dismiss", "lamp-1")] {
        let act = #"{"event_type":"\#(name)","user_id":"ada","item_id":"\#(item)"}"#
        #expect(try await client.post("/v1/events", act).status == 200)
      }
    }

    private func event(_ id: String, padding: Int) -> String {
      let text = String(repeating: "x", count: padding)
      return #"{"message_id":"\#(id)","event_type":"note","user_id":"writer","properties":{"x":"\#(text)"}}"#
    }

    /// Sends ever smaller events until not even the smallest is taken. Gives the ids that were acknowledged.
    private func fillUp(_ client: Client, prefix: String) async throws -> [String] {
      var acknowledged: [String] = []
      for padding in [40_000, 4_000, 0] {
        for number in 0..<2_000 {
          let id = "\(prefix)-\(padding)-\(number)"
          let answer = try await client.post("/v1/events", event(id, padding: padding))
          guard answer.status == 200 else {
            expectUnavailable(answer, "POST /v1/events")
            break
          }
          acknowledged.append(id)
        }
      }
      return acknowledged
    }

    private func expectUnavailable(_ answer: Client.Answer, _ call: String) {
      #expect(answer.status == 503, "\(call): \(answer.text)")
      #expect(answer.code == "unavailable", "\(call)")
      #expect(answer.headers["retry-after"] == "1", "\(call)")
      #expect(answer.text.contains("the disk is full"), "\(call): \(answer.text)")
    }

    private func itemIDs(_ answer: JSONValue) -> [String] {
      (answer["items"]?.array ?? []).compactMap { $0["item_id"]?.string }
    }

    private func ask(_ client: Client, _ user: String, _ placement: String = "home") async throws -> JSONValue {
      let answer = try await client.post("/v1/decide", #"{"user_id":"\#(user)","placement":"\#(placement)"}"#)
      #expect(answer.status == 200, "\(answer.text)")
      return answer.json
    }

    @Test(arguments: SmallDisk.available)
    func `on a full disk events wait, decisions are answered, nothing is lost, and room is all it takes to go on`(
      kind: SmallDisk.Kind
    ) async throws {
      let disk = try SmallDisk(kind, kilobytes: 3_000)
      defer { disk.unmount() }
      let server = try await RunningServer(data: disk.path + "/data", launcher: disk.launcher)
      let client = Client(server.url)
      try await fill(client)
      #expect(itemIDs(try await ask(client, "ada")).first?.hasPrefix("pan") == true, "she likes pans")
      let seen = itemIDs(try await ask(client, "ada", "once"))
      #expect(seen.count == 2)

      var acknowledged = try await fillUp(client, prefix: "before")
      #expect(acknowledged.count > 10)
      for (method, path, body) in [
        ("PUT", "/v1/catalog/items", #"[{"item_id":"new"}]"#), ("PUT", "/v1/definitions", #"{"files":[]}"#),
        ("POST", "/v1/consent", #"{"user_id":"u","purposes":{"personalization":false}}"#),
        ("POST", "/v1/batch", #"{"batch":[{"type":"track","userId":"u","event":"e"}]}"#),
        ("POST", "/v1/events", #"{"event_type":"not valid: it names nobody"}"#),
      ] {
        expectUnavailable(try await client.send(method, path, body), "\(method) \(path)")
      }
      if kind == .fileSystem {
        #expect(try await client.post("/v1/keys", #"{"scopes":["read"]}"#).status == 503)
      }

      // What everybody likes, without what she may not be shown.
      let plain = try await ask(client, "a-stranger")
      let hers = try await ask(client, "ada")
      for answer in [plain, hers] {
        #expect(answer["decision_id"] == .null)
        #expect(answer["fallback"] == "not_recorded")
        #expect(answer["stage"] == "context")
      }
      #expect(itemIDs(plain).count == 4 && itemIDs(plain).allSatisfy { $0.hasPrefix("lamp") }, "\(plain.text)")
      #expect(itemIDs(hers).count == 4 && !itemIDs(hers).contains("lamp-1"), "\(hers.text)")
      #expect(itemIDs(hers).prefix(3).allSatisfy { itemIDs(plain).contains($0) }, "\(hers.text)")
      let onceMore = try await ask(client, "ada", "once")
      #expect(itemIDs(onceMore).count == 2 && Set(seen).isDisjoint(with: itemIDs(onceMore)), "a cap holds")
      #expect(try await client.get("/v1/catalog/items/new").status == 404, "what was refused has left no trace")
      #expect(try await client.messageIDs(ofUser: "writer").count == acknowledged.count)

      try disk.grow(toKilobytes: 64 << 10, process: server.processID)
      for id in ["after-1", "after-2"] {
        #expect(try await client.post("/v1/events", event(id, padding: 40_000)).status == 200)
        acknowledged.append(id)
      }
      let recorded = try await ask(client, "ada")
      #expect(recorded["fallback"] == .null, "\(recorded.text)")
      #expect(server.log.contains("the disk is full") && server.log.contains("writing works again"), "\(server.log)")

      await server.kill()
      let next = try await RunningServer(data: disk.path + "/data")
      let again = Client(next.url)
      let stored = try await again.messageIDs(ofUser: "writer")
      #expect(Set(stored).count == stored.count && Set(stored).isSuperset(of: acknowledged))
      let id = try #require(recorded["decision_id"]?.string)
      #expect(try await again.get("/v1/decisions/\(id)").status == 200)
      #expect(await next.stop() == 0)
    }

    @Test(arguments: SmallDisk.available)
    func `a start that finds no room says so, and one that finds room has everything`(kind: SmallDisk.Kind) async throws
    {
      let disk = try SmallDisk(kind, kilobytes: 2_000)
      defer { disk.unmount() }
      let first = try await RunningServer(data: disk.path + "/data", launcher: disk.launcher)
      let acknowledged = try await fillUp(Client(first.url), prefix: "before")
      await first.kill()
      let refused = await #expect(throws: RunningServer.DidNotStart.self) {
        try await RunningServer(data: disk.path + "/data", launcher: disk.launcher)
      }
      #expect(refused?.description.contains("the disk is full") == true, "\(refused?.description ?? "")")

      try disk.grow(toKilobytes: 64 << 10)
      let second = try await RunningServer(data: disk.path + "/data")
      #expect(Set(try await Client(second.url).messageIDs(ofUser: "writer")) == Set(acknowledged))
      #expect(await second.stop() == 0)
    }
  }
}
