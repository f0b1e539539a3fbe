import Decisions
import Events
import Primitives
import Profiles

/// Everything that is to go with a person: found off the owner's thread, then completed on it with what has come meanwhile.
struct ErasurePlan: Sendable {
  let profile: ProfileID
  private var identifiers: [Identifier]
  private var around: Surroundings
  private var unposted: UnpostedEntries
  private var rejoined: RejoinedDecisions
  private var definitionPositions: [LogPosition]
  private var history: ActiveHistory

  /// What an erasure writes.
  struct Draft {
    var erasure = Erasure()
    var replacements: [PositionedEntry] = []
    /// The people who had an entry in common with the person, looked up in the state before.
    let around: Surroundings
  }

  /// Reads the log for what is known of the person now.
  ///
  /// - Parameter ask: Runs its argument on the state.
  /// - Returns: nil when there is no such person.
  static func make(
    for reference: PersonReference, store: any PartitionStore, hash: StableHash,
    ask: (@escaping @Sendable (inout PartitionState) throws -> Begin?) async throws -> Begin?,
    look: (Surroundings) async throws -> Surroundings
  ) async throws -> ErasurePlan? {
    guard let begin = try await ask({ try Begin(reference, in: &$0) }) else { return nil }
    var plan = ErasurePlan(begin, history: try ActiveHistory(begin.definitionPositions, in: store), hash: hash)
    while !plan.around.isComplete {
      plan.around = try await look(plan.around)
      try plan.around.read(from: store, hash: hash, plan.history)
    }
    try plan.unposted.read(begin.unposted, from: store)
    try plan.rejoined.read(plan.decisionsToJoin(hash), to: begin.end, from: store, plan.history)
    return plan
  }

  /// What a plan begins with.
  struct Begin: Sendable {
    let profile: ProfileID
    let identifiers: [Identifier]
    let definitionPositions: [LogPosition]
    let unposted: UnpostedEntries.Places
    let end: LogPosition

    init?(_ reference: PersonReference, in state: inout PartitionState) throws {
      let id: ProfileID?
      switch reference {
      case .profile(let profile): id = try state.current(profile)
      case .identifier(let identifier): id = try state.profile(of: [IdentifierKey(identifier, hash: state.hash)])
      }
      guard let id, let person = try state.persons.value(id, state.read) else { return nil }
      profile = id
      identifiers = person.profile.identifiers
      definitionPositions = state.definitionPositions
      unposted = UnpostedEntries.Places(in: state)
      end = state.end
    }
  }

  private init(_ begin: Begin, history: ActiveHistory, hash: StableHash) {
    profile = begin.profile
    identifiers = begin.identifiers
    around = Surroundings(of: begin.identifiers, hash: hash)
    unposted = UnpostedEntries(naming: begin.identifiers, hash: hash)
    rejoined = RejoinedDecisions()
    definitionPositions = begin.definitionPositions
    self.history = history
  }

  private func keys(_ hash: StableHash) -> Set<IdentifierKey> { Set(identifiers.map { IdentifierKey($0, hash: hash) }) }

  /// Entries that name the person.
  private func named(_ hash: StableHash) -> [LogPosition: Surroundings.Found] {
    let keys = keys(hash)
    return around.entries.filter { entry in entry.value.names.contains { keys.contains($0) } }
  }

  /// Decisions that an event of the person is an outcome of and that are not themselves erased.
  private func decisionsToJoin(_ hash: StableHash) -> RejoinedDecisions.Wanted {
    var wanted = RejoinedDecisions.Wanted()
    for (position, found) in named(hash) {
      wanted.erased.insert(position)
      switch found.entry {
      case .decision(let record): wanted.gone.insert(record.id)
      case .event(let prepared): if let id = prepared.event.decisionID { wanted.decisions.insert(id) }
      }
    }
    wanted.decisions.subtract(wanted.gone)
    return wanted
  }

  // MARK: On the owner's thread

  /// Adds what came since, and says what to write.
  /// - Returns: nil when the person is not there any more.
  mutating func draft(in state: inout PartitionState) throws -> Draft? {
    guard let begin = try Begin(.profile(profile), in: &state) else { return nil }
    if begin.definitionPositions != definitionPositions {
      definitionPositions = begin.definitionPositions
      history = try ActiveHistory(definitionPositions, in: state.store)
    }
    if begin.identifiers != identifiers { unposted = UnpostedEntries(naming: begin.identifiers, hash: state.hash) }
    identifiers = begin.identifiers
    around = Surroundings(of: identifiers.map { IdentifierKey($0, hash: state.hash) }, after: around)
    try around.complete(in: &state, history)
    try unposted.read(begin.unposted, from: state.store)
    let joined = decisionsToJoin(state.hash)
    try rejoined.read(joined, to: state.end, from: state.store, history)

    var draft = Draft(around: try peopleAround(in: &state))
    draft.erasure.counts = state.counts
    draft.erasure.identifiers = keys(state.hash).sorted { $0.stateKey.lexicographicallyPrecedes($1.stateKey) }
    let absorbed = try state.persons.value(begin.profile, state.read)?.profile.absorbed ?? []
    draft.erasure.profiles = ([begin.profile] + absorbed).map { Erasure.digest(of: $0, hash: state.hash) }
    draft.erasure.around = namesOfOthers(state.hash)
    draft.erasure.rejoined = rejoined.list
    try addPosted(to: &draft, state: &state)
    for (position, tombstone) in unposted.found {
      guard let entry = try state.store.entry(at: position), entry.kind == tombstone.kind else { continue }
      draft.add(tombstone, inPlaceOf: entry, at: position)
    }
    try addUnmerges(to: &draft, state: &state)
    return draft
  }

  private func namesOfOthers(_ hash: StableHash) -> [IdentifierKey] {
    let others = Set(named(hash).values.flatMap(\.names)).subtracting(keys(hash))
    return others.sorted { $0.stateKey.lexicographicallyPrecedes($1.stateKey) }
  }

  /// The others, as they are found when the person's entries are gone.
  private func peopleAround(in state: inout PartitionState) throws -> Surroundings {
    let named = named(state.hash)
    var people = Surroundings(
      of: Array(keys(state.hash)) + namesOfOthers(state.hash), after: around, without: Set(named.keys))
    for case .decision(let record) in named.values.map(\.entry) { people.erasedDecisions.insert(record.id) }
    try people.complete(in: &state, history)
    return people
  }

  private func addPosted(to draft: inout Draft, state: inout PartitionState) throws {
    let keys = keys(state.hash)
    var own: Set<LogPosition> = []
    for key in keys { own.formUnion(try state.eventPositions(under: key)) }
    for (position, found) in named(state.hash) {
      let tombstone: Tombstone
      let isOwn: Bool
      switch found.entry {
      case .event(let prepared):
        tombstone = .event(prepared.messageDigest)
        isOwn = own.contains(position)
      case .decision(let record):
        tombstone = .decision
        isOwn = record.identifiers.first.map { keys.contains(IdentifierKey($0, hash: state.hash)) } ?? false
      }
      if !isOwn { draft.erasure.entryCounts.ofOthers += 1 }
      draft.add(tombstone, inPlaceOf: found.head, at: position)
    }
  }

  private func addUnmerges(to draft: inout Draft, state: inout PartitionState) throws {
    for position in state.unmergePositions {
      guard let entry = try state.store.entry(at: position), entry.kind == .unmerge else { continue }
      var reader = BinaryReader(entry.payload)
      let pairs = try Unmerge(from: &reader).pairs
      guard pairs.contains(where: { !Set($0.identifiers).isDisjoint(with: identifiers) }) else { continue }
      draft.add(.unmerge(pairs.map { KeyPair($0, hash: state.hash) }), inPlaceOf: entry, at: position)
    }
  }
}

extension ErasurePlan.Draft {
  fileprivate mutating func add(_ tombstone: Tombstone, inPlaceOf entry: LogEntry, at position: LogPosition) {
    replacements.append(PositionedEntry(position: position, entry: tombstone.entry(inPlaceOf: entry)))
    switch tombstone {
    case .event: erasure.entryCounts.events += 1
    case .decision: erasure.entryCounts.decisions += 1
    case .deadLetter: erasure.entryCounts.deadLetters += 1
    case .unmerge: erasure.entryCounts.unmerges += 1
    }
  }
}

extension Surroundings.Found {
  /// The log's entry without what it says, which need not be read again.
  fileprivate var head: LogEntry {
    switch entry {
    case .event: LogEntry(kind: .event, knownAt: knownAt, payload: [])
    case .decision(let record): LogEntry(kind: .decision, knownAt: knownAt, key: record.id.rawValue, payload: [])
    }
  }
}

extension PartitionState {
  fileprivate mutating func eventPositions(under key: IdentifierKey) throws -> [LogPosition] {
    guard let list = try identifiers.value(key, read)?.events else { return [] }
    var positions = list.recent.positions
    for number in 0..<list.fullChunks {
      positions += try postings.value(PostingKey(identifier: key, number: number), read)?.positions ?? []
    }
    return positions
  }
}
