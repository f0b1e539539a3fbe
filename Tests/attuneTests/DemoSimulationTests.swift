import Primitives
import Testing

@testable import attune

@Suite struct DemoSimulationTests {
  private let shop = Shop(seed: 3)

  @Test func `the same seed makes the same shop and the same people`() {
    let now = Timestamp(seconds: 1_750_000_000)
    #expect(Shop(seed: 3).catalogue(now: now) == shop.catalogue(now: now))
    #expect(Shop(seed: 4).catalogue(now: now) != shop.catalogue(now: now))
    #expect(Shopper(number: 9, seed: 3).tastes == Shopper(number: 9, seed: 3).tastes)
    #expect(Shopper(number: 9, seed: 3).tastes != Shopper(number: 10, seed: 3).tastes)
  }

  @Test func `every line of the catalogue is an item with a price above its margin`() throws {
    let lines = shop.catalogue(now: Timestamp(seconds: 1_750_000_000)).split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == shop.items.count)
    for line in lines {
      let item = try JSONDocument(parsing: Array(line)).root.value
      let price = try #require(item["price"]?.double)
      let margin = try #require(item["margin"]?.double)
      #expect(price > margin && margin > 0)
      #expect(item["item_id"]?.string.flatMap(shop.index(of:)) != nil)
    }
  }

  /// Clicks per answer of six items, over many people: those of their favourite departments against the best for all.
  @Test func `answers by taste are clicked more than answers for everybody`() {
    var generator = SeededGenerator(seed: 11)
    let best = shop.items.indices.sorted { shop.items[$0].quality > shop.items[$1].quality }
    var clicks = (byTaste: 0, forAll: 0)
    for number in 0..<500 {
      let shopper = Shopper(number: number, seed: 3)
      let liked = shop.items.indices.sorted {
        shopper.utility(of: shop.items[$0]) > shopper.utility(of: shop.items[$1])
      }
      func count(_ list: some Sequence<Int>) -> Int {
        shopper.reactions(to: Array(list), shop: shop, using: &generator).count { $0.act == .clicked }
      }
      clicks.byTaste += count(liked.prefix(6))
      clicks.forAll += count(best.prefix(6))
    }
    #expect(clicks.byTaste > 2 * clicks.forAll, "seed 11: \(clicks)")
  }

  @Test func `a lower place is looked at less, whatever stands there`() {
    var generator = SeededGenerator(seed: 12)
    var looks = [Int](repeating: 0, count: 6)
    for number in 0..<4_000 {
      let shopper = Shopper(number: number % 100, seed: 3)
      // The same item in every place, so that only the place can matter.
      for (place, seen) in placesSeen(by: shopper, using: &generator).enumerated() where seen { looks[place] += 1 }
    }
    #expect(looks[0] == 4_000)
    #expect(zip(looks, looks.dropFirst()).allSatisfy { $0 > $1 }, "seed 12: \(looks)")
  }

  private func placesSeen(by shopper: Shopper, using generator: inout SeededGenerator) -> [Bool] {
    (0..<6).map { place in
      // Six different items of one department tell the places apart.
      let list = (0..<6).map { $0 * Shop.departments.count }
      return shopper.reactions(to: list, shop: shop, using: &generator)
        .contains { $0.act == .saw && $0.item == list[place] }
    }
  }

  @Test func `acts come in the order in which people act`() {
    var generator = SeededGenerator(seed: 13)
    for number in 0..<300 {
      let shopper = Shopper(number: number, seed: 3)
      var last: Reaction?
      for reaction in shopper.reactions(to: Array(0..<40), shop: shop, using: &generator) {
        switch reaction.act {
        case .saw: break
        case .clicked: #expect(last == Reaction(item: reaction.item, act: .saw))
        case .addedToCart: #expect(last == Reaction(item: reaction.item, act: .clicked))
        case .bought(let cents):
          #expect(last == Reaction(item: reaction.item, act: .addedToCart))
          #expect(cents == shop.items[reaction.item].priceCents)
        }
        last = reaction
      }
    }
  }

  @Test func `outcomes carry the decision and ids that no other outcome has`() throws {
    let reactions = [
      Reaction(item: 0, act: .saw), Reaction(item: 0, act: .clicked), Reaction(item: 0, act: .bought(1250)),
    ]
    let body = ShopEvents.outcomes(
      reactions, of: Shopper(number: 1, seed: 3), shop: shop, decisionID: "d_1", now: Timestamp(seconds: 5))
    let events = try #require(try JSONDocument(parsing: body).root.value.array)
    #expect(events.map { $0["event_type"]?.string } == ["impression", "click", "purchase"])
    #expect(events.allSatisfy { $0["properties"]?["decision_id"] == "d_1" })
    #expect(events[2]["value"] == 12.5)
    #expect(Set(events.compactMap { $0["message_id"]?.string }).count == 3)
  }
}
