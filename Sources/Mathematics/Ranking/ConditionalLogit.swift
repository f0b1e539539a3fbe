import Foundation
import Synchronization

/// Chooses one of several candidates by a linear score whose weights depend on the situation:
///
///     p(i) = exp(s_i) / Σ_j exp(s_j)        s_i = Σ_k t_k θ_k · x_i
///
/// for the features x of the candidates, shape `[candidates, F]`, and a situation t, shape `[T]`. The weights θ, shape
/// `[T, F]`, make
///
///     Σ_choices log p(chosen) − λ/2 |θ|²
///
/// greatest, which is concave: Newton's steps, halved until they gain.
/// - SeeAlso: McFadden, *Conditional logit analysis of qualitative choice behavior*, 1974.
public struct ConditionalLogit: Sendable, Hashable {
  public struct Choice: Sendable, Hashable {
    /// t.
    public let situation: [Float]
    /// x, one candidate after the other.
    public let features: [Float]
    /// Which candidate was chosen.
    public let chosen: Int

    public init(situation: [Float], features: [Float], chosen: Int) {
      self.situation = situation
      self.features = features
      self.chosen = chosen
    }
  }

  private static let stepsMax = 30
  /// A step that gains less in the mean of a choice is the last.
  private static let gainMin = 1e-7

  /// θ, a row for each number of the situation.
  public let weights: [[Float]]

  public init(weights: [[Float]]) { self.weights = weights }

  /// - Parameters:
  ///   - choices: At least one, of one shape.
  ///   - penalty: λ > 0.
  /// - Returns: nil when features are no numbers.
  /// - Complexity: O(steps · candidates · F² + steps · (T F)³).
  public init?(learning choices: [Choice], featureCount: Int, penalty: Double, workers: Int = 1) {
    precondition(penalty > 0 && featureCount > 0)
    guard let situationCount = choices.first?.situation.count else { return nil }
    let size = situationCount * featureCount
    var theta = Array(repeating: 0.0, count: size)
    var sums = Self.sums(choices, theta, featureCount, penalty, workers)
    for _ in 0..<Self.stepsMax {
      guard sums.objective.isFinite else { return nil }
      var curvature = SymmetricMatrix(size: size, values: sums.curvature)
      curvature.add(toDiagonal: penalty)
      guard curvature.invert() else { return nil }
      let step = (0..<size).map { row in
        (0..<size).reduce(0.0) { $0 + curvature.values[row * size + $1] * sums.slope[$1] }
      }
      var length = 1.0
      var next = sums
      var moved = theta
      repeat {
        moved = zip(theta, step).map { $0 + length * $1 }
        next = Self.sums(choices, moved, featureCount, penalty, workers)
        length /= 2
      } while !(next.objective >= sums.objective) && length > 1e-6
      guard next.objective > sums.objective else { break }
      let gain = next.objective - sums.objective
      (theta, sums) = (moved, next)
      if gain < Self.gainMin * Double(choices.count) { break }
    }
    weights = (0..<situationCount).map { row in
      theta[row * featureCount..<(row + 1) * featureCount].map { Float($0) }
    }
  }

  /// s of each candidate.
  public func scores(situation: [Float], features: [Float]) -> [Float] {
    Self.scores(features, blended(situation))
  }

  /// Σ_k t_k θ_k.
  private func blended(_ situation: [Float]) -> [Float] {
    precondition(situation.count == weights.count)
    var sum = Array(repeating: Float(0), count: weights.first?.count ?? 0)
    for (number, row) in zip(situation, weights) { for place in sum.indices { sum[place] += number * row[place] } }
    return sum
  }

  private static func scores(_ features: [Float], _ weights: [Float]) -> [Float] {
    let width = weights.count
    return features.withUnsafeBufferPointer { features in
      weights.withUnsafeBufferPointer { weights in
        (0..<features.count / max(1, width)).map { candidate in
          var sum: Float = 0
          for place in 0..<width { sum += features[candidate * width + place] * weights[place] }
          return sum
        }
      }
    }
  }

  // MARK: Learning

  /// What a step needs to know of all choices.
  private struct Sums: Sendable {
    var objective = 0.0
    var slope: [Double]
    /// Minus the second derivatives, without the penalty's.
    var curvature: [Double]

    init(_ size: Int) {
      slope = Array(repeating: 0, count: size)
      curvature = Array(repeating: 0, count: size * size)
    }

    static func += (sums: inout Sums, other: Sums) {
      sums.objective += other.objective
      for place in sums.slope.indices { sums.slope[place] += other.slope[place] }
      for place in sums.curvature.indices { sums.curvature[place] += other.curvature[place] }
    }
  }

  private final class Found: Sendable {
    let chunks = Mutex<[Int: Sums]>([:])
  }

  private static func sums(
    _ choices: [Choice], _ theta: [Double], _ width: Int, _ penalty: Double, _ workers: Int
  ) -> Sums {
    let found = Found()
    let model = ConditionalLogit(
      weights: (0..<theta.count / width).map { theta[$0 * width..<($0 + 1) * width].map { Float($0) } })
    WorkQueue.share(choices.count, chunk: max(64, choices.count / 64 + 1), workers: workers) { queue in
      while let range = queue.next() {
        var sums = Sums(theta.count)
        for choice in choices[range] { model.add(choice, to: &sums) }
        found.chunks.withLock { $0[range.lowerBound] = sums }
      }
    }
    var all = Sums(theta.count)
    found.chunks.withLock { chunks in for start in chunks.keys.sorted() { if let sums = chunks[start] { all += sums } }
    }
    for (place, value) in theta.enumerated() {
      all.objective -= penalty / 2 * value * value
      all.slope[place] -= penalty * value
    }
    return all
  }

  private func add(_ choice: Choice, to sums: inout Sums) {
    let blended = blended(choice.situation)
    let width = blended.count
    let scores = Self.scores(choice.features, blended)
    let top = scores.max() ?? 0
    var shares = scores.map { Double(exp($0 - top)) }
    let total = shares.reduce(0, +)
    for place in shares.indices { shares[place] /= total }
    sums.objective += Double(scores[choice.chosen] - top) - log(total)

    var mean = Array(repeating: Float(0), count: width)
    for (candidate, share) in shares.enumerated() {
      for place in 0..<width { mean[place] += Float(share) * choice.features[candidate * width + place] }
    }
    var centred = FloatMatrix(zeros: shares.count, by: width)
    for (candidate, share) in shares.enumerated() {
      let root = Float(share.squareRoot())
      for place in 0..<width {
        centred.values[candidate * width + place] =
          root * (choice.features[candidate * width + place] - mean[place])
      }
    }
    let spread = centred.gram
    let size = sums.slope.count
    for (one, first) in choice.situation.enumerated() {
      for place in 0..<width {
        sums.slope[one * width + place] +=
          Double(first) * Double(choice.features[choice.chosen * width + place] - mean[place])
      }
      for (other, second) in choice.situation.enumerated() {
        let both = Double(first * second)
        for row in 0..<width {
          for column in 0..<width {
            let value = Double(spread[min(row, column) * width + max(row, column)])
            sums.curvature[(one * width + row) * size + other * width + column] += both * value
          }
        }
      }
    }
  }
}
