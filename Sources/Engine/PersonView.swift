import Features
public import Primitives
import Profiles

/// A person as the engine knows them now, ready to be shown.
public struct PersonView: Sendable {
  private let person: Person
  private let features: FeatureValues
  private let recent: [RecentAct]

  struct RecentAct: Sendable {
    let item: String
    let kind: String
    let at: Timestamp
  }

  public let id: ProfileID

  init(person: Person, features: FeatureValues, recent: [RecentAct]) {
    self.person = person
    self.features = features
    self.recent = recent
    id = person.profile.id
  }

  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      person.profile.writeMembers(into: &writer)
      writer.member("features", object: { features.write(into: &$0) })
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
