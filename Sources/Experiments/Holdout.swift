public import Primitives

/// The people whose answers are never personalised, so that there is something to compare with.
///
/// Sticky: it depends on the digest of the identifier that a person was first known by, which is also the low half of their
/// profile's id, so that a stranger stays in their arm when they become a profile, and a merged person in the older one's.
public struct Holdout: Sendable {
  /// In [0, 1].
  public let share: Double

  public init(share: Double) { self.share = share }

  /// Version of the assignment. People stay in their arm as long as it stays, so it is never changed in place.
  private static let salt = "holdout-1"

  /// - Parameter founder: Low half of the digest of the person's first identifier.
  public func contains(founder: UInt64, hash: StableHash) -> Bool {
    let draw = Double(hash.hash64("\(Self.salt):\(founder)") >> 11) * 0x1p-53
    return draw < share
  }
}
