import AttuneTestKit
import Catalog
import Decisions
import Engine
import Events
import Primitives
import Testing

/// What holds of every answer, whatever anybody sends.
@Suite struct HardRuleTests {
  @Test func `a grant of a clock that is fast does not stand above a later refusal`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(3, category: "shoe")
    let ahead = (shop.clock.now + .seconds(20 * 3_600)).description
    for (granted, time) in [(true, ahead), (false, shop.clock.now.description)] {
      try await shop.send([
        "user_id": "ada", "event_type": "x", "timestamp": .string(time),
        "context": ["consent": ["personalization": .bool(granted)]],
      ])
    }
    #expect(try await shop.decide("ada").fallback == .noConsent)
    await shop.engine.close()
  }

  @Test func `a device of somebody else makes nobody older, and the stricter consent counts`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("holdout: 0")
    try await shop.put(["item_id": "beer", "age_min": 18], ["item_id": "milk"])
    try await shop.send(
      [
        ["type": "identify", "userId": "adult", "anonymousId": "tv", "traits": ["age": 40]],
        ["type": "identify", "userId": "kid", "traits": ["age": 9]],
        ["type": "track", "event": "x", "anonymousId": "phone", "context": ["consent": ["personalization": false]]],
      ], shape: .batchItem)
    func ask(_ user: String, _ device: String) async throws -> DecisionAnswer {
      let request = DecisionRequest(identifiers: [.user(user), .anonymous(device)])
      return try #require(try await shop.partition.decide([request]).first).get()
    }
    #expect(try await ask("adult", "tv").itemIDs.contains("beer"))
    #expect(try await !ask("kid", "tv").itemIDs.contains("beer"))
    #expect(try await !ask("nobody-yet", "tv").itemIDs.contains("beer"), "an unknown user on the adult's device")
    #expect(try await ask("adult", "phone").fallback == .noConsent)
    await shop.engine.close()
  }

  @Test func `invented items take nobody's place`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("placements: {home: {exploration: 0}}")
    try await shop.putItems(12, category: "shoe")
    let liked = try await like(["shoe-9", "shoe-4", "shoe-7", "shoe-2", "shoe-11"], in: shop)
    // More than a popularity ranking holds, each dearer to it than any shoe.
    try await shop.send(
      (0..<1_200).map {
        ["user_id": "spam", "event_type": "purchase", "item_id": .string("made-up-\($0)"), "value": 9]
      },
      shape: .flat)
    try await expectPopular(liked, in: shop)
    await shop.engine.close()
  }

  @Test func `items that left the catalogue take nobody's place`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("placements: {home: {exploration: 0}}")
    try await shop.putItems(12, category: "shoe")
    let liked = try await like(["shoe-9", "shoe-4", "shoe-7", "shoe-2", "shoe-11"], in: shop)
    let gone = (0..<150).map { "gone-\($0)" }
    try await shop.change(
      gone.map { try CatalogChange(upserting: JSONDocument(parsing: Array(#"{"item_id":"\#($0)"}"#.utf8)).root) })
    try await shop.send(
      gone.map { ["user_id": "ben", "event_type": "purchase", "item_id": .string($0), "value": 9] }, shape: .flat)
    try await shop.change(gone.map { .delete(id: $0) })
    try await expectPopular(liked, in: shop)
    await shop.engine.close()
  }

  /// The first is looked at most often. Gives the items back.
  private func like(_ items: [String], in shop: PartitionFixture) async throws -> [String] {
    for (place, item) in items.enumerated() {
      let views = (0...items.count - place).map { number -> JSONValue in
        ["user_id": .string("visitor-\(number)"), "event_type": "view", "item_id": .string(item)]
      }
      try await shop.send(views, shape: .flat)
    }
    return items
  }

  private func expectPopular(_ items: [String], in shop: PartitionFixture) async throws {
    let answer = try await shop.decide("newcomer")
    #expect(answer.fallback == nil && Array(answer.itemIDs.prefix(items.count)) == items, "\(answer.itemIDs)")
    #expect(try await shop.partition.popular(count: items.count, at: shop.clock.now).map(\.itemID) == items)
  }

  @Test func `a promised new item is found also when no model knows it`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("placements: {home: {exploration: 0, new_items: {at_least: 1, within: 30d}}}")
    try await shop.putItems(30, category: "shoe")
    let today = (shop.clock.now - .seconds(3_600)).description
    try await shop.put(["item_id": "fresh", "categories": ["lamp"], "published_at": .string(today)])
    for number in 1...30 {
      try await shop.send(["user_id": "ben", "event_type": "view", "item_id": .string("shoe-\(number)")])
    }
    #expect(try await shop.decide("ada").itemIDs.contains("fresh"))
    await shop.engine.close()
  }

  @Test func `a quota is filled from however many candidates`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("placements: {home: {exploration: 0, category_max: 2}}")
    for number in 0..<410 {
      let category = number < 400 ? "many" : "few-\(number)"
      try await shop.put(["item_id": .string("i\(number)"), "categories": [.string(category)]])
    }
    for number in 0..<400 {
      try await shop.send(["user_id": "ben", "event_type": "view", "item_id": .string("i\(number)")])
    }
    let answer = try await shop.decide("ada", candidates: (0..<410).map { "i\($0)" })
    #expect(answer.items.count == 10)
    #expect(try await shop.decide("ada", candidates: []).fallback == .noCandidates, "none are none")
    await shop.engine.close()
  }

  @Test func `only what was shown has outcomes`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(3, category: "shoe")
    let answer = try await shop.decide("ada", count: 1)
    let id = try #require(answer.decisionID)
    let shown = try #require(answer.itemIDs.first)
    let other = shown == "shoe-1" ? "shoe-2" : "shoe-1"
    for item in [other, "never-heard-of", shown] {
      try await shop.send([
        "user_id": "ada", "event_type": "click", "item_id": .string(item),
        "properties": ["decision_id": .string(id.description)],
      ])
    }
    #expect(try await shop.partition.decision(id)?.outcomes.count == 1)
    #expect(shop.partition.statistics.outcomesJoined == 1)
    await shop.engine.close()
  }
}
