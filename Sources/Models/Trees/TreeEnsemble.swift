import Foundation
public import Mathematics

/// Boosted regression trees: a row's margin is where all rows begin plus what each tree adds,
///
///     margin(x) = b + Σ_t f_t(x)          (in single precision, in the order of the trees)
///
/// and its prediction the margin itself or, of a yes or no, the probability 1 / (1 + e^(−margin)). Both equal XGBoost's
/// own to the bit, missing values included.
/// - SeeAlso: Friedman, *Greedy function approximation: a gradient boosting machine*, Annals of Statistics 2001; Chen &
///   Guestrin, *XGBoost: a scalable tree boosting system*, KDD 2016.
public struct TreeEnsemble: Sendable, Hashable {
  /// What the trees were fitted to, by XGBoost's names.
  public enum Objective: String, Sendable, Hashable, CaseIterable {
    case logistic = "binary:logistic"
    case squaredError = "reg:squarederror"
    /// LambdaMART on NDCG: margins order the rows of one group.
    case rankNDCG = "rank:ndcg"
    case rankPairwise = "rank:pairwise"
  }

  public let objective: Objective
  /// b: the margin that all rows begin with.
  public let baseMargin: Float
  public let featureCount: Int
  public let trees: [RegressionTree]
  /// nil when a threshold is such that only the plain walk is right.
  private let packed: PackedTrees?

  /// - Precondition: every split's feature is one of `featureCount`.
  public init(objective: Objective, baseMargin: Float, featureCount: Int, trees: [RegressionTree]) {
    precondition(trees.allSatisfy { $0.nodes.allSatisfy { Int($0.feature) < featureCount } })
    self.objective = objective
    self.baseMargin = baseMargin
    self.featureCount = featureCount
    self.trees = trees
    packed = PackedTrees(trees)
  }

  /// The ensemble of its first trees.
  public func prefix(_ count: Int) -> TreeEnsemble {
    TreeEnsemble(
      objective: objective, baseMargin: baseMargin, featureCount: featureCount, trees: Array(trees.prefix(count)))
  }

  // MARK: One row

  /// The margin of one row by the plain walk.
  /// - Parameters:
  ///   - row: Shape `[featureCount]`; what is missing is not a number.
  ///   - baseMargin: In place of the ensemble's own.
  /// - Complexity: O(trees · depth).
  public func margin(of row: ArraySlice<Float>, baseMargin: Float? = nil) -> Float {
    precondition(row.count == featureCount, "\(row.count) values for \(featureCount) features")
    return trees.reduce(baseMargin ?? self.baseMargin) { $0 + $1.value(of: row) }
  }

  /// What a margin says: a probability, or the margin itself.
  public func prediction(ofMargin margin: Float) -> Float {
    switch objective {
    case .logistic: Self.logistic(margin)
    case .squaredError, .rankNDCG, .rankPairwise: margin
    }
  }

  /// The logistic function as XGBoost computes it.
  static func logistic(_ margin: Float) -> Float { 1 / (expf(min(-margin, 88.7)) + 1 + 1e-16) }

  // MARK: Many rows

  /// The margins of many rows, eight at once where the processor can; the same as one by one.
  /// - Parameters:
  ///   - rows: Shape `[n, featureCount]`; what is missing is not a number.
  ///   - baseMargins: Where each row begins, shape `[n]`, in place of the ensemble's own.
  /// - Complexity: O(n · trees · depth).
  public func margins(of rows: FloatMatrix, baseMargins: [Float]? = nil) -> [Float] {
    precondition(rows.columnCount == featureCount, "\(rows.columnCount) columns for \(featureCount) features")
    precondition(baseMargins.map { $0.count == rows.rowCount } ?? true)
    guard let packed else {
      return (0..<rows.rowCount).map { margin(of: rows[$0], baseMargin: baseMargins?[$0]) }
    }
    return packed.margins(of: rows, base: baseMargin, baseMargins: baseMargins, form: .fastest)
  }

  /// What `margins` gives, by the kernel's form without vectors.
  func plainMargins(of rows: FloatMatrix) -> [Float]? {
    packed?.margins(of: rows, base: baseMargin, baseMargins: nil, form: .plain)
  }

  /// The predictions of many rows, shape `[n]`.
  public func predictions(of rows: FloatMatrix, baseMargins: [Float]? = nil) -> [Float] {
    margins(of: rows, baseMargins: baseMargins).map { prediction(ofMargin: $0) }
  }
}
