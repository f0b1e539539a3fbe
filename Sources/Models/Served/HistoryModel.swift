public import Catalog
public import Events
public import Features
import Mathematics
public import Primitives

/// A trained model that serves from what somebody did: whoever came after the training is answered like everybody else, since
/// their history is all that it looks at. Items that came after the training are unknown to it until the next one.
///
/// Scores are relative to the best item that the person has not had.
public struct HistoryModel<Scorer: ServedScorer>: ServedModel {
  /// Likings of a person that are looked at: the latest.
  static var seedsMax: Int { 100 }

  public let version: String
  public let isPersonal = true
  public let table: HistoryTable<Scorer>
  /// Records of models before, which the next checkpoint drops.
  private var left: Set<[UInt8]> = []

  public init(_ table: HistoryTable<Scorer>, version: String) {
    self.table = table
    self.version = version
  }

  public var name: String { Scorer.name }

  // MARK: Learning

  public mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog
  ) {}

  public mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {}

  // MARK: Answering

  public func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] {
    prepare(query, catalog: catalog).candidates(limit: limit)
  }

  public func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
    prepare(query, catalog: catalog).scores(of: items)
  }

  public func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? {
    prepare(query, catalog: catalog).reason(for: item)
  }

  public func prepare(_ query: ModelQuery, catalog: ItemCatalog) -> any PreparedModel {
    let history = query.seeds(atMost: Self.seedsMax).reversed().compactMap { table.row(of: $0) }
    return HistoryAnswer(table: table, asked: history.isEmpty ? nil : table.scorer.asked(history))
  }

  // MARK: State

  public var savedKeys: [[UInt8]] { left.sorted { $0.lexicographicallyPrecedes($1) } }

  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] {
    defer { left = [] }
    return savedKeys.map { (key: $0, value: nil) }
  }

  /// It saves nothing: what is there is of a model before.
  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    guard RecordKey.number(key) != nil else { throw BinaryError("a key of \(key.count) bytes for an item") }
    left.insert(key)
  }
}

/// `HistoryModel` with one question.
private struct HistoryAnswer<Scorer: ServedScorer>: PreparedModel {
  let table: HistoryTable<Scorer>
  /// nil for whom nothing is known that the model knows.
  let asked: (any AskedScorer)?

  func candidates(limit: Int) -> [ScoredItem] {
    // Rows are in another order than ordinals, by which ties go.
    (asked?.best(limit) ?? []).map { ScoredItem(item: table.items[$0.row], score: $0.score) }
      .sorted { ($1.score, $0.item) < ($0.score, $1.item) }
  }

  func scores(of items: [ItemOrdinal]) -> [Float] {
    items.map { item in table.row(of: item).flatMap { asked?.score(of: Int($0)) } ?? 0 }
  }

  func reason(for item: ItemOrdinal) -> ModelReason? {
    guard let row = table.row(of: item), let asked, asked.score(of: Int(row)) > 0 else { return nil }
    return ModelReason(code: Scorer.reason)
  }
}
