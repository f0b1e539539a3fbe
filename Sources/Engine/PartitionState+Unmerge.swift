import Events
import Primitives
import Profiles

extension PartitionState {
  // MARK: Cutting

  /// Cuts identifiers apart and folds the people around them again: one read of the log for each of their entries, now.
  mutating func fold(_ unmerge: Unmerge, knownAt: Timestamp) throws {
    try cut(unmerge.pairs.map { KeyPair($0, hash: hash) }, knownAt: knownAt)
  }

  mutating func cut(_ pairs: [KeyPair], knownAt: Timestamp) throws {
    for pair in pairs {
      let key = IdentifierKey(pair.first, pair.second)
      guard try !cuts.contains(key, read) else { continue }
      try cuts.set(key, to: Cut(knownAt: knownAt), read)
      counts.cuts += 1
    }
    let history = try ActiveHistory(definitionPositions, in: store)
    var around = Surroundings(of: pairs.flatMap { [$0.first, $0.second] })
    try around.complete(in: &self, history)
    try foldAgain(around, history)
  }

  /// Pairs of an event's identifiers that were cut apart.
  mutating func cuts(among prepared: PreparedEvent) throws -> Set<IdentifierPair> {
    guard counts.cuts > 0 else { return [] }
    let lookups = IdentityRules.lookups(of: prepared.event)
    var found: Set<IdentifierPair> = []
    for one in lookups.indices {
      for other in lookups.indices where other < one {
        let key = IdentifierKey(prepared.identifierKeys[one], prepared.identifierKeys[other])
        guard let cut = try cuts.value(key, read), cut.knownAt <= knownUntil else { continue }
        found.insert(IdentifierPair(lookups[one], lookups[other]))
      }
    }
    return found
  }

  // MARK: Folding people again

  /// Puts people in the place of those around, made of the entries around alone.
  mutating func foldAgain(_ around: Surroundings, _ history: ActiveHistory) throws {
    let fresh = try folded(around, until: knownUntil, history)
    try forget(around)
    try takeOver(fresh)
  }

  /// A state of these people alone, made of what was known at a moment.
  func folded(
    _ around: Surroundings, until moment: Timestamp, _ history: ActiveHistory
  ) throws -> PartitionState {
    var configuration = EngineConfiguration { 0 }
    configuration.profilesInMemoryMax = .max
    configuration.identifiersInMemoryMax = .max
    var fresh = PartitionState(store: store, configuration: configuration, isStoreEmpty: true, teacher: teacher)
    fresh.hash = hash
    fresh.catalog = catalog
    fresh.dwell = dwell
    fresh.models = []
    fresh.cuts = cuts
    fresh.counts.cuts = counts.cuts
    fresh.knownUntil = moment
    for (position, remembered) in around.entries.sorted(by: { $0.key < $1.key }) where remembered.knownAt <= moment {
      fresh.active = history.active(at: position)
      fresh.active.features = active.features  // made of the past as well
      switch remembered.entry {
      case .event(let prepared): try fresh.place(prepared, at: position, isTaught: false)
      case .decision(let record): try fresh.place(record, at: position)
      }
    }
    fresh.active = active
    return fresh
  }

  private mutating func forget(_ around: Surroundings) throws {
    for key in around.identifiers {
      outOfOrder[key] = nil
      if let record = try identifiers.value(key, read) {
        try forgetChunks(of: record.events, key, flag: 0)
        try identifiers.set(key, to: nil, read)
      }
      if let list = try related.value(key, read) {
        try forgetChunks(of: list, key, flag: PostingKey.related)
        try related.set(key, to: nil, read)
      }
    }
    for id in around.profiles {
      for gone in try persons.inspect(id, read, { $0.profile.absorbed }) ?? [] { try persons.set(gone, to: nil, read) }
      try persons.set(id, to: nil, read)
      counts.profiles -= 1
    }
  }

  private mutating func forgetChunks(of list: PostingList, _ key: IdentifierKey, flag: UInt32) throws {
    for number in 0..<list.fullChunks {
      try postings.set(PostingKey(identifier: key, number: number | flag), to: nil, read)
    }
  }

  /// Takes the people of another state in. Merges that it refused were counted when they were first refused.
  private mutating func takeOver(_ other: PartitionState) throws {
    try persons.takeOver(other.persons, read)
    try identifiers.takeOver(other.identifiers, read)
    try related.takeOver(other.related, read)
    try postings.takeOver(other.postings, read)
    counts.profiles += other.counts.profiles
  }
}

extension StateTable {
  /// Sets every value that another table has in memory.
  fileprivate mutating func takeOver(_ other: StateTable, _ read: StateReader) throws {
    var values: [(Key, Value)] = []
    other.forEachInMemory { values.append(($0, $1)) }
    for (key, value) in values { try set(key, to: value, read) }
  }
}
