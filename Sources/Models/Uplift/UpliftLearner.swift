/// An experiment: who was treated, and what came of it.
public struct UpliftData: Sendable {
  public let features: FeatureTable
  public let treated: [Bool]
  public let outcomes: [Double]
  /// P(treated) of each person, in (0, 1): known where it was drawn, else estimated.
  public let propensities: [Double]
  /// Whether all outcomes are 0 or 1, so that probabilities are learnt.
  public let isBinary: Bool

  public init(features: FeatureTable, treated: [Bool], outcomes: [Double], propensities: [Double]) {
    precondition(
      treated.count == features.rowCount && outcomes.count == treated.count && propensities.count == treated.count)
    precondition(propensities.allSatisfy { $0 > 0 && $0 < 1 }, "propensities lie within 0 and 1")
    self.features = features
    self.treated = treated
    self.outcomes = outcomes
    self.propensities = propensities
    isBinary = outcomes.allSatisfy { $0 == 0 || $0 == 1 }
  }

  public var count: Int { treated.count }

  public func rows(_ rows: [Int]) -> UpliftData {
    UpliftData(
      features: features.rows(rows), treated: rows.map { treated[$0] }, outcomes: rows.map { outcomes[$0] },
      propensities: rows.map { propensities[$0] })
  }

  func arm(_ arm: Bool) -> [Int] { treated.indices.filter { treated[$0] == arm } }

  /// - Throws: `UpliftRefusal` when there is nothing to learn from.
  public func check(least: Int = 2) throws(UpliftRefusal) {
    guard !features.names.isEmpty else { throw .noFeatures }
    for (column, name) in features.names.enumerated() {
      for row in 0..<features.rowCount where features[row, column].isInfinite { throw .notANumber(column: name) }
    }
    for (arm, name) in [(true, "treated"), (false, "not treated")] {
      let people = self.arm(arm)
      guard people.count >= least else { throw .tooFewPeople(arm: name, count: people.count, least: least) }
      guard let first = people.first, people.contains(where: { outcomes[$0] != outcomes[first] }) else {
        throw .allOutcomesAlike(arm: name, people.first.map { outcomes[$0] } ?? 0)
      }
    }
  }
}

/// Learns from an experiment what the treatment adds for a person with given features: τ(x) = E[Y(1) − Y(0) | x].
public protocol UpliftLearner: Sendable {
  var name: String { get }
  /// - Throws: `UpliftRefusal` for an arm of fewer than 2 people, outcomes that do not differ in an arm, no features.
  func fit(_ data: UpliftData, seed: UInt64) throws(UpliftRefusal) -> any UpliftModel
}

public protocol UpliftModel: Sendable {
  /// τ of each row, in units of the outcome.
  func uplift(_ table: FeatureTable) -> [Double]
}

/// A model of each arm; the uplift is their difference.
///
///     τ(x) = μ₁(x) − μ₀(x)
///
/// - SeeAlso: Künzel, Sekhon, Bickel & Yu, *Metalearners for estimating heterogeneous treatment effects*, PNAS 116(10), 2019.
public struct TLearner: UpliftLearner {
  public let name: String
  public let base: any OutcomeLearner

  public init(name: String, base: any OutcomeLearner) {
    self.name = name
    self.base = base
  }

  public func fit(_ data: UpliftData, seed: UInt64) throws(UpliftRefusal) -> any UpliftModel {
    try data.check()
    let arms = try ArmModels(data, base: base, seed: seed)
    return DifferenceModel(treated: arms.treated, control: arms.control)
  }
}

/// μ₁ and μ₀, each learnt on its own arm.
struct ArmModels {
  let treated: any OutcomeModel
  let control: any OutcomeModel

  init(_ data: UpliftData, base: any OutcomeLearner, seed: UInt64) throws(UpliftRefusal) {
    func model(_ arm: Bool) throws(UpliftRefusal) -> any OutcomeModel {
      let rows = data.arm(arm)
      return try base.fit(
        data.features.rows(rows), outcomes: rows.map { data.outcomes[$0] }, seed: seed &+ (arm ? 1 : 0))
    }
    treated = try model(true)
    control = try model(false)
  }
}

struct DifferenceModel: UpliftModel {
  let treated: any OutcomeModel
  let control: any OutcomeModel

  func uplift(_ table: FeatureTable) -> [Double] {
    zip(treated.predict(table), control.predict(table)).map { $0 - $1 }
  }
}

/// Learns each arm, then the effects that this implies for each person, arm by arm, and weighs both by the propensity e.
///
///     D₁ = Y − μ₀(x) of the treated, D₀ = μ₁(x) − Y of the others;   τ(x) = e τ₀(x) + (1 − e) τ₁(x)
///
/// - SeeAlso: Künzel et al. 2019, as for `TLearner`.
public struct XLearner: UpliftLearner {
  public let name: String
  public let base: any OutcomeLearner
  /// Learns the effects; they are no probabilities.
  public let effects: any OutcomeLearner

  public init(name: String = "x", base: any OutcomeLearner, effects: any OutcomeLearner) {
    self.name = name
    self.base = base
    self.effects = effects
  }

  public func fit(_ data: UpliftData, seed: UInt64) throws(UpliftRefusal) -> any UpliftModel {
    try data.check()
    let arms = try ArmModels(data, base: base, seed: seed)
    func effect(_ arm: Bool) throws(UpliftRefusal) -> any OutcomeModel {
      let rows = data.arm(arm)
      let table = data.features.rows(rows)
      let other = (arm ? arms.control : arms.treated).predict(table)
      let effects = zip(rows, other).map { arm ? data.outcomes[$0] - $1 : $1 - data.outcomes[$0] }
      return try self.effects.fit(table, outcomes: effects, seed: seed &+ (arm ? 3 : 2))
    }
    let share = data.propensities.reduce(0, +) / Double(data.count)
    return WeightedModel(treated: try effect(true), control: try effect(false), treatedShare: share)
  }
}

/// e τ₀ + (1 − e) τ₁ with the experiment's share e of treated people.
struct WeightedModel: UpliftModel {
  let treated: any OutcomeModel
  let control: any OutcomeModel
  let treatedShare: Double

  func uplift(_ table: FeatureTable) -> [Double] {
    zip(treated.predict(table), control.predict(table)).map { (1 - treatedShare) * $0 + treatedShare * $1 }
  }
}

/// Regresses doubly robust scores on the features: right when either the propensities or the arms' models are.
///
/// - SeeAlso: Kennedy, *Towards optimal doubly robust estimation of heterogeneous causal effects*, 2020 (arXiv 2004.14497), Algorithm 1.
public struct DRLearner: UpliftLearner {
  public let name: String
  public let base: any OutcomeLearner
  public let effects: any OutcomeLearner
  /// Parts of which each gets its scores from models of the others; 1 uses the same people for both.
  public let folds: Int

  public init(name: String = "dr", base: any OutcomeLearner, effects: any OutcomeLearner, folds: Int = 5) {
    precondition(folds >= 1)
    self.name = name
    self.base = base
    self.effects = effects
    self.folds = folds
  }

  public func fit(_ data: UpliftData, seed: UInt64) throws(UpliftRefusal) -> any UpliftModel {
    try data.check()
    let scores = try doublyRobustScores(data, base: base, folds: folds, seed: seed)
    return SingleModel(effect: try effects.fit(data.features, outcomes: scores, seed: seed &+ 4))
  }
}

struct SingleModel: UpliftModel {
  let effect: any OutcomeModel
  func uplift(_ table: FeatureTable) -> [Double] { effect.predict(table) }
}

/// φ = μ₁(x) − μ₀(x) + W (Y − μ₁(x))/e − (1 − W)(Y − μ₀(x))/(1 − e), a person's effect with noise whose mean is 0.
///
/// - Parameter folds: Each part's μ is learnt on the other parts; 1 learns on all.
/// - Throws: `UpliftRefusal` of a part too small to learn from.
/// - SeeAlso: Robins, Rotnitzky & Zhao, JASA 89, 1994.
public func doublyRobustScores(
  _ data: UpliftData, base: any OutcomeLearner, folds: Int, seed: UInt64
) throws(UpliftRefusal) -> [Double] {
  guard folds > 1 else { return try doublyRobustScores(of: data, from: data, base: base, seed: seed) }
  var scores = Array(repeating: 0.0, count: data.count)
  let parts = stratifiedFolds(data, count: folds, seed: seed)
  for fold in 0..<folds {
    let training = data.rows(parts.indices.filter { parts[$0] != fold })
    try training.check()
    let rows = parts.indices.filter { parts[$0] == fold }
    let own = try doublyRobustScores(of: data.rows(rows), from: training, base: base, seed: seed)
    for (row, score) in zip(rows, own) { scores[row] = score }
  }
  return scores
}

/// The same of people, with μ learnt from others.
public func doublyRobustScores(
  of data: UpliftData, from training: UpliftData, base: any OutcomeLearner, seed: UInt64
) throws(UpliftRefusal) -> [Double] {
  let arms = try ArmModels(training, base: base, seed: seed)
  let (ifTreated, ifNot) = (arms.treated.predict(data.features), arms.control.predict(data.features))
  return (0..<data.count).map { row in
    let propensity = data.propensities[row]
    let residual =
      data.treated[row]
      ? (data.outcomes[row] - ifTreated[row]) / propensity : -(data.outcomes[row] - ifNot[row]) / (1 - propensity)
    return ifTreated[row] - ifNot[row] + residual
  }
}
