import AttuneTestKit
import Dispatch
import Engine
import Foundation
import Primitives
import Synchronization
import Testing

@testable import Learning

/// Trainings of a process, by themselves or asked for.
@Suite struct TrainingDeskTests {
  /// A clock whose first answer on the desk's thread, with which a training begins its work, is waited for.
  private final class Gate: Sendable {
    private let isDown = Mutex(true)
    private let opened = DispatchSemaphore(value: 0)
    let clock: ManualClock

    init(_ clock: ManualClock) { self.clock = clock }

    func now() -> Timestamp {
      guard Thread.current.name == "attune-train" else { return clock.now }
      let waits = isDown.withLock { isDown in
        defer { isDown = false }
        return isDown
      }
      if waits { opened.wait() }
      return clock.now
    }

    func open() { opened.signal() }
  }

  private static func workspace(_ name: String) throws -> WorkspaceID { try #require(WorkspaceID(name)) }

  @Test func `a workspace has one training at a time, another has its own`() async throws {
    let shop = try await TrainingShop.planted(people: 60)
    let other = try Self.workspace("other")
    let second = try await shop.engine.partition(of: other)
    let gate = Gate(shop.clock)
    let desk = TrainingDesk(memoryMax: .max, logger: TrainingShop.logger, now: gate.now)
    #expect(desk.status(of: shop.workspace) == nil)
    let first = try desk.begin(TrainingShop.request(), on: shop.partition, of: shop.workspace)
    #expect(desk.status(of: shop.workspace)?.outcome == nil && desk.status(of: shop.workspace) != nil)
    #expect(throws: TrainingDesk.Busy.self) {
      _ = try desk.begin(TrainingRequest(), on: shop.partition, of: shop.workspace)
    }
    let beside = try desk.begin(TrainingRequest(), on: second, of: other)
    gate.open()
    let run = try #require(try await first.value.get().model)
    #expect(run.refusal == nil)
    #expect(try await beside.value.get().model?.refusal?.contains("no interactions") == true)
    let told = try #require(desk.status(of: shop.workspace)?.outcome)
    #expect(try told.get().model == run)
    _ = try await desk.begin(TrainingShop.request(), on: shop.partition, of: shop.workspace).value.get()
    #expect(try await shop.runs().count == 2)
    #expect(try await shop.runs(of: second).count == 1)
    await shop.engine.close()
  }

  @Test func `a closed desk stops what is under way and begins nothing more`() async throws {
    let shop = try await TrainingShop.planted(people: 60)
    let gate = Gate(shop.clock)
    let desk = TrainingDesk(memoryMax: .max, logger: TrainingShop.logger, now: gate.now)
    let training = try desk.begin(TrainingShop.request(), on: shop.partition, of: shop.workspace)
    desk.close()
    gate.open()
    for outcome in [
      await training.value, try await desk.begin(TrainingRequest(), on: shop.partition, of: shop.workspace).value,
    ] {
      guard case .failure(.stopped) = outcome else {
        Issue.record("\(outcome)")
        return
      }
    }
    #expect(try await shop.runs().isEmpty)
    await shop.engine.close()
  }

  @Test func `a model that is too large keeps neither cohorts nor predictions from their training`() async throws {
    let shop = try await TrainingShop.planted(people: 30)
    try await shop.activate(PredictionTrainerTests.definition)
    var request = TrainingShop.request(dimensions: 1_024)
    request.memoryBytes = 1 << 20
    let desk = TrainingDesk(memoryMax: .max, logger: TrainingShop.logger, now: { shop.clock.now })
    let outcome = try await desk.begin(request, on: shop.partition, of: shop.workspace).value
    guard case .failure(.tooLarge) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(try await shop.partition.predictions().registry.runs.map(\.prediction) == ["buys"])
    #expect(try await shop.partition.cohorts().registry.last != nil)
    // Nor is a log read whose events alone would take more.
    request.memoryBytes = 1 << 10
    request.subjects = .predictions
    guard case .failure(.tooLarge) = try await desk.begin(request, on: shop.partition, of: shop.workspace).value else {
      Issue.record("not refused")
      return
    }
    await shop.engine.close()
  }

  @Test func `what is due begins, and only that`() async throws {
    let shop = try await TrainingShop.planted(people: 150)
    var partitions: [Partition] = [shop.partition]
    for name in ["small", "manual"] { partitions.append(try await shop.engine.partition(of: try Self.workspace(name))) }
    try await shop.like((0..<50).map { ("u\($0 % 9)", "i\($0 % 7)") }, in: partitions[1])
    try await shop.activate("training: {automatic: false}", in: partitions[2])
    try await shop.like((0..<1_200).map { ("u\($0 % 90)", "i\(($0 * 7 + $0 / 90) % 40)") }, in: partitions[2])
    for partition in partitions[..<2] {
      try await shop.activate("training: {dimensions: 8, every: 24h, at_least: 15m, changed: 0.2}", in: partition)
    }
    let desk = TrainingDesk(memoryMax: .max, logger: TrainingShop.logger, now: { shop.clock.now })
    func look(after pause: Duration) async throws -> [ModelRun.Cause] {
      shop.clock.advance(by: pause)
      await desk.beginDue(in: shop.engine)
      for partition in partitions[1...] { #expect(try await shop.runs(of: partition).isEmpty) }
      return try await shop.runs().map(\.cause)
    }
    #expect(try await look(after: .zero) == [.changes])
    #expect(try await shop.runs()[0].parameters["dimensions"] == "8")
    #expect(try await look(after: .seconds(86_400 * 2)) == [.changes], "nothing has happened since")
    try await shop.like([("u1", "i1")])
    #expect(try await look(after: .zero) == [.changes, .schedule])
    try await shop.like((0..<300).map { ("u\($0 % 150)", "i\($0 % 60)") })
    #expect(try await look(after: .seconds(600)) == [.changes, .schedule], "sooner than 15 minutes")
    #expect(try await look(after: .seconds(600)) == [.changes, .schedule, .changes])
    await shop.engine.close()
  }
}
