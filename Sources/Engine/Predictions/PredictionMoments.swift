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
  ///   - report: Told how much of the log is read, in [0, 1]; false ends it.
  /// - Complexity: O(log), 24 bytes for each event that matters.
  public func moments(
    of definition: PredictionDefinition, countMax: Int, report: (Double) -> Bool
  ) async throws(EngineError) -> PredictionMoments? {
    let (positions, end, events) = try await read { ($0.definitionPositions, $0.end, $0.counts.events) }
    do {
      let history = try ActiveHistory(positions, in: store)
      var gathering = MomentGathering(definition)
      var next = LogPosition.start.next
      while next <= end {
        let entries = try store.entries(from: next, bytesMax: Self.momentBytes)
        guard let last = entries.last else { break }
        let read = entries.compactMap { $0.position > end ? nil : UnplacedEvent($0, definition, history, hash) }
        let people = try await self.read { state in
          try read.map { event in try state.profile(of: event.keys).flatMap { try state.current($0) } }
        }
        for (event, person) in zip(read, people) { if let person { gathering.add(event, of: person) } }
        next = last.position.next
        guard report(Double(last.position.rawValue) / Double(end.rawValue)) else { return nil }
      }
      var moments = gathering.moments(countMax: countMax)
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
    _ positioned: PositionedEntry, _ definition: PredictionDefinition, _ history: ActiveHistory, _ hash: StableHash
  ) {
    guard positioned.entry.kind == .event else { return nil }
    var reader = BinaryReader(positioned.entry.payload)
    let active = history.active(at: positioned.position)
    guard let stored = try? StoredEvent(from: &reader), let event = try? stored.event(by: active.parser) else {
      return nil
    }
    keys = KnownLog.keys(of: PreparedEvent(event, payload: [], hash: hash), under: active.identity)
    guard !keys.isEmpty, let named = event.identifiers.first(where: { !active.identity.isBlocked($0) }) else {
      return nil
    }
    identifier = named
    isOutcome = definition.outcome.contains(event)
    isMoment = definition.moments?.contains(event) ?? true
    happenedAt = event.timestamp
    knownAt = event.knownAt
  }
}

/// Events of people as they are read, and the moments that they make.
struct MomentGathering {
  private struct Mark {
    let person: UInt32
    let identifier: UInt32
    let at: Int64
  }

  private static let hash = StableHash(key0: 0x6D6F_6D65_6E74_7320, key1: 0x6F66_2070_656F_706C)

  private let definition: PredictionDefinition
  private var people: [ProfileID] = []
  private var numbers: [ProfileID: UInt32] = [:]
  private var identifiers: [Identifier] = []
  private var identifierNumbers: [Identifier: UInt32] = [:]
  /// Events after which a moment may lie; for moments of the clock the first of each person alone.
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
  consuming func moments(countMax: Int) -> PredictionMoments {
    var result = PredictionMoments()
    guard !marks.isEmpty else { return result }
    marks.sort { ($0.person, $0.at, $0.identifier) < ($1.person, $1.at, $1.identifier) }
    for person in outcomes.indices { outcomes[person].sort() }
    let end = Timestamp(microseconds: latest)
    // Where the horizon of the last moment begins that is over.
    let last = (end - definition.within).microseconds
    var chosen: [Mark] = []
    var start = 0
    while start < marks.count {
      var stop = start
      while stop < marks.count, marks[stop].person == marks[start].person { stop += 1 }
      for mark in thinned(marks[start..<stop]) {
        if mark.at <= last { chosen.append(mark) } else { result.open += 1 }
      }
      start = stop
    }
    result.found = chosen.count
    if chosen.count > countMax {
      let share = Double(countMax) / Double(chosen.count)
      chosen = chosen.filter { Double(draw($0) >> 11) * 0x1p-53 < share }
    }
    chosen.sort { ($0.at, $0.person) < ($1.at, $1.person) }
    result.moments = chosen.map { mark in
      let at = Timestamp(microseconds: mark.at)
      return PredictionMoment(
        identifier: identifiers[Int(mark.identifier)], person: people[Int(mark.person)], at: at,
        label: definition.label(at: at, outcomes: outcomes[Int(mark.person)]))
    }
    return result
  }

  /// One mark of a person in each stretch of `every`; those of the clock lie on its whole multiples after the first.
  private func thinned(_ marks: ArraySlice<Mark>) -> [Mark] {
    let every = definition.every.inMicroseconds
    guard definition.moments != nil else {
      guard let first = marks.first else { return [] }
      return stride(from: (first.at / every + 1) * every, through: latest, by: Int(every)).map { at in
        let known = marks.last { $0.at <= at } ?? first
        return Mark(person: known.person, identifier: known.identifier, at: at)
      }
    }
    var kept: [Mark] = []
    for mark in marks {
      if let before = kept.last, before.at / every == mark.at / every {
        if draw(mark) < draw(before) { kept[kept.count - 1] = mark }
      } else {
        kept.append(mark)
      }
    }
    return kept
  }

  /// Depends on nothing but whose moment it is and when.
  private func draw(_ mark: Mark) -> UInt64 {
    Self.hash.hash64("\(people[Int(mark.person)]) \(mark.at)")
  }
}
