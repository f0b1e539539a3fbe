import Catalog
import Decisions
import Events
import Primitives

/// The entries of one commit, with what to fold and whom to answer.
struct EntryBatch {
  /// What an entry means, as it is folded; a replay makes the same from the entry's payload.
  enum Fold: Sendable {
    case event(PreparedEvent)
    case decision(DecisionRecord)
    case change(CatalogChange)
    case definitions(DefinitionSet)
    case letter(DeadLetter)
    case created(StableHash)
  }

  private(set) var entries: [LogEntry] = []
  private(set) var folds: [Fold] = []
  let decisions: [DecidedRequest]
  private(set) var acceptedCount = 0
  private(set) var duplicateCount = 0
  private(set) var letterCount = 0

  private var replies: [(Result<Void, EngineError>) -> Void] = []
  private var digests: Set<Digest128> = []
  private var touchedItems: Set<String> = []

  /// The records of decisions come first: they were made before anything else of this batch was known.
  init(decisions: [DecidedRequest]) {
    self.decisions = decisions
    for decided in decisions {
      for case .success(let record) in decided.computed {
        var writer = BinaryWriter(reservingCapacity: 1_536)
        record.encode(into: &writer)
        append(
          LogEntry(kind: .decision, knownAt: record.at, key: record.id.rawValue, payload: writer.bytes),
          .decision(record))
      }
    }
  }

  private mutating func append(_ entry: LogEntry, _ fold: Fold) {
    entries.append(entry)
    folds.append(fold)
  }

  /// Takes in what a job writes; jobs that write nothing are left to the caller.
  mutating func add(_ job: PartitionJob, state: borrowing PartitionState, at now: () -> Timestamp) {
    switch job {
    case .accept(let events, let reply): add(events, reply, state: state)
    case .letters(let letters, let reply):
      for letter in letters {
        append(LogEntry(kind: .deadLetter, knownAt: letter.receivedAt, payload: letter.binary), .letter(letter))
      }
      letterCount += letters.count
      replies.append { reply.resume(returning: $0) }
    case .change(let changes, let reply): add(changes, reply, state: state, at: now())
    case .activate(let definitions, let reply):
      let version = state.definitions.version + 1
      let numbered = definitions.numbered(version)
      append(LogEntry(kind: .definitions, knownAt: now(), payload: numbered.binary), .definitions(numbered))
      replies.append { outcome in reply.resume(returning: outcome.map { version }) }
    case .decide, .read, .checkpointFinished, .refolded, .close: break
    }
  }

  private mutating func add(
    _ events: [PreparedEvent], _ reply: PartitionJob.Reply<[Acceptance]>, state: borrowing PartitionState
  ) {
    var acceptances: [Acceptance] = []
    acceptances.reserveCapacity(events.count)
    for event in events {
      guard !state.ledger.contains(event.messageDigest), digests.insert(event.messageDigest).inserted else {
        acceptances.append(.duplicate)
        duplicateCount += 1
        continue
      }
      append(LogEntry(kind: .event, knownAt: event.event.knownAt, payload: event.payload), .event(event))
      acceptances.append(.accepted(LogPosition(state.end.rawValue + UInt64(entries.count))))
      acceptedCount += 1
    }
    replies.append { outcome in reply.resume(returning: outcome.map { acceptances }) }
  }

  private mutating func add(
    _ changes: [CatalogChange], _ reply: PartitionJob.Reply<CatalogReceipt>, state: borrowing PartitionState,
    at moment: Timestamp
  ) {
    var refused: [CatalogReceipt.Refused] = []
    var called = CalledItems(changes)
    for (index, change) in changes.enumerated() {
      do throws(CatalogRefusal) {
        try called.check(change, catalog: state.catalog)
        append(LogEntry(kind: .catalogChange, knownAt: moment, payload: change.binary), .change(change))
        touchedItems.insert(change.itemID)
      } catch {
        refused.append(.init(index: index, refusal: error))
      }
    }
    let receipt = CatalogReceipt(
      revision: changes.count > refused.count ? state.end.rawValue + UInt64(entries.count) : state.catalog.revision,
      refused: refused)
    replies.append { outcome in reply.resume(returning: outcome.map { receipt }) }
  }

  /// The items that one call changes more than once, as its changes leave them: each is judged after those before it.
  private struct CalledItems {
    private var repeated: Set<String> = []
    private var known: Set<String> = []
    private var catalog = ItemCatalog()

    init(_ changes: [CatalogChange]) {
      var once: Set<String> = []
      if changes.count > 1 {
        for change in changes where !once.insert(change.itemID).inserted { repeated.insert(change.itemID) }
      }
    }

    mutating func check(_ change: CatalogChange, catalog stored: borrowing ItemCatalog) throws(CatalogRefusal) {
      guard repeated.contains(change.itemID) else { return try stored.check(change) }
      if known.insert(change.itemID).inserted, let item = stored.item(id: change.itemID) {
        try catalog.apply(.upsert(item), revision: 0)
      }
      try catalog.apply(change, revision: 0)
    }
  }

  /// Whether a job can only be judged when this batch is folded: it changes an item that the batch changes.
  func mustPrecede(_ job: PartitionJob) -> Bool {
    guard case .change(let changes, _) = job, !touchedItems.isEmpty else { return false }
    return changes.contains { touchedItems.contains($0.itemID) }
  }

  /// Answers everybody who wrote; decisions are answered by the owner.
  func reply(_ outcome: Result<Void, EngineError>) {
    for reply in replies { reply(outcome) }
  }
}

extension BinaryCodable {
  var binary: [UInt8] {
    var writer = BinaryWriter()
    encode(into: &writer)
    return writer.bytes
  }
}
