public import Events
public import Features
public import Primitives
import Profiles

/// A person at a moment of the past, and whether what is predicted came true from there on.
public struct PredictionMoment: Sendable, Hashable {
  /// Under which the person was known then.
  public let identifier: Identifier
  /// Who that is now, merges and unmerges made.
  public let person: ProfileID
  public let at: Timestamp
  public let label: Bool
}

/// The moments that a prediction can be learnt from.
public struct PredictionMoments: Sendable {
  /// In the order of time.
  public var moments: [PredictionMoment] = []
  /// Moments whose time is not over, so that nobody knows their label.
  public var open = 0
  /// Moments that there are, of which `moments` is all or a sample.
  public var found = 0
  /// Where the log ended, and the events in it by then.
  public var end = LogPosition.start
  public var events = 0
}

extension Partition {
  private static let momentBytes = 512 << 10

  /// The moments of a prediction, with their labels: of people as they are now. What was erased is not among them.
  ///
  /// A moment lies right after an event (or on the clock), when the server knew of it. Of several within one stretch of
  /// `every` one is drawn by its person and time alone. The label is made of events by when they happened; where the log ends
  /// before the label's time is over, there is none.
  ///
  /// Reads the log on the caller's thread.
  /// - Parameters:
  ///   - countMax: Of more, so many are drawn, each moment as likely as any other.
  ///   - report: Told how much of the log is read, in [0, 1], and asked on while moments are drawn; false ends it.
  /// - Complexity: O(log + moments) time, 24 bytes for each event that matters, and the moments that are kept.
  public func moments(
    of definition: PredictionDefinition, countMax: Int, report: (Double) -> Bool
  ) async throws(EngineError) -> PredictionMoments? {
    let (positions, end, events) = try await read { ($0.definitionPositions, $0.end, $0.counts.events) }
    do {
      let history = try ActiveHistory(positions, in: store)
      var gathering = MomentGathering(definition)
      var clock = ReceiptClock()
      var next = LogPosition.start.next
      while next <= end {
        let entries = try store.entries(from: next, bytesMax: Self.momentBytes)
        guard let last = entries.last else { break }
        var read: [UnplacedEvent] = []
        for entry in entries where entry.position <= end {
          if let event = UnplacedEvent(entry, definition, history, hash, &clock) { read.append(event) }
        }
        let page = read
        let people = try await self.read { state in
          try page.map { event in try state.profile(of: event.keys).flatMap { try state.current($0) } }
        }
        for (event, person) in zip(page, people) { if let person { gathering.add(event, of: person) } }
        next = last.position.next
        guard report(Double(last.position.rawValue) / Double(end.rawValue)) else { return nil }
      }
      guard var moments = gathering.moments(countMax: countMax, isWanted: { report(1) }) else { return nil }
      (moments.end, moments.events) = (end, Int(clamping: events))
      return moments
    } catch let error as EngineError {
      throw error
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the log cannot be read: \(error)")
    }
  }
}

/// Since when live entries count as known: no earlier than those before them in the log, as in `KnownLog`.
private struct ReceiptClock {
  private var latest = Int64.min

  mutating func knownAt(_ entry: PositionedEntry, isHistory: Bool = false) -> Timestamp {
    let time = entry.entry.knownAt
    if isHistory { return time }
    latest = max(latest, time.microseconds)
    return Timestamp(microseconds: latest)
  }
}

/// An event before anybody knows whose it is.
private struct UnplacedEvent: Sendable {
  let keys: [IdentifierKey]
  let identifier: Identifier
  let isOutcome: Bool
  let isMoment: Bool
  let happenedAt: Timestamp
  let knownAt: Timestamp

  /// nil for entries that are no events, or belong to nobody.
  init?(
    _ positioned: PositionedEntry, _ definition: PredictionDefinition, _ history: ActiveHistory, _ hash: StableHash,
    _ clock: inout ReceiptClock
  ) {
    guard positioned.entry.kind == .event else {
      _ = clock.knownAt(positioned)
      return nil
    }
    var reader = BinaryReader(positioned.entry.payload)
    let active = history.active(at: positioned.position)
    guard let stored = try? StoredEvent(from: &reader), let event = try? stored.event(by: active.parser) else {
      return nil
    }
    knownAt = clock.knownAt(positioned, isHistory: stored.receipt.isImport && stored.receipt.isTrusted)
    keys = KnownLog.keys(of: PreparedEvent(event, payload: [], hash: hash), under: active.identity)
    guard !keys.isEmpty, let named = event.identifiers.first(where: { !active.identity.isBlocked($0) }) else {
      return nil
    }
    identifier = named
    isOutcome = definition.outcome.contains(event)
    isMoment = definition.moments?.contains(event) ?? true
    happenedAt = event.timestamp
  }
}

/// Events of people as they are read, and the moments that they make.
struct MomentGathering {
  private struct Mark {
    let person: UInt32
    let identifier: UInt32
    let at: Int64
  }

  /// Which mark of a stretch is kept. Those that are have small numbers, the smaller the busier the person.
  private static let hash = StableHash(key0: 0x6D6F_6D65_6E74_7320, key1: 0x6F66_2070_656F_706C)
  /// Which of the kept ones are in a sample: with other numbers, so that all are as likely.
  private static let sampling = StableHash(key0: 0x7361_6D70_6C65_7320, key1: 0x6F66_206D_6F6D_656E)

  private let definition: PredictionDefinition
  private var people: [ProfileID] = []
  private var numbers: [ProfileID: UInt32] = [:]
  private var identifiers: [Identifier] = []
  private var identifierNumbers: [Identifier: UInt32] = [:]
  /// Events after which a moment may lie.
  private var marks: [Mark] = []
  /// When outcomes happened, by person.
  private var outcomes: [[Timestamp]] = []
  private var latest = Int64.min

  init(_ definition: PredictionDefinition) { self.definition = definition }

  fileprivate mutating func add(_ event: UnplacedEvent, of person: ProfileID) {
    let number = numbers[person] ?? UInt32(people.count)
    if number == people.count {
      numbers[person] = number
      people.append(person)
      outcomes.append([])
    }
    latest = max(latest, event.knownAt.microseconds)
    if event.isOutcome { outcomes[Int(number)].append(event.happenedAt) }
    guard event.isMoment else { return }
    let identifier = identifierNumbers[event.identifier] ?? UInt32(identifiers.count)
    if identifier == identifiers.count {
      identifierNumbers[event.identifier] = identifier
      identifiers.append(event.identifier)
    }
    marks.append(Mark(person: number, identifier: identifier, at: event.knownAt.microseconds))
  }

  /// Gives up what was gathered.
  /// - Parameter isWanted: Asked for each person; false ends it.
  mutating func moments(countMax: Int, isWanted: () -> Bool) -> PredictionMoments? {
    var result = PredictionMoments()
    guard !marks.isEmpty else { return result }
    marks.sort { ($0.person, $0.at, $0.identifier) < ($1.person, $1.at, $1.identifier) }
    for person in outcomes.indices { outcomes[person].sort() }
    if definition.moments != nil { thin() }
    let end = Timestamp(microseconds: latest)
    // Where the horizon of the last moment begins that is over.
    let last = (end - definition.within).microseconds
    let people = spans()
    for span in people {
      let counts = counts(of: marks[span], upTo: last)
      result.found += counts.over
      result.open += counts.open
    }
    // What is not drawn is never kept: moments of the clock are many more than the events that they are made of.
    let share = result.found > countMax ? Double(countMax) / Double(result.found) : 1
    var chosen: [Mark] = []
    for span in people {
      guard isWanted() else { return nil }
      forEachMoment(of: marks[span], upTo: last) { mark in
        if share == 1 || isSampled(mark, share) { chosen.append(mark) }
      }
    }
    marks = []
    chosen.sort { ($0.at, $0.person) < ($1.at, $1.person) }
    result.moments = chosen.map { mark in
      let at = Timestamp(microseconds: mark.at)
      return PredictionMoment(
        identifier: identifiers[Int(mark.identifier)], person: self.people[Int(mark.person)], at: at,
        label: definition.label(at: at, outcomes: outcomes[Int(mark.person)]))
    }
    return result
  }

  /// The marks of each person.
  private func spans() -> [Range<Int>] {
    var spans: [Range<Int>] = []
    var start = 0
    while start < marks.count {
      var stop = start
      while stop < marks.count, marks[stop].person == marks[start].person { stop += 1 }
      spans.append(start..<stop)
      start = stop
    }
    return spans
  }

  /// Keeps one mark of a person in each stretch of `every`.
  private mutating func thin() {
    let every = definition.every.inMicroseconds
    var kept = 0
    for place in marks.indices {
      let mark = marks[place]
      if kept > 0, marks[kept - 1].person == mark.person, marks[kept - 1].at / every == mark.at / every {
        if draw(mark) < draw(marks[kept - 1]) { marks[kept - 1] = mark }
      } else {
        marks[kept] = mark
        kept += 1
      }
    }
    marks.removeSubrange(kept...)
  }

  /// The first whole multiple of `every` after a mark.
  private func firstTick(after mark: Mark) -> Int64 {
    let every = definition.every.inMicroseconds
    return (mark.at / every + 1) * every
  }

  /// A person's moments whose time is over, and the others.
  private func counts(of own: ArraySlice<Mark>, upTo last: Int64) -> (over: Int, open: Int) {
    guard definition.moments == nil else {
      let over = own.count { $0.at <= last }
      return (over, own.count - over)
    }
    guard let first = own.first else { return (0, 0) }
    let (tick, every) = (firstTick(after: first), definition.every.inMicroseconds)
    func ticks(through end: Int64) -> Int { end < tick ? 0 : Int((end - tick) / every) + 1 }
    let over = ticks(through: min(last, latest))
    return (over, ticks(through: latest) - over)
  }

  /// Gives a person's moments whose time is over to `body`, the oldest first: thinned marks or, by the clock, one at
  /// each whole multiple of `every` after the first, named as the person was at last by then.
  private func forEachMoment(of own: ArraySlice<Mark>, upTo last: Int64, _ body: (Mark) -> Void) {
    guard definition.moments == nil else {
      for mark in own where mark.at <= last { body(mark) }
      return
    }
    guard let first = own.first else { return }
    let every = Int(definition.every.inMicroseconds)
    var known = own.startIndex
    for at in stride(from: firstTick(after: first), through: min(last, latest), by: every) {
      while known + 1 < own.endIndex, own[known + 1].at <= at { known += 1 }
      body(Mark(person: own[known].person, identifier: own[known].identifier, at: at))
    }
  }

  /// Depends on nothing but whose moment it is and when.
  private func draw(_ mark: Mark, by hash: StableHash = Self.hash) -> UInt64 {
    hash.hash64("\(people[Int(mark.person)]) \(mark.at)")
  }

  private func isSampled(_ mark: Mark, _ share: Double) -> Bool {
    Double(draw(mark, by: Self.sampling) >> 11) * 0x1p-53 < share
  }
}
