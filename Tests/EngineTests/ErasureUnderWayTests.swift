import AttuneTestKit
import Decisions
import Events
import Primitives
import Profiles
import StorageSQLite
import Synchronization
import Testing

@testable import Engine

/// Erasures while others ask and send, and while the disk does not do what it should.
@Suite struct ErasureUnderWayTests {
  private func view(_ user: String, _ device: String, _ message: String) -> JSONValue {
    [
      "user_id": .string(user), "anonymous_id": .string(device), "event_type": "view", "item_id": "item-1",
      "message_id": .string(message),
    ]
  }

  @Test(arguments: 1...3)
  func `amid events and questions of the same people, the state stays what the log folds to`(round: Int) async throws {
    let shop = try await PartitionFixture { $0.checkpointEntries = 60 }
    try await shop.putItems(3, category: "item")
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for lane in 0..<3 {
        tasks.addTask {
          for number in 0..<40 {
            // Two lanes share a device, so that merges are refused.
            try await shop.send(view("u\((lane + number) % 3)", "d\(number % 4)", "r\(round)-\(lane)-\(number)"))
          }
        }
        tasks.addTask { for number in 0..<40 { _ = try await shop.decide("u\(number % 3)") } }
      }
      tasks.addTask {
        for number in 0..<12 { _ = try await shop.partition.erase(.identifier(.user("u\(number % 3)"))) }
      }
      try await tasks.waitForAll()
    }
    #expect(shop.partition.statistics.erasures > 0 && shop.partition.statistics.foldFailures == 0)
    await shop.engine.close()
    let image = try Image(logOf: shop.folder)
    let again = try await PartitionFixture(folder: image.folder, clock: shop.clock)
    await again.engine.close()
    let (live, folded) = (
      try SavedState(in: shop.folder, omitting: [8]), try SavedState(in: image.folder, omitting: [8])
    )
    #expect(live.differences(from: folded).prefix(3) == [])
  }

  @Test func `a purge that fails is told, tried again, and waited for by the same call`() async throws {
    let failures = Mutex(1)
    let shop = try await PartitionFixture(
      wrap: { store in
        HookedStore(
          store,
          onPurge: { () throws(PartitionStoreError) in
            let fails = failures.withLock { left in
              defer { left = max(0, left - 1) }
              return left > 0
            }
            if fails { throw .full }
          })
      })
    try await shop.send(view("ada", "laptop", "m1"))
    let id = try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now)?.id)
    do {
      _ = try await shop.partition.erase(.profile(id))
      Issue.record("a full disk was not told")
    } catch {
      guard case .unfinishedErasure = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(try await shop.profile("ada") == nil, "erased all the same")
    #expect(try shop.partition.store.isPurgeDue())
    let proof = try #require(try await shop.partition.erase(.profile(id)))
    #expect(proof.entries.events == 1)
    #expect(try !shop.partition.store.isPurgeDue())
  }
}
