import AttuneTestKit
import Decisions
import Engine
import Events
import Primitives
import Testing

@Suite struct LoopTests {
  @Test
  func `what was bought is gone from the very next answer, also for holdout, refused consent and strangers to models`()
    async throws
  {
    let shop = try await PartitionFixture()
    try await shop.putItems(12, category: "shoe")
    for user in 0..<60 {  // among sixty people some are held out
      let user = "user-\(user)"
      let before = try await shop.decide(user, count: 12)
      #expect(before.itemIDs.contains("shoe-3"))
      try await shop.send(["user_id": .string(user), "event_type": "purchase", "item_id": "shoe-3", "value": 3.5])
      let after = try await shop.decide(user, count: 12)
      #expect(!after.itemIDs.contains("shoe-3"), "\(user), holdout \(after.isHoldout)")
      #expect(after.isHoldout == before.isHoldout, "the arm is sticky from the first question on")
    }
    try await shop.send([
      "user_id": "user-1", "event_type": "view", "item_id": "shoe-4",
      "context": ["consent": ["personalization": false]],
    ])
    let refused = try await shop.decide("user-1", count: 12)
    #expect(refused.fallback == .noConsent)
    #expect(!refused.itemIDs.contains("shoe-3"))
  }

  @Test func `three views of a new category move the answer`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("holdout: 0\nplacements:\n  home: {exploration: 0}\n")
    try await shop.putItems(15, category: "shoe")
    try await shop.putItems(15, category: "lamp")
    for other in 0..<30 {
      try await shop.send([
        "user_id": .string("other-\(other)"), "event_type": "view", "item_id": .string("shoe-\(other % 15 + 1)"),
      ])
    }
    let before = try await shop.decide("ada")
    for item in ["lamp-1", "lamp-2", "lamp-3"] {
      try await shop.send(["user_id": "ada", "event_type": "view", "item_id": .string(item)])
    }
    let after = try await shop.decide("ada")
    let lamps = { (answer: DecisionAnswer) in answer.itemIDs.count { $0.hasPrefix("lamp") } }
    #expect(lamps(after) > lamps(before))
    #expect(after.itemIDs.first?.hasPrefix("lamp") == true)
  }

  @Test func `a message id counts once, in a call, between calls and after a restart`() async throws {
    let event: JSONValue = ["message_id": "m1", "user_id": "ada", "event_type": "view", "item_id": "shoe-1"]
    let first = try await PartitionFixture()
    let once = try await first.send(event, event)
    #expect(once == [.accepted(LogPosition(2)), .duplicate])
    #expect(try await first.send(event) == [.duplicate])
    await first.engine.close()
    let second = try await PartitionFixture(folder: first.folder)
    #expect(try await second.send(event) == [.duplicate])
    #expect(try await second.profile("ada")?["event_count"]?.int == 1)
  }

  @Test func `identify stitches what the visitor did before to the person`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(["anonymous_id": "cookie", "event_type": "purchase", "item_id": "shoe-1", "value": 20])
    try await shop.send(["anonymous_id": "cookie", "user_id": "ada", "event_type": "view", "item_id": "shoe-2"])
    let profile = try #require(try await shop.profile("ada"))
    #expect(profile["event_count"]?.int == 2)
    let cookie = try await shop.partition.profile(of: .anonymous("cookie"), at: shop.clock.now)
    #expect(cookie?.id.description == profile["profile_id"]?.string)
  }

  @Test func `outcomes join their decision once, late, twice and in any order`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(5, category: "shoe")
    let answer = try await shop.decide("ada")
    let id = try #require(answer.decisionID)
    let item = try #require(answer.itemIDs.first)
    func outcome(_ type: String, _ time: String) -> JSONValue {
      [
        "user_id": "ada", "event_type": .string(type), "item_id": .string(item), "timestamp": .string(time),
        "properties": ["decision_id": .string(id.description)],
      ]
    }
    shop.clock.advance(by: .seconds(6 * 86_400))
    try await shop.send(outcome("click", "2026-03-04T10:00:00Z"), outcome("click", "2026-03-03T10:00:00Z"))
    try await shop.send(outcome("impression", "2026-03-02T10:00:01Z"))
    shop.clock.advance(by: .seconds(3 * 86_400))
    try await shop.send(outcome("purchase", "2026-03-10T10:00:00Z"))
    let shown = try #require(try await shop.decision(id)["items"]?.array?.first)
    let outcomes = try #require(shown["outcomes"]?.array)
    #expect(
      Set(outcomes.compactMap { $0["type"]?.string }) == ["click", "impression"],
      "a purchase after eight days is no outcome")
    #expect(
      outcomes.first { $0["type"]?.string == "click" }?["at"]?.string == "2026-03-03T10:00:00.000Z",
      "the earliest counts, though it arrived later")
  }

  @Test func `a decision's record says why this, why not that and what was asked`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(6, category: "shoe")
    try await shop.put(["item_id": "wine", "age_min": 18], ["item_id": "gone", "stock": 0])
    try await shop.send(["user_id": "ada", "event_type": "purchase", "item_id": "shoe-1", "value": 2])
    let answer = try await shop.decide(
      "ada", count: 3, exclude: ["shoe-2"],
      candidates: [
        "shoe-1", "shoe-2", "shoe-3", "shoe-4", "wine", "gone", "nowhere",
      ])
    let record = try await shop.decision(answer.decisionID)
    #expect(record["items"]?.array?.compactMap { $0["item_id"]?.string } == answer.itemIDs)
    let removed = Dictionary(
      uniqueKeysWithValues: (record["removed"]?.array ?? []).map { ($0["item_id"]?.string, $0["code"]?.string) })
    #expect(removed == ["shoe-1": "bought", "shoe-2": "excluded", "wine": "age", "gone": "out_of_stock"])
    #expect(answer.items.allSatisfy { $0.propensity > 0 && $0.propensity <= 1 && !$0.reasons.isEmpty })
  }

  @Test func `an unknown placement, a bad filter and a count out of range are refused with what was expected`()
    async throws
  {
    let shop = try await PartitionFixture()
    await #expect(throws: DecisionRefusal.self) { try await shop.decide("ada", placement: "nowhere") }
    await #expect(throws: DecisionRefusal.self) { try await shop.decide("ada", filter: "item.prise < 3") }
    await #expect(throws: DecisionRefusal.self) { try await shop.decide("ada", count: 0) }
  }
}
