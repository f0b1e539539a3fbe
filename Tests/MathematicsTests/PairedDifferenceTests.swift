import Mathematics
import Primitives
import Testing

@Suite struct PairedDifferenceTests {
  private static func groups(_ values: [Double]) -> [Bootstrap.Group] {
    values.map { Bootstrap.Group(observations: 1, sums: [$0]) }
  }

  @Test func `the interval of a mean difference is that of the normal approximation`() throws {
    // Mean 0.1, standard deviation 1 of 400: 0.1 ± 1.96 · 0.05.
    let values = (0..<400).map { $0.isMultiple(of: 2) ? 1.1 : -0.9 }
    var generator = SeededGenerator(seed: 3)
    let found = try #require(Bootstrap().differences(of: Self.groups(values), using: &generator).first)
    #expect(abs(found.value - 0.1) < 1e-9)
    #expect(abs(found.low - 0.002) < 0.012 && abs(found.high - 0.198) < 0.012, "\(found)")
    // Two-sided normal p of 2 standard errors: 0.0455.
    #expect(abs(found.p - 0.0455) < 0.025, "\(found)")
  }

  @Test(
    arguments: [
      ([0, 0, 0], 1), ([1, 1, 1], 2.0 / 1_001), ([-1, -1], 2.0 / 1_001), ([0.5], 2.0 / 1_001),
    ] as [([Double], Double)])
  func `no difference has p 1, and one that every draw shows the least that the draws can tell`(
    values: [Double], p: Double
  ) throws {
    var generator = SeededGenerator(seed: 1)
    let found = try #require(Bootstrap().differences(of: Self.groups(values), using: &generator).first)
    #expect(found.p == p && found.low == values[0] && found.high == values[0])
  }

  @Test func `nothing has no difference`() {
    var generator = SeededGenerator(seed: 1)
    #expect(Bootstrap().differences(of: [], using: &generator).isEmpty)
  }

  @Test func `without a difference one in twenty is called significant, and the seed says which`() {
    var significant = 0
    for seed in UInt64(0)..<300 {
      var generator = SeededGenerator(seed: seed)
      let values = (0..<80).map { _ in Double.random(in: -1...1, using: &generator) }
      var bootstrap = Bootstrap()
      bootstrap.draws = 200
      if let found = bootstrap.differences(of: Self.groups(values), using: &generator).first, found.p < 0.05 {
        significant += 1
      }
    }
    // Binomial(300, .05) lies within 5 and 27 with probability .999; the bootstrap of 80 is a little bold.
    #expect((5...29).contains(significant), "seeds 0-299: \(significant) of 300")
  }
}

@Suite struct ExposureTests {
  @Test(
    arguments: [
      ([5, 5, 5, 5], 1, 0), ([0, 0, 0, 8], 0.25, 0.75), ([0, 0], 0, 0), ([], 0, 0), ([3], 1, 0),
      // R, ineq::Gini(c(1, 2, 3, 4)) = 0.25; DescTools::Gini(c(0, 1, 1, 10), unbiased = FALSE) = 0.625.
      ([1, 2, 3, 4], 1, 0.25), ([10, 1, 0, 1], 0.75, 0.625),
    ] as [([Int], Double, Double)])
  func `coverage and Gini are as by hand`(counts: [Int], coverage: Double, gini: Double) {
    let exposure = Exposure(counts: counts)
    #expect(abs(exposure.coverage - coverage) < 1e-12 && abs(exposure.gini - gini) < 1e-12, "\(exposure)")
  }

  @Test func `the counted form is that of the definition`() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<20 {
      let counts = (0..<Int.random(in: 1...60, using: &generator)).map { _ in Int.random(in: 0...9, using: &generator) }
      // Half the mean absolute difference over the mean.
      let total = Double(counts.reduce(0, +))
      guard total > 0 else { continue }
      let pairs = counts.flatMap { left in counts.map { Double(abs(left - $0)) } }.reduce(0, +)
      #expect(abs(Exposure(counts: counts).gini - pairs / (2 * Double(counts.count) * total)) < 1e-12)
    }
  }

  @Test func `intervals hold their figure, whatever a draw lacks`() throws {
    var generator = SeededGenerator(seed: 2)
    let lists = (0..<100).map { [UInt32($0), UInt32($0 % 7), UInt32($0 % 3)] }
    let found = try #require(Bootstrap().exposure(of: lists, itemCount: 120, using: &generator))
    #expect(abs(found.coverage.value - 100.0 / 120) < 1e-12)
    #expect(found.coverage.low < found.coverage.value && found.coverage.value < found.coverage.high)
    #expect(found.gini.low < found.gini.value && found.gini.value < found.gini.high && found.gini.high <= 1)
    #expect(Bootstrap().exposure(of: [], itemCount: 5, using: &generator) == nil)
  }
}
