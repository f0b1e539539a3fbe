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
  /// - Parameter kind: `ials` or `ease`.
  func table(seed: UInt64, kind: String = "ials") async throws -> any ServedTable {
    let known = try await partition.read { $0.catalog.ordinalCount }
    let items = (0..<UInt32(known)).filter { !$0.isMultiple(of: 4) }
    var generator = SeededGenerator(seed: seed)
    let cells = (0..<40).flatMap { person in
      items.indices.filter { $0 % 2 == person % 2 && Bool.random(using: &generator) }
        .map { SparseRows.Cell(row: person, column: $0) }
    }
    let training = SparseRows(cells, rowCount: 40, columnCount: items.count)
    if kind == EASE.name {
      return HistoryTable(try EASE(training: training, workers: 1), items: items.map { ItemOrdinal($0) })
    }
    var settings = ImplicitALS.Settings()
    (settings.dimensions, settings.epochs, settings.seed) = (6, 4, seed)
    let model = try ImplicitALS(training: training, settings: settings, workers: 1)
    return try FactorTable(model, items: items.map { ItemOrdinal($0) })
  }

  /// A training with this outcome.
  /// - Parameter end: Where the log ended when it began; nil for now.
  @discardableResult
  func train(
    seed: UInt64, kind: String = "ials", refusal: String? = nil, end: LogPosition? = nil
  ) async throws -> ModelRun {
    let table = try await table(seed: seed, kind: kind)
    let bytes = table.snapshot.bytes
    let run = ModelRun(
      version: 0, model: kind, cause: .asked, startedAt: clock.now, finishedAt: clock.now,
      window: ModelRun.Window(
        from: clock.now, to: clock.now, end: end ?? partition.statistics.logEnd, events: 1, acts: 1, people: 1,
        items: 1, heldBack: 0),
      parameters: [:], metrics: [], shares: [kind: 0.7, "co_visitation": 0.2, "content": 0.1], refusal: refusal,
      digest: ModelSnapshot.digest(of: bytes).hexadecimal, bytes: bytes.count)
    return try await partition.record(run, model: table)
  }

  var modelFolder: String { folder.path + "/models" }

  func modelFile(_ version: Int) -> String { modelFolder + "/0000000\(version).model" }

  /// Newcomers of the model in force: their people's sums, by item.
  func newcomers() async throws -> [UInt32: GrowingRidge] {
    (try await partition.trainedModel() as? FactorModel)?.newcomers.mapValues(\.people) ?? [:]
  }

  /// Version of the trained model that a decision was made with.
  func version(of answer: DecisionAnswer) -> String? {
    answer.versions.first { ServedTables.names.contains($0.name) }?.version
  }
}
