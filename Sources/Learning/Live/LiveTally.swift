import Engine
import Mathematics
import Primitives

/// What came of decisions, by the model that answered and by day, as far as their outcome windows are over.
///
/// A person's decisions of a day by one model are one observation, which is rewarded when anything came of any of them: what one
/// person does within a day hangs together. A day counts once nothing more is to come of any of its decisions.
public struct LiveTally: Sendable, Hashable {
  public struct Count: Sendable, Hashable {
    public var rewarded = 0
    /// People, each once a day.
    public var total = 0

    mutating func add(_ other: Count) {
      rewarded += other.rewarded
      total += other.total
    }
  }

  /// Days that are kept for each model.
  static let daysMax = 400
  private static let dayLength: Int64 = 86_400_000_000

  /// By version (0 for the fresh models alone) and day since 1970, in UTC.
  public private(set) var days: [Int: [Int: Count]] = [:]
  private var next: LogPosition
  /// People of days that are not over, by version and day.
  private var open: [Int: [Int: [String: Bool]]] = [:]

  /// - Parameter start: Where the log is read from.
  init(from start: LogPosition) { next = start }

  /// All days of a version together.
  public func total(of version: Int) -> Count {
    (days[version] ?? [:]).values.reduce(into: Count()) { $0.add($1) }
  }

  /// The counts of a version's days, the oldest first.
  func counts(of version: Int) -> [Count] { (days[version] ?? [:]).sorted { $0.key < $1.key }.map(\.value) }

  static func day(of moment: Timestamp) -> Int { Int(moment.microseconds / dayLength) }

  /// Reads on until the first decision of which more may come. Reads the log on the caller's thread.
  mutating func read(_ partition: Partition, at now: Timestamp) async throws(EngineError) {
    // Into a copy: a reading that fails is begun again from where this one began.
    var tally = self
    var newest = Int.min
    let reading = try await partition.forEachFinalDecision(from: next, at: now) { decision in
      let day = Self.day(of: decision.at)
      if day > newest {
        newest = day
        // Not the day before: decisions that were made together may stand in another order around midnight.
        tally.close(before: day - 1)
      }
      tally.add(decision)
    }
    tally.next = reading.next
    tally.close(before: Self.day(of: reading.waitsFrom ?? now))
    self = tally
  }

  mutating func add(_ decision: FinalDecision) {
    let isKnown = open[decision.version]?[Self.day(of: decision.at)]?[decision.person] ?? false
    open[decision.version, default: [:]][Self.day(of: decision.at), default: [:]][decision.person] =
      isKnown || decision.isRewarded
  }

  /// Counts the days before `day`.
  mutating func close(before day: Int) {
    for (version, openDays) in open {
      for (number, people) in openDays where number < day {
        var count = days[version]?[number] ?? Count()
        count.add(Count(rewarded: people.values.count { $0 }, total: people.count))
        days[version, default: [:]][number] = count
        open[version]?[number] = nil
      }
      if let known = days[version], known.count > Self.daysMax {
        for old in known.keys.sorted().prefix(known.count - Self.daysMax) { days[version]?[old] = nil }
      }
    }
  }
}

/// What the live outcomes say of the model in force.
enum LiveVerdict: Sendable, Hashable {
  case well
  /// It does worse than the model before it did.
  case worseThanBefore(String)
  /// It does worse than it did itself at first.
  case worseThanItWas(String)
}

extension LiveTally {
  /// Days of the model before that count, and of the model's own beginning.
  private static let daysBefore = 14
  private static let daysAtFirst = 7
  /// Observations without which nothing is compared.
  private static let observationsMin = 200
  private static let horizon = 100

  /// Compares the champion's days with those of the model before it, and with its own first week, by a `FallDetector` each, which
  /// share the chance of a false alarm. Depends on the days alone, so that it says the same after a restart.
  /// - Parameter before: 0 for the fresh models alone.
  func verdict(on champion: Int, before: Int, rules: WatchRules.Degradation) -> LiveVerdict {
    let own = counts(of: champion)
    let earlier = Self.sum(counts(of: before).suffix(Self.daysBefore))
    if let text = Self.fall(from: earlier, to: own[...], rules) {
      return .worseThanBefore(
        "\(text), against \(Self.rate(earlier)) with \(before == 0 ? "the fresh models" : "model \(before)")")
    }
    let first = Self.sum(own.prefix(Self.daysAtFirst))
    if let text = Self.fall(from: first, to: own.dropFirst(Self.daysAtFirst), rules) {
      return .worseThanItWas("\(text), against \(Self.rate(first)) in its first \(Self.daysAtFirst) days")
    }
    return .well
  }

  private static func sum(_ counts: some Sequence<Count>) -> Count { counts.reduce(into: Count()) { $0.add($1) } }

  private static func rate(_ count: Count) -> String {
    "\((Double(count.rewarded) / Double(max(1, count.total))).fourDigits) (\(count.rewarded) of \(count.total))"
  }

  /// In words, when the alarm is raised.
  private static func fall(
    from reference: Count, to days: ArraySlice<Count>, _ rules: WatchRules.Degradation
  ) -> String? {
    guard reference.total >= observationsMin,
      var detector = FallDetector(
        successes: reference.rewarded, of: reference.total, tolerance: rules.tolerance,
        falseAlarms: rules.falseAlarms / 2, horizon: horizon)
    else { return nil }
    var last = Count()
    for count in days {
      last.add(count)
      if detector.add(successes: count.rewarded, of: count.total) {
        return "a share of \(rate(last)) of the people's days had an outcome"
      }
    }
    return nil
  }
}
