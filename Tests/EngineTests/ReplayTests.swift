import AttuneTestKit
import Decisions
import Engine
import Events
import Primitives
import Testing

/// A decision can be made again from the log, whatever has changed since.
@Suite struct ReplayTests {
  private static let versions = [
    "placements: {home: {diversity: 0.5, exploration: 0.4}}",
    "placements: {home: {eligible: [\"item.price < 30.0\"], boosts: [\"1.0 + item.price\"]}}",
    "features: {looks: {type: count, signals: [view], window: 9d}}\nplacements: {home: {seen_within: 1d}}",
  ]

  @Test(arguments: [1, 2, 3, 4])
  func `decisions of a random history come out the same from the log`(seed: Int) async throws {
    let shop = try await PartitionFixture()
    var history = RandomHistory(seed: UInt64(seed))
    for definitions in Self.versions {
      try await shop.activate(definitions)
      try await history.play(400, in: shop)
    }
    // Enough that pages without a decision are folded apart from their models.
    try await shop.send(
      (0..<300).map { ["user_id": "u1", "event_type": "view", "item_id": .string("item-\($0 % 24)")] }, shape: .flat)
    let after = try await shop.decide("u1")
    let ids = history.decisions + [try #require(after.decisionID)]
    #expect(ids.count > 40)
    let replayed = try shop.partition.takeReplayTurn().replay(ids)
    #expect(replayed.count == ids.count)
    for id in ids {
      let one = try #require(replayed[id])
      #expect(one.isReproduced, "seed \(seed), \(id): \(one.differences) \(one.reason ?? "")")
    }
    await shop.engine.close()
  }

  @Test func `a thousand random decisions come out the same while everything around them changes`() async throws {
    let shop = try await PartitionFixture()
    var history = RandomHistory(seed: 11)
    var generator = SeededGenerator(seed: 11)
    var asked = 0
    for round in 0..<6 {
      try await shop.activate(Self.versions[round % Self.versions.count] + "\nholdout: 0.\(round % 5)")
      for _ in 0..<20 {
        try await history.play(6, in: shop)
        for _ in 0..<10 {
          let user = "u\(Int.random(in: 1...9, using: &generator))"
          asked += try await shop.decide(user, count: 4).decisionID == nil ? 0 : 1
        }
      }
      let person = history.identifiers[round % 6]
      if let id = try await shop.partition.profile(of: person, at: shop.clock.now)?.id {
        _ = try await shop.partition.unmerge(id, .identifier(person), at: shop.clock.now)
      }
    }
    #expect(asked == 1_200)
    let turn = try shop.partition.takeReplayTurn()
    var told: [ReplayProgress] = []
    let sample = ReplaySample(count: 1_000, seed: 5)
    let summary = try turn.replay(sample) { told.append($0) }
    #expect(summary.replayedCount == 1_000 && summary.decisionCount == asked + history.decisions.count)
    #expect(summary.reproducedCount == 1_000, "\(summary.differing.map { ($0.differences, $0.reason) })")
    #expect(try #require(told.last).entries > 0 && told.allSatisfy { $0.entries <= $0.of })
    await shop.engine.close()
  }

  @Test func `a sample is the seed's, all where there are fewer, and one is drawn at a time`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(5, category: "shoe")
    for user in 0..<30 { _ = try await shop.decide("u\(user)") }
    do {
      let turn = try shop.partition.takeReplayTurn()
      let refused = #expect(throws: EngineError.self) { try shop.partition.takeReplayTurn() }
      if case .foldUnderWay? = refused {} else { Issue.record("\(String(describing: refused))") }
      #expect(try turn.replay(ReplaySample(count: 7, seed: 1)) { _ in }.replayedCount == 7)
      #expect(try turn.replay(ReplaySample(count: 99, seed: 1)) { _ in }.reproducedCount == 30)
    }
    _ = try shop.partition.takeReplayTurn()
    await shop.engine.close()
  }

  @Test func `what differs is named, and who is unknown is left out`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(5, category: "shoe")
    let id = try #require(try await shop.decide("ada").decisionID)
    let stranger = DecisionID(SortableID(high: 1, low: 2))
    let replayed = try shop.partition.takeReplayTurn().replay([id, stranger])
    #expect(Set(replayed.keys) == [id])
    let one = try #require(replayed[id])
    var other = one.recorded
    other.stage = other.stage == .individual ? .context : .individual
    other.shown = []
    #expect(ReplayedDecision(recorded: one.recorded, again: other, reason: nil).differences == ["stage", "items"])
    await shop.engine.close()
  }
}
