import Foundation
import Primitives
import Testing

extension EndToEnd {
  @Suite struct Interface {
    /// Every check of schemathesis on every route but `/v1/tail`, whose answer has no end: what the document allows is
    /// taken, and what it forbids is refused. Where one bad line does not refuse the others (batches, arrays of events, items)
    /// the document allows any line.
    @Test func `the running server is what its OpenAPI document says`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      let client = Client(server.url)
      _ = try await client.send("PUT", "/v1/catalog/items", #"[{"item_id":"mug","title":"Mug"}]"#)
      _ = try await client.post("/v1/events", #"{"event_type":"view","user_id":"u","item_id":"mug"}"#)
      // An erased person is gone (410), and a training that would take too much memory is refused (422), however well
      // they are asked for. That profiles have no positions to begin from no schema of parameters can say.
      let configuration = """
        [checks]
        positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "410", "422", "429", "5xx"]

        [[operations]]
        include-name = "GET /v1/export"
        checks.positive_data_acceptance.enabled = false
        """
      try configuration.write(toFile: folder.path + "/schemathesis.toml", atomically: true, encoding: .utf8)
      let output = try await Program.run(
        Program.root.appending(path: ".venv/bin/schemathesis").path,
        [
          "run", "\(server.url)/openapi.json", "--header", "Authorization: Bearer \(RunningServer.adminKey)",
          "--exclude-path", "/v1/tail", "--phases", "examples,coverage,fuzzing", "--max-examples", "12", "--seed", "1",
          // Several workers run into a fault of CPython 3.11 ("AST constructor recursion depth mismatch").
          "--workers", "1", "--request-timeout", "20", "--no-color",
        ], environment: ["PYTHONIOENCODING": "utf-8"], folder: folder.path)
      #expect(output.status == 0, "\(output.text.suffix(6_000))")
      #expect(await server.stop() == 0)
    }

    @Test func `promtool finds nothing to say about the metrics`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      let client = Client(server.url)
      _ = try await client.post("/v1/events", #"{"event_type":"view","user_id":"u","item_id":"mug"}"#)
      _ = try await client.post("/v1/decide", #"{"user_id":"u"}"#)
      let metrics = try await client.get("/metrics")
      #expect(metrics.status == 200)
      let output = try await Program.run(
        "/usr/bin/env", ["promtool", "check", "metrics"], input: Data(metrics.body),
        environment: ["PATH": "\(Program.root.path)/.build/tools/usr/bin:/usr/local/bin:/usr/bin:/bin"])
      #expect(output.status == 0, "\(output.text)\(output.errors)")
      #expect(output.errors.isEmpty, "\(output.errors)")
      #expect(await server.stop() == 0)
    }

    @Test func `a second workspace sees nothing of the first`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      let first = Client(server.url)
      let created = try await first.post(
        "/v1/keys", #"{"workspace":"other","scopes":["collect","decide","read","admin"]}"#
      ).json
      let second = Client(server.url, key: try #require(created["key"]?.string))

      _ = try await first.send("PUT", "/v1/catalog/items", #"[{"item_id":"secret-mug","title":"Mug"}]"#)
      _ = try await first.post(
        "/v1/events", #"{"message_id":"m","event_type":"view","user_id":"secret-person","item_id":"secret-mug"}"#)
      _ = try await first.post("/v1/events", #"{"message_id":"bad","event_type":"secret-letter"}"#)
      let decision = try await first.post("/v1/decide", #"{"user_id":"secret-person"}"#).json
      let decisionID = try #require(decision["decision_id"]?.string)
      let profile = try await first.get("/v1/profiles?user_id=secret-person").json
      let profileID = try #require(profile["profile_id"]?.string)
      let firstKey = try await first.get("/v1/keys").json
      let keyID = try #require(firstKey["keys"]?.array?.first?["id"]?.string)

      for path in [
        "/v1/catalog/items/secret-mug", "/v1/items/secret-mug/similar", "/v1/decisions/\(decisionID)",
        "/v1/profiles?user_id=secret-person", "/v1/profiles/\(profileID)", "/v1/profiles/\(profileID)/events",
      ] {
        #expect(try await second.get(path).status == 404, "\(path)")
      }
      #expect(try await second.send("DELETE", "/v1/keys/\(keyID)").status == 404)
      #expect(try await second.get("/v1/keys?workspace=main").status == 403)
      #expect(try await second.send("PATCH", "/v1/catalog/items/secret-mug", #"{"title":"x"}"#).status == 404)

      // Every other route that can be read: nothing of the first workspace is in its text.
      let document = try await first.get("/openapi.json").json
      for member in document["paths"]?.object?.members ?? [] {
        guard member.value["get"] != nil, !member.key.contains("{"), member.key != "/v1/tail" else { continue }
        let text = try await second.get(member.key).text
        for secret in ["secret-", decisionID, profileID] {
          #expect(!text.contains(secret), "GET \(member.key) shows \(secret)")
        }
      }
      #expect(try await second.post("/v1/decide", #"{"user_id":"secret-person"}"#).json["items"] == [])
      #expect(await server.stop() == 0)
    }
  }
}
