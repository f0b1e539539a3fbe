public import Decisions
import Features
import Logging
import Primitives

/// A recorded decision beside the same decision made again.
public struct ReplayedDecision: Sendable {
  public let recorded: DecisionRecord
  /// nil when it could not be made again, for the reason given.
  public let again: DecisionRecord?
  public let reason: String?

  public init(recorded: DecisionRecord, again: DecisionRecord?, reason: String?) {
    self.recorded = recorded
    self.again = again
    self.reason = reason
  }

  /// What differs, by the names of the record's members; timings do not count.
  public var differences: [String] {
    guard let again else { return [] }
    let pairs: [(String, Bool)] = [
      ("profile_id", again.profileID == recorded.profileID), ("stage", again.stage == recorded.stage),
      ("holdout", again.isHoldout == recorded.isHoldout), ("fallback", again.fallback == recorded.fallback),
      ("rungs", again.rungWeights == recorded.rungWeights), ("acts", again.evidenceCount == recorded.evidenceCount),
      ("versions", again.versions == recorded.versions), ("models", again.models == recorded.models),
      ("items", again.shown == recorded.shown), ("rivals", again.rivals == recorded.rivals),
      ("removed", again.removed == recorded.removed), ("boost_gaps", again.boostGaps == recorded.boostGaps),
      ("eligible", again.eligibleCount == recorded.eligibleCount),
      ("exploration", again.exploredRank == recorded.exploredRank), ("cohort", again.cohort == recorded.cohort),
    ]
    return pairs.compactMap { name, isEqual in isEqual ? nil : name }
  }

  /// The reason of decisions that come out differently, or not at all, when entries before them were erased.
  public static let inputsErased = "inputs_erased"

  /// The same, of a log that has lost entries before the decision.
  fileprivate var lackingEntries: ReplayedDecision {
    isReproduced ? self : ReplayedDecision(recorded: recorded, again: again, reason: Self.inputsErased)
  }

  public var isReproduced: Bool { again != nil && differences.isEmpty }
}

/// Makes recorded decisions again from the log alone: the state as it was folded up to each, its question, its moment, and
/// the seed in its id. Whatever a decision depended on is an entry of the log, models that train included. A decision made
/// while a changed feature did not have its history yet may differ in that feature.
struct DecisionReplay {
  private static let bytesMax = 1 << 20

  let store: any PartitionStore
  let configuration: EngineConfiguration
  let logger: Logger

  /// - Returns: Those of `ids` that the log holds.
  /// - Complexity: O(log up to the last of them), once for each set of features that was in force.
  func run(_ ids: [DecisionID]) throws -> [DecisionID: ReplayedDecision] {
    let positions = Set(
      try ids.compactMap { id in
        // Not unknown, nor erased.
        try store.position(of: id.rawValue).flatMap { try store.entry(at: $0)?.kind == .decision ? $0 : nil }
      })
    guard let last = positions.max() else { return [:] }
    var found: [DecisionID: ReplayedDecision] = [:]
    try replay(positions, in: try eras(upTo: last)) { found[$0.recorded.id] = $0 }
    return found
  }

  /// Some of all decisions that the log holds, each as likely as any other.
  /// - Parameter progress: Told between pages of the log; what it throws ends the replay.
  /// - Complexity: As `run(_:)`, and one more read of the log.
  func run(sample: ReplaySample, progress: (ReplayProgress) throws -> Void) throws -> ReplaySummary {
    var draw = ReplaySample.Draw(sample)
    let eras = try eras(upTo: try store.end()) { entry in
      if entry.entry.kind == .decision { draw.offer(entry.position) }
    }
    var summary = ReplaySummary(sample: sample, decisionCount: draw.offeredCount)
    try replay(Set(draw.drawn), in: eras, progress: progress) { summary.add($0) }
    return summary
  }

  // MARK: Eras

  /// A stretch of the log in which one set of features was in force.
  private struct Era {
    let set: ActiveSet
    let from: LogPosition
    var to: LogPosition

    func covers(_ position: LogPosition) -> Bool { position >= from && position <= to }
  }

  /// - Parameter visit: Told of every entry on the way.
  private func eras(upTo last: LogPosition, visit: (PositionedEntry) -> Void = { _ in }) throws -> [Era] {
    var eras = [Era(set: .builtIn, from: .start, to: last)]
    try forEachPage(upTo: last) { entries in
      for entry in entries {
        visit(entry)
        guard entry.entry.kind == .definitions else { continue }
        var reader = BinaryReader(entry.entry.payload)
        guard let set = try? ActiveSet.compile(try DefinitionSet(from: &reader)).get() else { continue }
        if set.features.slots == eras[eras.count - 1].set.features.slots { continue }
        eras[eras.count - 1].to = entry.position
        eras.append(Era(set: set, from: entry.position.next, to: last))
      }
    }
    return eras
  }

  private func forEachPage(upTo last: LogPosition, _ body: ([PositionedEntry]) throws -> Void) throws {
    var next = LogPosition.start.next
    while next <= last {
      let entries = try store.entries(from: next, bytesMax: Self.bytesMax).filter { $0.position <= last }
      guard let newest = entries.last else { return }
      try body(entries)
      next = newest.position.next
    }
  }

  // MARK: Folding

  private func replay(
    _ wanted: Set<LogPosition>, in eras: [Era], progress: (ReplayProgress) throws -> Void = { _ in },
    each: (ReplayedDecision) -> Void
  ) throws {
    let parts = eras.compactMap { era in
      let positions = wanted.filter(era.covers)
      return positions.max().map { (era: era, positions: positions, last: $0) }
    }
    var told = ReplayProgress(entries: 0, of: parts.reduce(0) { $0 + $1.last.rawValue })
    for part in parts {
      var state = PartitionState(folding: part.era.set.features, from: store, configuration: configuration)
      var lacksEntries = false
      try forEachPage(upTo: part.last) { entries in
        try progress(told)
        told.entries += UInt64(entries.count)
        let isPlain = !entries.contains { part.positions.contains($0.position) }
        if isPlain { state.beginTeaching(entryCount: entries.count) }
        defer { state.endTeaching() }
        for entry in entries {
          lacksEntries = lacksEntries || entry.entry.kind == .erased
          if part.positions.contains(entry.position) {
            let replayed = try decideAgain(entry, in: &state)
            each(lacksEntries ? replayed.lackingEntries : replayed)
          }
          do { try state.fold(entry) } catch {
            logger.error("an entry is not folded", metadata: ["position": "\(entry.position.rawValue)"])
          }
          state.end = entry.position
        }
      }
    }
  }

  private func decideAgain(_ entry: PositionedEntry, in state: inout PartitionState) throws -> ReplayedDecision {
    var reader = BinaryReader(entry.entry.payload)
    let record = try DecisionRecord(from: &reader)
    do {
      return ReplayedDecision(recorded: record, again: try state.decideAgain(record), reason: nil)
    } catch {
      return ReplayedDecision(recorded: record, again: nil, reason: "\(error)")
    }
  }
}
