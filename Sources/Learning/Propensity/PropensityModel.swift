public import Mathematics
import Models

/// How likely a person is to do something: a calibrated blend of boosted trees and logistic regression.
///
///     score(x) = Σ_m w_m logit_m(x),      p(x) = c(1 / (1 + e^(−score)))
///
/// with weights w that sum to 1 and a calibration c, both chosen on rows that the members had not learnt from.
public struct PropensityModel: Sendable, Hashable {
  /// What is known of people like one.
  public struct Alike: Sendable, Hashable {
    /// Rows of the training that fall into the same leaf of one tree, and those of them that did it.
    public var rows = 0
    public var yes = 0
  }

  /// Why no number is given.
  public enum EvidenceGap: Sendable, Hashable, CustomStringConvertible {
    /// The training has too few of one outcome for any number.
    case fewOutcomes(found: Int, expected: Int)
    case nothingKnown
    case fewAlike(found: Int, expected: Int)
    /// Models that learnt from other parts of the training say too different things.
    case wideSpread(low: Double, high: Double)

    public var description: String {
      switch self {
      case .fewOutcomes(let found, let expected):
        "the training has \(found) of the rarer outcome, at least \(expected) are needed"
      case .nothingKnown: "nothing is known of this one"
      case .fewAlike(let found, let expected):
        "the training has \(found) like this one, at least \(expected) are needed"
      case .wideSpread(let low, let high):
        "models of other parts of the training say from \(Self.percent(low)) to \(Self.percent(high))"
      }
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
  }

  public enum Answer: Sendable, Hashable {
    case probability(Double)
    case tooLittleEvidence(EvidenceGap)
  }

  /// One row with its reasons.
  public struct Prediction: Sendable, Hashable {
    public let answer: Answer
    /// The calibrated probability, whatever the evidence.
    public let probability: Double
    /// A logit, before calibration: `base` and all `amounts` sum to it, to about seven digits.
    public let score: Double
    public let base: Double
    /// For each feature.
    public let amounts: [Double]
    public let alike: Alike
  }

  /// What is needed for a number.
  public static let outcomesMin = 50
  public static let alikeMin = 20
  public static let spreadMax = 0.25

  let members: [(member: PropensityMember, weight: Double)]
  public let calibrator: Calibrator
  /// Of members that learnt from parts of the training.
  let parts: [PropensityMember]
  /// A tree whose leaves are kinds of people, and who of the training is in each.
  let kinds: RegressionTree
  let alike: [Int: Alike]
  public let featureCount: Int
  /// How many of the training did not, and did.
  public let outcomes: [Int]
  /// Held-back log-loss of the blend after the choice of a calibration, and of each candidate by its settings.
  public let heldBackLoss: Double
  public let candidates: [Candidate]

  /// A member that was considered.
  public struct Candidate: Sendable, Hashable {
    public let settings: String
    public let heldBackLoss: Double
    /// In the blend; 0 when it was left out.
    public let weight: Double
  }

  /// Calibrated probabilities of rows, shape `[n]`.
  public func probabilities(of rows: FloatMatrix) -> [Double] {
    scores(of: rows).map { calibrator.calibrated(LogisticRegression.logistic($0)) }
  }

  func scores(of rows: FloatMatrix) -> [Double] {
    precondition(rows.columnCount == featureCount)
    var sums = Array(repeating: 0.0, count: rows.rowCount)
    for (member, weight) in members {
      for (row, logit) in member.logits(of: rows).enumerated() { sums[row] += weight * logit }
    }
    return sums
  }

  /// A row with its reasons.
  /// - Complexity: O(leaves · depth²) of all trees.
  public func prediction(of row: ArraySlice<Float>) -> Prediction {
    precondition(row.count == featureCount)
    var base = 0.0
    var amounts = Array(repeating: 0.0, count: featureCount)
    for (member, weight) in members {
      let parts = member.parts(of: row)
      base += weight * parts.base
      for (feature, amount) in parts.amounts.enumerated() { amounts[feature] += weight * amount }
    }
    // The score as many rows at once have it, of which the sum of the parts differs in the seventh digit.
    let single = FloatMatrix(rowCount: 1, columnCount: row.count, values: Array(row))
    let score = scores(of: single)[0]
    let probability = calibrator.calibrated(LogisticRegression.logistic(score))
    let alike = alike[kinds.leaf(of: row)] ?? Alike()
    let gap = gap(of: row, alike: alike)
    return Prediction(
      answer: gap.map { .tooLittleEvidence($0) } ?? .probability(probability), probability: probability, score: score,
      base: base, amounts: amounts, alike: alike)
  }

  /// Why a row gets no number, without the cost of its reasons; nil when it gets one.
  func evidenceGap(of row: ArraySlice<Float>) -> EvidenceGap? {
    precondition(row.count == featureCount)
    return gap(of: row, alike: alike[kinds.leaf(of: row)] ?? Alike())
  }

  private func gap(of row: ArraySlice<Float>, alike: Alike) -> EvidenceGap? {
    let rarer = outcomes.min() ?? 0
    guard rarer >= Self.outcomesMin else { return .fewOutcomes(found: rarer, expected: Self.outcomesMin) }
    guard row.contains(where: { !$0.isNaN }) else { return .nothingKnown }
    guard alike.rows >= Self.alikeMin else { return .fewAlike(found: alike.rows, expected: Self.alikeMin) }
    let single = FloatMatrix(rowCount: 1, columnCount: row.count, values: Array(row))
    let said = parts.map { calibrator.calibrated(LogisticRegression.logistic($0.logits(of: single)[0])) }
    guard let low = said.min(), let high = said.max(), high - low > Self.spreadMax else { return nil }
    return .wideSpread(low: low, high: high)
  }

  public static func == (one: PropensityModel, other: PropensityModel) -> Bool {
    one.members.map(\.member) == other.members.map(\.member) && one.members.map(\.weight) == other.members.map(\.weight)
      && one.calibrator == other.calibrator && one.parts == other.parts && one.kinds == other.kinds
      && one.alike == other.alike && one.outcomes == other.outcomes
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(members.map(\.member))
    hasher.combine(members.map(\.weight))
    hasher.combine(calibrator)
  }
}
