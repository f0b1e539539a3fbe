import Events
import Primitives

/// Entries that name a person and that no posting leads to: dead letters, and events that could not be read when they were
/// folded. Their own text is searched.
struct UnpostedEntries: Sendable {
  /// Where such entries stand.
  struct Places: Sendable {
    /// Ascending.
    let listed: [LogPosition]
    /// Up to here dead letters may stand that are listed no more; `.start` when all are.
    let unlistedEnd: LogPosition

    init(in state: borrowing PartitionState) {
      let letters = state.letters.positions.map { LogPosition($0) }
      listed = (letters + state.unreadPositions).sorted()
      unlistedEnd = state.letters.total > UInt64(letters.count) ? letters.first ?? .start : .start
    }
  }

  private static let bytesMax = 1 << 20

  private(set) var found: [LogPosition: Tombstone] = [:]
  private let search: NameSearch
  private let hash: StableHash
  /// Up to here everything was read.
  private var end = LogPosition.start

  init(naming identifiers: [Identifier], hash: StableHash) {
    search = NameSearch(identifiers)
    self.hash = hash
  }

  /// Reads what stands behind the places that were read before.
  mutating func read(_ places: Places, from store: any PartitionStore) throws {
    if end == .start, places.unlistedEnd > .start { try readUnlisted(to: places.unlistedEnd, from: store) }
    for position in places.listed where position > end {
      if let entry = try store.entry(at: position) { judge(entry, at: position) }
    }
    end = places.listed.last ?? end
  }

  private mutating func readUnlisted(to last: LogPosition, from store: any PartitionStore) throws {
    var next = LogPosition.start.next
    while next < last {
      let entries = try store.entries(from: next, bytesMax: Self.bytesMax)
      guard let newest = entries.last else { return }
      for entry in entries where entry.entry.kind == .deadLetter { judge(entry.entry, at: entry.position) }
      next = newest.position.next
    }
  }

  private mutating func judge(_ entry: LogEntry, at position: LogPosition) {
    var reader = BinaryReader(entry.payload)
    switch entry.kind {
    case .deadLetter:
      guard let letter = try? DeadLetter(from: &reader) else { return }
      let isNamed =
        search.isNamed(in: letter.raw) || letter.sent?.receipt.batchContext.map { search.isNamed(in: $0) } == true
      if isNamed { found[position] = .deadLetter(code: letter.code) }
    case .event:
      guard let stored = try? StoredEvent(from: &reader), let id = stored.messageID else { return }
      if search.isNamed(in: Array(stored.json)) || stored.receipt.batchContext.map({ search.isNamed(in: $0) }) == true {
        found[position] = .event(hash.hash128(id))
      }
    default: break
    }
  }
}
