import Primitives
import Testing

@testable import HTTPAPI

/// Events that are not as planned: allowed, dropped or blocked, and taken again after a fix.
@Suite struct TrackingPlanTests {
  private func apply(_ plan: String, _ server: TestServer) async throws {
    let file: JSONValue = ["path": "plan.yaml", "text": .string(plan)]
    let body: JSONValue = ["files": .array([file])]
    let answer = try await server.admin.send("PUT", "/v1/definitions", Array(body.text.utf8))
    #expect(answer.status == 200, "\(answer.text)")
  }

  private func plan(_ action: String, unplanned: String = "allow") -> String {
    """
    tracking_plan:
      unplanned: \(unplanned)
      events:
        Product Viewed:
          on_violation: \(action)
          properties:
            product_id: {type: string, required: true}
            price: number
    """
  }

  private static let bad =
    #"{"messageId":"m1","userId":"ada","event":"Product Viewed","properties":{"product_id":"mug","price":"much"}}"#

  @Test(arguments: [("allow", 200, true), ("drop", 200, false), ("block", 400, false)])
  func `a violation is taken, dropped or blocked as the plan says`(
    action: String, status: Int, isTaken: Bool
  ) async throws {
    let plan = plan(action)
    try await TestServer.run { server in
      try await apply(plan, server)
      let answer = try await server.admin.post("/v1/track", Self.bad)
      #expect(answer.status == status, "\(answer.text)")
      #expect(try await server.admin.get("/v1/profiles?user_id=ada").status == (isTaken ? 200 : 404))
      let letters = try await server.admin.get("/v1/dead-letters").json
      #expect(letters["total"]?.int == (isTaken ? 0 : 1))
      if !isTaken {
        #expect(letters["dead_letters"]?.array?.first?["field"]?.string == "properties.price")
        #expect(letters["dead_letters"]?.array?.first?["code"]?.string == "wrong_type")
      }
      let metrics = try await server.admin.get("/metrics").text
      #expect(metrics.contains("attune_plan_violations_total{workspace=\"main\"} \(isTaken ? 1 : 0)"))
      let good = Self.bad.replacing(#""much""#, with: "5").replacing("m1", with: "m2")
      #expect(try await server.admin.post("/v1/track", good).status == 200)
    }
  }

  @Test func `a required property must be there, and an unplanned event may be blocked`() async throws {
    let plan = plan("block", unplanned: "block")
    try await TestServer.run { server in
      try await apply(plan, server)
      let events = """
        [{"user_id":"ada","event_type":"Product Viewed","properties":{}},
         {"user_id":"ada","event_type":"Product Viewed","product_id":"mug"},
         {"user_id":"ada","event_type":"Coupon Clipped"},
         {"user_id":"ada","event_type":"Product Viewed","properties":{"product_id":"mug","price":2.5}}]
        """
      let answer = try await server.admin.post("/v1/events", events).json
      #expect(answer["accepted"]?.int == 2)
      #expect(answer["rejected"]?.array?.map { $0["index"]?.int } == [0, 2])
      #expect(answer["rejected"]?.array?.map { $0["code"]?.string } == ["missing_property", "not_planned"])
      #expect(
        try await server.admin.post("/v1/identify", #"{"userId":"ben"}"#).status == 200, "calls that name nothing")
    }
  }

  @Test func `after a fix dead letters are taken again, once`() async throws {
    let (strict, mended) = (plan("drop"), plan("drop").replacing("price: number", with: "price: string"))
    try await TestServer.run { server in
      try await apply(strict, server)
      for body in [Self.bad, Self.bad.replacing(#""messageId":"m1","#, with: ""), #"{"event":"Product Viewed"}"#] {
        _ = try await server.admin.post("/v1/track", body)
      }
      let first = try await server.admin.post("/v1/dead-letters/replay", "{}").json
      #expect(first["accepted"]?.int == 0)
      #expect(first["still_refused"]?.int == 3)
      try await apply(mended, server)
      for round in 0..<2 {
        let replayed = try await server.admin.post("/v1/dead-letters/replay", "{}").json
        #expect(replayed["accepted"]?.int == (round == 0 ? 2 : 0))
        #expect(replayed["duplicates"]?.int == (round == 0 ? 0 : 2))
        #expect(replayed["still_refused"]?.int == 1)
      }
      #expect(try await server.admin.get("/v1/profiles?user_id=ada").json["event_count"]?.int == 2)
      #expect(try await server.admin.get("/v1/dead-letters").json["total"]?.int == 3, "no letter twice")
    }
  }

  @Test(arguments: [
    ("tracking_plan: {events: {A: {on_violation: maybe}}}", "allow"), ("tracking_plan: {unplaned: drop}", "unplanned"),
    ("tracking_plan: {events: {A: {properties: {p: text}}}}", "string"),
  ])
  func `a plan that says what is not understood is refused with its place`(plan: String, told: String) async throws {
    try await TestServer.run { server in
      let file: JSONValue = ["path": "plan.yaml", "text": .string(plan)]
      let body: JSONValue = ["files": .array([file])]
      let answer = try await server.admin.send("PUT", "/v1/definitions", Array(body.text.utf8))
      #expect(answer.status == 400)
      #expect(answer.text.contains(told), "\(answer.text)")
      #expect(answer.json["errors"]?.array?.first?["line"]?.int == 1)
    }
  }
}
