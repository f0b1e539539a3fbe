import Catalog
import Decisions
import Events
import Models
import Primitives

/// The entries of one commit, with what to fold and whom to answer: first the records of decisions, which were made before
/// anything else was known, then the items that the rest names for the first time, then the rest in the order of the calls.
struct EntryBatch {
  /// What an entry means, as it is folded; a replay makes the same from the entry's payload.
  enum Fold: Sendable {
    case event(PreparedEvent)
    /// An event of the log that the names in force do not allow.
    case unread(StoredEvent.Failure, Digest128)
    case decision(DecisionRecord)
    case change(CatalogChange)
    case definitions(DefinitionSet)
    case letter(DeadLetter)
    case created(StableHash)
    case items([String])
    case unmerge(Unmerge)
    /// With the model that it brings into force, where that is at hand.
    case model(ModelEntry, (any ServedModel)?)
    case prediction(PredictionEntry)
    case cohorts(CohortRun)
    case erased(Tombstone)
    /// With the people around the one who was erased, when they were looked up already.
    case erasure(Erasure, Surroundings?)
  }

  private(set) var entries: [LogEntry] = []
  private(set) var folds: [Fold] = []
  let decisions: [DecidedRequest]
  private(set) var acceptedCount = 0
  private(set) var duplicateCount = 0
  private(set) var letterCount = 0
  /// How often an event named an item beyond those that may be only heard of.
  private(set) var unheardItems = 0

  /// Each is told the position before the first entry that is neither a decision nor `items`.
  private var replies: [(Result<LogPosition, EngineError>) -> Void] = []
  private var digests: Set<Digest128> = []
  private var touchedItems: Set<String> = []
  private var newItems: [String] = []
  private var knownNewItems: Set<String> = []
  private var bringsDefinitions = false
  /// Decisions and `items`.
  private var headCount = 0

  init(decisions: [DecidedRequest]) { self.decisions = decisions }

  /// The number of entries that calls have added.
  var count: Int { entries.count }

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
      replies.append { outcome in reply.resume(returning: outcome.map { _ in () }) }
    case .change(let changes, let reply): add(changes, reply, state: state, at: now())
    case .activate(let definitions, let reply):
      let version = state.definitions.version + 1
      let numbered = definitions.numbered(version)
      append(LogEntry(kind: .definitions, knownAt: now(), payload: numbered.binary), .definitions(numbered))
      bringsDefinitions = true
      replies.append { outcome in reply.resume(returning: outcome.map { _ in version }) }
    case .unmerge(let unmerge, let reply):
      append(LogEntry(kind: .unmerge, knownAt: now(), payload: unmerge.binary), .unmerge(unmerge))
      replies.append { outcome in reply.resume(returning: outcome.map { _ in () }) }
    case .model(let entry, let loaded, let reply):
      append(LogEntry(kind: .model, knownAt: now(), payload: entry.binary), .model(entry, loaded))
      replies.append { outcome in reply.resume(returning: outcome.map { _ in () }) }
    case .prediction(let entry, let reply):
      append(LogEntry(kind: .prediction, knownAt: now(), payload: entry.binary), .prediction(entry))
      replies.append { outcome in reply.resume(returning: outcome.map { _ in () }) }
    case .cohorts(let run, let reply):
      append(LogEntry(kind: .cohorts, knownAt: now(), payload: run.binary), .cohorts(run))
      replies.append { outcome in reply.resume(returning: outcome.map { _ in () }) }
    case .decide, .read, .checkpointFinished, .refolded, .erase, .finishErasures, .close: break
    }
  }

  /// Puts the decisions and the new items before what the calls wrote. Nothing is added afterwards.
  mutating func finish(at now: () -> Timestamp) {
    let (entries, folds) = (self.entries, self.folds)
    self.entries = []
    self.folds = []
    self.entries.reserveCapacity(entries.count + decisions.count + 1)
    self.folds.reserveCapacity(entries.count + decisions.count + 1)
    for decided in decisions {
      for case .success(let record) in decided.computed {
        var writer = BinaryWriter(reservingCapacity: 1_536)
        record.encode(into: &writer)
        append(
          LogEntry(kind: .decision, knownAt: record.at, key: record.id.rawValue, payload: writer.bytes),
          .decision(record))
      }
    }
    if !newItems.isEmpty {
      var writer = BinaryWriter()
      writer.write(count: newItems.count)
      for id in newItems { writer.write(string: id) }
      append(LogEntry(kind: .items, knownAt: now(), payload: writer.bytes), .items(newItems))
    }
    headCount = self.entries.count
    self.entries += entries
    self.folds += folds
  }

  private mutating func add(
    _ events: [PreparedEvent], _ reply: PartitionJob.Reply<[Acceptance]>, state: borrowing PartitionState
  ) {
    var places: [Int?] = []
    places.reserveCapacity(events.count)
    for event in events {
      guard !state.ledger.contains(event.messageDigest), digests.insert(event.messageDigest).inserted else {
        places.append(nil)
        duplicateCount += 1
        continue
      }
      add(event, state: state)
      places.append(entries.count)
      acceptedCount += 1
    }
    replies.append { outcome in
      reply.resume(
        returning: outcome.map { before in
          places.map { place in
            place.map { .accepted(LogPosition(before.rawValue + UInt64($0))) } ?? .duplicate
          }
        })
    }
  }

  private mutating func add(_ event: PreparedEvent, state: borrowing PartitionState) {
    let entry = LogEntry(kind: .event, knownAt: event.event.knownAt, payload: event.payload)
    do throws(StoredEvent.Failure) {
      let event = try event.read(by: state.active.parser, hash: state.hash)
      for id in event.event.itemIDs where state.catalog.ordinal(of: id) == nil {
        guard !knownNewItems.contains(id) else { continue }
        // Ids of the catalogue are bounded by who may change it; those of events are anybody's.
        if state.catalog.unlistedCount + newItems.count < state.unlistedItemsMax {
          knownNewItems.insert(id)
          newItems.append(id)
        } else {
          unheardItems += 1
        }
      }
      append(entry, .event(event))
    } catch {
      append(entry, .unread(error, event.messageDigest))
    }
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
    let changeCount = UInt64(entries.count)
    let standing = changes.count > refused.count ? nil : state.catalog.revision
    replies.append { outcome in
      reply.resume(
        returning: outcome.map { CatalogReceipt(revision: standing ?? $0.rawValue + changeCount, refused: refused) })
    }
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

  /// Whether a job that writes can only be judged when this batch is folded: it changes an item that the batch changes, or
  /// definitions come into force.
  func mustPrecede(_ job: PartitionJob) -> Bool {
    if bringsDefinitions { return true }
    guard case .change(let changes, _) = job, !touchedItems.isEmpty else { return false }
    return changes.contains { touchedItems.contains($0.itemID) }
  }

  /// Answers everybody who wrote; decisions are answered by the owner.
  /// - Parameter position: After which the batch was written.
  func reply(_ outcome: Result<Void, EngineError>, after position: LogPosition) {
    let before = LogPosition(position.rawValue + UInt64(headCount))
    for reply in replies { reply(outcome.map { before }) }
  }
}

extension BinaryCodable {
  var binary: [UInt8] {
    var writer = BinaryWriter()
    encode(into: &writer)
    return writer.bytes
  }
}
