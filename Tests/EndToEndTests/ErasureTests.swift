import Foundation
import Primitives
import Testing

extension EndToEnd {
  /// A person is erased by a running server, and every file of its data directory is searched.
  @Suite struct Erasures {
    /// What only this person said.
    private static let secrets = [
      "ada-lovelace-1815", "ada.l@example.com", "device-of-ada-77", "Countess of Everything", "203.0.113.77",
      "a very own search", "secret-property-9", "letter-of-ada",
    ]

    private static let events = """
      [{"type":"identify","messageId":"s1","userId":"ada-lovelace-1815","anonymousId":"device-of-ada-77",
        "traits":{"title":"Countess of Everything","plan":"pro"},
        "context":{"ip":"203.0.113.77","externalIds":[{"type":"email","id":"ada.l@example.com"}]}},
       {"type":"track","messageId":"s2","event":"Products Searched","userId":"ada-lovelace-1815",
        "properties":{"query":"a very own search"}},
       {"type":"track","messageId":"s3","event":"Product Viewed","anonymousId":"device-of-ada-77",
        "properties":{"product_id":"mug","note":"secret-property-9"}},
       {"type":"track","messageId":"s4","event":"Product Viewed","userId":"bob","anonymousId":"device-of-ada-77",
        "properties":{"product_id":"mug"}},
       {"type":"track","messageId":"s5","event":"Product Viewed","userId":"bob","properties":{"product_id":"mug"}},
       {"type":"track","messageId":"s6","userId":"ada-lovelace-1815","properties":{"note":"letter-of-ada"}}]
      """

    /// Files of a data directory that hold one of the secrets.
    private func finds(in folder: String) throws -> [String] {
      let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
      return try names.flatMap { name -> [String] in
        var isFolder: ObjCBool = false
        let path = "\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
          return []
        }
        let bytes = try Data(contentsOf: URL(filePath: path))
        return Self.secrets.filter { bytes.range(of: Data($0.utf8)) != nil }.map { "\(name) holds '\($0)'" }
      }
    }

    private func fill(_ client: Client) async throws -> String {
      let items = #"[{"item_id":"mug","title":"Mug"},{"item_id":"pan","title":"Pan"}]"#
      #expect(try await client.send("PUT", "/v1/catalog/items", items).status == 200)
      // Others around, so that pages are full.
      for start in stride(from: 0, to: 600, by: 100) {
        let others = (start..<start + 100).map {
          #"{"event_type":"view","user_id":"other-\#($0)","item_id":"mug","message_id":"o\#($0)"}"#
        }
        _ = try await client.post("/v1/events", "[\(others.joined(separator: ","))]")
      }
      #expect(try await client.post("/v1/batch", #"{"batch":\#(Self.events)}"#).status == 200)
      let decision = try await client.post("/v1/decide", #"{"user_id":"ada-lovelace-1815","count":2}"#).json
      return try #require(decision["decision_id"]?.string)
    }

    private func profile(_ client: Client) async throws -> String? {
      try await client.get("/v1/profiles?user_id=ada-lovelace-1815").json["profile_id"]?.string
    }

    @Test func `when the answer leaves, no file holds anything of the person`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      let client = Client(server.url)
      let decision = try await fill(client)
      let id = try #require(try await profile(client))
      #expect(try !finds(in: folder.path).isEmpty)

      let key = try await client.post("/v1/keys", #"{"scopes":["read","collect","decide"]}"#).json["key"]?.string
      let weak = Client(server.url, key: try #require(key))
      #expect(try await weak.send("DELETE", "/v1/profiles/\(id)").status == 403)
      let other = try await client.post("/v1/keys", #"{"workspace":"other","scopes":["admin","read","collect"]}"#).json
      let neighbour = Client(server.url, key: try #require(other["key"]?.string))
      _ = try await neighbour.post("/v1/events", #"{"event_type":"view","user_id":"ada-lovelace-1815","item_id":"x"}"#)
      #expect(try await neighbour.send("DELETE", "/v1/profiles/\(id)").status == 404)

      let answer = try await client.send("DELETE", "/v1/profiles/\(id)")
      let found = try finds(in: folder.path).filter { !$0.hasPrefix("workspaces/other/") }
      #expect(answer.status == 200 && found == [], "\(answer.text)")
      let erased = answer.json["erased"]
      #expect(erased?["events"]?.int == 4 && erased?["of_others"]?.int == 1 && erased?["dead_letters"]?.int == 1)
      #expect(erased?["decisions"]?.int == 1)

      #expect(try await client.get("/v1/profiles/\(id)").status == 410)
      #expect(try await client.get("/v1/profiles?user_id=ada-lovelace-1815").status == 404)
      for path in ["/v1/decisions/\(decision)"] {
        let gone = try await client.get(path)
        #expect(gone.status == 410 && gone.code == "inputs_erased", "\(gone.text)")
      }
      #expect(try await client.post("/v1/decisions/\(decision)/replay", "").code == "inputs_erased")
      #expect(try await client.get("/v1/profiles?user_id=bob").json["event_count"]?.int == 1)
      #expect(try await client.send("DELETE", "/v1/profiles/\(id)").json == answer.json, "again: the proof")
      #expect(try await client.get("/v1/erasures?user_id=ada-lovelace-1815").json["erasures"]?.array?.count == 1)
      // Sent again, nothing comes back; the other workspace was not touched.
      let again = try await client.post("/v1/batch", #"{"batch":\#(Self.events)}"#).json
      #expect(again["duplicates"]?.int == 5, "\(again)")
      #expect(try await profile(client) == nil)
      #expect(try await profile(neighbour) != nil)
      #expect(await server.stop() == 0)
    }

    @Test(arguments: [0, 1, 2, 4, 8, 16, 32])
    func `a server killed while it erases has all of the person afterwards, or nothing`(answers: Int) async throws {
      let folder = try ScratchFolder()
      var server = try await RunningServer(data: folder.path)
      var client = Client(server.url)
      _ = try await fill(client)
      let id = try #require(try await profile(client))
      let events = try await client.messageIDs(ofUser: "ada-lovelace-1815")
      async let answer = try? await client.send("DELETE", "/v1/profiles/\(id)").status
      // Its other answers are the clock.
      let prober = Client(server.url)
      for _ in 0..<answers { _ = try? await prober.get("/healthz") }
      await server.kill()
      let status = await answer

      server = try await RunningServer(data: folder.path)
      client = Client(server.url)
      if try await profile(client) != nil {
        #expect(status != 200)
        #expect(try await client.messageIDs(ofUser: "ada-lovelace-1815") == events)
        #expect(try await client.send("DELETE", "/v1/profiles/\(id)").status == 200)
      } else {
        #expect(try await client.get("/v1/profiles/\(id)").status == 410)
      }
      // The dead letter was sent again by nobody.
      #expect(try finds(in: folder.path) == [])
      #expect(await server.stop() == 0)
    }
  }
}
