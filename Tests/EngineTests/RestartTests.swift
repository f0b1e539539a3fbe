import AttuneTestKit
import Engine
import Events
import Primitives
import StorageSQLite
import Testing

/// State is a fold over the log: however it was saved and found again, it is the same.
@Suite struct RestartTests {
  /// Checkpoints by entries alone, so that the same history saves at the same places. Odd seeds keep so little in memory
  /// that most is read back.
  private static func configure(_ configuration: inout EngineConfiguration, seed: Int) {
    configuration.checkpointEntries = 40
    configuration.checkpointInterval = .seconds(1_000_000)
    guard !seed.isMultiple(of: 2) else { return }
    configuration.profilesInMemoryMax = 3
    configuration.identifiersInMemoryMax = 3
  }

  private func play(_ history: inout RandomHistory, seed: Int) async throws -> PartitionFixture {
    let shop = try await PartitionFixture { Self.configure(&$0, seed: seed) }
    try await shop.activate("holdout: 0.2\nplacements:\n  home: {exploration: 0, latency_budget: 1d}\n")
    try await history.play(150, in: shop)
    try await shop.finishCheckpoint(every: 40)
    while shop.partition.statistics.checkpoint == shop.partition.statistics.logEnd {
      try await history.play(1, in: shop)
    }
    return shop
  }

  @Test(arguments: 1...6)
  func `killed, closed or without any saved state, a partition comes back as it was`(seed: Int) async throws {
    var history = RandomHistory(seed: UInt64(seed))
    let shop = try await play(&history, seed: seed)
    #expect(shop.partition.statistics.checkpoint > .start)
    #expect(shop.partition.statistics.foldFailures == 0)
    let live = try await Answers(of: shop, asking: history)
    let killed = try Image(killing: shop)
    await shop.engine.close()
    let closed = try SavedState(in: shop.folder)
    let folded = try Image(logOf: shop.folder)

    for (image, word) in [(killed.folder, "killed"), (shop.folder, "closed"), (folded.folder, "folded")] {
      let again = try await PartitionFixture(folder: image, clock: shop.clock) { Self.configure(&$0, seed: seed) }
      let answers = try await Answers(of: again, asking: history)
      #expect(answers.differences(from: live).prefix(5) == [], "seed \(seed), \(word)")
      await again.engine.close()
      #expect(try SavedState(in: image).differences(from: closed).prefix(5) == [], "seed \(seed), \(word)")
    }
  }

  @Test(arguments: [(21, 1), (22, 7), (23, 1_000)])
  func `people who come into memory while the work goes on are who they were`(seed: Int, records: Int) async throws {
    var history = RandomHistory(seed: UInt64(seed))
    let shop = try await play(&history, seed: seed)
    let killed = [try Image(killing: shop), try Image(killing: shop)]
    await shop.engine.close()
    var reached: [Answers] = []
    for (image, loadedAtOnceMax) in zip(killed, [1_000, -1]) {
      let again = try await PartitionFixture(folder: image.folder, clock: ManualClock(at: shop.clock.now)) {
        Self.configure(&$0, seed: seed)
        $0.loadedAtOnceMax = loadedAtOnceMax
        $0.warmUpRecords = records
        $0.stopwatch = { 0 }  // what waits how long is another matter
      }
      var more = history
      try await more.play(10, in: again)
      // Those who are still to come into memory do not come back.
      for name in ["u1", "u2", "u3"] { _ = try await again.partition.erase(.identifier(.user(name))) }
      try await more.play(110, in: again)
      reached.append(try await Answers(of: again, asking: more))
      await again.engine.close()
    }
    #expect(reached[1].differences(from: reached[0]).prefix(5) == [], "seed \(seed)")
    let saved = try killed.map { try SavedState(in: $0.folder) }
    #expect(saved[1].differences(from: saved[0]).prefix(5) == [], "seed \(seed)")
  }

  @Test(arguments: 11...13)
  func `a checkpoint that cannot be written loses nothing: the next one carries it`(seed: Int) async throws {
    var history = RandomHistory(seed: UInt64(seed))
    let shop = try await PartitionFixture { Self.configure(&$0, seed: 0) }
    try await shop.activate("placements:\n  home: {exploration: 0, latency_budget: 1d}\n")
    try await history.play(60, in: shop)
    try await shop.finishCheckpoint(every: 40)
    let before = shop.partition.statistics.checkpoint
    for round in 1...2 {
      let hidden = try HiddenTable(.state, in: shop.folder)
      while shop.partition.statistics.checkpointFailures < round { try await history.play(1, in: shop) }
      try hidden.show()
      #expect(shop.partition.statistics.checkpoint == before)
    }
    try await history.play(60, in: shop)
    try await shop.finishCheckpoint(every: 40)
    #expect(shop.partition.statistics.checkpoint > before)
    let live = try await Answers(of: shop, asking: history)
    let killed = try Image(killing: shop)
    await shop.engine.close()
    let again = try await PartitionFixture(folder: killed.folder, clock: shop.clock)
    #expect(try await Answers(of: again, asking: history).differences(from: live).prefix(5) == [], "seed \(seed)")
    await again.engine.close()
    #expect(
      try SavedState(in: killed.folder).differences(from: SavedState(in: shop.folder)).prefix(5) == [], "seed \(seed)")
  }

  @Test func `a failed checkpoint is tried again after as many entries, not with every commit`() async throws {
    let shop = try await PartitionFixture { Self.configure(&$0, seed: 0) }
    let hidden = try HiddenTable(.state, in: shop.folder)
    for number in 1...119 {
      try await shop.send(["message_id": .string("m\(number)"), "user_id": "ada", "event_type": "view", "item_id": "a"])
    }
    while shop.partition.statistics.checkpointFailures < 2 { _ = try await shop.profile("ada") }
    #expect(shop.partition.statistics.checkpointFailures <= 3)
    try hidden.show()
    await shop.engine.close()
  }

  @Test func `when a commit fails nothing was folded, and nothing of it comes back`() async throws {
    let shop = try await PartitionFixture()
    let event: JSONValue = ["message_id": "m1", "user_id": "ada", "event_type": "view", "item_id": "a"]
    let hidden = try HiddenTable(.log, in: shop.folder)
    await #expect(throws: EngineError.self) { try await shop.send(event) }
    #expect(try await shop.profile("ada") == nil)
    try hidden.show()
    #expect(try await shop.send(event) == [.accepted(LogPosition(3))])
    #expect(try await shop.profile("ada")?["event_count"]?.int == 1)
    await shop.engine.close()
  }

  @Test func `an entry that could not be folded is folded by the next start`() async throws {
    func configure(_ configuration: inout EngineConfiguration) {
      Self.configure(&configuration, seed: 1)
      configuration.checkpointEntries = 5
    }
    let shop = try await PartitionFixture(configure: configure)
    func view(_ user: Int) -> JSONValue {
      ["user_id": .string("user-\(user)"), "event_type": "view", "item_id": .string("item-\(user)")]
    }
    for user in 1...20 { try await shop.send(view(user)) }
    try await shop.finishCheckpoint(every: 5)
    for user in 21...24 { try await shop.send(view(user)) }
    // The first person has left memory and cannot be read.
    let hidden = try HiddenTable(.state, in: shop.folder)
    try await shop.send(view(1))
    try hidden.show()
    #expect(shop.partition.statistics.foldFailures == 1)
    for user in 25...40 { try await shop.send(view(user)) }
    await shop.engine.close()
    let again = try await PartitionFixture(folder: shop.folder, clock: shop.clock)
    #expect(try await again.profile("user-1")?["event_count"]?.int == 2)
    #expect(try await again.profile("user-40")?["event_count"]?.int == 1)
    await again.engine.close()
  }

  @Test func `an engine that is closed twice is closed`() async throws {
    let shop = try await PartitionFixture()
    await shop.engine.close()
    await shop.engine.close()
    await #expect(throws: EngineError.self) { try await shop.profile("ada") }
  }
}

extension PartitionFixture {
  /// Waits until no checkpoint is under way or due, by asking the owner, who sees to checkpoints between questions.
  func finishCheckpoint(every entries: UInt64) async throws {
    while partition.statistics.logEnd.rawValue - partition.statistics.checkpoint.rawValue >= entries {
      _ = try await profile("nobody")
    }
  }
}
