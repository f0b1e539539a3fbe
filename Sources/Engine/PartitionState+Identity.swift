import Events
import Primitives
import Profiles

extension PartitionState {
  /// The profile that an event belongs to; makes it, links identifiers and merges profiles as the identity rules plan.
  /// - Returns: nil when the event is nobody's.
  mutating func resolve(_ prepared: PreparedEvent, at position: LogPosition) throws -> ProfileID? {
    let event = prepared.event
    if let id = try settled(prepared) { return id }
    let rules = active.identity
    var known: [KnownProfile?] = []
    for key in prepared.identifierKeys {
      let record = try identifiers.value(key, read)
      known.append(
        try record.flatMap { try persons.inspect($0.profile, read) { KnownProfile($0.profile, under: rules) } })
    }
    let plan = rules.plan(for: event, known: known, cuts: try cuts(among: prepared))
    let id: ProfileID
    switch plan.target {
    case .existing(let existing): id = existing
    case .create:
      let founder = event.identifiers.firstIndex { plan.linked.contains($0) } ?? 0
      id = ProfileID(SortableID(time: event.receivedAt, entropy: prepared.identifierKeys[founder].digest))
      counts.profiles += 1
    case .merge(let keep, let others):
      for other in others { try merge(other, into: keep) }
      id = keep
    case .nobody: return nil
    }
    for identifier in plan.linked {
      try identifiers.set(IdentifierKey(identifier, hash: hash), to: IdentifierRecord(profile: id), read)
    }
    if !plan.linked.isEmpty || !plan.links.isEmpty || !plan.refusals.isEmpty {
      counts.refusedMerges += UInt64(plan.refusals.count)
      try persons.update(id, read, initial: Person(founding: id, with: event)) { $0.profile.apply(plan) }
    }
    // What was not refused is the profile's now, but for the user's id that an alias looks for in vain.
    if plan.refusals.isEmpty, event.previousID == nil { return id }
    for (identifier, key) in zip(IdentityRules.lookups(of: event), prepared.identifierKeys)
    where !rules.isBlocked(identifier) {
      if try identifiers.inspect(key, read, { $0.profile }) != id { try relate(position, to: key) }
    }
    return id
  }

  /// The profile of an event that brings nothing new: all its identifiers lead to one profile.
  private mutating func settled(_ prepared: PreparedEvent) throws -> ProfileID? {
    let event = prepared.event
    guard event.previousID == nil, !event.identifiers.dropFirst().contains(where: \.isUser) else { return nil }
    // Standard blocked values never lead to a profile; others may have, before they were blocked.
    if active.identity.blocksMore, event.identifiers.contains(where: active.identity.isBlocked) { return nil }
    var common: ProfileID?
    for key in prepared.identifierKeys {
      guard let profile = try identifiers.inspect(key, read, { $0.profile }), common == nil || common == profile else {
        return nil
      }
      common = profile
    }
    return common
  }

  /// Notes an entry that concerns an identifier without being its person's event.
  mutating func relate(_ position: LogPosition, to key: IdentifierKey) throws {
    guard try related.inspect(key, read, { $0.recent.last }) != position.rawValue else { return }
    guard try related.inspect(key, read, { $0.isBefore(position) }) ?? true else {
      return outOfOrder[key, default: []].append(position)
    }
    let full = try related.update(key, read, initial: PostingList()) { $0.append(position) }
    guard let full else { return }
    try postings.set(PostingKey(identifier: key, number: full.number | PostingKey.related), to: full.chunk, read)
  }

  /// Gives everything of one profile to another; the first one's id leads there from now on.
  private mutating func merge(_ other: ProfileID, into keep: ProfileID) throws {
    guard let absorbed = try persons.value(other, read) else { return }
    for identifier in absorbed.profile.identifiers {
      try identifiers.update(
        IdentifierKey(identifier, hash: hash), read, initial: IdentifierRecord(profile: keep)
      ) { $0.profile = keep }
    }
    var redirect = Person(profile: Profile(id: other, createdAt: absorbed.profile.createdAt))
    redirect.mergedInto = keep
    try persons.set(other, to: redirect, read)
    let features = active.features
    try persons.update(keep, read, initial: absorbed) { $0.absorb(absorbed, features: features) }
    counts.profiles -= 1
  }
}

extension Person {
  init(founding id: ProfileID, with event: Event) {
    self.init(profile: Profile(id: id, createdAt: event.timestamp))
  }
}
