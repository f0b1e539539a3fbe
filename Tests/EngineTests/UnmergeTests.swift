import AttuneTestKit
import Events
import Foundation
import Logging
import Primitives
import Profiles
import StorageSQLite
import Testing

@testable import Engine

/// Undoing what brought people together.
@Suite struct UnmergeTests {
  private func unmerged(
    _ shop: PartitionFixture, _ identifier: Identifier, _ request: UnmergeRequest
  ) async throws -> UnmergeReceipt {
    let id = try #require(try await shop.partition.profile(of: identifier, at: shop.clock.now)?.id)
    return try await shop.partition.unmerge(id, request, at: shop.clock.now).get()
  }

  @Test func `both people are as if they had never met, and later events follow their own identifiers`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(4, category: "item")
    try await shop.send(["anonymous_id": "tablet", "event_type": "view", "item_id": "item-1"])
    let before = try #require(try await shop.view(.anonymous("tablet")))
    shop.clock.advance(by: .seconds(60))
    try await shop.send(["user_id": "ada", "event_type": "purchase", "item_id": "item-2"])
    let ada = try #require(try await shop.view(.user("ada")))
    shop.clock.advance(by: .seconds(60))
    try await shop.send([
      "user_id": "ada", "anonymous_id": "tablet", "event_type": "view", "item_id": "item-3", "message_id": "meeting",
    ])
    let merged = try #require(try await shop.view(.user("ada")))
    #expect(merged["profile_id"] == before["profile_id"], "the older profile's id survives")
    #expect(merged["links"]?.array?.first?["message_id"]?.string == "meeting")
    #expect(merged["links"]?.array?.first?["merged"] == ada["profile_id"])

    let receipt = try await unmerged(shop, .user("ada"), .identifier(.anonymous("tablet")))
    #expect(receipt.isSeparated && receipt.people.count == 2)
    let (tablet, alone) = (
      try #require(try await shop.view(.anonymous("tablet"))), try #require(try await shop.view(.user("ada")))
    )
    for member in ["profile_id", "created_at", "last_seen_at", "event_count", "identifiers", "recent", "links"] {
      #expect(tablet[member] == before[member], "\(member)")
    }
    #expect(alone["profile_id"] == ada["profile_id"] && alone["event_count"]?.int == 2)
    #expect(alone["refused_merges"]?.array?.first?["reason"]?.string == "unmerged")

    // The same edge again: refused, recorded, and the event is its own user's.
    shop.clock.advance(by: .seconds(60))
    try await shop.send(["user_id": "ada", "anonymous_id": "tablet", "event_type": "view", "item_id": "item-4"])
    try await shop.send(["anonymous_id": "tablet", "event_type": "view", "item_id": "item-4"])
    #expect(try await shop.view(.user("ada"))?["event_count"]?.int == 3)
    #expect(try await shop.view(.anonymous("tablet"))?["event_count"]?.int == 2)
    let again = try await shop.view(.user("ada"))?["refused_merges"]?.array
    #expect(again?.count == 1 && again?.first?["at"]?.string == shop.clock.now.description)
  }

  @Test func `a device that another user was refused becomes theirs when the first is cut off`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(["user_id": "ada", "anonymous_id": "laptop", "event_type": "view", "item_id": "a"])
    try await shop.send(["user_id": "bob", "anonymous_id": "laptop", "event_type": "view", "item_id": "b"])
    let receipt = try await unmerged(shop, .user("ada"), .link(IdentifierPair(.anonymous("laptop"), .user("ada"))))
    #expect(receipt.isSeparated)
    #expect(
      try await shop.view(.anonymous("laptop"))?["profile_id"] == (try await shop.view(.user("bob")))?["profile_id"])
  }

  @Test func `a profile that other links hold together stays one, and says so`() async throws {
    let shop = try await PartitionFixture()
    let email: JSONValue = ["externalIds": [["type": "email", "id": "a@b.example"]]]
    try await shop.send(["user_id": "ada", "anonymous_id": "tablet", "event_type": "view", "item_id": "a"])
    try await shop.send(["user_id": "ada", "context": email, "event_type": "view", "item_id": "a"])
    try await shop.send(["anonymous_id": "tablet", "context": email, "event_type": "view", "item_id": "a"])
    let receipt = try await unmerged(shop, .user("ada"), .link(IdentifierPair(.user("ada"), .anonymous("tablet"))))
    #expect(!receipt.isSeparated && receipt.people.count == 1)
    let separated = try await unmerged(shop, .user("ada"), .identifier(.user("ada")))
    #expect(separated.isSeparated)
    let links = try await shop.view(.anonymous("tablet"))?["links"]?.array
    #expect(links?.count == 1 && links?.first?["namespace"]?.string == "email")
  }

  @Test func `what is not linked cannot be cut, and the answer says why`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(["user_id": "ada", "event_type": "view", "item_id": "a"])
    let id = try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now)?.id)
    func reason(_ id: ProfileID, _ request: UnmergeRequest) async throws -> UnmergeRefusal.Reason? {
      let end = shop.partition.statistics.logEnd
      let outcome = try await shop.partition.unmerge(id, request, at: shop.clock.now)
      #expect(shop.partition.statistics.logEnd == end, "a refusal writes nothing")
      if case .failure(let refusal) = outcome { return refusal.reason }
      return nil
    }
    #expect(try await reason(id, .identifier(.user("ada"))) == .onlyIdentifier)
    #expect(try await reason(id, .identifier(.user("bob"))) == .notLinked)
    #expect(try await reason(id, .link(IdentifierPair(.user("ada"), .anonymous("a")))) == .notLinked)
    let nobody = try #require(ProfileID("p_00000000000000000000000000"))
    #expect(try await reason(nobody, .identifier(.user("ada"))) == .unknownProfile)
  }

  // MARK: Random histories

  /// Cuts a random identifier or link of a random person, if there is one.
  private func cutSomething(_ shop: PartitionFixture, _ history: RandomHistory, _ generator: inout SeededGenerator)
    async throws -> [IdentifierPair]
  {
    guard let identifier = history.identifiers.randomElement(using: &generator),
      let id = try await shop.partition.profile(of: identifier, at: shop.clock.now)?.id
    else { return [] }
    let links = try await shop.partition.read { try $0.persons.value(id, $0.read)?.profile.links } ?? []
    let link = links.randomElement(using: &generator)
    let request = Bool.random(using: &generator) ? link.map { .link($0.pair) } : UnmergeRequest.identifier(identifier)
    guard let request else { return [] }
    return (try? await shop.partition.unmerge(id, request, at: shop.clock.now).get().cut) ?? []
  }

  @Test(arguments: 41...46)
  func `after an unmerge the people are those of a log in which the cut was always known`(seed: Int) async throws {
    var history = RandomHistory(seed: UInt64(seed))
    history.changesItems = false
    var generator = SeededGenerator(seed: UInt64(seed))
    let shop = try await PartitionFixture()
    try await shop.putItems(24, category: "item")
    for _ in 0..<6 {
      try await history.play(50, in: shop)
      let cut = try await cutSomething(shop, history, &generator)
      guard !cut.isEmpty else { continue }
      let expected = try foldedKnowing(try await cuts(in: shop), store: shop.partition.store)
      let found = try await shop.partition.read { PeopleImage($0) }
      #expect(found.differences(from: expected) == [], "seed \(seed)")
    }
  }

  /// Every pair that the log cuts apart.
  private func cuts(in shop: PartitionFixture) async throws -> [IdentifierPair] {
    try shop.partition.store.allEntries().filter { $0.entry.kind == .unmerge }.flatMap { positioned in
      var reader = BinaryReader(positioned.entry.payload)
      return try Unmerge(from: &reader).pairs
    }
  }

  /// The whole log folded by a state that knows of the cuts from its first entry on, and meets none.
  private func foldedKnowing(_ pairs: [IdentifierPair], store: any PartitionStore) throws -> PeopleImage {
    let configuration = EngineConfiguration { 0 }
    var state = PartitionState(store: store, configuration: configuration, isStoreEmpty: true)
    for entry in try store.allEntries() where entry.entry.kind != .unmerge {
      try state.fold(entry)
      if entry.entry.kind == .created {
        try state.fold(Unmerge(pairs: pairs), knownAt: Timestamp(seconds: 0))
      }
    }
    return PeopleImage(state)
  }

  @Test(arguments: 51...56)
  func `after an unmerge people show what they show where the link was never sent`(seed: Int) async throws {
    var history = SharedHistory(seed: UInt64(seed))
    let steps = (0..<120).map { _ in history.step() }
    let shop = try await PartitionFixture()
    for step in steps { try await shop.play(step) }
    var generator = SeededGenerator(seed: UInt64(seed))
    var pairs: Set<IdentifierPair> = []
    for identifier in history.identifiers.shuffled(using: &generator) where pairs.isEmpty {
      guard let id = try await shop.partition.profile(of: identifier, at: shop.clock.now)?.id else { continue }
      let links = try await shop.partition.read { try $0.persons.value(id, $0.read)?.profile.links } ?? []
      guard let link = links.randomElement(using: &generator) else { continue }
      _ = try await shop.partition.unmerge(id, .link(link.pair), at: shop.clock.now).get()
      pairs = [link.pair]
    }
    #expect(!pairs.isEmpty, "seed \(seed): nobody was linked")
    let other = try await PartitionFixture()
    for step in steps { try await other.play(step.without(pairs)) }
    // What comes later follows the same rules in both.
    for _ in 0..<30 {
      let step = history.step()
      try await shop.play(step)
      try await other.play(step.without(pairs))
    }
    for identifier in history.identifiers {
      #expect(
        try await shop.view(identifier)?.withoutUnmerged == (try await other.view(identifier))?.withoutUnmerged,
        "seed \(seed): \(identifier), cut \(pairs)")
    }
  }

  @Test(arguments: 61...63)
  func `a restart from the log alone comes to the same people`(seed: Int) async throws {
    var history = RandomHistory(seed: UInt64(seed))
    var generator = SeededGenerator(seed: UInt64(seed))
    let shop = try await PartitionFixture()
    try await shop.putItems(24, category: "item")
    for _ in 0..<4 {
      try await history.play(60, in: shop)
      _ = try await cutSomething(shop, history, &generator)
    }
    await shop.engine.close()
    let image = try Image(logOf: shop.folder)
    let again = try await PartitionFixture(folder: image.folder, clock: shop.clock)
    await again.engine.close()
    #expect(try SavedState(in: shop.folder).differences(from: try SavedState(in: image.folder)) == [], "seed \(seed)")
  }
}
