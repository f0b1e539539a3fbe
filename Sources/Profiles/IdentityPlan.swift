public import Events
public import Primitives

/// What identity needs to know of a profile that an identifier leads to.
public struct KnownProfile: Sendable, Hashable {
  public let id: ProfileID
  public let createdAt: Timestamp
  public let userID: String?
  public let identifierCount: Int
  /// Identifiers of each namespace that has a limit.
  public let limitedCounts: [String: Int]

  public init(
    id: ProfileID, createdAt: Timestamp, userID: String?, identifierCount: Int, limitedCounts: [String: Int] = [:]
  ) {
    self.id = id
    self.createdAt = createdAt
    self.userID = userID
    self.identifierCount = identifierCount
    self.limitedCounts = limitedCounts
  }

  public init(_ profile: Profile, under rules: IdentityRules = .standard) {
    var counts: [String: Int] = [:]
    if rules.hasLimits {
      for identifier in profile.identifiers where rules.limit(of: identifier.namespace) != nil {
        counts[identifier.namespace, default: 0] += 1
      }
    }
    self.init(
      id: profile.id, createdAt: profile.createdAt, userID: profile.userID, identifierCount: profile.identifiers.count,
      limitedCounts: counts)
  }
}

/// Which profile an event belongs to, and what becomes of the identifiers that it brings along.
public struct IdentityPlan: Sendable, Equatable {
  public enum Target: Sendable, Equatable {
    /// A new profile.
    case create
    case existing(ProfileID)
    /// Profiles that are one person from now on. `keep` is the oldest (by creation, then id); the others' ids lead to
    /// it.
    case merge(keep: ProfileID, absorb: [ProfileID])
    /// Nobody: every identifier of the event is a blocked value.
    case nobody
  }

  public let target: Target
  /// Identifiers that no profile had, and that the target gets; in the event's order, or that of their priorities.
  public let linked: [Identifier]
  /// Why identifiers became one person's through the event.
  public let links: [IdentityLink]
  /// What the event asked for and does not get, to be recorded on the target.
  public let refusals: [MergeRefusal]

  public init(
    target: Target, linked: [Identifier] = [], links: [IdentityLink] = [], refusals: [MergeRefusal] = []
  ) {
    self.target = target
    self.linked = linked
    self.links = links
    self.refusals = refusals
  }
}
