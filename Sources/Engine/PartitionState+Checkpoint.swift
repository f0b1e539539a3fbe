import Catalog
import Events
import Features
import Logging
import Models
import Primitives
import Profiles

/// State as it was at one position, taken from the owner without copying and encoded elsewhere.
struct StateSnapshot: Sendable {
  let position: LogPosition
  let persons: [(key: ProfileID, box: [Person])]
  let identifiers: [(key: IdentifierKey, box: [IdentifierRecord])]
  let postings: [(key: PostingKey, box: [PostingChunk])]
  let related: [(key: IdentifierKey, box: [PostingList])]
  let cuts: [(key: IdentifierKey, box: [Cut])]
  let erasedProfiles: [(key: IdentifierKey, box: [ErasedProfile])]
  let outcomes: [(key: DecisionID, box: [DecisionOutcomes])]
  /// Records whose owners keep no note of what is saved and what is not: should the checkpoint fail, the next must carry them.
  let forgotten: CarriedRecords

  func checkpoint() -> Checkpoint {
    var records = forgotten.all
    records.reserveCapacity(records.count + persons.count + identifiers.count)
    records += Self.encode(persons, PartitionState.Section.persons)
    records += Self.encode(identifiers, PartitionState.Section.identifiers)
    records += Self.encode(postings, PartitionState.Section.postings)
    records += Self.encode(related, PartitionState.Section.related)
    records += Self.encode(cuts, PartitionState.Section.cuts)
    records += Self.encode(erasedProfiles, PartitionState.Section.erasedProfiles)
    records += Self.encode(outcomes, PartitionState.Section.outcomes)
    return Checkpoint(position: position, records: records)
  }

  private static func encode(
    _ values: [(key: some StateKey, box: [some BinaryCodable])], _ section: UInt8
  ) -> [StateRecord] {
    values.map { StateRecord(section: section, key: $0.key.stateKey, value: $0.box.first?.binary) }
  }
}

extension PartitionState {
  mutating func beginCheckpoint(carrying earlier: CarriedRecords) -> StateSnapshot {
    var forgotten = earlier
    func add(_ section: UInt8, _ changes: [(key: [UInt8], value: [UInt8]?)]) {
      for change in changes { forgotten.add(StateRecord(section: section, key: change.key, value: change.value)) }
    }
    add(Section.catalog, catalog.takeChanges())
    add(Section.dwell, dwell.takeChanges())
    for index in 0..<Self.freshCount { add(Section.models + UInt8(index), models[index].takeChanges()) }
    add(Section.trained, takeTrainedChanges())
    if let chunk = ledger.takeChanges() { add(Section.ledger, [(chunk.key, chunk.value)]) }
    add(Section.meta, [(Array("meta".utf8), meta)])
    return StateSnapshot(
      position: end, persons: persons.beginSaving(), identifiers: identifiers.beginSaving(),
      postings: postings.beginSaving(), related: related.beginSaving(), cuts: cuts.beginSaving(),
      erasedProfiles: erasedProfiles.beginSaving(), outcomes: outcomes.beginSaving(), forgotten: forgotten)
  }

  mutating func finishCheckpoint(succeeded: Bool, at position: LogPosition) {
    persons.finishSaving(succeeded: succeeded)
    identifiers.finishSaving(succeeded: succeeded)
    postings.finishSaving(succeeded: succeeded)
    related.finishSaving(succeeded: succeeded)
    cuts.finishSaving(succeeded: succeeded)
    erasedProfiles.finishSaving(succeeded: succeeded)
    outcomes.finishSaving(succeeded: succeeded)
    if succeeded { checkpointed = position }
  }

  /// Raise it when any record's form or meaning changes: state of another version is folded again from the log.
  private static let metaVersion: UInt8 = 6

  /// Models have sections by their place, so that state of other models must not be read.
  private var modelStamps: [String] { models.prefix(Self.freshCount).map { "\($0.name) \($0.version)" } }

  private var meta: [UInt8] {
    var writer = BinaryWriter()
    writer.write(byte: Self.metaVersion)
    writer.write(word: hash.key0)
    writer.write(word: hash.key1)
    writer.write(count: modelStamps.count)
    for stamp in modelStamps { writer.write(string: stamp) }
    definitions.encode(into: &writer)
    writer.write(count: wholeSlots.count)
    for slot in wholeSlots.sorted() { writer.write(word32: slot) }
    for positions in [definitionPositions, erasurePositions, unmergePositions, unreadPositions] {
      writer.write(count: positions.count)
      for position in positions { writer.write(varint: position.rawValue) }
    }
    letters.encode(into: &writer)
    counts.encode(into: &writer)
    registry.encode(into: &writer)
    return writer.bytes
  }

  private mutating func restore(meta bytes: [UInt8]) throws(BinaryError) {
    var reader = BinaryReader(bytes)
    let version = try reader.readByte()
    guard version == Self.metaVersion else {
      throw BinaryError("state of format \(version), expected \(Self.metaVersion)")
    }
    hash = StableHash(key0: try reader.readWord(), key1: try reader.readWord())
    var stamps: [String] = []
    for _ in 0..<(try reader.readCount()) { stamps.append(try reader.readString()) }
    guard stamps == modelStamps else { throw BinaryError("state of the models \(stamps), expected \(modelStamps)") }
    definitions = try DefinitionSet(from: &reader)
    wholeSlots = []
    for _ in 0..<(try reader.readCount()) { wholeSlots.insert(try reader.readWord32()) }
    func positions() throws(BinaryError) -> [LogPosition] {
      var positions: [LogPosition] = []
      for _ in 0..<(try reader.readCount()) { positions.append(LogPosition(try reader.readVarint())) }
      return positions
    }
    definitionPositions = try positions()
    erasurePositions = try positions()
    unmergePositions = try positions()
    unreadPositions = try positions()
    letters = try LetterIndex(from: &reader)
    counts = try PartitionCounts(from: &reader)
    registry = try ModelRegistry(from: &reader)
  }

  /// Loads the last checkpoint and folds the log after it. A checkpoint that cannot be read is dropped: the log has it all.
  static func load(
    from store: any PartitionStore, configuration: EngineConfiguration, logger: Logger, now: () -> Timestamp
  ) throws(EngineError) -> (PartitionState, epoch: UInt64) {
    do {
      let epoch = try store.acquire()
      if try store.end() == .start { try create(in: store, epoch: epoch, configuration: configuration, now: now()) }
      var state: PartitionState
      do {
        state = try PartitionState(checkpointIn: store, configuration: configuration)
      } catch {
        logger.warning("the saved state cannot be read; folding the whole log again", metadata: ["reason": "\(error)"])
        try store.discardState()
        state = PartitionState(store: store, configuration: configuration, isStoreEmpty: true)
      }
      try state.catchUp(logger: logger)
      if state.lacksHistory {
        logger.notice("features changed; folding the whole log again, so that they know all of it")
        try store.discardState()
        let inForce = state.active
        state = PartitionState(refolding: state, configuration: configuration)
        try state.catchUp(logger: logger)
        state.unpin(inForce)
      }
      return (state, epoch)
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the log cannot be folded: \(error)")
    }
  }

  /// The first entry of a log: the key of the partition's hash.
  private static func create(
    in store: any PartitionStore, epoch: UInt64, configuration: EngineConfiguration, now: Timestamp
  ) throws(PartitionStoreError) {
    var writer = BinaryWriter()
    writer.write(word: configuration.seed())
    writer.write(word: configuration.seed())
    try store.commit(
      PartitionCommit(
        epoch: epoch, after: .start, entries: [LogEntry(kind: .created, knownAt: now, payload: writer.bytes)]))
  }

  private init(checkpointIn store: any PartitionStore, configuration: EngineConfiguration) throws {
    let position = try store.checkpointPosition()
    self.init(store: store, configuration: configuration, isStoreEmpty: position == .start)
    guard position > .start else { return }
    guard let bytes = try store.state(section: Section.meta, key: Array("meta".utf8)) else {
      throw BinaryError("a checkpoint without its head")
    }
    try restore(meta: bytes)
    active = try ActiveSet.compile(definitions).get()
    wholeSlots.formIntersection(active.features.slots)  // another program's own features may be others
    try store.forEachState(section: Section.catalog) { try catalog.restore(key: $0, value: $1) }
    try store.forEachState(section: Section.dwell) { try dwell.restore(key: $0, value: $1) }
    try store.forEachState(section: Section.ledger) { try ledger.restore(key: $0, value: $1) }
    for index in models.indices {
      try store.forEachState(section: Section.models + UInt8(index)) { try models[index].restore(key: $0, value: $1) }
      for ordinal in 0..<UInt32(catalog.ordinalCount) where catalog.isListed(ItemOrdinal(ordinal)) {
        models[index].fold(changed: ItemOrdinal(ordinal), catalog: catalog)
      }
    }
    installChampion()
    try restoreTrained()
    try Self.load(&erasedProfiles, from: store)
    if counts.profiles > configuration.loadedAtOnceMax {
      warmUp = WarmUp(pageRecords: configuration.warmUpRecords)
    } else {
      try Self.load(&persons, from: store)
      try Self.load(&identifiers, from: store)
      try Self.load(&related, from: store)
      try Self.load(&cuts, from: store)
      try Self.load(&outcomes, from: store)
    }
    postings.finishLoading(isComplete: false)
    end = position
    checkpointed = position
  }

  private static func load<Key, Value>(_ table: inout StateTable<Key, Value>, from store: any PartitionStore) throws {
    var isComplete = true
    try store.forEachState(section: table.section) { key, value in
      if isComplete { isComplete = try table.load(key: key, value: value) }
    }
    table.finishLoading(isComplete: isComplete)
  }

  /// Folds what the log holds beyond `end`.
  mutating func catchUp(logger: Logger, bytesMax: Int = 4 << 20) throws {
    let begin = end
    var last = end
    while true {
      let entries = try store.entries(from: last.next, bytesMax: bytesMax)
      guard let newest = entries.last else { break }
      beginTeaching(entryCount: entries.count)
      defer { endTeaching() }
      for entry in entries {
        do {
          try fold(entry)
        } catch let error as StoredEvent.Failure {
          // Written by a version that took it. Skipping it beats a workspace that cannot be opened.
          logger.error(
            "an event of the log is not understood",
            metadata: ["position": "\(entry.position.rawValue)", "reason": "\(error)"])
        } catch let error as DefinitionErrors {
          // Written by a version that knew them; what was in force before stays so.
          logger.error(
            "definitions of the log do not compile",
            metadata: ["position": "\(entry.position.rawValue)", "reason": "\(error)"])
        }
      }
      last = newest.position
      end = last
    }
    for (version, reason) in modelFaults.sorted(by: { $0.key < $1.key }) {
      logger.error(
        "a model cannot serve; the one before it does",
        metadata: ["version": "\(version)", "reason": "\(reason)", "serving": "\(trained?.version ?? "none")"])
    }
    if end > begin {
      logger.info(
        "folded the log", metadata: ["from": "\(begin.rawValue)", "to": "\(end.rawValue)"])
    }
  }
}
