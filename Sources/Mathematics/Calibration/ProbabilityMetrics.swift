import Foundation

/// How good probabilities of a yes are: whether they rank (AUC), and whether they are true (log-loss, Brier, ECE).
///
/// With probabilities p and labels y ∈ {0, 1}, shape `[n]` each:
///
///     auc      = P(p of a yes > p of a no) + ½ P(equal)
///     log-loss = −mean(y ln p + (1 − y) ln(1 − p)),  p kept within [ε, 1 − ε], ε = 10⁻⁶
///     brier    = mean((p − y)²)
///     ece      = Σ_bins share of rows · |mean y − mean p|
///
/// - SeeAlso: Brier, *Verification of forecasts expressed in terms of probability*, 1950; Naeini, Cooper & Hauskrecht,
///   *Obtaining well calibrated probabilities using Bayesian binning*, AAAI 2015 (ECE).
public struct ProbabilityMetrics: Sendable, Hashable {
  /// How rows are put together for the calibration error.
  public enum Bins: Sendable, Hashable {
    /// Of [0, 1] cut into as many parts of equal length.
    case equalWidth(Int)
    /// Of rows in the order of p, as many in each as can be; rows of one p share their labels' mean, so that their order is
    /// no matter.
    case equalMass(Int)
  }

  public let probabilities: [Double]
  public let labels: [Double]

  /// - Parameter labels: 0 or 1.
  public init(probabilities: [Double], labels: [Double]) {
    precondition(probabilities.count == labels.count && !labels.isEmpty)
    (self.probabilities, self.labels) = (probabilities, labels)
  }

  /// nil when every label is the same.
  /// - Complexity: O(n log n).
  public var auc: Double? {
    let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
    let yes = labels.reduce(0, +)
    let no = Double(labels.count) - yes
    guard yes > 0, no > 0 else { return nil }
    var (sum, noBelow, start) = (0.0, 0.0, 0)
    while start < order.count {
      var end = start
      var tiedYes = 0.0
      while end < order.count, probabilities[order[end]] == probabilities[order[start]] {
        tiedYes += labels[order[end]]
        end += 1
      }
      let tiedNo = Double(end - start) - tiedYes
      sum += tiedYes * (noBelow + tiedNo / 2)
      noBelow += tiedNo
      start = end
    }
    return sum / (yes * no)
  }

  public var logLoss: Double {
    zip(probabilities, labels).reduce(0) { $0 + Self.logLoss($1.0, $1.1) } / Double(labels.count)
  }

  public static func logLoss(_ probability: Double, _ label: Double) -> Double {
    let kept = min(max(probability, 1e-6), 1 - 1e-6)
    return -(label * log(kept) + (1 - label) * log(1 - kept))
  }

  public var brier: Double {
    zip(probabilities, labels).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(labels.count)
  }

  /// - Complexity: O(n log n).
  public func calibrationError(_ bins: Bins) -> Double {
    reliability(bins).reduce(0) { $0 + Double($1.count) / Double(labels.count) * abs($1.rate - $1.mean) }
  }

  /// Rows whose probabilities are near each other.
  public struct Bin: Sendable, Hashable {
    public let count: Int
    /// Mean of the probabilities.
    public let mean: Double
    /// Mean of the labels.
    public let rate: Double
  }

  /// What a reliability diagram shows; bins without rows are left out.
  public func reliability(_ bins: Bins) -> [Bin] {
    let groups: [[(p: Double, y: Double)]]
    switch bins {
    case .equalWidth(let count):
      var parts = Array(repeating: [(p: Double, y: Double)](), count: count)
      for (p, y) in zip(probabilities, labels) {
        parts[min(max(0, Int(p * Double(count))), count - 1)].append((p, y))
      }
      groups = parts
    case .equalMass(let count):
      let sorted = sortedWithSharedLabels()
      groups = (0..<count).map { part in
        Array(sorted[part * sorted.count / count..<(part + 1) * sorted.count / count])
      }
    }
    return groups.filter { !$0.isEmpty }.map { rows in
      let size = Double(rows.count)
      return Bin(
        count: rows.count, mean: rows.reduce(0) { $0 + $1.p } / size, rate: rows.reduce(0) { $0 + $1.y } / size)
    }
  }

  private func sortedWithSharedLabels() -> [(p: Double, y: Double)] {
    let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
    var rows: [(p: Double, y: Double)] = []
    var start = 0
    while start < order.count {
      let p = probabilities[order[start]]
      let end = order[start...].firstIndex { probabilities[$0] != p } ?? order.count
      let mean = order[start..<end].reduce(0) { $0 + labels[$1] } / Double(end - start)
      rows += Array(repeating: (p, mean), count: end - start)
      start = end
    }
    return rows
  }
}
