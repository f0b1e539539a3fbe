import Features
import Models
import Primitives
import Profiles

/// One prediction as it is in force: its definition with the model that answers, bound to the features in force.
struct Predictor: Sendable {
  let definition: PredictionDefinition
  let service: Service

  enum Service: Sendable {
    case serving(Serving)
    /// No model answers, for the reason given.
    case idle(String)
  }

  struct Serving: Sendable {
    let version: Int
    let model: PredictionModel
    /// Of the model's features, in the set in force.
    let places: [Int?]
  }

  var serving: Serving? { if case .serving(let serving) = service { serving } else { nil } }

  /// - Parameter model: The champion's; nil where there is none for the question as it stands, for the reason given.
  init(_ definition: PredictionDefinition, model: (version: Int, PredictionModel)?, lack: String, features: FeatureSet)
  {
    self.definition = definition
    guard let (version, model) = model else {
      service = .idle(lack)
      return
    }
    let places = model.columns.places(in: features)
    if let changed = model.usedFeatures.first(where: { places[$0] == nil }) {
      service = .idle(
        "the feature '\(model.columns.features[changed].name)' is gone or means something else since model \(version) was "
          + "trained; 'attune train' makes another")
    } else {
      service = .serving(Serving(version: version, model: model, places: places))
    }
  }

  /// Why this person has no score, whatever the model; nil when they may have one.
  private func lack(of values: FeatureValues, events: Int) -> String? {
    if events < definition.minEvents {
      return "too little is known of this person: \(events) events, expected at least \(definition.minEvents)"
    }
    if !definition.asks(values) { return "this person is not asked: \(definition.amongText ?? "") does not hold" }
    return nil
  }

  /// The probability; nil where there is none.
  /// - Complexity: Some microseconds: O(columns + trees · depth).
  func probability(_ values: FeatureValues, events: Int) -> Double? {
    guard let serving, lack(of: values, events: events) == nil else { return nil }
    return serving.model.probability(of: serving.model.columns.row(of: values, at: serving.places))
  }

  /// The score with its reasons.
  /// - Complexity: O(trees · leaves · depth²), for the contributions.
  func outcome(_ values: FeatureValues, events: Int) -> ScoreListing.Outcome {
    let serving: Serving
    switch service {
    case .serving(let found): serving = found
    case .idle(let reason): return .absent(reason)
    }
    if let lack = lack(of: values, events: events) { return .absent(lack) }
    let model = serving.model
    let row = model.columns.row(of: values, at: serving.places)
    let shares = model.contributions(of: row)
    var amounts = [Double](repeating: 0, count: model.columns.features.count)
    for (column, amount) in zip(model.columns.columns, shares.columns) { amounts[column.feature] += amount }
    let contributions = amounts.indices.filter { amounts[$0] != 0 }.map { feature in
      Score.Contribution(
        feature: model.columns.features[feature].name, value: serving.places[feature].flatMap { values[$0] },
        amount: amounts[feature])
    }
    return .score(
      Score(
        version: serving.version, probability: model.probability(of: row), baseRate: model.baseRate,
        margin: shares.bias + amounts.reduce(0, +), bias: shares.bias,
        contributions: contributions.sorted { (abs($1.amount), $0.feature) < (abs($0.amount), $1.feature) }))
  }
}
