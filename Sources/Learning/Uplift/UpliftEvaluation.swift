import Foundation
public import Mathematics
public import Models
import Primitives

/// What an uplift model is worth on people that it has not learnt from.
public struct UpliftEvaluation: Sendable {
  public struct Settings: Sendable {
    public var testShare = 0.5
    public var seed: UInt64 = 42
    public var isStratified = true
    /// Groups of people by predicted uplift.
    public var groups = 10
    /// What the treatment of one person costs, in units of the outcome.
    public var cost = 0.0
    public var level = 0.95
    public var bootstrapDraws = 500
    public var propensity = Propensity.drawn
    public init() {}
  }

  public enum Propensity: Sendable, Hashable {
    /// Everybody had the same chance of the treatment.
    case drawn
    /// Learnt from the features, by cross-fitted logistic regression.
    case estimated
  }

  public struct Figures: Sendable {
    public let qini: Double?
    public let auuc: Double?
    public let upliftAt30: Double?
  }

  /// Treating only some, by doubly robust scores of the test part.
  public struct Policy: Sendable {
    /// Share of people that would be treated.
    public let share: Double
    /// What is won a person of all, less costs, against treating nobody.
    public let gain: DifferenceInterval
    /// The same of treating everybody.
    public let gainOfAll: DifferenceInterval
    /// What treating some is worth more than treating everybody.
    public let lead: DifferenceInterval
  }

  public struct DifferenceInterval: Sendable, Hashable {
    public let value: Double
    public let low: Double
    public let high: Double
  }

  public let learner: String
  public let selection: UpliftSelection?
  public let model: any UpliftModel
  public let encoder: FeatureEncoder
  public let split: UpliftSplit
  /// Of the test part's rows, in their order.
  public let scores: [Double]
  public let figures: Figures
  public let qiniInterval: ClosedRange<Double>?
  public let curve: UpliftCurve
  public let groups: UpliftGroups
  public let averageEffect: DifferenceReadout
  public let policy: Policy
  /// How many of the last groups the treatment harms, so that they are better left alone.
  public let harmedGroups: Int
  public let harm: DifferenceReadout?
  public let warnings: [String]

  /// Splits, chooses (if several learners are given), fits on the training part, and measures on the other.
  ///
  /// - Parameters:
  ///   - learners: More than one lets `UpliftSelection` choose on the training part.
  ///   - isDetailed: false leaves the bootstrap out, for repeats.
  /// - Throws: `UpliftRefusal`.
  public init(
    _ table: ExperimentTable, learners: [any UpliftLearner], settings: Settings, isDetailed: Bool = true,
    progress: (String) -> Void = { _ in }
  ) throws(UpliftRefusal) {
    let all = Array(0..<table.count)
    let share = Double(table.treated.count { $0 }) / Double(max(1, table.count))
    guard share > 0, share < 1 else {
      throw .tooFewPeople(arm: share > 0 ? "not treated" : "treated", count: 0, least: 2)
    }
    let shape = UpliftData(
      features: FeatureTable(names: [], rowCount: table.count, values: []), treated: table.treated,
      outcomes: table.outcomes, propensities: Array(repeating: share, count: table.count))
    split = UpliftSplit(
      shape, testShare: settings.testShare, isStratified: settings.isStratified, seed: settings.seed)
    encoder = FeatureEncoder(table, rows: split.training)
    let features = encoder.encode(table, rows: all)
    var propensities = shape.propensities
    var warnings: [String] = []
    if settings.propensity == .estimated {
      propensities = try Self.propensities(features, table.treated, seed: settings.seed)
      warnings.append(
        "Qini, AUUC and uplift compare the arms as they are; only dr, x and the policy use the propensities")
    } else if let worst = Self.imbalance(features, table.treated), abs(worst.difference) > 0.1 {
      warnings.append(
        "the arms differ before the treatment (\(worst.name): \(String(format: "%.2f", worst.difference)) standard deviations); "
          + "if it was not drawn, say --propensity estimated")
    }
    let data = UpliftData(
      features: features, treated: table.treated, outcomes: table.outcomes, propensities: propensities)
    let training = data.rows(split.training)
    let test = data.rows(split.test)
    try training.check(least: 20)
    try test.check(least: 20)
    if learners.count > 1 {
      let selection = try UpliftSelection(among: learners, on: training, seed: settings.seed, progress: progress)
      self.selection = selection
      learner = selection.chosen.name
      model = try selection.chosen.fit(training, seed: settings.seed)
    } else {
      selection = nil
      learner = learners[0].name
      progress("fitting \(learner)")
      model = try learners[0].fit(training, seed: settings.seed)
    }
    scores = model.uplift(test.features)
    guard scores.allSatisfy(\.isFinite) else { throw .learnerFailed("\(learner) predicts what is no number") }
    curve = UpliftCurve(scores: scores, treated: test.treated, outcomes: test.outcomes)
    figures = Figures(
      qini: curve.coefficient(.qini), auuc: curve.coefficient(.uplift), upliftAt30: curve.uplift(atShare: 0.3))
    groups = UpliftGroups(curve, scores: scores, count: settings.groups, level: settings.level)
    averageEffect = Self.effect(Array(0..<test.count), test, level: settings.level)
    (harmedGroups, harm) = Self.harm(groups, curve, test, level: settings.level)
    progress("measuring")
    qiniInterval = isDetailed ? Self.interval(curve, settings) : nil
    policy = try Self.policy(training, test, scores, settings)
    self.warnings = warnings
  }

  private static func effect(_ people: some Sequence<Int>, _ data: UpliftData, level: Double) -> DifferenceReadout {
    var (treated, control) = (RunningMoments(), RunningMoments())
    for person in people {
      if data.treated[person] { treated.add(data.outcomes[person]) } else { control.add(data.outcomes[person]) }
    }
    return welchDifference(treatment: ArmEstimate(treated), control: ArmEstimate(control), level: level)
  }

  /// The most groups from the end that were each worse off and whose people together are harmed: the interval of their effect, widened
  /// for having looked at each number of groups, ends below 0.
  private static func harm(
    _ groups: UpliftGroups, _ curve: UpliftCurve, _ test: UpliftData, level: Double
  ) -> (count: Int, effect: DifferenceReadout?) {
    let count = groups.groups.count
    let widened = 1 - (1 - level) / Double(max(1, count))
    var people = 0
    var found: (Int, DifferenceReadout?) = (0, nil)
    for (number, group) in groups.groups.reversed().enumerated() {
      guard case .estimate(let own) = group.effect, own.difference < 0 else { break }
      people += group.count
      let readout = effect(curve.order.suffix(people), test, level: widened)
      if case .estimate(let estimate) = readout, estimate.interval.upperBound < 0 { found = (number + 1, readout) }
    }
    return found
  }

  /// Percentile interval over people drawn anew, within each arm; model and split stay.
  private static func interval(_ curve: UpliftCurve, _ settings: Settings) -> ClosedRange<Double>? {
    var generator = SeededGenerator(seed: settings.seed &+ 99)
    let arms = [true, false].map { arm in curve.treated.indices.filter { curve.treated[$0] == arm } }
    var found: [Double] = []
    for _ in 0..<settings.bootstrapDraws {
      var weights = Array(repeating: 0.0, count: curve.treated.count)
      for arm in arms {
        for _ in arm { weights[arm[Int(generator.next(upperBound: UInt64(arm.count)))]] += 1 }
      }
      if let coefficient = curve.coefficient(.qini, weights: weights) { found.append(coefficient) }
    }
    found.sort()
    guard found.count > 1 else { return nil }
    func quantile(_ share: Double) -> Double { found[Int((share * Double(found.count - 1)).rounded())] }
    return quantile((1 - settings.level) / 2)...quantile((1 + settings.level) / 2)
  }

  private static func policy(
    _ training: UpliftData, _ test: UpliftData, _ scores: [Double], _ settings: Settings
  ) throws(UpliftRefusal) -> Policy {
    let base: any OutcomeLearner = training.isBinary && test.isBinary ? LogisticLearner() : LinearLearner()
    let effects = try doublyRobustScores(of: test, from: training, base: base, seed: settings.seed)
    let treats = scores.map { $0 > settings.cost }
    func estimate(_ values: [Double]) -> DifferenceInterval {
      var moments = RunningMoments()
      for value in values { moments.add(value) }
      let reach =
        NormalDistribution.quantile((1 + settings.level) / 2)
        * ((moments.variance ?? 0) / Double(max(1, moments.count))).squareRoot()
      return DifferenceInterval(value: moments.mean, low: moments.mean - reach, high: moments.mean + reach)
    }
    let own = zip(effects, treats).map { $1 ? $0 - settings.cost : 0 }
    let everybody = effects.map { $0 - settings.cost }
    return Policy(
      share: Double(treats.count { $0 }) / Double(treats.count), gain: estimate(own), gainOfAll: estimate(everybody),
      lead: estimate(zip(own, everybody).map { $0 - $1 }))
  }

  /// Cross-fitted, cut to .02 … .98.
  private static func propensities(
    _ features: FeatureTable, _ treated: [Bool], seed: UInt64
  ) throws(UpliftRefusal) -> [Double] {
    guard !features.names.isEmpty else { throw .noFeatures }
    let outcomes = treated.map { $0 ? 1.0 : 0 }
    let data = UpliftData(
      features: features, treated: treated, outcomes: outcomes,
      propensities: Array(repeating: 0.5, count: treated.count))
    let parts = stratifiedFolds(data, count: 5, seed: seed)
    var found = Array(repeating: 0.5, count: treated.count)
    for fold in 0..<5 {
      let training = parts.indices.filter { parts[$0] != fold }
      let held = parts.indices.filter { parts[$0] == fold }
      let model = try LogisticLearner().fit(
        features.rows(training), outcomes: training.map { outcomes[$0] }, seed: seed)
      for (row, share) in zip(held, model.predict(features.rows(held))) { found[row] = share }
    }
    let outside = Double(found.count { $0 < 0.02 || $0 > 0.98 }) / Double(found.count)
    guard outside <= 0.05 else { throw .noOverlap(share: outside) }
    return found.map { min(max($0, 0.02), 0.98) }
  }

  /// The feature whose means differ most between the arms, in standard deviations of both.
  private static func imbalance(_ features: FeatureTable, _ treated: [Bool]) -> (name: String, difference: Double)? {
    var worst: (name: String, difference: Double)?
    for (column, name) in features.names.enumerated() {
      var (own, other) = (RunningMoments(), RunningMoments())
      for row in 0..<features.rowCount where !features[row, column].isNaN {
        if treated[row] { own.add(features[row, column]) } else { other.add(features[row, column]) }
      }
      guard let a = own.variance, let b = other.variance, a + b > 0 else { continue }
      // A small experiment differs by chance; only what is beyond that counts.
      let difference = (own.mean - other.mean) / ((a + b) / 2).squareRoot()
      let chance = 4 * (1 / Double(own.count) + 1 / Double(other.count)).squareRoot()
      if abs(difference) > chance, abs(difference) > abs(worst?.difference ?? 0) { worst = (name, difference) }
    }
    return worst
  }
}
