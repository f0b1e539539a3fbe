import Catalog
import Decisions
import Events
import Features
import Governance
import Models
import Primitives
import Profiles

extension PartitionState {
  /// Folds an entry read from the log: what its payload says is what the live fold saw.
  mutating func fold(_ positioned: PositionedEntry) throws {
    let entry = positioned.entry
    var reader = BinaryReader(entry.payload)
    let item: EntryBatch.Fold
    switch entry.kind {
    case .event:
      let stored = try StoredEvent(from: &reader)
      do throws(StoredEvent.Failure) {
        item = .event(PreparedEvent(try stored.event(by: active.parser), payload: [], hash: hash))
      } catch {
        guard let id = stored.messageID else { throw error }
        item = .unread(error, hash.hash128(id))
      }
    case .items:
      var ids: [String] = []
      for _ in 0..<(try reader.readCount()) { ids.append(try reader.readString()) }
      item = .items(ids)
    case .decision: item = .decision(try DecisionRecord(from: &reader))
    case .catalogChange: item = .change(try CatalogChange(from: &reader))
    case .definitions: item = .definitions(try DefinitionSet(from: &reader))
    case .deadLetter: item = .letter(try DeadLetter(from: &reader))
    case .unmerge: item = .unmerge(try Unmerge(from: &reader))
    case .model: item = .model(try ModelEntry(from: &reader), nil)
    case .prediction: item = .prediction(try PredictionEntry(from: &reader))
    case .cohorts: item = .cohorts(try CohortRun(from: &reader))
    case .erased: item = .erased(try Tombstone(from: &reader))
    case .erasure: item = .erasure(try Erasure(from: &reader), nil)
    case .created: item = .created(StableHash(key0: try reader.readWord(), key1: try reader.readWord()))
    }
    try fold(item, entry: entry, at: positioned.position)
  }

  mutating func fold(_ item: EntryBatch.Fold, entry: LogEntry, at position: LogPosition) throws {
    switch item {
    case .event(let prepared): try fold(prepared, at: position)
    case .unread(let failure, let digest):
      ledger.insert(digest)  // it was answered, so that it counts as known
      unreadPositions.append(position)
      throw failure
    case .decision(let record):
      counts.decisions += 1
      try place(record, at: position)
    case .unmerge(let unmerge):
      unmergePositions.append(position)
      try fold(unmerge, knownAt: entry.knownAt)
    case .erased(let tombstone): try fold(tombstone, knownAt: entry.knownAt, at: position)
    case .erasure(let erasure, let around): try fold(erasure, around, at: position)
    case .items(let ids):
      endTeaching()
      for id in ids { _ = catalog.intern(id) }
    case .change(let change):
      endTeaching()
      // Judged before it was written. One that an earlier program judged otherwise is no change, now and ever after.
      let categories = catalog.categoryCount
      guard let item = try? catalog.apply(change, revision: position.rawValue) else { return }
      itemFacts.forget(item)
      // The cohorts may tell people apart by a category that had no number yet.
      if catalog.categoryCount > categories, placing != nil { installCohorts(isNew: false) }
      for index in models.indices { models[index].fold(changed: item, catalog: catalog) }
    case .definitions(let set):
      endTeaching()
      // Checked before it was written; a set of another version of the program may still not compile here.
      let compiled = try ActiveSet.compile(set).get()
      definitions = set
      definitionPositions.append(position)
      bringIntoForce(compiled)
    case .letter(let letter): letters.add(position, code: letter.code)
    case .model(let entry, let loaded): fold(entry, loaded: loaded)
    case .prediction(let entry): fold(entry)
    case .cohorts(let run): fold(run)
    case .created(let hash): self.hash = hash
    }
  }

  // MARK: Events

  private mutating func fold(_ prepared: PreparedEvent, at position: LogPosition) throws {
    ledger.insert(prepared.messageDigest)
    counts.events += 1
    let event = prepared.event
    let placed = try place(prepared, at: position, isTaught: true)
    if let decisionID = event.decisionID { try join(event, placed, to: decisionID, at: position) }
  }

  /// Gives an event to its person.
  /// - Parameter isTaught: Whether models learn of it; not when people are folded again.
  /// - Returns: What the person did with items.
  @discardableResult
  mutating func place(
    _ prepared: PreparedEvent, at position: LogPosition, isTaught: Bool
  ) throws -> [Interaction] {
    let event = prepared.event
    let ordinals = event.signals.map { signal in signal.itemID.flatMap { catalog.ordinal(of: $0) } }
    // An event that says nothing of items may still name one.
    let named = event.signals.isEmpty ? [event.itemID.flatMap { catalog.ordinal(of: $0) }] : ordinals
    let interactions = Self.interactions(of: event, with: ordinals)
    guard let profileID = try resolve(prepared, at: position) else { return interactions }
    try post(position, of: prepared, to: profileID)
    let folded = FeatureEvent(event, items: named.map { $0.map { facts(of: $0) } }, in: active.features)
    if isTaught, !interactions.isEmpty { try teach(interactions, of: event, by: profileID) }
    let features = active.features
    try persons.update(profileID, read, initial: Person(founding: profileID, with: event)) { person in
      person.profile.fold(event)
      for interaction in interactions { person.history.fold(interaction) }
      person.features.fold(folded, in: features)
    }
    return interactions
  }

  /// What the event's person did with items.
  func interactions(of event: Event) -> [Interaction] {
    Self.interactions(of: event, with: event.signals.map { $0.itemID.flatMap { catalog.ordinal(of: $0) } })
  }

  /// What an event says was done with items.
  /// - Parameter items: That of each signal, nil where it names none that is known.
  static func interactions(of event: Event, with items: [ItemOrdinal?]) -> [Interaction] {
    zip(event.signals, items).compactMap { signal, item in
      item.map { Interaction(item: $0, kind: signal.kind, at: event.timestamp, value: Float(signal.value ?? 0)) }
    }
  }

  private mutating func facts(of item: ItemOrdinal) -> Features.ItemFacts {
    itemFacts.facts(of: item, id: catalog.id(of: item), in: active.features) { catalog.item(item) }
  }

  /// Notes the entry under the first identifier of its event that leads to the profile: others may be somebody else's.
  private mutating func post(_ position: LogPosition, of prepared: PreparedEvent, to profile: ProfileID) throws {
    let keys = prepared.identifierKeys
    let key = try keys.first { try identifiers.inspect($0, read) { $0.profile } == profile } ?? keys[0]
    var isBehind = false
    let full = try identifiers.update(
      key, read, initial: IdentifierRecord(profile: profile)
    ) { record -> (chunk: PostingChunk, number: UInt32)? in
      guard record.events.isBefore(position) else {
        isBehind = true
        return nil
      }
      return record.events.append(position)
    }
    if isBehind { outOfOrder[key, default: []].append(position) }
    if let full { try postings.set(PostingKey(identifier: key, number: full.number), to: full.chunk, read) }
  }

  // MARK: Decisions and what came of them

  /// Counts what a decision showed to its person: whoever has the identifier that it was asked for under.
  mutating func place(_ record: DecisionRecord, at position: LogPosition) throws {
    let keys = record.identifiers.filter { !active.identity.isBlocked($0) }.map { IdentifierKey($0, hash: hash) }
    // Those of strangers too: whoever is to be erased later was a stranger first.
    for key in keys { try relate(position, to: key) }
    guard let named = record.profileID else { return }
    let decided = try current(named)
    var owners: [ProfileID] = []
    for key in keys { if let owner = try profile(of: [key]) { owners.append(owner) } }
    // Who was decided for, while they have one of the identifiers; after an unmerge whoever has.
    guard let profileID = decided.flatMap({ owners.contains($0) ? $0 : nil }) ?? owners.first ?? decided else { return }
    try persons.update(profileID, read, initial: Person(profile: Profile(id: profileID, createdAt: record.at))) {
      person in
      for shown in record.shown { person.history.fold(served: shown.item, at: record.at) }
    }
  }

  /// Joins an event to the decision that it names, unless it is too late, too early, or about nothing the decision showed.
  mutating func join(
    _ event: Event, _ interactions: [Interaction], to id: DecisionID, at position: LogPosition
  ) throws {
    let age = event.timestamp - id.rawValue.time
    // Clocks differ: an outcome may seem to come a little before its decision.
    guard age <= DecisionOutcomes.window, age >= .seconds(-300) else { return }
    if try !outcomes.contains(id, read) {
      // Compared with the position, so that a replay, which finds later decisions too, comes to the same.
      guard let decided = try store.position(of: id.rawValue), decided < position,
        let entry = try store.entry(at: decided), entry.kind == .decision
      else { return }
      var reader = BinaryReader(entry.payload)
      try outcomes.set(id, to: DecisionOutcomes(of: try DecisionRecord(from: &reader)), read)
    }
    var found = interactions.map { act in
      Outcome(
        item: act.item, type: act.kind.name, at: event.timestamp, value: Double(shortest: act.value),
        messageID: event.messageID)
    }
    // An event of the workspace's own, such as `subscribed`.
    if found.isEmpty, let item = event.itemID.flatMap({ catalog.ordinal(of: $0) }) {
      found = [
        Outcome(item: item, type: event.name, at: event.timestamp, value: 0, messageID: event.messageID)
      ]
    }
    for outcome in found {
      guard var known = try outcomes.value(id, read) else { return }
      if known.join(outcome) == .new { counts.outcomes += 1 }
      try outcomes.set(id, to: known, read)
    }
  }
}
