import Events
import Primitives
import Profiles

extension PartitionState {
  /// The profile that an event belongs to; makes it, links identifiers and merges profiles as the identity rules plan.
  mutating func resolve(_ prepared: PreparedEvent) throws -> ProfileID {
    let event = prepared.event
    if let id = try settled(prepared) { return id }
    var known: [KnownProfile?] = []
    for key in prepared.identifierKeys {
      let record = try identifiers.value(key, read)
      known.append(try record.flatMap { try persons.inspect($0.profile, read) { KnownProfile($0.profile) } })
    }
    let plan = IdentityRules.plan(for: event, known: known)
    let id: ProfileID
    switch plan.target {
    case .existing(let existing): id = existing
    case .create:
      id = ProfileID(SortableID(time: event.receivedAt, entropy: prepared.identifierKeys[0].digest))
      counts.profiles += 1
    case .merge(let keep, let others):
      for other in others { try merge(other, into: keep) }
      id = keep
    }
    for identifier in plan.linked {
      try identifiers.set(IdentifierKey(identifier, hash: hash), to: IdentifierRecord(profile: id), read)
    }
    if !plan.linked.isEmpty || !plan.refusals.isEmpty {
      counts.refusedMerges += UInt64(plan.refusals.count)
      try persons.update(id, read, initial: Person(founding: id, with: event)) { $0.profile.apply(plan) }
    }
    return id
  }

  /// The profile of an event that brings nothing new: all its identifiers lead to one profile.
  private mutating func settled(_ prepared: PreparedEvent) throws -> ProfileID? {
    let event = prepared.event
    guard event.previousID == nil, !event.identifiers.dropFirst().contains(where: \.isUser) else { return nil }
    var common: ProfileID?
    for key in prepared.identifierKeys {
      guard let profile = try identifiers.inspect(key, read, { $0.profile }), common == nil || common == profile else {
        return nil
      }
      common = profile
    }
    return common
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
