import AttuneTestKit
import Dispatch
import Engine
import Governance
import Primitives
import ServiceLifecycle
import StorageMemory
import Synchronization
import Testing

@testable import HTTPAPI

/// Trainings and models over HTTP.
@Suite struct ModelRouteTests {
  /// Two groups of taste, of people enough to be judged by.
  private static func likings(people: Int = 60) -> String {
    let events = (0..<people).flatMap { person in
      (0..<6).map { place in
        let item = 2 * ((person / 2 * 3 + place) % 9) + person % 2
        return #"{"user_id":"u\#(person)","event_type":"view","item_id":"i\#(item)"}"#
      }
    }
    return "[" + events.joined(separator: ",") + "]"
  }

  private static func train(_ server: TestServer, _ body: String = #"{"dimensions":8}"#) async throws -> JSONValue {
    let answer = try await server.admin.post("/v1/train?wait=true", body)
    #expect(answer.status == 200, "\(answer.text)")
    return try #require(answer.json["run"])
  }

  private static func prepared(_ server: TestServer) async throws {
    #expect(try await server.admin.post("/v1/events", likings()).status == 200)
  }

  // MARK: Training

  @Test func `who waits for a training gets its run, and the next decision is made with it`() async throws {
    try await TestServer.run { server in
      try await Self.prepared(server)
      #expect(try await server.admin.get("/v1/train").json == ["state": "none"])
      let run = try await Self.train(server, #"{"dimensions":8,"seed":3}"#)
      #expect(run["version"]?.int == 1 && run["outcome"]?.string == "live" && run["cause"]?.string == "asked")
      #expect(run["refusal"] == .null)
      #expect(run["parameters"]?["dimensions"]?.string == "8" && run["parameters"]?["seed"]?.string == "3")
      #expect(run["window"]?["acts"]?.int == 360)
      let status = try await server.admin.get("/v1/train").json
      #expect(status["state"]?.string == "done" && status["run"] == run)
      let listing = try await server.admin.get("/v1/models").json
      #expect(listing["champion"]?.int == 1 && listing["serving"]?.int == 1)
      #expect(listing["runs"]?.array == [run] && listing["faults"]?.array == [])
      let decision = try await server.admin.post("/v1/decide", #"{"user_id":"u1"}"#).json
      #expect(decision["versions"]?["ials"]?.string == "1", "\(decision)")
    }
  }

  @Test func `a model's card says what it learnt from, how it did for whom, and what came of it`() async throws {
    try await TestServer.run { server in
      try await Self.prepared(server)
      _ = try await Self.train(server)
      let answer = try await server.admin.get("/v1/models/1/card")
      #expect(answer.status == 200, "\(answer.text)")
      let card = answer.json
      #expect(
        card.object?.members.map(\.key) == [
          "model_details", "intended_use", "training_data", "evaluation_data", "metrics", "factors", "gate", "live",
          "limits",
        ])
      #expect(card["model_details"]?["state"] == "serving" && card["model_details"]?["version"]?.int == 1)
      #expect(card["training_data"]?["acts"]?.int == 360)
      let parts = card["factors"]?.array ?? []
      #expect(Set(parts.compactMap { $0["group_by"]?.string }) == ["history", "popularity"], "\(parts)")
      #expect(card["live"]?["people_days"]?.int == 0 && card["live"]?["rate"] == .null)
      #expect(card["gate"]?["outcome"] == "let in")
      for unknown in ["2", "0", "-1", "one", "99999999999999999999"] {
        #expect(try await server.admin.get("/v1/models/\(unknown)/card").status == 404, "\(unknown)")
      }
    }
  }

  @Test(arguments: [nil, "", "{}"] as [String?])
  func `a training needs no body, and is on its way before the answer`(body: String?) async throws {
    try await TestServer.run { server in
      try await Self.prepared(server)
      let begun = try await server.admin.send("POST", "/v1/train", body.map { Array($0.utf8) })
      #expect(begun.status == 202, "\(begun.text)")
      #expect(["running", "done"].contains(begun.json["state"]?.string))
      var status = begun.json
      while status["state"]?.string == "running" { status = try await server.admin.get("/v1/train").json }
      #expect(status["state"]?.string == "done", "\(status)")
      #expect(status["run"]?["parameters"]?["dimensions"]?.string == "64")
    }
  }

  @Test(
    arguments: [
      (#"{"dimensions":"many"}"#, "dimensions"), (#"{"dimensions":1}"#, "dimensions"),
      (#"{"dimensions":8.5}"#, "dimensions"),
      (#"{"dimensions":1025}"#, "dimensions"), (#"{"memory_mb":0}"#, "memory_mb"), (#"{"seed":-1}"#, "seed"),
      (#"{"seed":1e300}"#, "seed"), (#"{"tune_seconds":[]}"#, "tune_seconds"), (#"{"dimension":8}"#, "dimension"),
      ("[]", nil), ("7", nil), ("{", nil),
    ] as [(String, String?)])
  func `what cannot be asked of a training is refused by its name, and nothing begins`(
    body: String, field: String?
  ) async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.post("/v1/train", body)
      #expect(answer.status == 400, "\(answer.text)")
      #expect(answer.json["field"]?.string == field, "\(answer.text)")
      #expect(try await server.admin.get("/v1/train").json == ["state": "none"])
    }
  }

  @Test func `a training that would take too much memory is refused with both figures`() async throws {
    try await TestServer.run { server in
      try await Self.prepared(server)
      let answer = try await server.admin.post("/v1/train?wait=true", #"{"dimensions":1024,"memory_mb":1}"#)
      #expect(answer.status == 422 && answer.code == "training_too_large", "\(answer.text)")
      #expect(answer.text.contains("may take 1 MB"))
      #expect(try await server.admin.get("/v1/train").json["state"]?.string == "failed")
      #expect(try await server.admin.get("/v1/models").json["runs"]?.array == [])
      #expect(try await server.admin.post("/v1/train?wait=perhaps", "{}").json["field"]?.string == "wait")
    }
  }

  /// Lets a training wait while it reads the log.
  private final class Barrier: Sendable {
    private let isDown = Mutex(false)
    private let opened = DispatchSemaphore(value: 0)

    func lower() { isDown.withLock { $0 = true } }

    func pass() {
      let waits = isDown.withLock { isDown in
        defer { isDown = false }
        return isDown
      }
      if waits { opened.wait() }
    }

    func raise() { opened.signal() }
  }

  @Test func `while one is under way no other begins, and a server that stops answers who waits`() async throws {
    let barrier = Barrier()
    let store = HookedStore(MemoryPartitionStore(), onPage: barrier.pass)
    try await TestServer.run(openStore: { _ in store }) { server in
      try await Self.prepared(server)
      barrier.lower()
      #expect(try await server.admin.post("/v1/train", "{}").status == 202)
      let second = try await server.admin.post("/v1/train", "{}")
      #expect(second.status == 409 && second.code == "training_under_way", "\(second.text)")
      #expect(try await server.admin.get("/v1/train").json["state"]?.string == "running")
      barrier.raise()
      while try await server.admin.get("/v1/train").json["state"]?.string == "running" {}
      #expect(try await server.admin.get("/v1/train").json["state"]?.string == "done")

      barrier.lower()
      async let waiting = server.admin.post("/v1/train?wait=true", "{}")
      while try await server.admin.get("/v1/train").json["state"]?.string != "running" {}
      await server.group.triggerGracefulShutdown()
      barrier.raise()
      let answer = try await waiting
      #expect(answer.status == 200 || answer.status == 503, "\(answer.text)")
    }
  }

  // MARK: Who may

  @Test func `only who administers the workspace trains, lists and activates`() async throws {
    try await TestServer.run { server in
      let client = try server.client("main", .read, .decide, .collect)
      for (method, path) in [
        ("POST", "/v1/train"), ("GET", "/v1/train"), ("GET", "/v1/models"), ("POST", "/v1/models/activate"),
        ("GET", "/v1/models/1/card"),
      ] {
        let body = method == "POST" ? Array("{}".utf8) : nil
        #expect(try await client.send(method, path, body).status == 403, "\(path)")
        #expect(try await server.stranger.send(method, path, body).status == 401, "\(path)")
      }
      #expect(try await server.admin.get("/v1/models").json["runs"]?.array == [])
    }
  }

  @Test func `another workspace sees none of the models, trains its own and leaves these alone`() async throws {
    try await TestServer.run { server in
      try await Self.prepared(server)
      _ = try await Self.train(server)
      let other = try server.client("other", .admin, .decide)
      #expect(try await other.get("/v1/train").json == ["state": "none"])
      #expect(try await other.get("/v1/models").json["runs"]?.array == [])
      #expect(try await other.post("/v1/models/activate", #"{"version":1}"#).status == 404)
      let own = try await other.post("/v1/train?wait=true", "{}").json["run"]
      #expect(own?["outcome"]?.string == "refused" && own?["version"]?.int == 1)
      #expect(own?["refusal"]?.string?.contains("no interactions") == true)
      #expect(try await server.admin.get("/v1/models").json["runs"]?.array?.count == 1)
      #expect(try await other.post("/v1/decide", #"{"user_id":"u1"}"#).json["versions"]?["ials"] == nil)
    }
  }

  // MARK: The registry

  @Test func `a model is left, brought back, and refused when it cannot serve`() async throws {
    try await TestServer.run { server in
      func activate(_ body: String) async throws -> Client.Answer {
        try await server.admin.post("/v1/models/activate", body)
      }
      let nothing = try await activate("{}")
      #expect(nothing.status == 409 && nothing.code == "model_unusable", "\(nothing.text)")
      #expect(try await Self.train(server)["outcome"]?.string == "refused")
      try await Self.prepared(server)
      for version in 2...3 { #expect(try await Self.train(server)["version"]?.int == Int64(version)) }
      for (body, champion) in [("", 2), (#"{"version":0}"#, 0), (#"{"version":3}"#, 3), (#"{"version":3}"#, 3)] {
        let answer = try await activate(body)
        #expect(answer.status == 200 && answer.json["champion"]?.int == Int64(champion), "\(body): \(answer.text)")
        #expect(try await server.admin.get("/v1/models").json["serving"]?.int == Int64(champion))
      }
      let unknown = try await activate(#"{"version":9}"#)
      #expect(unknown.status == 404 && unknown.text.contains("no model 9"), "\(unknown.text)")
      let refused = try await activate(#"{"version":1}"#)
      #expect(refused.status == 409 && refused.text.contains("was not let in"), "\(refused.text)")
      for body in [#"{"version":"2"}"#, #"{"version":-1}"#, #"{"version":1.5}"#, #"{"model":2}"#] {
        let answer = try await activate(body)
        #expect(answer.status == 400, "\(body): \(answer.text)")
        #expect(answer.json["field"]?.string == (body.contains("model") ? "model" : "version"))
      }
      #expect(try await server.admin.get("/v1/models").json["champion"]?.int == 3)
    }
  }
}
