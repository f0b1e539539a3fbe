/// Numbers about people, a row each; NaN where something is not known.
public struct FeatureTable: Sendable {
  public let names: [String]
  public let rowCount: Int
  /// Row after row, shape `[rowCount, names.count]`.
  public let values: [Double]

  public init(names: [String], rowCount: Int, values: [Double]) {
    precondition(values.count == rowCount * names.count)
    self.names = names
    self.rowCount = rowCount
    self.values = values
  }

  public subscript(_ row: Int, _ column: Int) -> Double { values[row * names.count + column] }

  public func row(_ row: Int) -> ArraySlice<Double> { values[row * names.count..<(row + 1) * names.count] }

  public func rows(_ rows: [Int]) -> FeatureTable {
    var chosen: [Double] = []
    chosen.reserveCapacity(rows.count * names.count)
    for row in rows { chosen += self.row(row) }
    return FeatureTable(names: names, rowCount: rows.count, values: chosen)
  }

  /// With a further column at the end.
  func adding(_ name: String, _ column: [Double]) -> FeatureTable {
    precondition(column.count == rowCount)
    var all: [Double] = []
    all.reserveCapacity(rowCount * (names.count + 1))
    for row in 0..<rowCount { all += self.row(row) + [column[row]] }
    return FeatureTable(names: names + [name], rowCount: rowCount, values: all)
  }
}

/// Learns to predict a number (or the probability of a yes) from a row. The part of an uplift learner that can be exchanged.
public protocol OutcomeLearner: Sendable {
  var name: String { get }
  /// - Parameter outcomes: One a row; 0 and 1 when it is to predict a probability.
  /// - Throws: `UpliftRefusal`.
  func fit(_ table: FeatureTable, outcomes: [Double], seed: UInt64) throws(UpliftRefusal) -> any OutcomeModel
}

public protocol OutcomeModel: Sendable {
  /// One a row of `table`, whose columns are those that it was fitted on.
  func predict(_ table: FeatureTable) -> [Double]
}

/// Why an uplift cannot be learnt.
public enum UpliftRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  case tooFewPeople(arm: String, count: Int, least: Int)
  case noFeatures
  case allOutcomesAlike(arm: String, Double)
  /// The treatment is nearly decided by the features, so that nothing can be compared.
  case noOverlap(share: Double)
  case notANumber(column: String)
  case learnerFailed(String)

  public var description: String {
    switch self {
    case .tooFewPeople(let arm, let count, let least): "found \(count) people \(arm), expected at least \(least)"
    case .noFeatures: "found no feature: every column is the treatment, the outcome, ignored or the same for all"
    case .allOutcomesAlike(let arm, let outcome): "every outcome \(arm) is \(outcome): there is nothing to learn"
    case .noOverlap(let share):
      "the treatment can be told from the features for \(Int((share * 100).rounded())) % of the people (propensity below .02 or above .98): "
        + "who was treated was not drawn, and these have nobody to be compared with"
    case .notANumber(let column): "the column '\(column)' holds infinite numbers"
    case .learnerFailed(let reason): reason
    }
  }
}
