import Foundation
import Mathematics
import Testing

@Suite struct NewtonMaximiserTests {
  /// −(1 − x)² − 100 (y − x²)²: Rosenbrock's valley, upside down; the greatest value is 0 at (1, 1).
  static func valley(_ p: [Double]) -> Double {
    -(1 - p[0]) * (1 - p[0]) - 100 * (p[1] - p[0] * p[0]) * (p[1] - p[0] * p[0])
  }

  @Test func `the top of a crooked valley is found from far away`() {
    let found = NewtonMaximiser().maximise(from: [-1.2, 1], bounds: [-10...10, -10...10]) {
      numericalCurvature(at: $0, Self.valley)
    }
    #expect(found.isConverged)
    #expect(abs(found.point[0] - 1) < 1e-3 && abs(found.point[1] - 1) < 2e-3)
    #expect(found.isAtBound == [false, false])
  }

  @Test func `what would leave the box rests at its bound, and the others are still found`() {
    let found = NewtonMaximiser().maximise(from: [0, 0], bounds: [-1...0.5, -3...3]) {
      numericalCurvature(at: $0, Self.valley)
    }
    #expect(found.isConverged)
    #expect(found.point[0] == 0.5)
    #expect(abs(found.point[1] - 0.25) < 1e-3)
    #expect(found.isAtBound == [true, false])
  }

  @Test func `a function that is defined nowhere is not converged`() {
    let found = NewtonMaximiser().maximise(from: [0], bounds: [-1...1]) { _ in
      Curvature(value: .nan, gradient: [.nan], hessian: [.nan])
    }
    #expect(!found.isConverged)
  }

  @Test func `a factor solves, inverts, and refuses what is not positive definite`() throws {
    let factor = try #require(CholeskyFactor([4, 0, 2, 3], size: 2))
    let x = factor.solve([10, 8])
    #expect(abs(4 * x[0] + 2 * x[1] - 10) < 1e-12 && abs(2 * x[0] + 3 * x[1] - 8) < 1e-12)
    #expect(zip(factor.inverse, [0.375, -0.25, -0.25, 0.5]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(CholeskyFactor([1, 2, 2, 1], size: 2) == nil)
    #expect(CholeskyFactor([.nan], size: 1) == nil)
  }
}
