import Primitives
import Testing

@testable import HTTPAPI

/// Where features come from, how fresh they are, who uses them.
@Suite struct FeatureRouteTests {
  private static let definitions = """
    features:
      looks: {type: count, signals: [view], window: 10d, freshness: 1d, description: Items looked at}
    placements:
      cart:
        eligible: ["person.features.looks >= 0 && item.price > 1.0"]
        boosts: ["1.0", "person.features.looks > 3 ? 2.0 : 1.0"]
    """

  private func apply(_ server: TestServer) async throws {
    let file: JSONValue = ["path": "all.yaml", "text": .string(Self.definitions)]
    let body: JSONValue = ["files": .array([file])]
    let answer = try await server.admin.send("PUT", "/v1/definitions", Array(body.text.utf8))
    #expect(answer.status == 200, "\(answer.text)")
  }

  @Test func `a feature says of which events it is made and which rules read it`() async throws {
    try await TestServer.run { server in
      try await apply(server)
      let features = try await server.admin.get("/v1/features").json["features"]?.array ?? []
      let looks = try #require(features.first { $0["name"]?.string == "looks" })
      #expect(looks["events"]?.array == ["view"])
      #expect(looks["window"]?.string == "10d")
      #expect(looks["freshness"]?.string == "1d")
      #expect(looks["value"] == nil)
      let uses = looks["used_by"]?.array ?? []
      #expect(uses.map { $0["list"]?.string } == ["eligible", "boosts"])
      #expect(uses.map { $0["number"]?.int } == [1, 2])
      #expect(uses.allSatisfy { $0["placement"]?.string == "cart" })
      #expect(features.first { $0["name"]?.string == "views_7d" }?["used_by"]?.array == [])
    }
  }

  @Test func `a person's feature has its value, and is stale when its last event is older than it may be`() async throws
  {
    try await TestServer.run { server in
      try await apply(server)
      for (user, time) in [("new", TestServer.start - .seconds(60)), ("old", TestServer.start - .seconds(5 * 86_400))] {
        let event = #"{"user_id":"\#(user)","event_type":"view","item_id":"mug","timestamp":"\#(time)"}"#
        #expect(try await server.admin.post("/v1/events", event).status == 200)
      }
      for (user, isStale, count) in [("new", false, 1), ("old", true, 1)] as [(String, Bool, Int64)] {
        let profile = try await server.admin.get("/v1/profiles?user_id=\(user)").json["profile_id"]?.string ?? ""
        let listing = try await server.admin.get("/v1/profiles/\(profile)/features").json
        let looks = try #require(listing["features"]?.array?.first { $0["name"]?.string == "looks" })
        #expect(looks["value"]?.int == count, "\(user)")
        #expect(looks["stale"]?.bool == isStale, "\(user)")
      }
      #expect(try await server.admin.get("/v1/profiles/none/features").status == 404)
    }
  }
}
