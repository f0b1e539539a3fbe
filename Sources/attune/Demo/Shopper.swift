import Foundation
import Primitives

/// A person of the demo: what they like, which nobody is told, and what a client would know of them.
struct Shopper: Sendable {
  let number: Int
  /// Half of the people have signed in and are known by a user id.
  let isKnown: Bool
  let device: String
  let timezone: String
  let region: String
  /// How often they come, relative to others.
  let activity: Double
  /// How much they like each department, about −0.7 … 2.
  let tastes: [Double]
  let style: SIMD2<Double>
  /// How much a price above the usual puts them off.
  let thrift: Double

  var id: String { isKnown ? "user-\(number)" : "visitor-\(number)" }

  init(number: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    self.number = number
    isKnown = generator.nextUnit() < 0.5
    let deviceDraw = generator.nextUnit()
    device = deviceDraw < 0.6 ? "mobile" : deviceDraw < 0.95 ? "desktop" : "tablet"
    let places = [("Europe/Berlin", "DE"), ("Europe/Paris", "FR"), ("America/New_York", "US"), ("Asia/Tokyo", "JP")]
    (timezone, region) = places[Int(generator.next() % UInt64(places.count))]
    activity = exp(0.8 * generator.nextNormal())
    thrift = 0.3 + 0.5 * generator.nextUnit()
    style = SIMD2(generator.nextNormal(), generator.nextNormal())
    // Two departments they love, one they like, the rest they pass by.
    var tastes = [Double](repeating: -0.7, count: Shop.departments.count)
    for liking in [2.0, 1.7, 0.9] {
      tastes[Int(generator.next() % UInt64(tastes.count))] = liking
    }
    self.tastes = tastes
  }

  /// How much an item is worth a look to them.
  func utility(of item: Shop.Item) -> Double {
    let likeness = (style * item.style).sum() * 0.35
    let dearness = log(item.price / Shop.departments[item.department].typicalPrice)
    return tastes[item.department] + likeness + item.quality - thrift * max(0, dearness)
  }
}

/// What a person does with the items of one answer.
struct Reaction: Sendable, Equatable {
  enum Act: Sendable, Equatable {
    case saw, clicked, addedToCart
    /// Cents paid.
    case bought(Int)

    var isPurchase: Bool { if case .bought = self { true } else { false } }
  }

  /// The item's place in the shop.
  let item: Int
  let act: Act
}

extension Shopper {
  /// Looks down a list and acts by taste. Whether a place is looked at depends on its rank alone (position bias:
  /// 1/log₂(rank + 1), as in DCG), what happens then on the item alone.
  ///
  /// - Returns: In the order in which it happens; a click follows its `saw`, a purchase its click.
  func reactions(to shown: [Int], shop: Shop, using generator: inout some RandomNumberGenerator) -> [Reaction] {
    var reactions: [Reaction] = []
    for (place, index) in shown.enumerated() {
      guard generator.nextUnit() < 1 / log2(Double(place) + 2) else { continue }
      reactions.append(Reaction(item: index, act: .saw))
      let utility = utility(of: shop.items[index])
      guard generator.nextUnit() < logistic(utility - 3.2) else { continue }
      reactions.append(Reaction(item: index, act: .clicked))
      guard generator.nextUnit() < logistic(utility - 2.2) else { continue }
      reactions.append(Reaction(item: index, act: .addedToCart))
      guard generator.nextUnit() < 0.5 else { continue }
      reactions.append(Reaction(item: index, act: .bought(shop.items[index].priceCents)))
    }
    return reactions
  }

  /// What they look at when nobody recommends anything: a few items, mostly of the departments they like.
  func stroll(in shop: Shop, using generator: inout some RandomNumberGenerator) -> [Reaction] {
    var reactions: [Reaction] = []
    let weights = shop.items.map { exp(1.5 * utility(of: $0)) }
    let total = weights.reduce(0, +)
    for _ in 0..<(1 + Int(generator.nextUnit() * 4)) {
      var rest = generator.nextUnit() * total
      let index =
        weights.firstIndex { weight in
          rest -= weight
          return rest < 0
        } ?? 0
      reactions.append(Reaction(item: index, act: .clicked))
      guard generator.nextUnit() < logistic(utility(of: shop.items[index]) - 3) else { continue }
      reactions.append(Reaction(item: index, act: .addedToCart))
      guard generator.nextUnit() < 0.4 else { continue }
      reactions.append(Reaction(item: index, act: .bought(shop.items[index].priceCents)))
    }
    return reactions
  }
}

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
