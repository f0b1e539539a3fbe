public import Catalog
public import Events
public import Features
public import Primitives

/// What a model is asked about: one person at one moment. Everything a score may depend on is in here.
public struct ModelQuery: Sendable {
  /// The person's acts on items, oldest first, bounded; empty for a stranger.
  public let history: [Interaction]
  public let context: ContextFacts
  /// Items that the caller wants alternatives to; empty for most questions.
  public let similarTo: [ItemOrdinal]
  public let now: Timestamp

  public init(history: [Interaction], context: ContextFacts, similarTo: [ItemOrdinal] = [], now: Timestamp) {
    self.history = history
    self.context = context
    self.similarTo = similarTo
    self.now = now
  }
}

public struct ScoredItem: Sendable, Hashable {
  public let item: ItemOrdinal
  /// Higher is better; in [0, 1].
  public let score: Float

  public init(item: ItemOrdinal, score: Float) {
    self.item = item
    self.score = score
  }
}

/// Which part of the query made a model like an item.
public struct ModelReason: Sendable, Hashable {
  /// `popular`, `popular_here`, `often_together`, `similar_content` …
  public let code: String
  /// The item of the person's history (or of `similarTo`) that speaks for it, when there is one.
  public let because: ItemOrdinal?
  /// The shared property or context cell, when there is one: `category running`, `device mobile`.
  public let detail: String?

  public init(code: String, because: ItemOrdinal? = nil, detail: String? = nil) {
    self.code = code
    self.because = because
    self.detail = detail
  }
}

/// Something that proposes and scores items. Fresh models learn from each interaction as it is folded; a trained one comes
/// from a snapshot, and folds only what it did not have then. Values, so that a decision holds one consistent set.
public protocol CandidateModel: Sendable {
  /// Names the algorithm, for records and reasons: `popularity`, `co_visitation`, `content`.
  var name: String { get }
  /// Changes when the same query could give another answer for another cause than folded interactions.
  var version: String { get }
  /// Whether the model looks at the person's history; those that do are silent for strangers, holdout and refused consent.
  var isPersonal: Bool { get }

  /// Learns from one interaction. `history` is what the person did around it, the interaction itself not included, and the
  /// same whatever the order of arrival allows: a fold must give the same state for the same set of interactions.
  mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog)

  /// An item was added, changed or removed.
  mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog)

  /// At most `limit` proposals, best first, ties by ordinal. May hold items that are not eligible; the pipeline masks them.
  func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem]

  /// Scores in [0, 1] for given items, shape `[items.count]`; 0 where the model knows nothing.
  func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float]

  /// Why it scored `item` above 0; nil when it did not.
  func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason?

  /// The model's view of one question, to be asked several times; what all answers share is worked out once.
  func prepare(_ query: ModelQuery, catalog: ItemCatalog) -> any PreparedModel

  /// State that changed since the last call, as key and value pairs (nil: removed); empty for models that can be rebuilt
  /// from the catalogue alone.
  mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)]
  /// Puts back what `takeChanges` gave.
  mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError)
}

/// A model with a question: the three answers of `CandidateModel`, the same as it gives.
///
/// It shares the model's storage: let it go before the model folds again, or that fold has to copy.
public protocol PreparedModel: Sendable {
  func candidates(limit: Int) -> [ScoredItem]
  func scores(of items: [ItemOrdinal]) -> [Float]
  func reason(for item: ItemOrdinal) -> ModelReason?
}

extension CandidateModel {
  public func prepare(_ query: ModelQuery, catalog: ItemCatalog) -> any PreparedModel {
    AskedModel(model: self, query: query, catalog: catalog)
  }
}

/// For models whose answers share nothing.
private struct AskedModel<Model: CandidateModel>: PreparedModel {
  let model: Model
  let query: ModelQuery
  let catalog: ItemCatalog

  func candidates(limit: Int) -> [ScoredItem] { model.candidates(for: query, catalog: catalog, limit: limit) }
  func scores(of items: [ItemOrdinal]) -> [Float] { model.scores(of: items, for: query, catalog: catalog) }
  func reason(for item: ItemOrdinal) -> ModelReason? { model.reason(for: item, query: query, catalog: catalog) }
}
