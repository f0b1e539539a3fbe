import AttuneTestKit
import Engine
import Events
import Primitives
import StorageSQLite
import Testing

@Suite struct AuditTests {
  private func played(_ seed: UInt64) async throws -> PartitionFixture {
    let shop = try await PartitionFixture()
    var history = RandomHistory(seed: seed)
    try await history.play(200, in: shop)
    await shop.engine.close()
    return shop
  }

  private func audit(_ shop: PartitionFixture) throws -> PartitionAudit {
    let store = try SQLitePartitionStore(folder: shop.folder.path)
    defer { store.close() }
    return try PartitionAudit(of: store, configuration: EngineConfiguration { 0 }, comparesState: true)
  }

  @Test(arguments: [1, 2, 3]) func `of a sound partition nothing is wrong`(seed: Int) async throws {
    let shop = try await played(UInt64(seed))
    let audit = try audit(shop)
    #expect(audit.faults == [], "seed \(seed)")
    #expect(audit.comparedRecords ?? 0 > 40)
    #expect(audit.end == audit.checkpoint)
    #expect(audit.entryCounts.values.reduce(0, +) == Int(audit.end.rawValue))
    #expect(audit.entryCounts[.event] ?? 0 > 100)
  }

  @Test func `after a cut and an erasure nothing is wrong either, and what is lost of them is found`() async throws {
    let shop = try await PartitionFixture()
    for user in ["ada", "bob"] {
      try await shop.send([
        "user_id": .string(user), "anonymous_id": .string("of \(user)"), "event_type": "view", "item_id": "a",
      ])
      _ = try await shop.decide(user)
    }
    let ada = try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now)?.id)
    _ = try await shop.partition.unmerge(ada, .identifier(.anonymous("of ada")), at: shop.clock.now)
    _ = try #require(try await shop.partition.erase(.identifier(.user("bob"))))
    await shop.engine.close()
    #expect(try audit(shop).faults == [])

    let sections: [(UInt8, String)] = [(9, "related entries"), (10, "cuts"), (11, "erased profiles")]
    let store = try SQLitePartitionStore(folder: shop.folder.path)
    var lost: [StateRecord] = []
    for (section, name) in sections {
      var keys: [[UInt8]] = []
      try store.forEachState(section: section) { key, _ in keys.append(key) }
      lost.append(StateRecord(section: section, key: try #require(keys.first, "\(name)"), value: nil))
    }
    try store.save(Checkpoint(position: try store.checkpointPosition(), records: lost))
    store.close()
    #expect(
      try audit(shop).faults
        == sections.map {
          "\($0.1): 0 records of the saved state are not what the log folds to, 1 are missing, 0 should not be there"
        })
  }

  @Test func `a saved profile that the log does not fold to is found`() async throws {
    let shop = try await played(4)
    let store = try SQLitePartitionStore(folder: shop.folder.path)
    var records: [(key: [UInt8], value: [UInt8])] = []
    try store.forEachState(section: 2) { records.append(($0, $1)) }
    let (one, other) = (try #require(records.first), try #require(records.last))
    try store.save(
      Checkpoint(
        position: try store.checkpointPosition(),
        records: [
          StateRecord(section: 2, key: one.key, value: other.value),
          StateRecord(section: 2, key: other.key, value: nil),
        ]))
    store.close()
    #expect(
      try audit(shop).faults == [
        "profiles: 1 records of the saved state are not what the log folds to, 1 are missing, 0 should not be there"
      ])
  }
}
