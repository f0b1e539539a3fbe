import Decisions
import Events
import Primitives
import Profiles

/// Everything that some people are made of: all identifiers that ever came together with one of theirs, directly or through
/// others, and every entry that names one of these. What the fold makes of these entries depends on no others.
///
/// Found by turns: `look` in the state says where entries stand, `read` in the log says whom they name, until it is complete.
struct Surroundings: Sendable {
  enum Entry: Sendable {
    case event(PreparedEvent)
    case decision(DecisionRecord)
  }

  struct Found: Sendable {
    let entry: Entry
    let knownAt: Timestamp
    /// Whom it names, as far as these names lead anywhere.
    let names: [IdentifierKey]
  }

  private(set) var identifiers: Set<IdentifierKey> = []
  /// Those that have one of the identifiers now.
  private(set) var profiles: Set<ProfileID> = []
  private(set) var entries: [LogPosition: Found] = [:]
  /// Decisions whose records were erased.
  var erasedDecisions: Set<DecisionID> = []
  private var waiting: [IdentifierKey]
  private var unread: Set<LogPosition> = []
  /// What an earlier search has read.
  private let known: [LogPosition: Found]
  /// Entries that are to be erased: they name nobody.
  private let erased: Set<LogPosition>

  /// - Parameters:
  ///   - earlier: A search whose entries need not be read again.
  ///   - erased: Entries that the log is to lose.
  init(
    of identifiers: some Sequence<IdentifierKey>, after earlier: Surroundings? = nil,
    without erased: Set<LogPosition> = []
  ) {
    waiting = Array(identifiers)
    known = earlier?.entries ?? [:]
    self.erased = erased
  }

  init(of identifiers: [Identifier], hash: StableHash) {
    self.init(of: identifiers.map { IdentifierKey($0, hash: hash) })
  }

  var isComplete: Bool { waiting.isEmpty && unread.isEmpty }

  /// Follows the identifiers that were found. Reads no entry.
  mutating func look(in state: inout PartitionState) throws {
    while let key = waiting.popLast() {
      guard identifiers.insert(key).inserted else { continue }
      if let record = try state.identifiers.value(key, state.read) {
        if profiles.insert(record.profile).inserted {
          let theirs = try state.persons.inspect(record.profile, state.read) { $0.profile.identifiers } ?? []
          waiting += theirs.map { IdentifierKey($0, hash: state.hash) }
        }
        try note(record.events, of: key, flag: 0, in: &state)
      }
      unread.formUnion((state.outOfOrder[key] ?? []).filter { entries[$0] == nil })
      if let list = try state.related.value(key, state.read) {
        try note(list, of: key, flag: PostingKey.related, in: &state)
      }
    }
  }

  private mutating func note(
    _ list: PostingList, of key: IdentifierKey, flag: UInt32, in state: inout PartitionState
  ) throws {
    for number in 0..<list.fullChunks {
      let chunk = try state.postings.value(PostingKey(identifier: key, number: number | flag), state.read)
      note(chunk?.positions ?? [])
    }
    note(list.recent.positions)
  }

  private mutating func note(_ positions: [LogPosition]) {
    for position in positions where entries[position] == nil && !erased.contains(position) {
      if let found = known[position] { add(found, at: position) } else { unread.insert(position) }
    }
  }

  private mutating func add(_ found: Found, at position: LogPosition) {
    entries[position] = found
    waiting += found.names
  }

  /// Reads the entries that were found. Needs no state.
  mutating func read(from store: any PartitionStore, hash: StableHash, _ history: ActiveHistory) throws {
    for position in unread.sorted() {
      guard let entry = try store.entry(at: position) else { continue }
      let active = history.active(at: position)
      var reader = BinaryReader(entry.payload)
      let content: Entry
      let names: [Identifier]
      switch entry.kind {
      case .event:
        let stored = try StoredEvent(from: &reader)
        let event: Event
        do throws(StoredEvent.Failure) {
          event = try stored.event(by: active.parser)
        } catch {
          continue  // as when it was folded
        }
        content = .event(PreparedEvent(event, payload: [], hash: hash))
        names = IdentityRules.lookups(of: event)
      case .decision:
        let record = try DecisionRecord(from: &reader)
        content = .decision(record)
        names = record.identifiers
      case .erased:
        if let key = entry.key { erasedDecisions.insert(DecisionID(key)) }
        continue
      default: continue
      }
      let leading = names.filter { !active.identity.isBlocked($0) }.map { IdentifierKey($0, hash: hash) }
      add(Found(entry: content, knownAt: entry.knownAt, names: leading), at: position)
    }
    unread = []
  }

  /// Looks and reads by turns until nothing is missing.
  mutating func complete(in state: inout PartitionState, _ history: ActiveHistory) throws {
    while !isComplete {
      try look(in: &state)
      try read(from: state.store, hash: state.hash, history)
    }
  }
}

/// Definitions by the position from which they were in force.
struct ActiveHistory: Sendable {
  /// Ascending.
  private var sets: [(from: LogPosition, set: ActiveSet)] = []

  /// - Parameter positions: Where definitions stand that came into force, ascending.
  init(_ positions: [LogPosition], in store: any PartitionStore) throws {
    for position in positions {
      guard let entry = try store.entry(at: position), entry.kind == .definitions else { continue }
      var reader = BinaryReader(entry.payload)
      // What this version of the program does not know leaves in force what was before, as when the log is folded.
      guard case .success(let set) = ActiveSet.compile(try DefinitionSet(from: &reader)) else { continue }
      sets.append((position, set))
    }
  }

  /// What the entry at a position was folded under.
  func active(at position: LogPosition) -> ActiveSet { sets.last { $0.from < position }?.set ?? .builtIn }
}
