import Catalog
import Events
import Features
import Mathematics
public import Models
public import Primitives

/// `Popularity`, taught act by act.
public struct EvaluablePopularity: EvaluableModel {
  public let name = "popularity"
  /// In hours.
  public var halfLife = 168

  public init() {}

  public var settingsText: String { "half-life \(halfLife) h" }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    try FreshFit.fit(Popularity(halfLife: .seconds(halfLife * 3_600)), training, report: report)
  }

  public func memoryBytes(for training: TrainingData, workers: Int) -> Int? {
    FreshFit.memoryBytes(for: training, eachItem: 128)
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    other.halfLife = [24, 72, 168, 720, 8_760].other(than: halfLife, using: &generator)
    return other
  }
}

/// `CoVisitation`, taught act by act.
public struct EvaluableCoVisitation: EvaluableModel {
  public let name = "co_visitation"
  public var settings: CoVisitation.Settings

  public init(settings: CoVisitation.Settings = CoVisitation.Settings()) { self.settings = settings }

  public var settingsText: String {
    "acts \(settings.actsMax), γ \(settings.gapHalves)/2, β \(settings.backward), neighbours \(settings.neighboursMax), "
      + "seeds \(settings.seedsMax), q \(settings.recency), p 2^-\(settings.penaltyRoots), s \(settings.shrinkage)"
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    try training.requireOrder()
    return try FreshFit.fit(CoVisitation(settings: settings), training, report: report)
  }

  public func memoryBytes(for training: TrainingData, workers: Int) -> Int? {
    FreshFit.memoryBytes(for: training, eachItem: 256 + 12 * settings.neighboursMax)
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    switch generator.next(upperBound: UInt64(8)) {
    case 0: other.settings.actsMax = [2, 4, 6, 10, 20].other(than: settings.actsMax, using: &generator)
    case 1: other.settings.gapHalves = [0, 1, 2, 3].other(than: settings.gapHalves, using: &generator)
    case 2: other.settings.backward = [0, 0.25, 0.5, 0.75, 1].other(than: settings.backward, using: &generator)
    case 3:
      other.settings.neighboursMax = [50, 100, 200, 500].other(than: settings.neighboursMax, using: &generator)
    case 4: other.settings.seedsMax = [1, 3, 5, 10, 20].other(than: settings.seedsMax, using: &generator)
    case 5:
      other.settings.recency = [0.5, 0.6, 0.7, 0.75, 0.8, 0.9].other(than: settings.recency, using: &generator)
    case 6: other.settings.penaltyRoots = [0, 1, 2, 3, 4].other(than: settings.penaltyRoots, using: &generator)
    default: other.settings.shrinkage = [0, 1, 5, 20].other(than: settings.shrinkage, using: &generator)
    }
    return other
  }
}

/// Teaches a fresh model as the engine does: all acts in order of time, each with the person's acts around it.
enum FreshFit {
  /// Acts of a person that are kept, as a model sees them.
  static let historyMax = 64

  /// The acts in order of time, and what a model keeps of an item; its id in the catalogue as well.
  static func memoryBytes(for training: TrainingData, eachItem: Int) -> Int {
    48 * training.actCount + (eachItem + 200) * training.itemCount
  }

  static func fit(
    _ model: some CandidateModel, _ training: TrainingData, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    var catalog = ItemCatalog()
    for number in 0..<training.itemCount { _ = catalog.intern(String(number)) }
    return FittedFresh(
      model: try taught(model, training, catalog: catalog, report: report), catalog: catalog,
      items: (0..<training.itemCount).map { ItemOrdinal(UInt32($0)) })
  }

  /// - Parameter catalog: What the model reads of items.
  static func taught<Model: CandidateModel>(
    _ model: Model, _ training: TrainingData, catalog: ItemCatalog, report: (String) -> Bool
  ) throws(FitFailure) -> Model {
    var model = model
    let acts = training.sequences.indices.flatMap { sequence in
      training.sequences[sequence].times.enumerated().map { (time: $1, sequence: sequence, position: $0) }
    }.sorted { ($0.time, $0.sequence, $0.position) < ($1.time, $1.sequence, $1.position) }
    guard !acts.isEmpty else { throw .refused("the training set has no interactions") }
    let context = ContextFacts()
    for (count, act) in acts.enumerated() {
      let sequence = training.sequences[act.sequence]
      let before = max(0, act.position - historyMax)..<act.position
      model.fold(
        sequence.interaction(act.position), history: before.map { sequence.interaction($0) }, context: context,
        catalog: catalog)
      if count % 100_000 == 99_999, !report("\(count + 1) of \(acts.count) acts") { throw .stopped }
    }
    return model
  }
}

struct FittedFresh: FittedModel {
  let model: any CandidateModel
  let catalog: ItemCatalog
  let items: [ItemOrdinal]

  var itemCount: Int { items.count }

  func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
    var values: [Float] = []
    values.reserveCapacity(questions.count * items.count)
    for question in questions {
      let acts = question.history.items.indices.suffix(FreshFit.historyMax)
      let query = ModelQuery(
        history: acts.map { question.history.interaction($0) }, context: ContextFacts(),
        now: question.history.times.last ?? Timestamp(seconds: 0))
      values += model.prepare(query, catalog: catalog).scores(of: items)
    }
    return FloatMatrix(rowCount: questions.count, columnCount: items.count, values: values)
  }
}

extension ActSequence {
  fileprivate func interaction(_ position: Int) -> Interaction {
    Interaction(item: ItemOrdinal(items[position]), kind: .view, at: times[position])
  }
}
