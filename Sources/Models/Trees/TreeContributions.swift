public import Mathematics

/// How much each feature adds to a row's margin: Shapley values of the trees, exact,
///
///     φ_i = Σ_{S ⊆ F∖i} |S|! (|F| − |S| − 1)! / |F|! · (v(S ∪ i) − v(S)),      Σ_i φ_i + φ_0 = margin
///
/// where v(S) follows a row's own way at splits of features in S, and at others both ways in the proportion of their cover.
///
/// A leaf's part of v(S) is its number times, for each feature on the way to it, one factor: whether the row agrees with
/// all its splits there (o ∈ {0, 1}) if the feature is in S, the product of cover ratios z if not. So a leaf gives
/// φ_i = (o_i − z_i) · number · Σ_k k! (d − 1 − k)! / d! · [yᵏ] Π_{j ≠ i} (z_j + o_j y) for the d features on its way.
/// - SeeAlso: Lundberg, Erion & Lee, *Consistent individualized feature attribution for tree ensembles*, 2018 (path-dependent);
///   Lundberg et al., *From local explanations to global understanding with explainable AI for trees*, Nature Machine Intelligence 2020.
public struct TreeContributions: Sendable, Hashable {
  /// One feature on the way to a leaf.
  private struct Factor: Hashable {
    let feature: Int
    /// z: the share of the cover that came this way, of all its splits.
    var share: Double
    /// Values that agree with every split: lower ≤ x < upper.
    var lower = -Float.infinity
    var upper: Float?
    var allowsMissing = true

    func agrees(_ value: Float) -> Bool {
      value.isNaN ? allowsMissing : value >= lower && upper.map { value < $0 } ?? true
    }
  }

  private struct Way: Hashable {
    let number: Double
    let factors: Range<Int>
  }

  private let factors: [Factor]
  private let ways: [Way]
  /// k! (d − 1 − k)! / d! for each d and k.
  private let weights: [[Double]]
  private let featureCount: Int
  /// φ_0: the margin of a row of which nothing is known.
  public let bias: Double

  /// - Complexity: O(leaves · depth).
  public init(_ ensemble: TreeEnsemble) {
    featureCount = ensemble.featureCount
    var factors: [Factor] = []
    var ways: [Way] = []
    var bias = Double(ensemble.baseMargin)
    for tree in ensemble.trees {
      Self.walk(tree, 0, []) { number, way in
        bias += way.reduce(number) { $0 * $1.share }
        ways.append(Way(number: number, factors: factors.count..<factors.count + way.count))
        factors += way
      }
    }
    self.bias = bias
    self.factors = factors
    self.ways = ways
    weights = (0...(ways.map(\.factors.count).max() ?? 0)).map { Self.weights(features: $0) }
  }

  private static func walk(
    _ tree: RegressionTree, _ place: Int, _ way: [Factor], _ leaf: (Double, [Factor]) -> Void
  ) {
    let node = tree.nodes[place]
    guard !node.isLeaf else { return leaf(Double(node.threshold), way) }
    for isLeft in [true, false] {
      let child = Int(isLeft ? node.left : node.right)
      // A node that nobody came by tells nothing of its children.
      let share = node.cover > 0 ? Double(tree.nodes[child].cover) / Double(node.cover) : 0.5
      var next = way
      let place =
        next.firstIndex { $0.feature == Int(node.feature) }
        ?? {
          next.append(Factor(feature: Int(node.feature), share: 1))
          return next.count - 1
        }()
      next[place].share *= share
      if isLeft {
        next[place].upper = min(next[place].upper ?? .infinity, node.threshold)
      } else {
        next[place].lower = max(next[place].lower, node.threshold)
      }
      next[place].allowsMissing = next[place].allowsMissing && node.missingGoesLeft == isLeft
      walk(tree, child, next, leaf)
    }
  }

  private static func weights(features count: Int) -> [Double] {
    guard count > 0 else { return [] }
    // k! (d − 1 − k)! / d!, each from the one before.
    var weights = [1 / Double(count)]
    for size in 1..<max(1, count) { weights.append(weights[size - 1] * Double(size) / Double(count - size)) }
    return weights
  }

  /// φ of each feature for one row.
  /// - Parameter row: Shape `[featureCount]`; what is missing is not a number.
  /// - Returns: Shape `[featureCount]`, in units of the margin; with `bias` they sum to it, to about seven digits.
  /// - Complexity: O(leaves · d²) for d features on the way to a leaf.
  public func contributions(to row: ArraySlice<Float>) -> [Double] {
    precondition(row.count == featureCount, "\(row.count) values for \(featureCount) features")
    var sums = Array(repeating: 0.0, count: featureCount)
    var agrees = Array(repeating: 0.0, count: weights.count)
    var polynomial = Array(repeating: 0.0, count: weights.count + 1)
    for way in ways where !way.factors.isEmpty {
      let (first, count) = (way.factors.lowerBound, way.factors.count)
      for place in 0..<count {
        let factor = factors[first + place]
        agrees[place] = factor.agrees(row[row.startIndex + factor.feature]) ? 1 : 0
      }
      for own in 0..<count {
        // Π (z + o y) over the others, as coefficients of y.
        polynomial[0] = 1
        var degree = 0
        for other in 0..<count where other != own {
          let (share, agreed) = (factors[first + other].share, agrees[other])
          polynomial[degree + 1] = polynomial[degree] * agreed
          for power in stride(from: degree, to: 0, by: -1) {
            polynomial[power] = polynomial[power] * share + polynomial[power - 1] * agreed
          }
          polynomial[0] *= share
          degree += 1
        }
        var sum = 0.0
        for power in 0..<count { sum += weights[count][power] * polynomial[power] }
        let factor = factors[first + own]
        sums[factor.feature] += way.number * (agrees[own] - factor.share) * sum
      }
    }
    return sums
  }

  /// φ of each row, shape `[n][featureCount]`.
  public func contributions(to rows: FloatMatrix) -> [[Double]] {
    (0..<rows.rowCount).map { contributions(to: rows[$0]) }
  }
}
