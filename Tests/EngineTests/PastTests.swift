import AttuneTestKit
import Events
import Primitives
import Profiles
import Testing

@testable import Engine

/// What was known of people at moments of the past.
@Suite struct PastTests {
  /// What a live server showed of somebody at a moment.
  private struct Shown: Sendable {
    let identifier: Identifier
    let at: Timestamp
    let view: JSONValue?
  }

  private func past(_ shop: PartitionFixture, _ person: PersonReference, _ moment: Timestamp) async throws -> JSONValue?
  {
    guard case .known(let view) = try await shop.partition.profile(person, asOf: moment) else { return nil }
    guard case .object(var object) = view.json else { return nil }
    #expect(object["as_of"]?.string == moment.description)
    object["as_of"] = nil
    return .object(object)
  }

  @Test(arguments: 71...76)
  func `what is shown as of a moment is what was shown then`(seed: Int) async throws {
    var history = SharedHistory(seed: UInt64(seed))
    var generator = SeededGenerator(seed: UInt64(seed))
    let shop = try await PartitionFixture()
    try await shop.putItems(9, category: "item")
    var shown: [Shown] = []
    for round in 0..<12 {
      for _ in 0..<Int.random(in: 1...20, using: &generator) { try await shop.play(history.step()) }
      if round % 3 == 1 { _ = try await shop.decide("u\(Int.random(in: 1...4, using: &generator))") }
      if round % 4 == 3, let identifier = history.identifiers.randomElement(using: &generator),
        let id = try await shop.partition.profile(of: identifier, at: shop.clock.now)?.id
      {
        _ = try await shop.partition.unmerge(id, .identifier(identifier), at: shop.clock.now)
      }
      for identifier in history.identifiers {
        shown.append(Shown(identifier: identifier, at: shop.clock.now, view: try await shop.view(identifier)))
      }
    }
    #expect(shown.count { $0.view != nil } > 50)
    var different: [String] = []
    for then in shown {
      let found = try await past(shop, .identifier(then.identifier), then.at)
      if found != then.view { different.append("\(then.identifier) at \(then.at)") }
    }
    #expect(different == [], "seed \(seed)")
  }

  @Test func `the past of a merged id is that of its own profile, and before the first event there is none`()
    async throws
  {
    let shop = try await PartitionFixture()
    try await shop.send(["anonymous_id": "tablet", "event_type": "view", "item_id": "a"])
    shop.clock.advance(by: .seconds(60))
    try await shop.send(["user_id": "ada", "event_type": "view", "item_id": "b"])
    let (alone, met) = (
      try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now)), shop.clock.now
    )
    shop.clock.advance(by: .seconds(60))
    try await shop.send(["user_id": "ada", "anonymous_id": "tablet", "event_type": "view", "item_id": "c"])

    let now = try #require(try await shop.partition.profile(alone.id, at: shop.clock.now))
    #expect(now.redirectedFrom == alone.id && now.id != alone.id)
    #expect(now.json?["redirected_from"]?.string == alone.id.description)
    #expect(now.json?["event_count"]?.int == 3)
    #expect(try await past(shop, .profile(alone.id), met) == alone.json)
    for person in [PersonReference.profile(alone.id), .identifier(.user("ada"))] {
      guard case .notYetKnown = try await shop.partition.profile(person, asOf: met - .seconds(1)) else {
        Issue.record("\(person) was known before the first event")
        continue
      }
    }
    let nobody = try await shop.partition.profile(.identifier(.user("nobody")), asOf: met)
    #expect(nobody.map { _ in true } == nil)
  }

  @Test func `an event that happened early and came late was not known before it came`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(["user_id": "ada", "event_type": "view", "item_id": "a"])
    let before = try await shop.view(.user("ada"))
    let (moment, early) = (shop.clock.now, shop.clock.now - .seconds(3_600))
    shop.clock.advance(by: .seconds(60))
    try await shop.send([
      "user_id": "ada", "event_type": "view", "item_id": "b", "timestamp": .string(early.description),
    ])
    #expect(try await past(shop, .identifier(.user("ada")), moment) == before)
    #expect(try await past(shop, .identifier(.user("ada")), shop.clock.now)?["event_count"]?.int == 2)
  }
}
