import Features
import Primitives
import Profiles

/// All that is folded of one person, floor by floor; or, after a merge, where the person went.
struct Person: Sendable, BinaryCodable {
  var profile: Profile
  var history = ItemHistory()
  var features = FeatureState()
  /// The profile that this one was merged into; the rest is then empty.
  var mergedInto: ProfileID?

  init(profile: Profile) { self.profile = profile }

  /// Takes in another profile of the same person.
  mutating func absorb(_ other: Person, features set: FeatureSet) {
    profile.absorb(other.profile)
    history.merge(other.history)
    features.merge(other.features, in: set)
  }

  func encode(into writer: inout BinaryWriter) {
    writer.write(optional: mergedInto) { $0.write(id: $1.rawValue) }
    profile.encode(into: &writer)
    history.encode(into: &writer)
    features.encode(into: &writer)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    mergedInto = try reader.readBool() ? ProfileID(try reader.readID()) : nil
    profile = try Profile(from: &reader)
    history = try ItemHistory(from: &reader)
    features = try FeatureState(from: &reader)
  }
}
