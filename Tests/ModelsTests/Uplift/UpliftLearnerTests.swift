import Foundation
import Mathematics
import Models
import Primitives
import Testing

@Suite struct UpliftLearnerTests {
  /// A drawn experiment in which the treatment helps where the first feature is high and harms where it is low.
  static func experiment(_ count: Int, seed: UInt64, isBinary: Bool = true) -> (data: UpliftData, truth: [Double]) {
    var generator = SeededGenerator(seed: seed)
    var (values, treated, outcomes, truth) = ([Double](), [Bool](), [Double](), [Double]())
    for _ in 0..<count {
      let (a, b) = (2 * generator.nextUnit() - 1, 2 * generator.nextUnit() - 1)
      values += [a, b]
      let arm = generator.nextUnit() < 0.5
      treated.append(arm)
      let (base, effect) = (0.4 + 0.2 * b, 0.25 * a)
      truth.append(effect)
      let mean = base + (arm ? effect : 0)
      outcomes.append(isBinary ? (generator.nextUnit() < mean ? 1 : 0) : mean + 0.3 * generator.nextStandardNormal())
    }
    let table = FeatureTable(names: ["a", "b"], rowCount: count, values: values)
    let share = Array(repeating: 0.5, count: count)
    return (UpliftData(features: table, treated: treated, outcomes: outcomes, propensities: share), truth)
  }

  static func learners(isBinary: Bool) -> [any UpliftLearner] {
    let base: any OutcomeLearner = isBinary ? LogisticLearner() : LinearLearner()
    return [
      TLearner(name: "t-logit", base: base), SLearner(), XLearner(base: base, effects: LinearLearner()),
      DRLearner(base: base, effects: LinearLearner()),
      TLearner(name: "t-trees", base: TreeLearner(isBinary: isBinary, rounds: 40)),
      ColumnLearner(name: "s-trees", base: TreeLearner(isBinary: isBinary, rounds: 200)),
    ]
  }

  @Test(arguments: [true, false])
  func `every learner finds who is helped and who is harmed`(isBinary: Bool) throws {
    let (data, _) = Self.experiment(2_000, seed: 1, isBinary: isBinary)
    let (held, truth) = Self.experiment(300, seed: 2, isBinary: isBinary)
    for learner in Self.learners(isBinary: isBinary) {
      let found = try learner.fit(data, seed: 5).uplift(held.features)
      let right = zip(found, truth).count { ($0 > 0) == ($1 > 0) }
      #expect(right > 250, "\(learner.name): \(right) of 300 have the right sign")
      #expect(found == (try learner.fit(data, seed: 5).uplift(held.features)), "\(learner.name): the same seed")
    }
  }

  /// `shared/reference-cases/uplift.json`, case `linear_meta_learners_nsw` (statsmodels 0.14.4): least squares, no penalty.
  @Test func `meta-learners over least squares give the published effects of job training`() throws {
    guard let lines = ModelQualityTests.lines("experiments/nsw_dehejia_wahba_445.csv") else { return }
    let rows = lines.dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
    let names = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
    let data = UpliftData(
      features: FeatureTable(names: names, rowCount: rows.count, values: rows.flatMap { $0[1...8] }),
      treated: rows.map { $0[0] == 1 }, outcomes: rows.map { $0[9] },
      propensities: Array(repeating: 185.0 / 445, count: rows.count))
    let base = LinearLearner(penalty: 0)
    let expected = [
      4327.874589482957, -279.4784338137797, 2956.6478495657257, 1892.5200923125876, 870.9988186286964,
    ]
    let learners: [any UpliftLearner] = [
      TLearner(name: "t", base: base), XLearner(base: base, effects: base),
      DRLearner(base: base, effects: base, folds: 1),
      SLearner(c: 1e12, interactions: [1e12]),
    ]
    for learner in learners {
      let found = try learner.fit(data, seed: 0).uplift(data.features)
      #expect(isClose(found.reduce(0, +) / 445, 1621.5831014447576, relative: 1e-6), "\(learner.name)")
      #expect(
        zip(found, expected).allSatisfy { isClose($0, $1, relative: 1e-6) }, "\(learner.name): \(found.prefix(5))")
    }
    let scores = try learners[0].fit(data, seed: 0).uplift(data.features)
    let curve = UpliftCurve(scores: scores, treated: data.treated, outcomes: data.outcomes)
    let halves = [curve.order.prefix(222), curve.order.suffix(223)].map { half in
      let (own, other) = (half.filter { data.treated[$0] }, half.filter { !data.treated[$0] })
      func mean(_ people: [Int]) -> Double { people.reduce(0) { $0 + data.outcomes[$1] } / Double(people.count) }
      return mean(own) - mean(other)
    }
    // The file says not which half has the odd person: within what that one moves.
    #expect(abs(halves[0] - 2758.713414200148) < 60 && abs(halves[1] - 689.4210581620428) < 60, "\(halves)")
  }

  @Test func `a logistic arm model agrees with its own equations`() throws {
    let (data, _) = Self.experiment(400, seed: 9)
    let table = data.features
    let model = try LogisticLearner(c: 0.7).fit(table, outcomes: data.outcomes, seed: 0)
    let p = model.predict(table)
    // Without a penalty on the intercept residuals add up to nothing; with one of 1/C on a standardised column to its coefficient / C.
    #expect(abs(zip(p, data.outcomes).reduce(0) { $0 + $1.1 - $1.0 }) < 1e-3)
  }

  @Test func `scores are doubly robust: their mean is the effect though the arms' models are wrong`() throws {
    let (data, truth) = Self.experiment(4_000, seed: 12)
    struct Wrong: OutcomeLearner, OutcomeModel {
      let name = "wrong"
      func fit(_ table: FeatureTable, outcomes: [Double], seed: UInt64) throws(UpliftRefusal) -> any OutcomeModel {
        self
      }
      func predict(_ table: FeatureTable) -> [Double] { Array(repeating: 0.9, count: table.rowCount) }
    }
    let scores = try doublyRobustScores(data, base: Wrong(), folds: 3, seed: 1)
    let mean = scores.reduce(0, +) / 4_000
    #expect(abs(mean - truth.reduce(0, +) / 4_000) < 0.06)
  }

  @Test func `splits hold every person once, with the same share of arms and outcomes`() {
    let (data, _) = Self.experiment(501, seed: 3)
    let split = UpliftSplit(data, testShare: 0.5, isStratified: true, seed: 42)
    #expect((split.training + split.test).sorted() == Array(0..<501))
    func share(_ rows: [Int]) -> Double {
      Double(rows.count { data.treated[$0] && data.outcomes[$0] == 1 }) / Double(rows.count)
    }
    #expect(abs(share(split.training) - share(split.test)) < 0.005)
    #expect(UpliftSplit(data, testShare: 0.5, isStratified: true, seed: 42) == split)
    #expect(UpliftSplit(data, testShare: 0.5, isStratified: true, seed: 43) != split)
  }

  @Test func `what teaches nothing is refused in words`() throws {
    func refusal(_ values: [Double], _ treated: [Bool], _ outcomes: [Double], names: [String] = ["a"]) -> UpliftRefusal?
    {
      let data = UpliftData(
        features: FeatureTable(names: names, rowCount: treated.count, values: values), treated: treated,
        outcomes: outcomes, propensities: Array(repeating: 0.5, count: treated.count))
      do {
        _ = try TLearner(name: "t", base: LogisticLearner()).fit(data, seed: 0)
        return nil
      } catch { return error }
    }
    let arms = [true, true, false, false]
    #expect(refusal([], arms, [0, 1, 0, 1], names: []) == .noFeatures)
    #expect(
      refusal([1, 2, 3, 4], [true, true, true, false], [0, 1, 0, 1])
        == .tooFewPeople(arm: "not treated", count: 1, least: 2))
    #expect(refusal([1, 2, 3, 4], arms, [1, 1, 0, 1]) == .allOutcomesAlike(arm: "treated", 1))
    #expect(refusal([1, .infinity, 3, 4], arms, [0, 1, 0, 1]) == .notANumber(column: "a"))
    // Missing values and a column that repeats another are no hindrance.
    let (data, _) = Self.experiment(200, seed: 5)
    var values: [Double] = []
    for row in 0..<200 { values += [row % 7 == 0 ? .nan : data.features[row, 0], data.features[row, 0], 3] }
    let odd = UpliftData(
      features: FeatureTable(names: ["a", "again", "same"], rowCount: 200, values: values), treated: data.treated,
      outcomes: data.outcomes, propensities: data.propensities)
    for learner in Self.learners(isBinary: true) {
      #expect(try learner.fit(odd, seed: 1).uplift(odd.features).allSatisfy(\.isFinite), "\(learner.name)")
    }
  }
}
