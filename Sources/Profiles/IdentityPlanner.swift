import Events
import Primitives

/// Makes one plan: claims of the event's identifiers that are dropped one reason after the other.
struct IdentityPlanner {
  private struct Claim {
    let identifier: Identifier
    let profile: KnownProfile?
  }

  private let event: Event
  private let rules: IdentityRules
  /// The event's own user.
  private let user: Identifier?
  private var claims: [Claim]
  private var refusals: [MergeRefusal] = []

  init(_ event: Event, _ known: [KnownProfile?], rules: IdentityRules) {
    self.event = event
    self.rules = rules
    user = event.identifiers.first { $0.isUser && !rules.isBlocked($0) }
    claims = zip(IdentityRules.lookups(of: event), known).map(Claim.init)
    if let previous = event.previousID { settle(previous: previous) }
    refuse { rules.isBlocked($0.identifier) ? .blockedValue : nil }
    refuse { [user] in $0.identifier.isUser && $0.identifier != user ? .secondUser : nil }
  }

  /// An alias names its user and a stranger's id; what is a user's id already is not joined, and an alias to itself
  /// says nothing.
  private mutating func settle(previous: String) {
    let asUser = claims.removeLast()
    if user?.value == previous {
      claims.removeLast()
    } else if asUser.profile != nil, !rules.isBlocked(asUser.identifier) {
      if claims.last?.profile == nil { claims.removeLast() }
      note(.previousIsUser, asUser)
    }
  }

  mutating func sortByPriority() {
    let ordered = claims.enumerated().sorted { left, right in
      let (first, second) = (rules.priority(of: left.element.identifier), rules.priority(of: right.element.identifier))
      return first != second ? first < second : left.offset < right.offset
    }
    claims = ordered.map(\.element)
  }

  mutating func plan(cuts: Set<IdentifierPair>) -> IdentityPlan {
    if !cuts.isEmpty {
      var accepted: [Identifier] = []
      refuse { claim in
        if accepted.contains(where: { cuts.contains(IdentifierPair($0, claim.identifier)) }) { return .unmerged }
        accepted.append(claim.identifier)
        return nil
      }
    }
    let person = user?.value ?? claims.lazy.compactMap { $0.profile?.userID }.first
    refuse { $0.profile?.userID != nil && $0.profile?.userID != person ? .anotherUser : nil }

    // The event's user is given a place before anything else is.
    var room = Room(rules: rules)
    if claims.contains(where: { $0.identifier == user && $0.profile == nil }) { room.count = 1 }
    var joined: [KnownProfile] = []
    refuse { claim in
      guard let profile = claim.profile, !joined.contains(where: { $0.id == profile.id }) else { return nil }
      if let reason = room.add(profile) { return reason }
      joined.append(profile)
      return nil
    }
    refuse { [user] claim in claim.profile == nil && claim.identifier != user ? room.add(claim.identifier) : nil }
    let target = claims.isEmpty ? .nobody : Self.target(joined)
    return IdentityPlan(
      target: target, linked: claims.compactMap { $0.profile == nil ? $0.identifier : nil }, links: links(to: target),
      refusals: refusals)
  }

  /// How many identifiers the target would have.
  private struct Room {
    let rules: IdentityRules
    var count = 0
    var limited: [String: Int] = [:]

    /// - Returns: Why there is no room; then nothing was added.
    mutating func add(_ profile: KnownProfile) -> MergeRefusal.Reason? {
      // However many it has: a profile is never refused its own events.
      let isFirst = count == 0
      guard isFirst || count + profile.identifierCount <= rules.identifiersMax else { return .tooManyIdentifiers }
      for (namespace, count) in profile.limitedCounts where !isFirst {
        let together = limited[namespace, default: 0] + count
        if let limit = rules.limit(of: namespace), together > limit { return .namespaceLimit }
      }
      count += profile.identifierCount
      limited.merge(profile.limitedCounts) { $0 + $1 }
      return nil
    }

    mutating func add(_ identifier: Identifier) -> MergeRefusal.Reason? {
      guard count < rules.identifiersMax else { return .tooManyIdentifiers }
      if let limit = rules.limit(of: identifier.namespace) {
        guard limited[identifier.namespace, default: 0] < limit else { return .namespaceLimit }
        limited[identifier.namespace, default: 0] += 1
      }
      count += 1
      return nil
    }
  }

  private static func target(_ profiles: [KnownProfile]) -> IdentityPlan.Target {
    guard let keep = profiles.min(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) else { return .create }
    guard profiles.count > 1 else { return .existing(keep.id) }
    return .merge(keep: keep.id, absorb: profiles.map(\.id).filter { $0 != keep.id })
  }

  /// From the first identifier to each that was not yet the same person's.
  private func links(to target: IdentityPlan.Target) -> [IdentityLink] {
    guard let own = claims.first else { return [] }
    let rule: IdentityLink.Rule =
      switch event.kind {
      case .identify: .identify
      case .alias: .alias
      default: .sharedEvent
      }
    var base = own.profile?.id
    var reached: Set<ProfileID> = []
    if let base { reached.insert(base) }
    var links: [IdentityLink] = []
    for claim in claims.dropFirst() {
      var merged: ProfileID?
      if let profile = claim.profile?.id {
        guard reached.insert(profile).inserted else { continue }
        if case .merge(let keep, _) = target, base != nil { merged = profile == keep ? base : profile }
        base = base ?? profile
      }
      links.append(
        IdentityLink(
          identifier: claim.identifier, with: own.identifier, rule: rule, messageID: event.messageID,
          at: event.timestamp, merged: merged))
    }
    return links
  }

  /// Drops the claims that have a reason against them, noting it.
  private mutating func refuse(_ reason: (Claim) -> MergeRefusal.Reason?) {
    var kept: [Claim] = []
    for claim in claims {
      if let reason = reason(claim) { note(reason, claim) } else { kept.append(claim) }
    }
    claims = kept
  }

  private mutating func note(_ reason: MergeRefusal.Reason, _ claim: Claim) {
    refusals.append(
      MergeRefusal(identifier: claim.identifier, other: claim.profile?.id, reason: reason, at: event.timestamp))
  }
}
