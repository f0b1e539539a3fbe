public import Events
public import Primitives

/// What identity needs to know of a profile that an identifier leads to.
public struct KnownProfile: Sendable, Hashable {
  public let id: ProfileID
  public let createdAt: Timestamp
  public let userID: String?
  public let identifierCount: Int

  public init(id: ProfileID, createdAt: Timestamp, userID: String?, identifierCount: Int) {
    self.id = id
    self.createdAt = createdAt
    self.userID = userID
    self.identifierCount = identifierCount
  }

  public init(_ profile: Profile) {
    self.init(
      id: profile.id, createdAt: profile.createdAt, userID: profile.userID, identifierCount: profile.identifiers.count)
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
  }

  public let target: Target
  /// Identifiers that no profile had, and that the target gets; in the event's order.
  public let linked: [Identifier]
  /// What the event asked for and does not get, to be recorded on the target.
  public let refusals: [MergeRefusal]

  public init(target: Target, linked: [Identifier] = [], refusals: [MergeRefusal] = []) {
    self.target = target
    self.linked = linked
    self.refusals = refusals
  }
}

/// Deterministic stitching: identifiers that come with one event name one person, as far as that is safe.
///
/// A profile has at most one `user_id`, and two users never become one, whatever they share:
///
/// - an anonymous profile and a `user_id` that come together become one profile;
/// - two anonymous profiles that come together become one profile;
/// - where an identifier leads to another user's profile, the event goes to its own user's, the other profile keeps the
///   identifier, and the refusal is recorded with its reason;
/// - an alias is an event of its user that also brings the earlier id, which must not be a user's.
public enum IdentityRules {
  /// The identifiers whose profiles decide where the event goes: its own, then for an alias the earlier id as an
  /// anonymous and as a user's id.
  public static func lookups(of event: Event) -> [Identifier] {
    guard let previous = event.previousID else { return event.identifiers }
    return event.identifiers + [.anonymous(previous), .user(previous)]
  }

  /// - Parameter known: For each of `lookups(of: event)` the profile that has it now, nil where none has; merged
  ///   profiles are named by their keeper.
  /// - Complexity: O(lookups²), without allocation for an event that brings nothing new.
  public static func plan(for event: Event, known: [KnownProfile?]) -> IdentityPlan {
    precondition(known.count == event.identifiers.count + (event.previousID == nil ? 0 : 2))
    if let first = known.first ?? nil, known.allSatisfy({ $0?.id == first.id }), event.previousID == nil,
      !event.identifiers.dropFirst().contains(where: \.isUser)
    {
      return IdentityPlan(target: .existing(first.id))
    }
    var planner = IdentityPlanner(event, known)
    return planner.plan()
  }
}

private struct IdentityPlanner {
  private struct Claim {
    let identifier: Identifier
    let profile: KnownProfile?
  }

  private let at: Timestamp
  /// The event's own user.
  private let user: Identifier?
  private var claims: [Claim]
  private var refusals: [MergeRefusal] = []

  init(_ event: Event, _ known: [KnownProfile?]) {
    at = event.timestamp
    user = event.identifiers.first { $0.isUser }
    claims = zip(IdentityRules.lookups(of: event), known).map(Claim.init)
    if let previous = event.previousID { settle(previous: previous) }
    refuse(.secondUser) { [user] in $0.identifier.isUser && $0.identifier != user }
  }

  /// An alias names its user and a stranger's id; what is a user's id already is not joined, and an alias to itself
  /// says nothing.
  private mutating func settle(previous: String) {
    let asUser = claims.removeLast()
    if user?.value == previous {
      claims.removeLast()
    } else if asUser.profile != nil {
      if claims.last?.profile == nil { claims.removeLast() }
      refusals.append(
        MergeRefusal(identifier: asUser.identifier, other: asUser.profile?.id, reason: .previousIsUser, at: at))
    }
  }

  mutating func plan() -> IdentityPlan {
    let person = user?.value ?? claims.lazy.compactMap { $0.profile?.userID }.first
    refuse(.anotherUser) { $0.profile?.userID != nil && $0.profile?.userID != person }

    // The event's user is given a place before anything else is.
    var joined: [KnownProfile] = []
    var count = claims.contains { $0.identifier == user && $0.profile == nil } ? 1 : 0
    refuse(.tooManyIdentifiers) { claim in
      guard let profile = claim.profile, !joined.contains(where: { $0.id == profile.id }) else { return false }
      guard count + profile.identifierCount <= Profile.identifiersMax else { return true }
      count += profile.identifierCount
      joined.append(profile)
      return false
    }
    refuse(.tooManyIdentifiers) { [user] claim in
      guard claim.profile == nil, claim.identifier != user else { return false }
      count += 1
      return count > Profile.identifiersMax
    }
    let linked = claims.compactMap { $0.profile == nil ? $0.identifier : nil }
    return IdentityPlan(target: Self.target(joined), linked: linked, refusals: refusals)
  }

  private static func target(_ profiles: [KnownProfile]) -> IdentityPlan.Target {
    guard let keep = profiles.min(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) else { return .create }
    guard profiles.count > 1 else { return .existing(keep.id) }
    return .merge(keep: keep.id, absorb: profiles.map(\.id).filter { $0 != keep.id })
  }

  /// Drops the claims that `isRefused`, noting why.
  private mutating func refuse(_ reason: MergeRefusal.Reason, where isRefused: (Claim) -> Bool) {
    claims.removeAll { claim in
      guard isRefused(claim) else { return false }
      refusals.append(MergeRefusal(identifier: claim.identifier, other: claim.profile?.id, reason: reason, at: at))
      return true
    }
  }
}
