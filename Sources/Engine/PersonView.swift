public import Decisions
import Features
public import Primitives
import Profiles

/// A person as the engine knows them now, ready to be shown.
public struct PersonView: Sendable {
  private let person: Person
  private let features: FeatureValues
  private let recent: [RecentAct]
  /// What models say of the person now, by prediction.
  private let scores: [(name: String, value: Double)]

  struct RecentAct: Sendable {
    let item: String
    let kind: String
    let at: Timestamp
  }

  public let id: ProfileID
  /// The id that was asked for, of a profile that has become one with this; nil when it was this one's own.
  public let redirectedFrom: ProfileID?
  /// The discovered cohort; nil where there is none, or none may be used.
  public let cohort: CohortLabel?
  /// What is shown is what was known then; nil for now.
  public var asOf: Timestamp?

  /// - Parameter asked: The id that led here, when it is another.
  init(
    person: Person, features: FeatureValues, recent: [RecentAct], scores: [(name: String, value: Double)],
    cohort: CohortLabel? = nil, asked: ProfileID? = nil
  ) {
    self.person = person
    self.features = features
    self.recent = recent
    self.scores = scores
    self.cohort = cohort
    id = person.profile.id
    redirectedFrom = asked
  }

  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      person.profile.writeMembers(into: &writer)
      if let redirectedFrom { writer.member("redirected_from", redirectedFrom.description) }
      if let asOf { writer.member("as_of", asOf) }
      if let cohort {
        writer.key("cohort")
        cohort.write(into: &writer)
      }
      writer.member("features", object: { features.write(into: &$0) })
      // No model is asked for what it would have said of the past.
      if asOf == nil, !scores.isEmpty {
        writer.member("scores", object: { for score in scores { $0.member(score.name, score.value) } })
      }
      writer.member(
        "recent",
        array: { writer in
          for act in recent {
            writer.object {
              $0.member("item_id", act.item)
              $0.member("type", act.kind)
              $0.member("at", act.at)
            }
          }
        })
    }
  }
}

extension CohortLabel {
  /// `{"id", "name"}`
  func write(into writer: inout JSONWriter) {
    writer.object {
      $0.member("id", id)
      $0.member("name", name)
    }
  }
}
