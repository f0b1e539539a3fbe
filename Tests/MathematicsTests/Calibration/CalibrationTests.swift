import Foundation
import Mathematics
import Primitives
import Testing

/// Expected values are scikit-learn's (1.9) on the same sixteen rows.
@Suite struct CalibrationTests {
  static let probabilities = [0.05, 0.1, 0.1, 0.2, 0.3, 0.3, 0.3, 0.45, 0.5, 0.6, 0.62, 0.7, 0.8, 0.8, 0.9, 0.95]
  static let labels = [0.0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1]

  private func isNear(_ found: [Double], _ expected: [Double], within: Double = 1e-9) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < within }
  }

  @Test func `the measures are those of scikit-learn, ties included`() throws {
    let metrics = ProbabilityMetrics(probabilities: Self.probabilities, labels: Self.labels)
    #expect(try abs(#require(metrics.auc) - 0.734375) < 1e-12)
    #expect(abs(metrics.logLoss - 0.619729993193429) < 1e-12)
    #expect(abs(metrics.brier - 0.21324375) < 1e-12)
    #expect(ProbabilityMetrics(probabilities: [0.2, 0.3], labels: [1, 1]).auc == nil)
    #expect(ProbabilityMetrics(probabilities: [0.3, 0.3, 0.3], labels: [1, 0, 0]).auc == 0.5)
  }

  @Test func `the calibration error is that of the bins by hand`() {
    let metrics = ProbabilityMetrics(probabilities: [0.1, 0.2, 0.6, 0.9], labels: [0, 1, 1, 1])
    // [0, .5): |.5 − .15|, [.5, 1]: |1 − .75|, half of the rows each.
    #expect(abs(metrics.calibrationError(.equalWidth(2)) - (0.35 + 0.25) / 2) < 1e-12)
    #expect(abs(metrics.calibrationError(.equalMass(4)) - (0.1 + 0.8 + 0.4 + 0.1) / 4) < 1e-12)
    #expect(metrics.reliability(.equalWidth(10)).map(\.count) == [1, 1, 1, 1])
    // One row for three bins, and 1 itself in the last bin.
    #expect(ProbabilityMetrics(probabilities: [1], labels: [1]).calibrationError(.equalMass(3)) == 0)
    #expect(ProbabilityMetrics(probabilities: [1], labels: [0]).calibrationError(.equalWidth(10)) == 1)
  }

  @Test func `the order of rows that say the same is no matter`() {
    let metrics = ProbabilityMetrics(probabilities: [0.5, 0.5, 0.5, 0.5], labels: [1, 1, 0, 0])
    let turned = ProbabilityMetrics(probabilities: [0.5, 0.5, 0.5, 0.5], labels: [0, 1, 0, 1])
    #expect(metrics.calibrationError(.equalMass(2)) == 0)
    #expect(turned.calibrationError(.equalMass(2)) == 0)
  }

  @Test(arguments: [Calibrator.Method.platt, .isotonic])
  func `a few rows that can be told apart prove no certainty`(method: Calibrator.Method) throws {
    let fitted = try Calibrator(method, probabilities: [0.1, 0.2, 0.3, 0.8, 0.9], labels: [0, 0, 0, 1, 1])
    #expect(fitted.calibrated(0.05) > 0.02 && fitted.calibrated(0.95) < 0.98)
    #expect(fitted.calibrated(0.1) < 0.3 && fitted.calibrated(0.9) > 0.7)
  }

  @Test func `isotonic regression is scikit-learn's, ties and weights included`() {
    let places = [0, 0.07, 0.15, 0.3, 0.4, 0.55, 0.65, 0.75, 0.85, 0.99]
    let plain = IsotonicRegression(x: Self.probabilities, labels: Self.labels)
    #expect(
      isNear(
        places.map { plain.value(at: $0) },
        [
          0, 0.13333333333333336, 0.3333333333333333, 0.3333333333333333, 0.4444444444444445, 0.5,
          0.5625000000000001, 0.6666666666666666, 0.8333333333333331, 1,
        ]))
    let weighted = IsotonicRegression(
      x: Self.probabilities, labels: Self.labels, weights: (1...16).map { Double($0) / 4 })
    #expect(
      isNear(
        places.map { weighted.value(at: $0) },
        [
          0, 0.13333333333333336, 0.3333333333333333, 0.3333333333333333, 0.42483660130718953, 0.4733893557422969,
          0.5380036630036631, 0.6410256410256411, 0.8205128205128204, 1,
        ]))
  }

  /// The definition itself: f(i) = max over j ≤ i of min over k ≥ i of the mean of j…k.
  @Test(arguments: 0..<20) func `pooling is the max-min of means`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let x = (0..<30).map { Double($0) }
    let y = x.map { _ in generator.nextUnit() < 0.5 ? 0.0 : 1.0 }
    let fitted = IsotonicRegression(x: x, labels: y)
    for place in 0..<30 {
      var expected = 0.0
      for start in 0...place {
        var least = 1.0
        for end in place..<30 { least = min(least, y[start...end].reduce(0, +) / Double(end - start + 1)) }
        expected = max(expected, least)
      }
      #expect(abs(fitted.value(at: Double(place)) - expected) < 1e-12, "seed \(seed)")
    }
  }

  @Test func `Platt's line is scikit-learn's, plain and smoothed`() throws {
    let plain = try PlattScaling(probabilities: Self.probabilities, labels: Self.labels)
    #expect(isNear([plain.slope, plain.offset], [0.62668031, 0.07516264], within: 1e-6))
    let smoothed = try PlattScaling(probabilities: Self.probabilities, labels: Self.labels, targets: .smoothed)
    #expect(isNear([smoothed.slope, smoothed.offset], [0.47074892, 0.05538657], within: 1e-6))
    #expect(throws: LogisticRegressionError.oneLabel(1)) {
      _ = try PlattScaling(probabilities: [0.2, 0.4], labels: [1, 1], targets: .smoothed)
    }
    // Separable, and certain from the start.
    let apart = try PlattScaling(probabilities: [0, 0, 1, 1], labels: [0, 0, 1, 1])
    #expect(apart.calibrated(1).isFinite && apart.calibrated(1) > 0.999)
  }

  @Test func `the method is chosen by log-loss on rows that it has not seen`() {
    var generator = SeededGenerator(seed: 4)
    let truth = (0..<3_000).map { _ in generator.nextUnit() }
    let labels = truth.map { generator.nextUnit() < $0 ? 1.0 : 0 }
    let folds = truth.indices.map { $0 % 5 }
    let honest = Calibrator.choice(probabilities: truth, labels: labels, folds: folds)
    #expect(honest.losses.count == 3)
    #expect((honest.losses[.unchanged] ?? 1) < (honest.losses[.isotonic] ?? 0))
    // Too sure by a line on the logit.
    let sure = truth.map { 1 / (1 + pow((1 - $0) / $0, 2.5)) }
    let line = Calibrator.choice(probabilities: sure, labels: labels, folds: folds)
    #expect(line.calibrator.method == .platt)
    #expect(abs(line.calibrator.calibrated(0.9) - 0.707) < 0.03)
    // By no line: the middle says too little.
    let bent = truth.map { $0 < 0.5 ? $0 / 10 : 0.95 + ($0 - 0.5) / 10 }
    #expect(Calibrator.choice(probabilities: bent, labels: labels, folds: folds).calibrator.method == .isotonic)
  }

  @Test func `where nothing can be fitted probabilities stay as they are`() {
    let choice = Calibrator.choice(probabilities: [0.1, 0.2, 0.3], labels: [0, 0, 0], folds: [0, 1, 2])
    #expect(choice.calibrator == .unchanged)
    let single = Calibrator.choice(probabilities: [0.7], labels: [1], folds: [0])
    #expect(single.calibrator.calibrated(0.7) == 0.7)
  }

  @Test func `an isotonic step never says never`() throws {
    let steps = try Calibrator(.isotonic, probabilities: [0.1, 0.2, 0.8, 0.9], labels: [0, 0, 1, 1])
    #expect(steps.calibrated(0) == 1.0 / 6)
    #expect(steps.calibrated(1) == 5.0 / 6)
  }
}
