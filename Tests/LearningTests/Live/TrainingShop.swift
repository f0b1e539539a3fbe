import AttuneTestKit
import Engine
import Events
import Learning
import Logging
import Primitives
import StorageMemory
import Testing

/// Workspaces in memory whose people like things, for trainings of the real kind.
struct TrainingShop {
  let engine: Engine
  let partition: Partition
  let clock: ManualClock
  let workspace: WorkspaceID

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init() async throws {
    let clock = ManualClock()
    self.clock = clock
    engine = Engine(
      configuration: EngineConfiguration { 7 }, logger: Self.logger, now: { clock.now }
    ) { _ in MemoryPartitionStore() }
    workspace = try #require(WorkspaceID("main"))
    partition = try await engine.partition(of: workspace)
  }

  /// Six groups of taste with ten items each; everybody likes eight of theirs, and `noise` others, one every forty days: too
  /// far apart for what is chosen together to tell anything.
  static func planted(people: Int = 360, noise: Int = 0, seed: UInt64 = 1) async throws -> TrainingShop {
    let shop = try await TrainingShop()
    var generator = SeededGenerator(seed: seed)
    var wanted = (0..<people).map { person in
      let own = (0..<10).map { 10 * (person % 6) + $0 }.shuffled(using: &generator).prefix(8)
      return own + (0..<noise).map { _ in Int.random(in: 0..<60, using: &generator) }
    }
    while wanted.contains(where: { !$0.isEmpty }) {
      var round: [(String, String)] = []
      for person in wanted.indices.shuffled(using: &generator) {
        if let item = wanted[person].popLast() { round.append(("u\(person)", "i\(item)")) }
      }
      try await shop.like(round)
      shop.clock.advance(by: .seconds(40 * 86_400))
    }
    return shop
  }

  /// A view of an item by a user for each pair, in their order.
  func like(_ pairs: [(user: String, item: String)], in other: Partition? = nil) async throws {
    try await send(
      pairs.map { ["user_id": .string($0.user), "event_type": "view", "item_id": .string($0.item)] }, in: other)
  }

  func send(_ events: [JSONValue], in other: Partition? = nil) async throws {
    let partition = other ?? partition
    let batch = try events.map { event in
      clock.advance(by: .milliseconds(1))
      let document = try JSONDocument(parsing: Array(event.text.utf8))
      var receipt = EventReceipt(receivedAt: clock.now, shape: .flat)
      receipt.madeMessageID = SortableID(
        time: clock.now, entropy: Digest128(high: 0, low: UInt64(bitPattern: clock.now.microseconds)))
      let read = try partition.parser.parse(document.root, receipt: receipt)
      return Partition.Intake(event: read, stored: StoredEvent(read, from: document.root, receipt: receipt))
    }
    _ = try await partition.accept(batch)
  }

  func activate(_ text: String, in other: Partition? = nil) async throws {
    _ = try await (other ?? partition).activate([DefinitionFile(path: "definitions.yaml", text: text)])
  }

  func trainer(
    _ request: TrainingRequest, report: @escaping @Sendable (TrainingProgress) -> Bool = { _ in true }
  ) -> ModelTrainer {
    ModelTrainer(partition: partition, request: request, now: { [clock] in clock.now }, report: report)
  }

  static func request(dimensions: Int = 12, seed: UInt64 = 1) -> TrainingRequest {
    var request = TrainingRequest()
    (request.dimensions, request.seed) = (dimensions, seed)
    return request
  }

  func train(dimensions: Int = 12, seed: UInt64 = 1) async throws -> ModelRun {
    try await trainer(Self.request(dimensions: dimensions, seed: seed)).run()
  }

  func runs(of other: Partition? = nil) async throws -> [ModelRun] {
    try await (other ?? partition).models().registry.runs
  }
}

extension ModelRun {
  func ndcg(_ subject: String) -> Double? { metrics.first { $0.subject == subject && $0.name == "ndcg" }?.value }
}
