import Mathematics
import Primitives
import Testing

@Suite struct DifferenceIntervalTests {
  /// `shared/reference-cases/welch-delta.json`, absolute differences (PyPI gbstats 0.8.0, SciPy 1.13.1).
  @Test(
    arguments: [
      (200, 1000, 240, 1000, 0.04, 0.003710643838362726, 0.07628935616163723, 0.030761108408333904),
      (14, 28, 16, 30, 0.033333333333333326, -0.22960954910437725, 0.2962762157710439, 0.8004455444388892),
      (49, 100, 51, 100, 0.020000000000000018, -0.11941480179143829, 0.15941480179143833, 0.7775495695152377),
    ] as [(Int, Int, Int, Int, Double, Double, Double, Double)])
  func `a difference of shares agrees with gbstats`(
    controlHits: Int, controls: Int, hits: Int, treated: Int, difference: Double, low: Double, high: Double, p: Double
  ) throws {
    let found = try estimate(
      welchDifference(
        treatment: ArmEstimate(successes: hits, units: treated),
        control: ArmEstimate(successes: controlHits, units: controls)))
    expect(found, difference, low, high, p)
  }

  @Test(arguments: [
    (
      RunningMoments(count: 3407, sum: 1396.87, sumOfSquares: 52377.9767),
      RunningMoments(count: 3461, sum: 2422.7, sumOfSquares: 134698.29),
      0.29, 0.04537789255929009, 0.5346221074407098, 0.020158402643587037
    ),
    (
      RunningMoments(count: 10, sum: 100, sumOfSquares: 1002.25),
      RunningMoments(count: 10, sum: 105, sumOfSquares: 1111.5),
      0.5, -0.26242763364348154, 1.2624276336434814, 0.18039013364543433
    ),
  ])
  func `a difference of means agrees with gbstats`(
    control: RunningMoments, treatment: RunningMoments, difference: Double, low: Double, high: Double, p: Double
  ) throws {
    let found = try estimate(welchDifference(treatment: ArmEstimate(treatment), control: ArmEstimate(control)))
    expect(found, difference, low, high, p)
  }

  @Test func `a difference of ratios agrees with gbstats`() throws {
    let control = RatioMoments(
      units: 1000, numeratorSum: 1800, numeratorSquares: 5200, weightSum: 3000, weightSquares: 11_000,
      products: 6900)
    let treatment = RatioMoments(
      units: 1000, numeratorSum: 1950, numeratorSquares: 5900, weightSum: 3050, weightSquares: 11_300,
      products: 7400)
    let found = try estimate(welchDifference(treatment: treatment.estimate, control: control.estimate))
    expect(found, 0.03934426229508203, 0.010817455737115563, 0.0678710688530485, 0.00689214058253329)
  }

  @Test func `a ratio of units that weigh one each is their mean`() throws {
    var generator = SeededGenerator(seed: 7)
    var ratio = RatioMoments()
    var moments = RunningMoments()
    for _ in 0..<500 {
      let value = generator.nextUnit()
      ratio.add(numerator: value, weight: 1)
      moments.add(value)
    }
    let left = try #require(ratio.estimate)
    let right = try #require(ArmEstimate(moments))
    #expect(isClose(left.value, right.value, relative: 1e-12))
    #expect(isClose(left.variance, right.variance, relative: 1e-9))
  }

  @Test func `a unit that grew counts as what it has become`() throws {
    var grown = RatioMoments()
    grown.add(numerator: 0, weight: 1)
    grown.add(numerator: 1, weight: 2)
    grown.replace(numerator: 0, weight: 1, by: 3, weight: 4)
    var direct = RatioMoments()
    direct.add(numerator: 3, weight: 4)
    direct.add(numerator: 1, weight: 2)
    #expect(grown == direct)
  }

  @Test(
    arguments: [
      (nil, nil),
      (ArmEstimate(successes: 3, units: 10), nil),
      (ArmEstimate(successes: 1, units: 1), ArmEstimate(successes: 4, units: 10)),
      (ArmEstimate(successes: 0, units: 10), ArmEstimate(successes: 0, units: 10)),
      (ArmEstimate(units: 9, value: 1, variance: .infinity), ArmEstimate(units: 9, value: 1, variance: 1)),
      (ArmEstimate(units: 9, value: 1, variance: .nan), ArmEstimate(units: 9, value: 1, variance: 1)),
      (ArmEstimate(units: 9, value: .nan, variance: 1), ArmEstimate(units: 9, value: 1, variance: 1)),
      (ArmEstimate(units: 9, value: 1, variance: 1e200), ArmEstimate(units: 9, value: 1, variance: 1e200)),
      (ArmEstimate(units: 9, value: 1, variance: 1e-200), ArmEstimate(units: 9, value: 1, variance: 1e-200)),
    ] as [(ArmEstimate?, ArmEstimate?)])
  func `too little to compare is said, not guessed`(treatment: ArmEstimate?, control: ArmEstimate?) {
    guard case .inconclusive(let reason) = welchDifference(treatment: treatment, control: control) else {
      Issue.record("an estimate from too little")
      return
    }
    #expect(!reason.isEmpty)
  }

  private func estimate(_ readout: DifferenceReadout) throws -> DifferenceEstimate {
    guard case .estimate(let found) = readout else { throw NoEstimate(readout: readout) }
    return found
  }

  private struct NoEstimate: Error { let readout: DifferenceReadout }

  private func expect(_ found: DifferenceEstimate, _ difference: Double, _ low: Double, _ high: Double, _ p: Double) {
    #expect(isClose(found.difference, difference, relative: 1e-9))
    #expect(isClose(found.interval.lowerBound, low, relative: 1e-9))
    #expect(isClose(found.interval.upperBound, high, relative: 1e-9))
    #expect(isClose(found.pValue, p, relative: 1e-9))
  }
}
