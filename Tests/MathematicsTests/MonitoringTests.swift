import Foundation
import Primitives
import Testing

@testable import Mathematics

@Suite struct DistributionShiftTests {
  @Test func `index and divergence are as by hand, with half an observation more in each bin`() throws {
    // Shares 60.5, 40.5 of 101 and 30.5, 70.5 of 101.
    let shift = try #require(DistributionShift(before: [60, 40], now: [30, 70]))
    let (p, q) = ([60.5 / 101, 40.5 / 101], [30.5 / 101, 70.5 / 101])
    let index = zip(p, q).reduce(0) { $0 + ($1.1 - $1.0) * log($1.1 / $1.0) }
    #expect(abs(shift.stabilityIndex - index) < 1e-12)
    // SciPy 1.14: jensenshannon([60.5, 40.5], [30.5, 70.5], base=2) ** 2
    let middle = zip(p, q).map { ($0 + $1) / 2 }
    let divergence = [p, q].reduce(0) { $0 + zip($1, middle).reduce(0) { $0 + $1.0 * log2($1.0 / $1.1) } / 2 }
    #expect(abs(shift.divergence - divergence) < 1e-12)
    // SciPy: chi2_contingency([[60, 40], [30, 70]], correction=False, lambda_="log-likelihood"): G 18.455, p 1.74e-5.
    #expect(shift.chance > 0.5e-5 && shift.chance < 4e-5, "\(shift.chance)")
  }

  @Test(arguments: [([Double](), [Double]()), ([1, 0], [1, 0]), ([0, 0], [1, 2]), ([1, 2], [0, 0])])
  func `without two bins or without observations there is no shift`(before: [Double], now: [Double]) {
    #expect(DistributionShift(before: before, now: now) == nil)
  }

  @Test(arguments: [(3.841, 1, 0.05), (18.307, 10, 0.05), (29.588, 10, 0.001), (149.449, 100, 0.001)])
  func `the tail of chi squared is that of the tables`(x: Double, degrees: Double, tail: Double) {
    #expect(abs(DistributionShift.chiSquaredTail(x, degrees: degrees) - tail) < 0.1 * tail + 0.002)
  }

  @Test func `samples of one distribution seldom look shifted, and seeds say which`() {
    var alarms = 0
    for seed in UInt64(0)..<400 {
      var generator = SeededGenerator(seed: seed)
      func sample(_ count: Int) -> [Double] {
        var bins = Array(repeating: 0.0, count: 10)
        for _ in 0..<count { bins[min(9, Int(-log(Double.random(in: 0.0001..<1, using: &generator)) * 3))] += 1 }
        return bins
      }
      if let shift = DistributionShift(before: sample(400), now: sample(100)), shift.chance < 0.01 { alarms += 1 }
    }
    // Binomial(400, 0.01) lies below 12 with probability 0.999.
    #expect(alarms <= 12, "seeds 0-399: \(alarms) of 400")
  }
}

@Suite struct FallDetectorTests {
  private static func detector(tolerance: Double = 0.1) -> FallDetector? {
    FallDetector(successes: 400, of: 4_000, tolerance: tolerance, falseAlarms: 0.05, horizon: 60)
  }

  /// The day of the alarm, from 1; nil when there is none within `days`.
  private static func alarm(share: (Int) -> Double, days: Int, perDay: Int, seed: UInt64) -> Int? {
    guard var detector = detector() else { return nil }
    var generator = SeededGenerator(seed: seed)
    for day in 1...days {
      let successes = (0..<perDay).count { _ in Double.random(in: 0..<1, using: &generator) < share(day) }
      if detector.add(successes: successes, of: perDay) { return day }
    }
    return nil
  }

  @Test func `a rate that stays raises no more alarms than allowed`() {
    let alarms = (UInt64(0)..<200).count { Self.alarm(share: { _ in 0.1 }, days: 60, perDay: 300, seed: $0) != nil }
    #expect(alarms <= 10, "seeds 0-199: \(alarms) of 200 in 60 days, 5 % allowed")
  }

  @Test func `at the very bound the promise holds too`() throws {
    let bound = try #require(Self.detector()).bound
    let alarms = (UInt64(0)..<300).count { Self.alarm(share: { _ in bound }, days: 60, perDay: 200, seed: $0) != nil }
    #expect(alarms <= 15, "seeds 0-299: \(alarms) of 300, 5 % allowed")
  }

  @Test func `a rate that ups and downs by a fifth of itself within a week raises none on average days`() {
    let week = [1.0, 0.95, 0.9, 1.0, 1.1, 1.15, 0.9]
    let alarms = (UInt64(0)..<100).count { seed in
      Self.alarm(share: { 0.1 * week[$0 % 7] }, days: 60, perDay: 300, seed: seed) != nil
    }
    #expect(alarms <= 5, "seeds 0-99: \(alarms) of 100")
  }

  @Test func `a fall by half is told within days, also when it begins late`() {
    for start in [1, 31] {
      let delays = (UInt64(0)..<50).compactMap { seed in
        Self.alarm(share: { $0 < start ? 0.1 : 0.05 }, days: 60, perDay: 300, seed: seed).map { $0 - start + 1 }
      }
      #expect(delays.count == 50 && delays.allSatisfy { $0 > 0 }, "seeds 0-49: \(delays.count) told")
      #expect(delays.sorted()[25] <= 5, "median delay \(delays.sorted()[25]) days")
    }
  }

  @Test func `what was never good cannot fall, and extremes stay numbers`() throws {
    #expect(FallDetector(successes: 0, of: 50, tolerance: 0, falseAlarms: 0.05, horizon: 9) == nil)
    #expect(FallDetector(successes: 0, of: 0, tolerance: 0, falseAlarms: 0.05, horizon: 9) == nil)
    var all = try #require(FallDetector(successes: 50, of: 50, tolerance: 0.1, falseAlarms: 0.05, horizon: 9))
    for _ in 0..<20 { _ = all.add(successes: 0, of: 1_000_000) }
    #expect(all.isRaised && all.strength.isFinite)
    let isRaised = all.add(successes: 1_000_000, of: 1_000_000)
    #expect(!isRaised)
  }
}

@Suite struct NonInferiorityTests {
  @Test(
    arguments: [
      ([0, 0], 0.01, true), ([0.1], 0, true), ([-0.1], 0.2, false), ([-0.1, -0.1], 0.01, false),
      ([-0.001, -0.001, -0.001], 0.01, true), ([-0.5, 0.4], 0.1, false), ([0.5, -0.4], 0, true),
      ([-0.001, -0.001, -0.001], 0, false),
    ] as [([Double], Double, Bool)])
  func `not worse in the mean passes, and worse only when surely by less than the margin`(
    differences: [Double], margin: Double, passes: Bool
  ) {
    #expect(NonInferiority(differences, margin: margin).passes == passes)
  }

  @Test func `an equal passes nearly always once people are many, something worse by twice the margin hardly ever`() {
    func passes(_ mean: Double, people: Int) -> Int {
      (UInt64(0)..<200).count { seed in
        var generator = SeededGenerator(seed: seed)
        let differences = (0..<people).map { _ in mean + Double.random(in: -0.3...0.3, using: &generator) }
        return NonInferiority(differences, margin: 0.02).passes
      }
    }
    #expect(passes(0, people: 5_000) >= 198, "standard error 0.0024")
    #expect((80...120).contains(passes(0, people: 30)), "few people: as often as not")
    #expect(passes(-0.04, people: 1_000) == 0)
    // At the margin itself, one in twenty; and where the mean is not below zero by luck.
    #expect(passes(-0.02, people: 1_000) <= 20)
    #expect(passes(-0.04, people: 30) <= 60)
  }
}
