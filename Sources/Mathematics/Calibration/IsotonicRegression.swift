/// The rising step function that is nearest to the labels, by pooling adjacent violators:
///
///     f = argmin Σ_i v_i (y_i − f(x_i))²  with f(x) ≤ f(x') wherever x ≤ x'
///
/// Equal x are one point, with the mean of their labels. Between points it is linear, beyond them constant.
/// - SeeAlso: Barlow, Bartholomew, Bremner & Brunk, *Statistical inference under order restrictions*, 1972; Zadrozny &
///   Elkan, *Transforming classifier scores into accurate multiclass probability estimates*, KDD 2002.
public struct IsotonicRegression: Sendable, Hashable {
  /// Ascending; each step's first and last x.
  public let points: [Double]
  /// Never falling.
  public let values: [Double]

  public init(points: [Double], values: [Double]) {
    precondition(points.count == values.count && !points.isEmpty)
    (self.points, self.values) = (points, values)
  }

  private struct Step {
    var first: Double
    var last: Double
    var sum: Double
    var weight: Double
    var mean: Double { sum / weight }
  }

  /// - Parameters:
  ///   - x: Not empty, no not-a-numbers.
  ///   - weights: Above 0; nil when all are 1.
  /// - Complexity: O(n log n).
  public init(x: [Double], labels: [Double], weights: [Double]? = nil) {
    precondition(x.count == labels.count && !x.isEmpty && (weights.map { $0.count == x.count } ?? true))
    let order = x.indices.sorted { x[$0] < x[$1] }
    var steps: [Step] = []
    var start = 0
    while start < order.count {
      let at = x[order[start]]
      let end = order[start...].firstIndex { x[$0] != at } ?? order.count
      var step = Step(first: at, last: at, sum: 0, weight: 0)
      for place in order[start..<end] {
        let weight = weights?[place] ?? 1
        step.sum += weight * labels[place]
        step.weight += weight
      }
      while let before = steps.last, before.mean >= step.mean {
        steps.removeLast()
        step = Step(
          first: before.first, last: step.last, sum: before.sum + step.sum, weight: before.weight + step.weight)
      }
      steps.append(step)
      start = end
    }
    var points: [Double] = []
    var values: [Double] = []
    for step in steps {
      points.append(step.first)
      values.append(step.mean)
      guard step.last > step.first else { continue }
      points.append(step.last)
      values.append(step.mean)
    }
    self.init(points: points, values: values)
  }

  /// - Complexity: O(log points).
  public func value(at x: Double) -> Double {
    var (low, high) = (0, points.count)
    while low < high {
      let middle = (low + high) / 2
      if points[middle] < x { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return values[0] }
    guard low < points.count else { return values[points.count - 1] }
    let share = (x - points[low - 1]) / (points[low] - points[low - 1])
    return values[low - 1] + share * (values[low] - values[low - 1])
  }
}
