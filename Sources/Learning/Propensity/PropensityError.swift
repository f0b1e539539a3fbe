/// Why no propensity model was made.
public enum PropensityError: Error, Sendable, Hashable, CustomStringConvertible {
  case noRows
  /// No feature has two different values.
  case nothingVaries
  /// Too few rows of one label to learn from.
  case fewOutcomes(label: Int, found: Int, expected: Int)
  /// Rows outside of a fold that have one label only.
  case oneLabel(outsideFold: Int)
  case stopped
  /// What cannot be fitted, in words.
  case refused(String)

  public var description: String {
    switch self {
    case .noRows: "there are no rows to learn from"
    case .nothingVaries: "no feature has two different values: there is nothing to learn from"
    case .fewOutcomes(let label, let found, let expected):
      "found \(found) rows with the label \(label), expected at least \(expected)"
    case .oneLabel(let fold): "the rows outside of fold \(fold) all have one label; use other folds"
    case .stopped: "training was stopped"
    case .refused(let reason): reason
    }
  }
}
