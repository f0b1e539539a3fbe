import AttuneTestKit
import Engine
import Governance
import Primitives
import Testing

@testable import HTTPAPI

/// Predictions and scores over HTTP.
@Suite struct PredictionRouteTests {
  private static let definitions = """
    {"files":[{"path":"a.yaml","text":"holdout: 0\\npredictions:\\n  buys: {of: purchase, within: 2d, on: view, min_events: 1, \
    description: Buys soon}\\n  leaves: {none_of: any, within: 300d}\\n"}]}
    """

  /// People who look every day; whoever saves something buys the next day.
  private static func prepared(_ server: TestServer, people: Int = 60, days: Int = 12) async throws {
    #expect(try await server.admin.send("PUT", "/v1/definitions", Array(definitions.utf8)).status == 200)
    var generator = SeededGenerator(seed: 1)
    var wants = [Bool](repeating: false, count: people)
    for _ in 0..<days {
      var events: [String] = []
      func add(_ person: Int, _ kind: String) {
        events.append(#"{"user_id":"u\#(person)","event_type":"\#(kind)","item_id":"mug"}"#)
      }
      for person in 0..<people {
        if wants[person] { add(person, "purchase") }
        wants[person] = Int.random(in: 0..<4, using: &generator) == 0
        if wants[person] { add(person, "save") }
        add(person, "view")
      }
      #expect(try await server.admin.post("/v1/events", "[" + events.joined(separator: ",") + "]").status == 200)
      server.advance(by: .seconds(86_400))
    }
  }

  private static func profile(_ user: String, _ server: TestServer) async throws -> String {
    try #require(try await server.admin.get("/v1/profiles?user_id=\(user)").json["profile_id"]?.string)
  }

  @Test func `a training brings predictions along, and each person has a score with its reasons`() async throws {
    try await TestServer.run { server in
      try await Self.prepared(server)
      let none = try await server.admin.get("/v1/predictions").json
      #expect(none["predictions"]?.array?.map { $0["name"]?.string } == ["buys", "leaves"])
      #expect(none["predictions"]?.array?.first?["of"] == "purchase" && none["runs"] == [])

      let answer = try await server.admin.post("/v1/train?wait=true", #"{"only":"predictions","seed":3}"#)
      #expect(answer.status == 200 && answer.json["run"] == nil, "\(answer.text)")
      let runs = try #require(answer.json["predictions"]?.array)
      #expect(runs.map { $0["prediction"]?.string } == ["buys", "leaves"])
      #expect(runs[0]["outcome"] == "live", "\(runs[0])")
      #expect(runs[1]["refusal"]?.string?.contains("too few moments") == true)
      let status = try await server.admin.get("/v1/train").json
      #expect(status["state"] == "done" && status["predictions"]?.array == runs)
      let listing = try await server.admin.get("/v1/predictions").json
      #expect(listing["predictions"]?.array?.map { $0["serving"]?.int } == [1, 0])
      #expect(listing["runs"]?.array == Array(runs.reversed()))

      let scores = try await server.admin.get("/v1/profiles/\(try await Self.profile("u1", server))/scores").json[
        "scores"]
      let score = try #require(scores?["buys"])
      let probability = try #require(score["probability"]?.double)
      #expect((0...1).contains(probability) && score["version"]?.int == 1 && score["description"] == "Buys soon")
      let amounts = (score["contributions"]?.array ?? []).reduce(0) { $0 + ($1["contribution"]?.double ?? 0) }
      let sum = (score["bias"]?.double ?? 0) + amounts + (score["rest"]?.double ?? 0)
      #expect(abs(sum - (score["margin"]?.double ?? .infinity)) < 1e-9)
      #expect(scores?["leaves"]?["absent"]?.string?.contains("no model") == true)
      let profile = try await server.admin.get("/v1/profiles?user_id=u1").json
      #expect(profile["scores"] == ["buys": .double(probability)])
      let past = try await server.admin.get("/v1/profiles?user_id=u1&as_of=2026-07-03T00:00:00Z").json
      #expect(past["profile_id"] != nil && past["scores"] == nil)

      let decided = try await server.admin.post(
        "/v1/decide", #"{"user_id":"u1","filter":"person.scores.buys >= 0.0"}"#)
      #expect(decided.json["versions"]?["scores.buys"] == "1", "\(decided.text)")
      let back = try await server.admin.post("/v1/predictions/activate", #"{"prediction":"buys"}"#)
      #expect(back.json == ["prediction": "buys", "champion": 0], "\(back.text)")
      #expect(try await server.admin.get("/v1/profiles?user_id=u1").json["scores"] == nil)
    }
  }

  @Test(
    arguments: [
      (#"{"prediction":"buy"}"#, 404, "not_found"), (#"{"prediction":"buys","version":9}"#, 404, "not_found"),
      (#"{"prediction":"buys"}"#, 409, "model_unusable"), (#"{"version":1}"#, 400, "missing_field"),
      (#"{"prediction":7}"#, 400, "invalid_type"), (#"{"prediction":"buys","version":-1}"#, 400, "invalid_type"),
      (#"{"prediction":"buys","verson":1}"#, 400, "invalid_parameter"),
    ])
  func `what cannot be activated is refused by its name`(body: String, status: Int, code: String) async throws {
    try await TestServer.run { server in
      #expect(try await server.admin.send("PUT", "/v1/definitions", Array(Self.definitions.utf8)).status == 200)
      let answer = try await server.admin.post("/v1/predictions/activate", body)
      #expect(answer.status == status && answer.code == code, "\(answer.text)")
    }
  }

  @Test func `scores are read with the scope for reading, the registry with that for everything`() async throws {
    try await TestServer.run { server in
      try await Self.prepared(server, people: 3, days: 1)
      let id = try await Self.profile("u1", server)
      let reader = try server.client("main", .read)
      #expect(try await reader.get("/v1/profiles/\(id)/scores").status == 200)
      #expect(try await reader.get("/v1/predictions").status == 403)
      #expect(try await reader.post("/v1/predictions/activate", #"{"prediction":"buys"}"#).status == 403)
      let other = try server.client("other", .read)
      #expect(try await other.get("/v1/profiles/\(id)/scores").status == 404)
      #expect(try await server.admin.get("/v1/profiles/nobody/scores").status == 404)
      #expect(try await server.admin.post("/v1/train", #"{"only":"everything"}"#).json["field"] == "only")
    }
  }
}
