import AttuneTestKit
import Decisions
import Events
import Foundation
import Primitives
import Profiles
import StorageSQLite
import Synchronization
import Testing

@testable import Engine

/// A person who asks to be forgotten is.
@Suite struct ErasureTests {
  private static let dwell: UInt8 = 8

  private func view(_ user: String, _ message: String, _ item: String = "a") -> JSONValue {
    ["user_id": .string(user), "event_type": "view", "item_id": .string(item), "message_id": .string(message)]
  }

  @Test func `nothing of the person is found afterwards, and nothing of what was sent comes back`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(3, category: "item")
    try await shop.send(view("ada", "m1", "item-1"), view("ada", "m2", "item-2"), view("bob", "m3", "item-1"))
    let answer = try await shop.decide("ada")
    let decision = try #require(answer.decisionID)
    let id = try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now)?.id)
    let bob = try await shop.profile("bob")

    let proof = try #require(try await shop.partition.erase(.identifier(.user("ada"))))
    #expect(proof.entries.events == 2 && proof.entries.decisions == 1 && proof.entries.ofOthers == 0)
    #expect(try await shop.profile("ada") == nil)
    #expect(try await shop.partition.profile(id, at: shop.clock.now) == nil)
    #expect(try await shop.partition.decision(decision) == nil)
    #expect(try await shop.partition.isErased(decision))
    #expect(try await shop.partition.takeReplayTurn().replay([decision]).isEmpty)
    #expect(try await shop.profile("bob") == bob)

    #expect(try await shop.send(view("ada", "m1"), view("ada", "m2")) == [.duplicate, .duplicate])
    #expect(try await shop.profile("ada") == nil)
    // Somebody new with the same name.
    try await shop.send(view("ada", "m4"))
    let again = try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now))
    #expect(try await shop.profile("ada")?["event_count"]?.int == 1)
    #expect(
      again.id != id || shop.clock.now == PartitionFixture.begin, "an id of its own, but for the same millisecond")
  }

  @Test func `the proof is found by the old id and by the identifier, and says neither`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(view("ada", "m1"))
    let id = try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now)?.id)
    let proof = try #require(try await shop.partition.erase(.profile(id)))
    #expect(try await shop.partition.erasure(of: id)?.position == proof.position)
    #expect(try await shop.partition.erase(.profile(id))?.position == proof.position, "again: the same proof")
    #expect(try await shop.partition.erasures(of: .user("ada"), before: nil, limit: 9).proofs.count == 1)
    #expect(try await shop.partition.erasures(of: .user("bob"), before: nil, limit: 9).proofs.isEmpty)
    #expect(try await shop.partition.erase(.identifier(.user("bob"))) == nil)
    let entry = try #require(try shop.partition.store.entry(at: proof.position))
    #expect(entry.payload.firstRange(of: Array("ada".utf8)) == nil)
  }

  @Test func `what others did under one of the person's names goes too, and they are folded again`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(["user_id": "ada", "anonymous_id": "laptop", "event_type": "view", "item_id": "a"])
    try await shop.send(view("bob", "m1"))
    let bob = try await shop.profile("bob")
    try await shop.send(["user_id": "bob", "anonymous_id": "laptop", "event_type": "view", "item_id": "b"])
    #expect(try await shop.profile("bob")?["refused_merges"]?.array?.count == 1)
    let proof = try #require(try await shop.partition.erase(.identifier(.user("ada"))))
    #expect(proof.entries.events == 2 && proof.entries.ofOthers == 1)
    #expect(try await shop.profile("bob") == bob, "as if the shared device had never been")
  }

  @Test func `decisions for somebody who was a stranger then are found`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(3, category: "item")
    let answer = try await shop.decide("ada")
    let decision = try #require(answer.decisionID)
    _ = try await shop.profile("ada")  // the record is folded with the next cycle
    try await shop.send(view("ada", "m1"))
    let proof = try #require(try await shop.partition.erase(.identifier(.user("ada"))))
    #expect(proof.entries.decisions == 1)
    #expect(try await shop.partition.isErased(decision))
  }

  @Test func `dead letters that name the person go, others stay`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(view("ada", "m1"))
    let texts = [
      #"{"user_id":"ada","event_type":7}"#, #"{"user_id":"bob","event_type":7}"#, #"{"user_id":"ada", broken"#,
      #"{"event_type":"adam"}"#,
    ]
    try await shop.partition.record(
      texts.map { DeadLetter(code: "test", message: "", raw: Array($0.utf8), receivedAt: shop.clock.now) })
    let proof = try #require(try await shop.partition.erase(.identifier(.user("ada"))))
    #expect(proof.entries.deadLetters == 2)
    let page = try await shop.partition.deadLetters(before: nil, limit: 10)
    #expect(page.rows.map { String(decoding: $0.letter.raw, as: UTF8.self) } == [texts[3], texts[1]])
    #expect(page.total == 4, "counts say what there was")
  }

  @Test func `an outcome that somebody else's event was is another's then`() async throws {
    let shop = try await PartitionFixture()
    try await shop.putItems(3, category: "item")
    try await shop.send(view("bob", "m1", "item-1"), view("ada", "m2", "item-1"), view("eve", "m3", "item-1"))
    let answer = try await shop.decide("bob")
    let (id, item) = (try #require(answer.decisionID), try #require(answer.itemIDs.first))
    func click(_ user: String) -> JSONValue {
      [
        "user_id": .string(user), "event_type": "click", "item_id": .string(item), "message_id": .string("by \(user)"),
        "decision_id": .string(id.description), "properties": ["decision_id": .string(id.description)],
      ]
    }
    _ = try await shop.profile("bob")
    try await shop.send(click("ada"))
    shop.clock.advance(by: .seconds(5))
    try await shop.send(click("eve"))
    func clicks() async throws -> [String] {
      try await shop.decision(id)["items"]?.array?.first?["outcomes"]?.array?.compactMap { $0["message_id"]?.string }
        ?? []
    }
    #expect(try await clicks() == ["by ada"], "the first counts")
    _ = try await shop.partition.erase(.identifier(.user("ada")))
    #expect(try await clicks() == ["by eve"])
  }

  @Test func `a decision of another that comes out otherwise without the person's events says why`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("placements:\n  home: {exploration: 0, latency_budget: 1d}\n")
    try await shop.putItems(6, category: "item")
    try await shop.send(view("bob", "b1", "item-1"))
    let before = try #require(try await shop.decide("bob", count: 3).decisionID)
    for number in 1...9 { try await shop.send(view("ada", "a\(number)", "item-5")) }
    let after = try #require(try await shop.decide("bob", count: 3).decisionID)
    _ = try await shop.profile("bob")
    #expect(try await shop.partition.takeReplayTurn().replay([before, after]).values.allSatisfy(\.isReproduced))
    _ = try #require(try await shop.partition.erase(.identifier(.user("ada"))))
    let replayed = try await shop.partition.takeReplayTurn().replay([before, after])
    #expect(replayed[before]?.isReproduced == true && replayed[before]?.reason == nil)
    #expect(replayed[after]?.isReproduced == false && replayed[after]?.reason == ReplayedDecision.inputsErased)
  }

  // MARK: The law

  private func saved(_ folder: TemporaryFolder) throws -> SavedState {
    try SavedState(in: folder, omitting: [Self.dwell])
  }

  private func cutSomething(
    _ shop: PartitionFixture, _ history: RandomHistory, _ generator: inout SeededGenerator
  ) async throws {
    guard let identifier = history.identifiers.randomElement(using: &generator),
      let id = try await shop.partition.profile(of: identifier, at: shop.clock.now)?.id
    else { return }
    _ = try await shop.partition.unmerge(id, .identifier(identifier), at: shop.clock.now)
  }

  @Test(arguments: 71...80)
  func `after erasures the state is what the log now folds to`(seed: Int) async throws {
    var history = RandomHistory(seed: UInt64(seed))
    history.changesItems = seed > 75
    var generator = SeededGenerator(seed: UInt64(seed))
    let shop = try await PartitionFixture { configuration in
      guard !seed.isMultiple(of: 2) else { return }
      // Much is read back, and checkpoints stand between.
      (configuration.profilesInMemoryMax, configuration.identifiersInMemoryMax) = (3, 3)
      configuration.checkpointEntries = 40
    }
    try await shop.putItems(24, category: "item")
    var erasures = 0
    for _ in 0..<5 {
      try await history.play(50, in: shop)
      if Bool.random(using: &generator) { try await cutSomething(shop, history, &generator) }
      guard let identifier = history.identifiers.randomElement(using: &generator),
        let id = try await shop.partition.profile(of: identifier, at: shop.clock.now)?.id
      else { continue }
      let everybody = try await shop.partition.read { state in
        try state.persons.value(id, state.read)?.profile.identifiers ?? []
      }
      _ = try #require(try await shop.partition.erase(.profile(id)))
      erasures += 1
      for identifier in everybody { #expect(try await shop.view(identifier) == nil, "seed \(seed)") }
      #expect(try naming(everybody, in: shop.partition.store) == [], "seed \(seed)")
      let folded = try foldedAgain(shop.partition.store)
      let found = try await shop.partition.read { PeopleImage($0) }
      if seed.isMultiple(of: 2) { #expect(found.differences(from: folded) == [], "seed \(seed)") }
    }
    #expect(erasures > 0 && shop.partition.statistics.foldFailures == 0, "seed \(seed)")
    await shop.engine.close()
    let image = try Image(logOf: shop.folder)
    let again = try await PartitionFixture(folder: image.folder, clock: shop.clock)
    await again.engine.close()
    #expect(try saved(shop.folder).differences(from: try saved(image.folder)).prefix(3) == [], "seed \(seed)")
    let store = try SQLitePartitionStore(folder: shop.folder.path)
    defer { store.close() }
    let audit = try PartitionAudit(of: store, configuration: EngineConfiguration { 0 }, comparesState: true)
    #expect(audit.faults == [], "seed \(seed)")
  }

  /// Positions of entries that name one of the identifiers in clear.
  private func naming(_ identifiers: [Identifier], in store: any PartitionStore) throws -> [LogPosition] {
    try store.allEntries().filter { positioned in
      var reader = BinaryReader(positioned.entry.payload)
      let names: [Identifier]
      switch positioned.entry.kind {
      case .event: names = IdentityRules.lookups(of: try StoredEvent(from: &reader).event(names: .standard))
      case .decision: names = try DecisionRecord(from: &reader).identifiers
      case .unmerge: names = try Unmerge(from: &reader).pairs.flatMap(\.identifiers)
      default: return false
      }
      return !Set(names).isDisjoint(with: identifiers)
    }.map(\.position)
  }

  private func foldedAgain(_ store: any PartitionStore) throws -> PeopleImage {
    var state = PartitionState(store: store, configuration: EngineConfiguration { 0 }, isStoreEmpty: true)
    for entry in try store.allEntries() {
      try state.fold(entry)
      state.end = entry.position
    }
    return PeopleImage(state)
  }

  // MARK: Crashes

  @Test(arguments: [HookedStore.Moment.beforeCommit, .afterCommit, .afterSave, .afterPurge])
  func `killed at any moment, all of the person is there or nothing`(moment: HookedStore.Moment) async throws {
    let folder = try TemporaryFolder()
    let email: JSONValue = ["externalIds": [["type": "email", "id": "ada.lovelace@example.com"]]]
    let before = try await PartitionFixture(folder: folder)
    try await before.send(["user_id": "ada-lovelace-1815", "event_type": "view", "item_id": "a", "context": email])
    try await before.send(view("bob", "m1"))
    let bob = try await before.profile("bob")
    // Of somebody else, under one of the person's names.
    try await before.send(["user_id": "bob", "event_type": "view", "item_id": "a", "context": email])
    await before.engine.close()  // all of that is saved state, too

    let images = Mutex<[Image]>([])
    let isErasing = Mutex(false)
    let shop = try await PartitionFixture(
      folder: folder, clock: before.clock,
      wrap: { store in
        HookedStore(
          store,
          reached: { reached in
            guard reached == moment, isErasing.withLock({ $0 }), let image = try? Image(killing: folder) else { return }
            images.withLock { $0.append(image) }
          })
      })
    isErasing.withLock { $0 = true }
    _ = try #require(try await shop.partition.erase(.identifier(.user("ada-lovelace-1815"))))
    isErasing.withLock { $0 = false }
    await shop.engine.close()

    let image = try #require(images.withLock { $0.first })
    let again = try await PartitionFixture(folder: image.folder, clock: shop.clock)
    if moment == .beforeCommit {
      #expect(try await again.profile("ada-lovelace-1815")?["event_count"]?.int == 1)
      _ = try #require(try await again.partition.erase(.identifier(.user("ada-lovelace-1815"))))
    }
    #expect(try await again.profile("ada-lovelace-1815") == nil)
    #expect(try await again.profile("bob") == bob)
    // The server runs: nothing was left to its end.
    for name in try FileManager.default.contentsOfDirectory(atPath: image.folder.path) {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: image.folder.path + "/" + name))
      for word in ["lovelace-1815", "ada.lovelace@"] { #expect(bytes.range(of: Data(word.utf8)) == nil, "\(name)") }
    }
    await again.engine.close()
  }
}
