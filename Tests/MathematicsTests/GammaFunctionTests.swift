import Foundation
import Mathematics
import Primitives
import Testing

/// Expected values: SciPy 1.17.1 (`special.digamma`, `polygamma`, `hyp2f1`).
@Suite struct GammaFunctionTests {
  @Test(arguments: [
    (0.001, -1000.5755719318103, 1000001.6425331959),
    (0.1, -10.423754940411076, 101.43329915079275),
    (0.5, -1.9635100260214235, 4.93480220054468),
    (2.5, 0.7031566406452432, 0.4903577561002349),
    (9.9, 2.2411803166063815, 0.1062830416287406),
    (10.0, 2.251752589066721, 0.10516633568168576),
    (123.4, 4.8113737751162775, 0.008136651610865263),
    (1000000.0, 13.81551005796419, 1.0000005000001667e-06),
  ])
  func `digamma and trigamma agree with SciPy`(x: Double, first: Double, second: Double) {
    #expect(isClose(digamma(x), first, relative: 1e-12))
    #expect(isClose(trigamma(x), second, relative: 1e-12))
  }

  @Test func `digamma is the slope of ln Γ`() {
    for x in stride(from: 0.05, to: 40, by: 0.37) {
      let slope = (lgamma(x * (1 + 1e-6)) - lgamma(x * (1 - 1e-6))) / (2e-6 * x)
      #expect(isClose(digamma(x), slope, relative: 1e-6))
    }
  }

  @Test(
    arguments: [
      [0.243, 2.426, 2.219, 0.5, 1.2070970070440417],
      [26.243, 28.426, 28.219, 0.55, 1475610541.9014688],
      [1.5, 2.5, 3.5, 0.9, 8.305412172132199],
      [0.3, 0.7, 1.2, 0.99, 1.681288574311733],
      [3, 4, 2, 0.8, 5625.000000000006],
      [-1.4, -0.2, 2.2, 0.7, 1.0857484488775435],
      [200.3, 205, 204.8, 0.3, 1.1409541545654554e+31],
    ] as [[Double]])
  func `Gauss' function agrees with SciPy`(row: [Double]) {
    #expect(isClose(hypergeometric2F1(row[0], row[1], row[2], row[3]), row[4], relative: 1e-11))
  }

  @Test func `Gauss' function has its closed forms`() {
    for z in [0, 0.1, 0.5, 0.9, 0.999] {
      // (1 − z)^−a, and −ln(1 − z)/z.
      #expect(isClose(hypergeometric2F1(1.7, 2.5, 2.5, z), pow(1 - z, -1.7), relative: 1e-11))
      if z > 0 { #expect(isClose(hypergeometric2F1(1, 1, 2, z), -log1p(-z) / z, relative: 1e-11)) }
    }
  }

  @Test func `draws have the moments of their distributions`() {
    var generator = SeededGenerator(seed: 5)
    for shape in [0.2, 1, 3.7] {
      var moments = RunningMoments()
      for _ in 0..<20_000 { moments.add(generator.nextGamma(shape: shape)) }
      // Mean and variance are both the shape; 5 standard errors.
      #expect(abs(moments.mean - shape) < 5 * (shape / 20_000).squareRoot())
      #expect(abs((moments.variance ?? 0) / shape - 1) < 0.15)
    }
    var beta = RunningMoments()
    for _ in 0..<20_000 { beta.add(generator.nextBeta(0.8, 2.4)) }
    #expect(abs(beta.mean - 0.25) < 0.01)
  }
}
