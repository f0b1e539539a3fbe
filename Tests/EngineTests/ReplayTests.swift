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
    let replayed = try await shop.partition.replay(ids)
    #expect(replayed.count == ids.count)
    for id in ids {
      let one = try #require(replayed[id])
      #expect(one.isReproduced, "seed \(seed), \(id): \(one.differences) \(one.reason ?? "")")
    }
    await shop.engine.close()
  }

  @Test func `what differs is named, and who is unknown is left out`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(5, category: "shoe")
    let id = try #require(try await shop.decide("ada").decisionID)
    let stranger = DecisionID(SortableID(high: 1, low: 2))
    let replayed = try await shop.partition.replay([id, stranger])
    #expect(Set(replayed.keys) == [id])
    let one = try #require(replayed[id])
    var other = one.recorded
    other.stage = other.stage == .individual ? .context : .individual
    other.shown = []
    #expect(ReplayedDecision(recorded: one.recorded, again: other, reason: nil).differences == ["stage", "items"])
    await shop.engine.close()
  }
}
