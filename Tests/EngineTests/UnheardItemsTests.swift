import AttuneTestKit
import Decisions
import Engine
import Primitives
import Testing

/// Ids of items are anybody's to invent who may send events.
@Suite struct UnheardItemsTests {
  private func popular(_ shop: PartitionFixture) async throws -> [String] {
    try await shop.partition.popular(count: 10, at: shop.clock.now).map(\.itemID).sorted()
  }

  @Test func `beyond so many unknown items events are stored, and their items not learned of`() async throws {
    let shop = try await PartitionFixture { $0.unlistedItemsMax = 3 }
    for number in 1...5 {
      let accepted = try await shop.send(
        ["user_id": "ada", "event_type": "view", "item_id": .string("made-up-\(number)")])
      #expect(accepted.count == 1)
    }
    try await shop.send([
      "user_id": "ada", "event_type": "Order Completed",
      "properties": ["products": [["product_id": "made-up-6"], ["product_id": "made-up-1"]]],
    ])
    #expect(try await popular(shop) == ["made-up-1", "made-up-2", "made-up-3"])
    #expect(shop.partition.statistics.unheardItems == 3)
    let profile = try #require(try await shop.profile("ada"))
    #expect(profile["event_count"]?.int == 6, "every event is stored")

    await shop.engine.close()
    let again = try await PartitionFixture(folder: shop.folder) { $0.unlistedItemsMax = 3 }
    #expect(try await popular(again) == ["made-up-1", "made-up-2", "made-up-3"])
    try await again.put(["item_id": "made-up-5"])
    try await again.send(["user_id": "ada", "event_type": "view", "item_id": "made-up-5"])
    #expect(again.partition.statistics.unheardItems == 0)
    #expect(try await popular(again) == ["made-up-5"], "what the catalogue holds is learned of as ever")
  }
}
