import Decisions
import Documents
import Events
import Primitives

/// What a table must know of the log before the log is folded for it: which identifiers its people ever had, where its rows
/// belong among the entries, and where imported history stands.
///
/// The log is read once to find the rows of events or decisions, and once more for each step by which people prove to
/// have had further identifiers, which seldom takes more than two.
struct TableSurvey {
  /// A row, or the rows of one decision.
  struct Row {
    /// Everything before it was known.
    let place: KnownPlace
    /// Where windows end.
    let at: Timestamp
    /// The place of a listed moment in the question, else the position of the event or the decision.
    let source: UInt64
  }

  /// Names to choose suggestions from, at most.
  private static let namesMax = 1_000

  /// Of everybody in question, and of whoever ever shared one with them.
  private(set) var people: Set<IdentifierKey> = []
  /// In the order in which they are made.
  private(set) var rows: [Row] = []
  /// Imported events in the order in which they became known.
  private(set) var history: [KnownPlace] = []
  private(set) var definitionPositions: [LogPosition] = []
  private var names: Set<String> = []

  /// - Throws: `TableRefusal` when there is no such event or placement, or too much of them.
  init(of question: TableQuestion, store: any PartitionStore, hash: StableHash, upTo end: LogPosition) throws {
    if case .moments(let moments) = question.rows {
      try Self.check(count: moments.count)
      for (index, moment) in moments.enumerated() {
        people.insert(IdentifierKey(moment.identifier, hash: hash))
        let place = KnownPlace(time: moment.at.microseconds, position: .max)
        rows.append(Row(place: place, at: moment.at, source: UInt64(index)))
      }
    }
    var isFirst = true
    repeat {
      let known = people.count
      var log = KnownLog(hash: hash)
      history.removeAll()
      try store.forEachEntry(upTo: end) { positioned in
        guard let entry = try log.read(positioned) else { return }
        if isFirst { try find(entry, question, log) }
        let keys = log.keys(of: entry.content)
        let isRelevant = keys.contains(where: people.contains)
        if isRelevant { people.formUnion(keys) }
        if entry.isHistory, isRelevant || KnownLog.bringsDwell(entry.content) { try note(entry.place) }
      }
      definitionPositions = log.definitionPositions
      if isFirst { addNamesInForce(question.rows, log.active) }
      isFirst = false
      if people.count == known { break }
    } while true
    if rows.isEmpty { try refuseUnknown(question.rows) }
    rows.sort { ($0.place, $0.source) < ($1.place, $1.source) }
    history.sort()
  }

  private static func check(count: Int) throws(TableRefusal) {
    guard count <= TableQuestion.rowsMax else {
      throw TableRefusal(
        reason: .tooMany,
        message: "the table would have more than \(TableQuestion.rowsMax) rows; ask for it in stretches of time")
    }
  }

  private mutating func note(_ place: KnownPlace) throws(TableRefusal) {
    guard history.count < TableQuestion.historyMax else {
      throw TableRefusal(
        reason: .tooMany,
        message: "these people have more than \(TableQuestion.historyMax) imported events; ask for fewer people")
    }
    history.append(place)
  }

  // MARK: Rows of the log

  private mutating func find(_ entry: KnownLog.Entry, _ question: TableQuestion, _ log: KnownLog) throws {
    let position = entry.positioned.position.rawValue
    switch (question.rows, entry.content) {
    case (.events(let name), .event(let prepared)):
      let event = prepared.event
      if names.count < Self.namesMax {
        names.insert(event.name)
        for signal in event.signals { names.insert(signal.kind.name) }
      }
      guard event.name == name || event.signals.contains(where: { $0.kind.name == name }) else { return }
      // What came late happened before all that was known when it came.
      let isLate = event.timestamp < event.knownAt
      let at = isLate ? event.timestamp : event.knownAt
      let place = isLate ? KnownPlace(time: at.microseconds, position: 0) : entry.place
      try add(Row(place: place, at: at, source: position), question, log.keys(of: entry.content))
    case (.decisions(let placement), .decision(let record)):
      if names.count < Self.namesMax { names.insert(record.placement) }
      guard placement == nil || record.placement == placement else { return }
      try add(Row(place: entry.place, at: record.at, source: position), question, log.keys(of: entry.content))
    default: break
    }
  }

  private mutating func add(_ row: Row, _ question: TableQuestion, _ keys: [IdentifierKey]) throws(TableRefusal) {
    guard question.covers(row.at) else { return }
    try Self.check(count: rows.count + 1)
    rows.append(row)
    people.formUnion(keys)
  }

  /// What there may be without any so far.
  private mutating func addNamesInForce(_ rows: TableQuestion.Rows, _ active: ActiveSet) {
    switch rows {
    case .moments: break
    case .events: names.formUnion(SignalKind.allCases.map(\.name))
    case .decisions: names.formUnion(active.placements.keys)
    }
  }

  /// No row at all, although it is not for the stretch of time alone.
  private func refuseUnknown(_ rows: TableQuestion.Rows) throws(TableRefusal) {
    func refuse(_ reason: TableRefusal.Reason, _ name: String, _ what: String) throws(TableRefusal) {
      guard !names.contains(name) else { return }
      let hint = nearestWord(to: name, among: names.sorted()).map { "; did you mean '\($0)'?" } ?? ""
      throw TableRefusal(reason: reason, message: "the log has no \(what) '\(name)'\(hint)")
    }
    switch rows {
    case .moments, .decisions(placement: nil): break
    case .events(let name): try refuse(.unknownEvent, name, "event")
    case .decisions(let name?): try refuse(.unknownPlacement, name, "decision of the placement")
    }
  }
}
