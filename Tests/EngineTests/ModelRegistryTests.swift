import Primitives
import Testing

@testable import Engine

/// The registry is a fold of the log's model entries.
@Suite struct ModelRegistryTests {
  static func run(_ version: Int, refusal: String? = nil) -> ModelRun {
    let time = Timestamp(seconds: 1_780_000_000 + Int64(version))
    return ModelRun(
      version: version, model: "ials", cause: ModelRun.Cause.allCases[version % 3], startedAt: time,
      finishedAt: time + .seconds(5),
      window: ModelRun.Window(
        from: time - .seconds(900), to: time, end: LogPosition(UInt64(version) * 1_000_000), events: 9_000_000,
        acts: version,
        people: 7, items: 8, heldBack: 9),
      parameters: ["dimensions": "8", "epochs": "\(version)"],
      metrics: [
        ModelRun.Metric(subject: "candidate", name: "ndcg", k: 10, value: 0.25, low: 0.125, high: 0.5),
        ModelRun.Metric(subject: "fresh", name: "hr", k: 10, value: 0, low: 0, high: 1),
      ], shares: ["ials": 0.75, "content": 0.25], refusal: refusal, digest: refusal == nil ? "ab\(version)" : nil,
      bytes: 123_456_789)
  }

  /// What the registry does, told as simply as can be.
  private struct Told {
    var inForce: [Int] = []
    var letIn: [Int] = []

    mutating func train(_ version: Int, isRefused: Bool) {
      if isRefused { return }
      letIn.append(version)
      inForce = (inForce + [version]).suffix(ModelRegistry.filesMax)
    }

    mutating func activate(_ version: Int) {
      if version == 0 {
        inForce = []
      } else if inForce.contains(version) {
        while inForce.last != version { inForce.removeLast() }
      } else {
        inForce = (inForce + [version]).suffix(ModelRegistry.filesMax)
      }
    }
  }

  private static func read<Value: BinaryCodable>(_ type: Value.Type, _ bytes: [UInt8]) throws(BinaryError) -> Value {
    var reader = BinaryReader(bytes)
    return try Value(from: &reader)
  }

  @Test(arguments: 1...8)
  func `champion, rollback and files follow from the entries, and survive being saved`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var (registry, told) = (ModelRegistry(), Told())
    for _ in 0..<500 {
      let champion = registry.champion
      let entry: ModelEntry
      if Int.random(in: 0..<3, using: &generator) > 0 {
        let version = registry.lastVersion + 1
        let isRefused = Int.random(in: 0..<3, using: &generator) == 0
        entry = .trained(Self.run(version, refusal: isRefused ? "worse" : nil))
        told.train(version, isRefused: isRefused)
      } else {
        let known = [0, registry.before ?? 0] + registry.wantedFiles
        let version = known[Int.random(in: known.indices, using: &generator)]
        entry = .activated(version)
        told.activate(version)
      }
      #expect(try Self.read(ModelEntry.self, entry.binary) == entry)
      let isOther = registry.fold(entry)

      #expect(isOther == (registry.champion != champion))
      #expect(registry.champion == told.inForce.last)
      #expect(registry.before == (told.inForce.isEmpty ? nil : told.inForce.dropLast().last ?? 0))
      let others = told.letIn.reversed().filter { !told.inForce.contains($0) && registry.run($0) != nil }
      #expect(registry.wantedFiles == Array((told.inForce.reversed() + others).prefix(ModelRegistry.filesMax)))
      #expect(registry.runs.count <= ModelRegistry.runsMax)
      #expect(registry.wantedFiles.allSatisfy { registry.run($0)?.refusal == .some(nil) }, "a file's run is known")
      #expect(try Self.read(ModelRegistry.self, registry.binary) == registry)
    }
    #expect(registry.runs.count == ModelRegistry.runsMax)
  }

  @Test func `a registry cut anywhere is refused`() throws {
    var registry = ModelRegistry()
    for version in 1...3 { _ = registry.fold(.trained(Self.run(version, refusal: version == 2 ? "worse" : nil))) }
    let bytes = registry.binary
    for count in bytes.indices {
      #expect(throws: BinaryError.self) { _ = try Self.read(ModelRegistry.self, Array(bytes.prefix(count))) }
    }
  }

  private static func note(_ version: Int) -> ModelNote {
    ModelNote(
      version: version, rival: version - 1, definitions: 3, fileFormat: 1, evidence: ["items: …"],
      parts: [.init(grouping: "history", name: "2-4 items", count: 9, value: 0.5, low: 0.4, high: 0.6)],
      spreads: [.init(feature: "views_7d", edges: [1, 2.5], counts: [1, 2, 3, 4])])
  }

  @Test func `a withdrawn model leaves for the one before it, stays away, and is not let in again`() throws {
    var registry = ModelRegistry()
    for version in 1...3 {
      _ = registry.fold(.trained(Self.run(version)))
      _ = registry.fold(.noted(Self.note(version)))
    }
    let withdrawal = ModelWithdrawal(
      version: 3, successor: 2, at: Timestamp(seconds: 9), reason: "it did harm", digest: "d3")
    for entry in [ModelEntry.withdrawn(withdrawal), .noted(Self.note(2))] {
      #expect(try Self.read(ModelEntry.self, entry.binary) == entry)
    }
    _ = registry.fold(.withdrawn(withdrawal))
    #expect(registry.champion == 2 && registry.before == 1 && registry.withdrawals == [withdrawal])
    #expect(registry.withdrawalReason(ofDigest: "d3")?.contains("it did harm") == true)
    #expect(registry.withdrawalReason(ofDigest: "d2") == nil && registry.withdrawalReason(ofDigest: nil) == nil)
    #expect(try Self.read(ModelRegistry.self, registry.binary) == registry)
    let last = ModelWithdrawal(version: 1, successor: 0, at: Timestamp(seconds: 9), reason: "worse", digest: "")
    _ = registry.fold(.activated(1))
    _ = registry.fold(.withdrawn(last))
    #expect(registry.champion == nil && registry.withdrawalReason(ofDigest: nil) == nil)
    #expect(registry.notes[1]?.parts.first?.name == "2-4 items")
  }

  @Test func `a withdrawal of a model that is not in force any more leaves the one that is`() {
    var registry = ModelRegistry()
    for version in 1...3 { _ = registry.fold(.trained(Self.run(version))) }
    let withdrawal = ModelWithdrawal(
      version: 2, successor: 1, at: Timestamp(seconds: 9), reason: "it did harm", digest: "d2")
    let isOther = registry.fold(.withdrawn(withdrawal))
    #expect(!isOther && registry.champions == [1, 3])
  }

  @Test func `rolling back goes one further each time, at last to none, and a model left can be activated`() {
    var registry = ModelRegistry()
    for version in 1...3 { _ = registry.fold(.trained(Self.run(version))) }
    var served: [Int] = []
    while let before = registry.before {
      _ = registry.fold(.activated(before))
      served.append(registry.champion ?? 0)
    }
    #expect(served == [2, 1, 0])
    #expect(registry.wantedFiles == [3, 2, 1], "what was left is kept")
    _ = registry.fold(.activated(3))
    #expect(registry.champion == 3)
  }
}
