import AttuneTestKit
import Decisions
import Engine
import Primitives
import Testing

/// What a record says of rules: which part failed, with what values, and which boost could not be computed.
@Suite struct ExplanationTests {
  private func explained(_ shop: PartitionFixture, _ answer: DecisionAnswer) async throws -> JSONValue {
    let id = try #require(answer.decisionID)
    let view = try #require(try await shop.partition.decision(id))
    var writer = JSONWriter()
    view.write(into: &writer)
    return try JSONDocument(parsing: writer.bytes).root.value
  }

  @Test func `an item that a rule removed is listed with the part that failed and its values`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate(
      """
      placements:
        home:
          eligible: ["item.price < 2.0 && item.stock > 1"]
      """)
    try await shop.put(["item_id": "dear", "price": 9.5, "stock": 5], ["item_id": "cheap", "price": 1.5, "stock": 5])
    try await shop.put(["item_id": "unpriced", "stock": 5])
    let answer = try await shop.decide("ada", filter: "item.id != 'cheap'", candidates: ["dear", "cheap", "unpriced"])
    #expect(answer.items.isEmpty)
    let removed = try await explained(shop, answer)["removed"]?.array ?? []
    let texts = Dictionary(
      uniqueKeysWithValues: removed.map { ($0["item_id"]?.string ?? "", $0["text"]?.string ?? "") })
    #expect(texts["dear"]?.hasSuffix("(item.price < 2.0 (item.price = 9.5))") == true, "\(texts)")
    #expect(texts["unpriced"]?.hasSuffix("(item.price < 2.0 (item.price is missing))") == true, "\(texts)")
    #expect(texts["cheap"]?.hasPrefix("the request's filter does not hold") == true, "\(texts)")
    await shop.engine.close()
  }

  @Test func `a boost that lacks a field counts one, and the record says for how many candidates`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate(
      """
      placements:
        home:
          exploration: 0
          boosts: ["1.0 + item.margin"]
      """)
    try await shop.put(["item_id": "a", "margin": 3], ["item_id": "b"], ["item_id": "c"])
    for item in ["a", "b", "c"] {
      try await shop.send(["user_id": "ben", "event_type": "view", "item_id": .string(item)])
    }
    let answer = try await shop.decide("ada")
    let record = try await explained(shop, answer)
    #expect(record["boost_gaps"]?.array?.count == 1)
    #expect(record["boost_gaps"]?.array?.first?["reason"]?.string == "item.margin is missing")
    #expect(record["boost_gaps"]?.array?.first?["candidates"]?.int == 2)
    #expect(answer.items.first?.itemID == "a", "the boost of the one that has a margin counts")
    await shop.engine.close()
  }
}
