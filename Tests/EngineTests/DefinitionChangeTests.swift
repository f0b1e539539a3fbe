import AttuneTestKit
import Events
import Logging
import Primitives
import StorageSQLite
import Testing

@testable import Engine

/// What becomes of state when definitions change.
@Suite struct DefinitionChangeTests {
  // Windows that no standard feature has: those would share its slot.
  private static let short = "features:\n  looks: {type: count, signals: [view], window: 11d}\n"
  private static let long = "features:\n  looks: {type: count, signals: [view, click], window: 33d}\n"

  private func feature(_ name: String, of user: String, in shop: PartitionFixture) async throws -> Int64? {
    try await shop.profile(user)?["features"]?[name]?.int
  }

  private func look(_ times: Int, _ shop: PartitionFixture) async throws {
    for _ in 0..<times { try await shop.send(["user_id": "ada", "event_type": "view", "item_id": "a"]) }
  }

  private func restarted(_ shop: PartitionFixture) async throws -> PartitionFixture {
    await shop.engine.close()
    return try await PartitionFixture(folder: shop.folder, clock: shop.clock)
  }

  @Test func `a feature that changed begins anew, the others go on, and a restart counts it from the log`() async throws
  {
    var shop = try await PartitionFixture { $0.refoldEntriesMax = 0 }
    try await shop.activate(Self.short)
    try await look(3, shop)
    try await shop.activate(Self.long)
    try await look(2, shop)
    #expect(try await feature("looks", of: "ada", in: shop) == 2)
    #expect(try await feature("active_days_7d", of: "ada", in: shop) == 1)
    shop = try await restarted(shop)
    #expect(try await feature("looks", of: "ada", in: shop) == 5)
    try await look(1, shop)
    shop = try await restarted(shop)
    #expect(try await feature("looks", of: "ada", in: shop) == 6)
    await shop.engine.close()
  }

  @Test(arguments: 1...3)
  func `a feature that changed is counted from the log beside the work, and nothing else changes`(
    seed: Int
  ) async throws {
    let shop = try await PartitionFixture {
      $0.checkpointEntries = 25
      $0.checkpointInterval = .seconds(1_000_000)
    }
    var history = RandomHistory(seed: UInt64(seed))
    try await shop.activate(Self.short)
    try await history.play(60, in: shop)
    // The second comes while the log is folded for the first.
    try await shop.activate(Self.long)
    try await shop.activate("features:\n  clicks: {type: count, signals: [click], window: 60d}\n")
    while shop.partition.statistics.refolds == 0 { try await history.play(1, in: shop) }
    try await history.play(20, in: shop)
    try await shop.finishCheckpoint(every: 25)
    let live = try await Answers(of: shop, asking: history)
    let killed = try Image(killing: shop)
    await shop.engine.close()
    for folder in [killed.folder, try Image(logOf: shop.folder).folder] {
      let again = try await PartitionFixture(folder: folder, clock: shop.clock)
      #expect(try await Answers(of: again, asking: history).differences(from: live).prefix(5) == [], "seed \(seed)")
      await again.engine.close()
      #expect(try SavedState(in: folder).differences(from: SavedState(in: shop.folder)).prefix(5) == [], "seed \(seed)")
    }
  }

  /// The second change comes back to what was: meanwhile some people acted, others did not.
  @Test(arguments: [1, 2, 3], [[short, long], [short, long, short], [long, "", long]])
  func `after a restart the state is that of the definitions in force from the beginning`(
    seed: Int, changes: [String]
  ) async throws {
    var histories: [Answers] = []
    for isChanging in [true, false] {
      let shop = try await PartitionFixture()
      var history = RandomHistory(seed: UInt64(seed))
      // A letter takes the place of definitions in the log, so that all positions are the same.
      if isChanging { try await shop.recordLetter() } else { try await shop.activate(changes.last ?? "") }
      for change in changes {
        if isChanging { try await shop.activate(change) } else { try await shop.recordLetter() }
        try await history.play(40, in: shop)
      }
      let again = try await restarted(shop)
      histories.append(try await Answers(of: again, asking: history, about: [.people]))
      await again.engine.close()
    }
    #expect(histories[0].differences(from: histories[1]).prefix(5) == [], "seed \(seed)")
  }

  @Test func `a feature that the program did not know for a while is folded again when it comes back`() async throws {
    var shop = try await PartitionFixture()
    try await shop.activate(Self.short)
    try await look(3, shop)
    await shop.engine.close()
    // As a program saves it that has the feature, for one that has not.
    let store = try SQLitePartitionStore(folder: shop.folder.path)
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let configuration = EngineConfiguration { 1 }
    var (state, _) = try PartitionState.load(
      from: store, configuration: configuration, logger: logger, now: { PartitionFixture.begin })
    (state.definitions, state.active) = (.builtIn, .builtIn)
    try store.save(state.beginCheckpoint(carrying: CarriedRecords()).checkpoint())
    store.close()

    shop = try await PartitionFixture(folder: shop.folder, clock: shop.clock) { $0.refoldEntriesMax = 0 }
    try await look(2, shop)
    try await shop.activate(Self.short)
    shop = try await restarted(shop)
    #expect(try await feature("looks", of: "ada", in: shop) == 5)
    await shop.engine.close()
  }

  @Test func `state that another program saved is folded again, never misread`() async throws {
    var shop = try await PartitionFixture()
    try await look(4, shop)
    let expected = try await shop.profile("ada")
    await shop.engine.close()
    for change in Foreign.allCases {
      let store = try SQLitePartitionStore(folder: shop.folder.path)
      let key = Array("meta".utf8)
      var meta = try #require(try store.state(section: PartitionState.Section.meta, key: key))
      change.apply(to: &meta)
      var records = [StateRecord(section: PartitionState.Section.meta, key: key, value: meta)]
      // State that would be seen if it were read.
      try store.forEachState(section: PartitionState.Section.persons) { key, _ in
        records.append(StateRecord(section: PartitionState.Section.persons, key: key, value: nil))
      }
      try store.save(Checkpoint(position: try store.end(), records: records))
      store.close()
      shop = try await PartitionFixture(folder: shop.folder, clock: shop.clock)
      #expect(try await shop.profile("ada") == expected, "\(change)")
      await shop.engine.close()
    }
  }

  enum Foreign: CaseIterable {
    case laterFormat, otherModels

    func apply(to meta: inout [UInt8]) {
      switch self {
      case .laterFormat: meta[0] += 1
      case .otherModels:
        // A model of the same name in another version.
        let name = Array("popularity".utf8)
        for start in meta.indices.dropLast(name.count) where Array(meta[start..<start + name.count]) == name {
          return meta[start] = UInt8(ascii: "P")
        }
      }
    }
  }

  @Test func `an event that the names of today would refuse stays in its person's list, and does no harm`() async throws
  {
    var shop = try await PartitionFixture()
    let watched: JSONValue = ["user_id": "ada", "event_type": "Watched", "item_id": "film", "value": -5]
    let early = try shop.intake(watched)
    let first = try await shop.send(watched)
    try await shop.activate("events:\n  Watched: dwell\n")
    #expect(throws: EventRejection.self) { try shop.intake(watched) }
    // Read before the names came into force, and refused by them when it is folded.
    _ = try await shop.partition.accept([early])
    try await look(1, shop)
    for _ in 0..<2 {
      let id = try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now)?.id)
      let page = try #require(try await shop.partition.events(of: id, limit: 10, cursor: nil))
      #expect(page.rows.map(\.event.name) == ["view", "Watched"])
      #expect(page.rows.last.map { .accepted($0.position) } == first.first)
      #expect(shop.partition.statistics.foldFailures == 0)
      shop = try await restarted(shop)
    }
    await shop.engine.close()
  }

  @Test func `event names come into force with their definitions, for what is sent from then on`() async throws {
    var shop = try await PartitionFixture()
    let played: JSONValue = ["user_id": "ada", "event_type": "Song Played", "item_id": "song"]
    let early = try shop.intake(played)
    try await shop.send(played)
    try await shop.activate("events:\n  Song Played: purchase\n")
    // Read before the names came into force, taken after.
    _ = try await shop.partition.accept([early])
    try await shop.send(played)
    for _ in 0..<2 {
      let recent = try await shop.profile("ada")?["recent"]?.array?.map { $0["type"]?.string }
      #expect(recent == ["purchase", "purchase"])
      await shop.engine.close()
      shop = try await PartitionFixture(folder: try Image(logOf: shop.folder).folder, clock: shop.clock)
    }
    await shop.engine.close()
  }
}
