public import Mathematics

/// What trees are fitted to: rows of features, each with the label that it should get.
public struct TreeExamples: Sendable, Hashable {
  /// Shape `[n, features]`; what is missing is not a number.
  public var features: FloatMatrix
  /// Shape `[n]`: 0 or 1 (or a probability) of a yes or no, any number of a regression, a grade 0, 1, … 31 of a ranking.
  public var labels: [Float]
  /// At least 0: of each row, or in a ranking of each group; nil when all are 1.
  public var weights: [Float]?
  /// How many of the rows, one after the other, belong to each group of a ranking.
  public var groupSizes: [Int]?
  /// Where each row's margin begins; nil when all begin at the ensemble's base.
  public var baseMargins: [Float]?

  public init(
    features: FloatMatrix, labels: [Float], weights: [Float]? = nil, groupSizes: [Int]? = nil,
    baseMargins: [Float]? = nil
  ) {
    (self.features, self.labels, self.weights) = (features, labels, weights)
    (self.groupSizes, self.baseMargins) = (groupSizes, baseMargins)
  }

  /// The examples of some rows, in that order; of a set without groups.
  public func rows(_ places: [Int]) -> TreeExamples {
    precondition(groupSizes == nil)
    let width = features.columnCount
    var values: [Float] = []
    values.reserveCapacity(places.count * width)
    for place in places { values += features[place] }
    return TreeExamples(
      features: FloatMatrix(rowCount: places.count, columnCount: width, values: values),
      labels: places.map { labels[$0] }, weights: weights.map { weights in places.map { weights[$0] } },
      baseMargins: baseMargins.map { margins in places.map { margins[$0] } })
  }
}

/// Why trees were not fitted.
public enum TreeTrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  case noRows
  case noFeatures
  /// Lists that should have an entry for each row, or group.
  case count(of: String, found: Int, expected: Int)
  /// An infinite feature; what is missing is to be not a number.
  case feature(row: Int, column: Int)
  case label(row: Int, found: Float, expected: String)
  case weight(place: Int, found: Float)
  /// Every label is this one: there is nothing to tell apart.
  case oneLabel(Float)
  case settings(String)
  case stopped
  /// What XGBoost says.
  case library(String)

  public var description: String {
    switch self {
    case .noRows: "there are no rows to learn from"
    case .noFeatures: "there are no features to learn from"
    case .count(let name, let found, let expected): "found \(found) \(name), expected \(expected)"
    case .feature(let row, let column):
      "row \(row), column \(column) is infinite; expected a number, or not a number where it is missing"
    case .label(let row, let found, let expected): "row \(row) has the label \(found), expected \(expected)"
    case .weight(let place, let found): "weight \(place) is \(found), expected a number of at least 0"
    case .oneLabel(let label): "every label is \(label): there is nothing to tell apart"
    case .settings(let reason): reason
    case .stopped: "training was stopped"
    case .library(let message): "XGBoost: \(message)"
    }
  }
}

extension TreeExamples {
  func check(for objective: TreeEnsemble.Objective) throws(TreeTrainingError) {
    let rows = features.rowCount
    guard rows > 0 else { throw .noRows }
    guard features.columnCount > 0 else { throw .noFeatures }
    if let odd = features.values.firstIndex(where: \.isInfinite) {
      throw .feature(row: odd / features.columnCount, column: odd % features.columnCount)
    }
    try Self.checkCount("labels", labels.count, rows)
    if let baseMargins {
      try Self.checkCount("base margins", baseMargins.count, rows)
      guard baseMargins.allSatisfy(\.isFinite) else { throw .settings("a base margin is not a finite number") }
    }
    try checkLabels(for: objective)
    if objective.isRanking {
      guard let groupSizes else { throw .settings("a ranking needs groups") }
      guard groupSizes.allSatisfy({ $0 > 0 }) else { throw .settings("a group of a ranking has no rows") }
      try Self.checkCount("rows in groups", groupSizes.reduce(0, +), rows)
    } else if groupSizes != nil {
      throw .settings("only a ranking has groups")
    }
    guard let weights else { return }
    try Self.checkCount("weights", weights.count, groupSizes?.count ?? rows)
    if let odd = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .weight(place: odd, found: weights[odd])
    }
    guard weights.contains(where: { $0 > 0 }) else { throw .settings("every weight is 0") }
  }

  private func checkLabels(for objective: TreeEnsemble.Objective) throws(TreeTrainingError) {
    for (row, label) in labels.enumerated() {
      switch objective {
      case .logistic where !(label >= 0 && label <= 1): throw .label(row: row, found: label, expected: "0 to 1")
      case .rankNDCG where !(label >= 0 && label <= 31 && label == label.rounded()):
        throw .label(row: row, found: label, expected: "a whole grade from 0 to 31")
      case _ where !label.isFinite: throw .label(row: row, found: label, expected: "a number")
      default: continue
      }
    }
    if objective != .squaredError, let first = labels.first, labels.allSatisfy({ $0 == first }) {
      throw .oneLabel(first)
    }
  }

  private static func checkCount(_ name: String, _ found: Int, _ expected: Int) throws(TreeTrainingError) {
    guard found == expected else { throw .count(of: name, found: found, expected: expected) }
  }
}

extension TreeEnsemble.Objective {
  var isRanking: Bool { self == .rankNDCG || self == .rankPairwise }
}
