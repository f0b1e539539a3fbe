import Mathematics
import Testing

/// Expected values: SciPy 1.17.1 (`stats.norm`, `stats.t`, `special.betainc`).
@Suite struct DistributionTests {
  @Test(arguments: [
    (0.5, 0.0), (0.3, -0.5244005127080409), (0.9, 1.2815515655446004), (0.975, 1.959963984540054),
    (0.025, -1.9599639845400545), (0.999, 3.090232306167813), (1e-10, -6.361340902404056),
    (1e-300, -37.0470962993612),
  ])
  func `the normal quantile agrees with SciPy`(probability: Double, expected: Double) {
    #expect(isClose(NormalDistribution.quantile(probability), expected, relative: 1e-13))
  }

  @Test(arguments: [
    (0, 0.5), (1, 0.8413447460685429), (-1.96, 0.024997895148220435), (-10, 7.61985302416047e-24),
    (5, 0.9999997133484281),
  ])
  func `the normal distribution agrees with SciPy in both tails`(x: Double, expected: Double) {
    #expect(isClose(NormalDistribution.cumulative(x), expected, relative: 1e-13))
  }

  @Test func `the normal quantile inverts the distribution`() {
    for probability in stride(from: 0.0005, to: 1, by: 0.0005) {
      let back = NormalDistribution.cumulative(NormalDistribution.quantile(probability))
      #expect(isClose(back, probability, relative: 1e-12))
    }
    #expect(NormalDistribution.quantile(0) == -.infinity)
    #expect(NormalDistribution.quantile(1) == .infinity)
  }

  @Test(
    arguments: [
      (1, 0.975, 12.706204736174694), (2, 0.975, 4.302652729749462), (5, 0.9, 1.4758840488244815),
      (10, 0.975, 2.228138851986274), (30, 0.025, -2.042272456301238), (1000, 0.995, 2.580754698065951),
      (2.5, 0.95, 2.5582186141359355), (17.3, 0.999, 3.634692494240616), (1_000_000, 0.975, 1.959966356814107),
      (4, 0.5, 0),
    ] as [(Double, Double, Double)])
  func `Student's quantile agrees with SciPy`(degrees: Double, probability: Double, expected: Double) {
    let found = StudentDistribution(degreesOfFreedom: degrees).quantile(probability)
    #expect(isClose(found, expected, relative: 1e-9))
  }

  @Test(
    arguments: [
      (1, 1, 0.75), (3, -2.5, 0.04385332350403278), (10, 0, 0.5), (100, 1.96, 0.9736105493168852),
      (5, 40, 0.9999999079401891),
    ] as [(Double, Double, Double)])
  func `Student's distribution agrees with SciPy`(degrees: Double, t: Double, expected: Double) {
    #expect(isClose(StudentDistribution(degreesOfFreedom: degrees).cumulative(t), expected, relative: 1e-12))
  }

  @Test(
    arguments: [
      (0.3, 2, 3, 0.3483), (0.5, 0.5, 0.5, 0.5), (0.99, 10, 0.5, 0.6579281751567845),
      (0.2, 100, 400, 0.5089235030888354), (0, 2, 2, 0), (1, 2, 2, 1),
    ] as [(Double, Double, Double, Double)])
  func `the incomplete beta function agrees with SciPy`(x: Double, a: Double, b: Double, expected: Double) {
    #expect(isClose(regularizedIncompleteBeta(x, a: a, b: b), expected, relative: 1e-11))
  }
}

/// Within `relative` of the expected value, or 1e-12 of it where it is near zero.
func isClose(_ found: Double, _ expected: Double, relative: Double) -> Bool {
  abs(found - expected) <= max(relative * abs(expected), expected == 0 ? 1e-12 : 0)
}
