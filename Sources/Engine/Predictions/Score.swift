import Features
import Models
public import Primitives
import Rules

/// What a model says of a person, and why.
public struct Score: Sendable {
  /// What a feature adds to the margin.
  struct Contribution: Sendable {
    let feature: String
    /// nil where it is missing, which may tell, too.
    let value: RuleValue?
    let amount: Double
  }

  public let version: Int
  /// Calibrated, in [0, 1].
  public let probability: Double
  /// Share of the moments learnt from whose label was true.
  let baseRate: Double
  /// Log-odds before calibration: `bias` and all contributions.
  let margin: Double
  let bias: Double
  /// The largest first, by amount; those that add nothing are left out.
  let contributions: [Contribution]
}

/// What the scores of a person are made of. Their reasons take long to work out: no work for the owner's thread.
struct ScoreInputs: Sendable {
  let profile: ProfileID
  /// In the order of the definitions.
  let predictors: [Predictor]
  let values: FeatureValues
  let events: Int
  /// Why no model may say anything of the person; nil when they may.
  let lack: String?

  var listing: ScoreListing {
    ScoreListing(
      profile: profile,
      rows: predictors.map { predictor in
        ScoreListing.Row(
          prediction: predictor.definition.name, description: predictor.definition.description,
          outcome: lack.map { .absent($0) } ?? predictor.outcome(values, events: events))
      })
  }
}

/// The scores of a person: of each prediction a score, or why there is none.
public struct ScoreListing: Sendable {
  /// Contributions that are told one by one.
  static let contributionsMax = 8

  enum Outcome: Sendable {
    case score(Score)
    case absent(String)
  }

  struct Row: Sendable {
    let prediction: String
    let description: String?
    let outcome: Outcome
  }

  public let profile: ProfileID
  let rows: [Row]

  /// `{"profile_id", "scores": {name: {"probability", …} or {"absent"}}}`
  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("profile_id", profile.description)
      writer.member(
        "scores",
        object: { writer in
          for row in rows { writer.member(row.prediction, object: { Self.write(row, into: &$0) }) }
        })
    }
  }

  private static func write(_ row: Row, into writer: inout JSONWriter) {
    writer.member("description", row.description)
    switch row.outcome {
    case .absent(let reason):
      writer.key("probability")
      writer.null()
      writer.member("absent", reason)
    case .score(let score):
      writer.member("probability", score.probability)
      writer.member("base_rate", score.baseRate)
      writer.member("version", score.version)
      writer.member("margin", score.margin)
      writer.member("bias", score.bias)
      let told = score.contributions.prefix(contributionsMax)
      writer.member(
        "contributions",
        array: { list in
          for contribution in told {
            list.object { writer in
              writer.member("feature", contribution.feature)
              writer.key("value")
              if let value = contribution.value { value.write(into: &writer) } else { writer.null() }
              writer.member("contribution", contribution.amount)
            }
          }
        })
      writer.member("rest", score.contributions.dropFirst(told.count).reduce(0) { $0 + $1.amount })
    }
  }
}
