import AttuneTestKit
import Decisions
import Events
import Primitives
import Testing

@testable import Engine

/// Calls that arrive at the same time, in one cycle of the owner or in several.
@Suite struct AtOnceTests {
  private static let definitions = """
    holdout: 0
    placements:
      home: {exploration: 0, latency_budget: 1d}
      fresh: {count: 3, seen_within: 1d, exploration: 0, latency_budget: 1d}
    """

  private func shop() async throws -> PartitionFixture {
    let shop = try await PartitionFixture()
    try await shop.activate(Self.definitions)
    try await shop.putItems(20, category: "shoe")
    try await shop.send(["user_id": "ada", "event_type": "view", "item_id": "shoe-20"])
    return shop
  }

  @Test func `questions of one call see what those before them showed`() async throws {
    let shop = try await shop()
    let requests = (0..<5).map { _ in DecisionRequest(identifiers: [.user("ada")], placement: "fresh") }
    let answers = try await shop.partition.decide(requests).map { try $0.get() }
    let shown = answers.flatMap(\.itemIDs)
    #expect(shown.count == 15)
    #expect(Set(shown).count == 15, "shown twice within the day: \(shown)")
  }

  @Test func `questions of two callers at once see what the other showed`() async throws {
    let shop = try await shop()
    for round in 0..<20 {
      let user = "user-\(round)"
      try await shop.send(["user_id": .string(user), "event_type": "view", "item_id": "shoe-20"])
      async let first = shop.decide(user, placement: "fresh")
      async let second = shop.decide(user, placement: "fresh")
      async let third = shop.decide(user, placement: "fresh")
      let shown = try await first.itemIDs + second.itemIDs + third.itemIDs
      #expect(Set(shown).count == 9, "round \(round): \(shown)")
    }
  }

  @Test func `what an answer without a record showed counts against nothing`() async throws {
    let shop = try await shop()
    let hidden = try HiddenTable(.log, in: shop.folder)
    let lost = try await shop.decide("ada", placement: "fresh")
    #expect(lost.fallback == .notRecorded)
    #expect(lost.decisionID == nil)
    try hidden.show()
    let first = try await shop.decide("ada", placement: "fresh")
    let second = try await shop.decide("ada", placement: "fresh")
    #expect(Set(first.itemIDs + second.itemIDs).count == 6)
    #expect(lost.itemIDs.contains("shoe-20") && first.itemIDs.contains("shoe-20"))
  }

  @Test func `a message id that many clients send at once counts once`() async throws {
    let shop = try await shop()
    for round in 0..<10 {
      let event: JSONValue = [
        "message_id": .string("m\(round)"), "user_id": "bob", "event_type": "view", "item_id": "shoe-1",
      ]
      let acceptances = try await withThrowingTaskGroup(of: [Acceptance].self) { tasks in
        for _ in 0..<16 { tasks.addTask { try await shop.send(event, event) } }
        return try await tasks.reduce(into: []) { $0 += $1 }
      }
      #expect(acceptances.count { $0 != .duplicate } == 1)
    }
    #expect(try await shop.profile("bob")?["event_count"]?.int == 10)
  }

  @Test func `an outcome that is sent many times at once is joined once`() async throws {
    let shop = try await shop()
    let answer = try await shop.decide("ada")
    let id = try #require(answer.decisionID).description
    let item = try #require(answer.itemIDs.first)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for number in 0..<24 {
        let event: JSONValue = [
          "message_id": .string("click-\(number % 8)"), "user_id": "ada", "event_type": "click",
          "item_id": .string(item),
          "properties": ["decision_id": .string(id)],
        ]
        tasks.addTask { _ = try await shop.send(event) }
      }
      try await tasks.waitForAll()
    }
    let shown = try #require(try await shop.decision(answer.decisionID)["items"]?.array?.first)
    #expect(shown["outcomes"]?.array?.count == 1)
    #expect(shop.partition.statistics.outcomesJoined == 1)
  }

  @Test func `an outcome that came before its decision is none, also when the log is folded again`() async throws {
    // The same seed gives the decision the same id.
    let id = try #require(try await shop().decide("ada").decisionID)
    let shop = try await shop()
    let outcome: JSONValue = [
      "user_id": "ada", "event_type": "click", "item_id": "shoe-20",
      "properties": ["decision_id": .string(id.description)],
    ]
    try await shop.send(outcome)
    #expect(try await shop.decide("ada").decisionID == id)
    #expect(shop.partition.statistics.outcomesJoined == 0)
    await shop.engine.close()
    let again = try await PartitionFixture(folder: try Image(logOf: shop.folder).folder, clock: shop.clock)
    let joined = try await again.partition.read { $0.counts.outcomes }
    #expect(joined == 0)
    try await again.send(outcome)
    #expect(try await again.partition.read { $0.counts.outcomes } == 1)
    await again.engine.close()
  }

  @Test(arguments: ["usual", "holdout", "refused consent", "late", "not recorded"])
  func `what was bought is gone from the very next answer, whatever kind it is`(kind: String) async throws {
    let shop = try await PartitionFixture()
    let budget = kind == "late" ? "0s" : "1d"
    try await shop.activate("holdout: 0.5\nplacements:\n  home: {latency_budget: \(budget)}\n")
    try await shop.putItems(6, category: "shoe")
    var people = 0
    for number in 0..<40 {
      let user = "user-\(number)"
      var purchase: JSONValue = ["user_id": .string(user), "event_type": "purchase", "item_id": "shoe-3", "value": 3.5]
      if kind == "refused consent" {
        purchase = [
          "user_id": .string(user), "event_type": "purchase", "item_id": "shoe-3", "value": 3.5,
          "context": ["consent": ["personalization": false]],
        ]
      }
      #expect(try await shop.decide(user, count: 6).itemIDs.contains("shoe-3"))
      try await shop.send(purchase)
      let hidden = kind == "not recorded" ? try HiddenTable(.log, in: shop.folder) : nil
      let answer = try await shop.decide(user, count: 6)
      try hidden?.show()
      #expect(!answer.itemIDs.contains("shoe-3"), "\(user)")
      #expect(answer.itemIDs.count == 5)
      let isOfKind =
        switch kind {
        case "usual": answer.fallback == nil && !answer.isHoldout
        case "holdout": answer.isHoldout
        case "refused consent": answer.fallback == .noConsent
        case "late": answer.fallback == .late
        default: answer.fallback == .notRecorded
        }
      if isOfKind { people += 1 }
    }
    #expect(people > 5, "\(kind)")
  }
}
