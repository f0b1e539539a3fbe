import AttuneTestKit
import Catalog
import Decisions
import Events
import Features
import Mathematics
import Primitives

@testable import Engine
@testable import Models

extension PartitionFixture {
  /// A model of the items that are known now, those with an odd number in two groups of taste; the others are newcomers to it.
  func table(seed: UInt64) async throws -> FactorTable {
    let known = try await partition.read { $0.catalog.ordinalCount }
    let items = (0..<UInt32(known)).filter { !$0.isMultiple(of: 4) }
    var generator = SeededGenerator(seed: seed)
    let cells = (0..<40).flatMap { person in
      items.indices.filter { $0 % 2 == person % 2 && Bool.random(using: &generator) }
        .map { SparseRows.Cell(row: person, column: $0) }
    }
    var settings = ImplicitALS.Settings()
    (settings.dimensions, settings.epochs, settings.seed) = (6, 4, seed)
    let model = try ImplicitALS(
      training: SparseRows(cells, rowCount: 40, columnCount: items.count), settings: settings, workers: 1)
    return try FactorTable(model, items: items.map { ItemOrdinal($0) })
  }

  /// A training with this outcome.
  /// - Parameter end: Where the log ended when it began; nil for now.
  @discardableResult
  func train(seed: UInt64, refusal: String? = nil, end: LogPosition? = nil) async throws -> ModelRun {
    let table = try await table(seed: seed)
    let bytes = table.snapshot.bytes
    let run = ModelRun(
      version: 0, model: "ials", cause: .asked, startedAt: clock.now, finishedAt: clock.now,
      window: ModelRun.Window(
        from: clock.now, to: clock.now, end: end ?? partition.statistics.logEnd, events: 1, acts: 1, people: 1,
        items: 1, heldBack: 0),
      parameters: [:], metrics: [], shares: ["ials": 0.7, "co_visitation": 0.2, "content": 0.1], refusal: refusal,
      digest: ModelSnapshot.digest(of: bytes).hexadecimal, bytes: bytes.count)
    return try await partition.record(run, model: table)
  }

  var modelFolder: String { folder.path + "/models" }

  func modelFile(_ version: Int) -> String { modelFolder + "/0000000\(version).model" }

  /// Newcomers of the model in force: their people's sums, by item.
  func newcomers() async throws -> [UInt32: GrowingRidge] {
    try await partition.trainedModel()?.newcomers.mapValues(\.people) ?? [:]
  }

  /// Version of the trained model that a decision was made with.
  func version(of answer: DecisionAnswer) -> String? { answer.versions.first { $0.name == "ials" }?.version }
}
