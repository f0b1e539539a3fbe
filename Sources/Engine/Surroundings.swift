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

  private(set) var identifiers: Set<IdentifierKey> = []
  /// Those that have one of the identifiers now.
  private(set) var profiles: Set<ProfileID> = []
  private(set) var entries: [LogPosition: (entry: Entry, knownAt: Timestamp)] = [:]
  private var waiting: [Identifier]
  private var unread: Set<LogPosition> = []

  init(of identifiers: [Identifier]) { waiting = identifiers }

  var isComplete: Bool { waiting.isEmpty && unread.isEmpty }

  /// Follows the identifiers that were found. Reads no entry.
  mutating func look(in state: inout PartitionState) throws {
    while let identifier = waiting.popLast() {
      let key = IdentifierKey(identifier, hash: state.hash)
      guard identifiers.insert(key).inserted else { continue }
      if let record = try state.identifiers.value(key, state.read) {
        if profiles.insert(record.profile).inserted {
          waiting += try state.persons.inspect(record.profile, state.read) { $0.profile.identifiers } ?? []
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
      unread.formUnion((chunk?.positions ?? []).filter { entries[$0] == nil })
    }
    unread.formUnion(list.recent.positions.filter { entries[$0] == nil })
  }

  /// Reads the entries that were found. Needs no state.
  mutating func read(from store: any PartitionStore, hash: StableHash, _ history: ActiveHistory) throws {
    for position in unread.sorted() {
      guard let entry = try store.entry(at: position) else { continue }
      let active = history.active(at: position)
      var reader = BinaryReader(entry.payload)
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
        entries[position] = (.event(PreparedEvent(event, payload: [], hash: hash)), entry.knownAt)
        names = IdentityRules.lookups(of: event)
      case .decision:
        let record = try DecisionRecord(from: &reader)
        entries[position] = (.decision(record), entry.knownAt)
        names = record.identifiers
      default: continue
      }
      waiting += names.filter { !active.identity.isBlocked($0) }
    }
    unread = []
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
