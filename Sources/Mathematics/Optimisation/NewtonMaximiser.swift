/// A function's value with its first and second derivatives at a point of n dimensions.
public struct Curvature: Sendable {
  public var value: Double
  public var gradient: [Double]
  /// Row after row, shape `[n, n]`.
  public var hessian: [Double]

  public init(value: Double, gradient: [Double], hessian: [Double]) {
    self.value = value
    self.gradient = gradient
    self.hessian = hessian
  }
}

/// Where a function is greatest within a box, by Newton's method made safe.
///
/// Each step solves (−H + μ D) p = g with D the diagonal of |H|; μ grows tenfold while that matrix is not positive definite or the
/// step does not improve, and falls once it does. Coordinates that stand at a bound and would leave it rest. It has arrived
/// when a further step promises less than `tolerance` of the function's own unit, gᵀp / 2 < tolerance: for a log-likelihood
/// that is far within what chance moves it.
/// - SeeAlso: Levenberg, 1944; Nocedal & Wright, *Numerical Optimization*, sections 3.4 and 16.7.
public struct NewtonMaximiser: Sendable {
  public var tolerance = 1e-9
  public var stepsMax = 200
  /// No coordinate moves further in one step.
  public var reachMax = 2.0

  public struct Optimum: Sendable {
    public let point: [Double]
    public let curvature: Curvature
    public let steps: Int
    public let isConverged: Bool
    /// Which coordinates rest at a bound.
    public let isAtBound: [Bool]
  }

  public init() {}

  /// - Parameters:
  ///   - start: Within the bounds.
  ///   - bounds: For each coordinate.
  ///   - function: NaN as value says that it is not defined there; that is never chosen.
  public func maximise(
    from start: [Double], bounds: [ClosedRange<Double>], _ function: ([Double]) -> Curvature
  ) -> Optimum {
    precondition(start.count == bounds.count)
    var point = zip(start, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
    var here = function(point)
    var damping = 0.0
    for step in 0..<stepsMax {
      let resting = restingCoordinates(point, bounds, here.gradient)
      let free = point.indices.filter { !resting[$0] }
      var isImproved = false
      while damping < 1e12 {
        guard let move = newtonStep(here, free: free, damping: damping) else {
          damping = max(1e-3, damping * 10)
          continue
        }
        if damping == 0 || damping <= 1e-3 {
          let promised = zip(free, move).reduce(0) { $0 + here.gradient[$1.0] * $1.1 } / 2
          if promised < tolerance {
            return Optimum(point: point, curvature: here, steps: step, isConverged: true, isAtBound: resting)
          }
        }
        var trial = point
        for (coordinate, change) in zip(free, move) {
          let reached = point[coordinate] + min(max(change, -reachMax), reachMax)
          trial[coordinate] = min(max(reached, bounds[coordinate].lowerBound), bounds[coordinate].upperBound)
        }
        let there = function(trial)
        if there.value > here.value {
          (point, here) = (trial, there)
          damping = damping <= 1e-6 ? 0 : damping / 10
          isImproved = true
          break
        }
        damping = max(1e-3, damping * 10)
      }
      // Rounding hides what is still to be gained.
      guard isImproved else {
        let promised = newtonStep(here, free: free, damping: 0).map { move in
          zip(free, move).reduce(0) { $0 + here.gradient[$1.0] * $1.1 } / 2
        }
        let isNear = promised.map { $0 < max(tolerance, 1e-12 * abs(here.value)) } ?? false
        return Optimum(point: point, curvature: here, steps: step, isConverged: isNear, isAtBound: resting)
      }
    }
    let resting = restingCoordinates(point, bounds, here.gradient)
    return Optimum(point: point, curvature: here, steps: stepsMax, isConverged: false, isAtBound: resting)
  }

  private func restingCoordinates(
    _ point: [Double], _ bounds: [ClosedRange<Double>], _ gradient: [Double]
  ) -> [Bool] {
    point.indices.map { index in
      (point[index] <= bounds[index].lowerBound && gradient[index] <= 0)
        || (point[index] >= bounds[index].upperBound && gradient[index] >= 0)
    }
  }

  private func newtonStep(_ here: Curvature, free: [Int], damping: Double) -> [Double]? {
    let n = here.gradient.count
    guard here.value.isFinite else { return nil }
    if free.isEmpty { return [] }
    var matrix = Array(repeating: 0.0, count: free.count * free.count)
    for (row, coordinate) in free.enumerated() {
      for (column, other) in free.enumerated() {
        matrix[row * free.count + column] = -here.hessian[coordinate * n + other]
      }
      let scale = max(abs(here.hessian[coordinate * n + coordinate]), 1e-8)
      matrix[row * free.count + row] += damping * scale
    }
    return CholeskyFactor(matrix, size: free.count)?.solve(free.map { here.gradient[$0] })
  }
}

/// Derivatives by central differences, for functions that are cheap to ask: 1 + 2n² questions.
/// - Parameter width: Of a step; the error of the gradient is of its square.
public func numericalCurvature(at point: [Double], width: Double = 1e-4, _ value: ([Double]) -> Double) -> Curvature {
  let n = point.count
  let middle = value(point)
  func moved(_ changes: (Int, Double)...) -> Double {
    var there = point
    for (coordinate, change) in changes { there[coordinate] += change }
    return value(there)
  }
  var curvature = Curvature(
    value: middle, gradient: Array(repeating: 0, count: n), hessian: Array(repeating: 0, count: n * n))
  for i in 0..<n {
    let (up, down) = (moved((i, width)), moved((i, -width)))
    curvature.gradient[i] = (up - down) / (2 * width)
    curvature.hessian[i * n + i] = (up - 2 * middle + down) / (width * width)
    for j in 0..<i {
      let cross =
        moved((i, width), (j, width)) - moved((i, width), (j, -width)) - moved((i, -width), (j, width))
        + moved((i, -width), (j, -width))
      curvature.hessian[i * n + j] = cross / (4 * width * width)
      curvature.hessian[j * n + i] = curvature.hessian[i * n + j]
    }
  }
  return curvature
}
