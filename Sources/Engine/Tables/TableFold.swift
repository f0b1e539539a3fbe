import Catalog
import Decisions
import Events
import Features
import Primitives
import Profiles

/// One fold of the log that stops at every row of a table, with the code that folds for the server.
///
/// Entries come in the order in which they became known: what came in live in that of the log, imported history at the moments
/// that it states. Only the people in question are folded, and everybody's dwells, against which engagement is judged.
/// Features are those given, throughout. Items have the facts that they had when a live event was folded; imported history
/// has those that items have now, since no catalogue of its time is known.
struct TableFold {
  private static let bytesMax = 1 << 20

  enum Subject {
    /// The listed moment of this number.
    case moment(row: Int)
    case event(Event)
    case decision(DecisionRecord)
  }

  /// The state at one row.
  struct Found {
    let row: TableSurvey.Row
    /// What the row is of.
    let subject: Subject
    /// nil when nobody has an identifier of the row yet.
    let profile: ProfileID?
    /// nil when nobody has.
    let values: FeatureValues?
    /// Of the profile by then.
    var eventCount = 0
  }

  private let store: any PartitionStore
  private let end: LogPosition
  private let survey: TableSurvey
  private let moments: [TableQuestion.Moment]
  /// Those that were asked for, whatever the log brings into force.
  private let features: FeatureSet
  private let selection: FeatureSet.Selection?
  private let definitions: ActiveHistory
  private(set) var state: PartitionState

  private var log: KnownLog
  private var page: ArraySlice<PositionedEntry> = []
  private var nextPosition = LogPosition.start.next
  private var live: KnownLog.Entry?
  private var history: ScatteredEntries
  private var nextHistory = 0
  private var sources: ScatteredEntries
  private var nextRow = 0
  /// What imported history finds of items: the catalogue of now.
  private var catalogOfNow: ItemCatalog
  private var factsOfNow = ItemFactsTable()

  init(
    _ survey: TableSurvey, _ question: TableQuestion, features: FeatureSet, store: any PartitionStore,
    hash: StableHash, upTo end: LogPosition
  ) throws {
    self.store = store
    self.end = end
    self.survey = survey
    if case .moments(let listed) = question.rows { moments = listed } else { moments = [] }
    self.features = features
    selection = question.features.map { features.selection(of: $0) }
    definitions = try ActiveHistory(survey.definitionPositions, in: store)
    var configuration = EngineConfiguration { 0 }
    // Only these people are here, and nothing is dropped that could not be read again.
    configuration.profilesInMemoryMax = .max
    configuration.identifiersInMemoryMax = .max
    state = PartitionState(folding: features, from: store, configuration: configuration)
    state.models = []
    state.hash = hash
    log = KnownLog(hash: hash)
    history = ScatteredEntries(survey.history.map(\.position), in: store)
    sources = ScatteredEntries(moments.isEmpty ? survey.rows.map(\.source) : [], in: store)
    catalogOfNow = survey.history.isEmpty ? ItemCatalog() : try ItemCatalog(logOf: store, upTo: end)
  }

  /// Goes on to the next rows.
  /// - Returns: At most `rowsMax`, perhaps none so far; nil when there are no more.
  /// - Complexity: At most `entriesMax` entries of the log are folded.
  mutating func next(rowsMax: Int, entriesMax: Int) throws -> [Found]? {
    var found: [Found] = []
    var folded = 0
    while nextRow < survey.rows.count, found.count < rowsMax, folded < entriesMax {
      if live == nil { live = try nextLive(countMax: entriesMax, passed: &folded) }
      let past = nextHistory < survey.history.count ? survey.history[nextHistory] : nil
      let place = if let past, let live { min(past, live.place) } else { past ?? live?.place }
      // Whether there are further entries is not known when the search for one was cut short.
      if live == nil, folded >= entriesMax { break }
      if let place, place < survey.rows[nextRow].place {
        try foldNext(at: place)
        folded += 1
      } else {
        if let row = try read(survey.rows[nextRow]) { found.append(row) }
        nextRow += 1
      }
    }
    return found.isEmpty && nextRow == survey.rows.count ? nil : found
  }

  // MARK: Entries

  /// The next entry that came in live and matters; nil when there is none, or none among the next `countMax`.
  private mutating func nextLive(countMax: Int, passed: inout Int) throws -> KnownLog.Entry? {
    while passed < countMax {
      if page.isEmpty {
        guard nextPosition <= end else { return nil }
        page = try store.entries(from: nextPosition, bytesMax: Self.bytesMax)[...]
        guard let newest = page.last else {
          nextPosition = end.next
          return nil
        }
        nextPosition = newest.position.next
      }
      guard let positioned = page.popFirst(), positioned.position <= end else { continue }
      if let entry = try log.read(positioned), !entry.isHistory, matters(entry) { return entry }
      passed += 1
    }
    return nil
  }

  private func matters(_ entry: KnownLog.Entry) -> Bool {
    switch entry.content {
    // No model answers here, and what an erasure took away is not in the log any more.
    case .other: ![.model, .prediction, .cohorts, .erasure].contains(entry.positioned.entry.kind)
    case .event, .decision: isInQuestion(entry) || KnownLog.bringsDwell(entry.content)
    }
  }

  private func isInQuestion(_ entry: KnownLog.Entry) -> Bool {
    log.keys(of: entry.content).contains(where: survey.people.contains)
  }

  private mutating func foldNext(at place: KnownPlace) throws {
    if let live, live.place == place {
      self.live = nil
      return try fold(live)
    }
    nextHistory += 1
    guard let positioned = try history.read() else { return }
    let active = state.active
    var then = definitions.active(at: positioned.position)
    guard let event = try Self.event(of: positioned, by: then.parser, hash: state.hash) else { return }
    then.features = active.features
    state.active = then
    swap(&state.catalog, &catalogOfNow)
    swap(&state.itemFacts, &factsOfNow)
    defer {
      swap(&state.catalog, &catalogOfNow)
      swap(&state.itemFacts, &factsOfNow)
      state.active = active
    }
    try fold(event, at: positioned.position)
  }

  private mutating func fold(_ entry: KnownLog.Entry) throws {
    let position = entry.positioned.position
    switch entry.content {
    case .event(let prepared): try fold(prepared, at: position)
    case .decision(let record): try state.place(record, at: position)
    case .other:
      do {
        try state.fold(entry.positioned)
      } catch is DefinitionErrors {
        // Written by a program that knew them; what was in force before stays so.
      }
    }
    state.end = position
  }

  private mutating func fold(_ prepared: PreparedEvent, at position: LogPosition) throws {
    let event = prepared.event
    let keys = KnownLog.keys(of: prepared, under: state.active.identity)
    if !keys.isEmpty, KnownLog.bringsDwell(event) {
      let items = event.signals.map { signal in signal.itemID.flatMap { state.catalog.ordinal(of: $0) } }
      for act in PartitionState.interactions(of: event, with: items) where act.kind == .dwell {
        if state.isLearntOf(act.item) { state.dwell.fold(act.item, seconds: Double(act.value)) }
      }
    }
    guard keys.contains(where: survey.people.contains) else { return }
    try state.place(prepared, at: position, isTaught: false)
  }

  /// nil for an event that the names of its time refuse, and for one that was erased a moment ago.
  private static func event(
    of positioned: PositionedEntry, by parser: EventParser, hash: StableHash
  ) throws -> PreparedEvent? {
    guard positioned.entry.kind == .event else { return nil }
    var reader = BinaryReader(positioned.entry.payload)
    let stored = try StoredEvent(from: &reader)
    return (try? stored.event(by: parser)).map { PreparedEvent($0, payload: [], hash: hash) }
  }

  // MARK: Rows

  /// nil for a row whose event or decision was erased a moment ago.
  private mutating func read(_ row: TableSurvey.Row) throws -> Found? {
    guard let (subject, keys) = try subject(of: row) else { return nil }
    guard let profile = try state.profile(of: keys) else {
      return Found(row: row, subject: subject, profile: nil, values: nil)
    }
    let person = try state.persons.value(profile, state.read)
    let values = person.map {
      features.values(of: $0.features, history: $0.history, dwell: state.dwell, at: row.at, only: selection)
    }
    return Found(
      row: row, subject: subject, profile: profile, values: values, eventCount: person?.profile.eventCount ?? 0)
  }

  /// What a row is of, and the identifiers to find its person by.
  private mutating func subject(of row: TableSurvey.Row) throws -> (Subject, [IdentifierKey])? {
    if !moments.isEmpty {
      let moment = moments[Int(row.source)]
      return (.moment(row: moment.row), [IdentifierKey(moment.identifier, hash: state.hash)])
    }
    guard let positioned = try sources.read() else { throw BinaryError("an entry of the log is gone") }
    if positioned.entry.kind == .decision {
      var reader = BinaryReader(positioned.entry.payload)
      let record = try DecisionRecord(from: &reader)
      return (.decision(record), log.keys(of: .decision(record)))
    }
    let parser = definitions.active(at: positioned.position).parser
    guard let prepared = try Self.event(of: positioned, by: parser, hash: state.hash) else { return nil }
    return (.event(prepared.event), log.keys(of: .event(prepared)))
  }
}

extension ItemCatalog {
  /// The catalogue as a log leaves it.
  init(logOf store: any PartitionStore, upTo end: LogPosition) throws {
    self.init()
    try store.forEachEntry(upTo: end) { positioned in
      var reader = BinaryReader(positioned.entry.payload)
      switch positioned.entry.kind {
      case .items: for _ in 0..<(try reader.readCount()) { _ = intern(try reader.readString()) }
      case .catalogChange:
        _ = try? apply(try CatalogChange(from: &reader), revision: positioned.position.rawValue)
      default: break
      }
    }
  }
}
