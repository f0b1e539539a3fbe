import AttuneTestKit
import Decisions
import Engine
import Events
import Primitives
import Testing

/// People whose answers are never personalised: who they are, what they get, and that it stays so.
@Suite struct HoldoutTests {
  private func isHeldOut(_ identifier: Identifier, in shop: PartitionFixture) async throws -> Bool {
    let request = DecisionRequest(identifiers: [identifier], placement: "home")
    return try #require(try await shop.partition.decide([request]).first).get().isHoldout
  }

  @Test
  func `a held-out answer has no personal model, feature or exploration; eligibility, policy and item boosts hold`()
    async throws
  {
    let shop = try await PartitionFixture()
    try await shop.activate(
      """
      holdout: 0.5
      placements:
        home:
          exploration: 0.9
          category_max: 2
          eligible: ["person.traits.plan == 'pro' || item.price < 4.0"]
          boosts: ["person.age > 30 ? 5.0 : 1.0", "item.price > 3.0 ? 2.0 : 1.0"]
      """)
    try await shop.putItems(6, category: "lamp")
    try await shop.putItems(6, category: "pan")
    try await shop.send(
      (0..<60).map { ["user_id": .string("c\($0)"), "event_type": "view", "item_id": .string("lamp-\($0 % 6 + 1)")] },
      shape: .flat)
    var arms = [true: 0, false: 0]
    for number in 0..<40 {
      let user = "u\(number)"
      try await shop.send(
        [
          [
            "type": "identify", "userId": .string(user),
            "traits": ["plan": number % 2 == 0 ? "pro" : "free", "age": 40],
          ]
        ]
          + (1...6).map {
            [
              "type": "track", "event": "view", "userId": .string(user),
              "properties": ["item_id": .string("pan-\($0)")],
            ]
          }, shape: .batchItem)
      let record = try await shop.decision(try await shop.decide(user, count: 4).decisionID)
      let isHoldout = record["holdout"]?.bool == true
      arms[isHoldout, default: 0] += 1
      let reasons = (record["items"]?.array ?? []).flatMap { $0["reasons"]?.array ?? [] }
      let codes = Set(reasons.compactMap { $0["code"]?.string })
      let boosts = (record["items"]?.array ?? []).compactMap { $0["boost"]?.double }
      let items = (record["items"]?.array ?? []).compactMap { $0["item_id"]?.string }
      #expect(items.count { $0.hasPrefix("pan") } <= 2 && items.count { $0.hasPrefix("lamp") } <= 2, "policy: \(items)")
      if number % 2 == 1 {
        #expect(items.allSatisfy { $0.hasSuffix("-1") || $0.hasSuffix("-2") || $0.hasSuffix("-3") }, "\(items)")
      }
      guard isHoldout else { continue }
      #expect(record["evidence"]?["acts"] == 0, "\(user)")
      #expect(codes.isDisjoint(with: ["explored", "often_together", "similar_content"]), "\(user): \(codes)")
      #expect(record["exploration"]?["share"] == 0, "\(record["exploration"]?.text ?? "")")
      #expect(boosts.count == items.count && boosts.allSatisfy { $0 <= 2 }, "of the item alone: \(boosts)")
    }
    #expect(arms.values.allSatisfy { $0 > 5 }, "\(arms)")
    await shop.engine.close()
  }

  @Test func `a larger share only adds people, a smaller one only lets go, and the usual is one in twenty`()
    async throws
  {
    let shop = try await PartitionFixture()
    let people = (0..<400).map { $0 % 2 == 0 ? Identifier.user("u\($0)") : .anonymous("a\($0)") }
    func heldOut(_ definitions: String) async throws -> Set<Identifier> {
      try await shop.activate(definitions)
      var found: Set<Identifier> = []
      for person in people where try await isHeldOut(person, in: shop) { found.insert(person) }
      return found
    }
    let usual = try await heldOut("placements: {home: {exploration: 0}}")
    // Four standard deviations of √(400 · .05 · .95) on either side of 20.
    #expect((3...37).contains(usual.count))
    let more = try await heldOut("holdout: 0.3")
    #expect(more.isSuperset(of: usual) && more.count > usual.count)
    #expect(try await heldOut("holdout: 0.05") == usual)
    #expect(try await heldOut("holdout: 0.01").isSubset(of: usual))
    #expect(try await heldOut("holdout: 0") == [])
    await shop.engine.close()
  }

  @Test(arguments: ["event", "alias"], [true, false])
  func `whoever was known first keeps the arm through a merge, and after a restart from the log`(
    link: String, isDeviceOlder: Bool
  ) async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("holdout: 0.5")
    var arms: [Bool] = []
    for pair in 0..<24 {
      let (user, device) = (Identifier.user("u\(pair)"), Identifier.anonymous("d\(pair)"))
      for person in isDeviceOlder ? [device, user] : [user, device] {
        try await shop.send(
          [[person.isUser ? "user_id" : "anonymous_id": .string(person.value), "event_type": "view", "item_id": "a"]],
          shape: .flat)
        shop.clock.advance(by: .seconds(1))
      }
      let first = try await isHeldOut(isDeviceOlder ? device : user, in: shop)
      let merge: JSONValue =
        link == "alias"
        ? ["type": "alias", "userId": .string(user.value), "previousId": .string(device.value)]
        : ["type": "track", "event": "view", "userId": .string(user.value), "anonymousId": .string(device.value)]
      try await shop.send([merge], shape: .batchItem)
      for person in [user, device] { #expect(try await isHeldOut(person, in: shop) == first, "pair \(pair)") }
      arms.append(first)
    }
    #expect(Set(arms).count == 2)
    await shop.engine.close()
    let again = try await PartitionFixture(folder: try Image(logOf: shop.folder).folder, clock: shop.clock)
    for (pair, arm) in arms.enumerated() {
      #expect(try await isHeldOut(.user("u\(pair)"), in: again) == arm)
      #expect(try await isHeldOut(.anonymous("d\(pair)"), in: again) == arm)
    }
    await again.engine.close()
  }
}
