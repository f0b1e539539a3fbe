import Decisions
import Events
import Primitives
import Profiles

/// Where an entry stands in the order in which everything became known, and a moment between two entries.
struct KnownPlace: Comparable, Sendable, Hashable {
  /// Microseconds since 1970.
  let time: Int64
  let position: UInt64

  static func < (left: Self, right: Self) -> Bool { (left.time, left.position) < (right.time, right.position) }
}

/// Reads the entries of a log with the definitions that were in force at each, and says since when each counts as known.
///
/// What comes in live is known in the order of the log: calls that arrive together may be written in another order than that
/// of their receipts, so that an entry counts as known no earlier than those before it. History that is imported is known
/// since the moment that it states, wherever it stands in the log.
struct KnownLog {
  enum Content {
    case event(PreparedEvent)
    case decision(DecisionRecord)
    /// Everything else, which concerns nobody or is folded as it is.
    case other
  }

  struct Entry {
    let positioned: PositionedEntry
    let content: Content
    let place: KnownPlace
    /// Imported: known since the moment that it states, wherever it stands in the log.
    let isHistory: Bool
  }

  let hash: StableHash
  private(set) var active = ActiveSet.builtIn
  /// Where definitions stand that came into force.
  private(set) var definitionPositions: [LogPosition] = []
  private var latest = Int64.min

  init(hash: StableHash) { self.hash = hash }

  /// Call for every entry, in the order of the log.
  /// - Returns: nil for what this program does not understand, which every fold leaves out.
  mutating func read(_ positioned: PositionedEntry) throws -> Entry? {
    let entry = positioned.entry
    var reader = BinaryReader(entry.payload)
    switch entry.kind {
    case .event:
      let stored = try StoredEvent(from: &reader)
      guard let event = try? stored.event(by: active.parser) else { return nil }
      let isHistory = stored.receipt.isImport && stored.receipt.isTrusted
      return self.entry(positioned, .event(PreparedEvent(event, payload: [], hash: hash)), isHistory: isHistory)
    case .decision: return self.entry(positioned, .decision(try DecisionRecord(from: &reader)))
    case .definitions:
      let set = try DefinitionSet(from: &reader)
      if let compiled = try? ActiveSet.compile(set).get() {
        active = compiled
        definitionPositions.append(positioned.position)
      }
      return self.entry(positioned, .other)
    default: return self.entry(positioned, .other)
    }
  }

  private mutating func entry(_ positioned: PositionedEntry, _ content: Content, isHistory: Bool = false) -> Entry {
    let knownAt = positioned.entry.knownAt.microseconds
    if !isHistory { latest = max(latest, knownAt) }
    return Entry(
      positioned: positioned, content: content,
      place: KnownPlace(time: isHistory ? knownAt : latest, position: positioned.position.rawValue),
      isHistory: isHistory)
  }

  /// The identifiers that an entry's person can be found under.
  func keys(of content: Content) -> [IdentifierKey] {
    switch content {
    case .event(let prepared): Self.keys(of: prepared, under: active.identity)
    case .decision(let record):
      record.identifiers.filter { !active.identity.isBlocked($0) }.map { IdentifierKey($0, hash: hash) }
    case .other: []
    }
  }

  /// Empty for an event that belongs to nobody.
  static func keys(of prepared: PreparedEvent, under rules: IdentityRules) -> [IdentifierKey] {
    zip(IdentityRules.lookups(of: prepared.event), prepared.identifierKeys)
      .compactMap { identifier, key in rules.isBlocked(identifier) ? nil : key }
  }

  static func bringsDwell(_ content: Content) -> Bool {
    if case .event(let prepared) = content { bringsDwell(prepared.event) } else { false }
  }

  static func bringsDwell(_ event: Event) -> Bool { event.signals.contains { $0.kind == .dwell } }
}

extension PartitionStore {
  /// Gives every entry up to `end` to `body`, in order.
  func forEachEntry(upTo end: LogPosition, bytesMax: Int = 1 << 20, _ body: (PositionedEntry) throws -> Void) throws {
    var next = LogPosition.start.next
    while next <= end {
      let entries = try self.entries(from: next, bytesMax: bytesMax)
      guard let newest = entries.last else { return }
      for entry in entries where entry.position <= end { try body(entry) }
      next = newest.position.next
    }
  }
}
