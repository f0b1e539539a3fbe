import Catalog
public import Decisions
import Features
import Logging
public import Primitives
import Synchronization

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
      ("exploration", again.exploredRank == recorded.exploredRank),
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
/// the seed in its id. A decision made while a changed feature did not have its history yet may differ in that feature.
struct DecisionReplay {
  private static let bytesMax = 1 << 20

  let store: any PartitionStore
  let configuration: EngineConfiguration
  let logger: Logger

  /// - Returns: Those of `ids` that the log holds.
  /// - Complexity: O(log up to the last of them), once for each set of features that was in force.
  func run(_ ids: [DecisionID]) throws -> [DecisionID: ReplayedDecision] {
    var positions: [LogPosition: DecisionID] = [:]
    for id in ids {
      guard let position = try store.position(of: id.rawValue), try store.entry(at: position)?.kind == .decision else {
        continue  // unknown, or erased
      }
      positions[position] = id
    }
    guard let last = positions.keys.max() else { return [:] }
    var found: [DecisionID: ReplayedDecision] = [:]
    for era in try eras(upTo: last) {
      let wanted = positions.filter { era.covers($0.key) }
      if !wanted.isEmpty { try replay(wanted, in: era, into: &found) }
    }
    return found
  }

  // MARK: Eras

  /// A stretch of the log in which one set of features was in force.
  private struct Era {
    let set: ActiveSet
    let from: LogPosition
    var to: LogPosition

    func covers(_ position: LogPosition) -> Bool { position >= from && position <= to }
  }

  private func eras(upTo last: LogPosition) throws -> [Era] {
    var eras = [Era(set: .builtIn, from: .start, to: last)]
    try forEachPage(upTo: last) { entries in
      for entry in entries where entry.entry.kind == .definitions {
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
    _ wanted: [LogPosition: DecisionID], in era: Era, into found: inout [DecisionID: ReplayedDecision]
  ) throws {
    guard let last = wanted.keys.max() else { return }
    var state = PartitionState(folding: era.set.features, from: store, configuration: configuration)
    var lacksEntries = false
    try forEachPage(upTo: last) { entries in
      let isPlain = !entries.contains { wanted[$0.position] != nil }
      if isPlain { state.beginTeaching(entryCount: entries.count) }
      defer { state.endTeaching() }
      for entry in entries {
        lacksEntries = lacksEntries || entry.entry.kind == .erased
        if let id = wanted[entry.position] {
          let replayed = try decideAgain(entry, in: &state)
          found[id] = lacksEntries ? replayed.lackingEntries : replayed
        }
        do { try state.fold(entry) } catch {
          logger.error("an entry is not folded", metadata: ["position": "\(entry.position.rawValue)"])
        }
        state.end = entry.position
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

extension Partition {
  /// Makes decisions again that this workspace recorded; those that it has not are left out. Reads the log from its beginning:
  /// not for an event loop.
  ///
  /// - Throws: `.overloaded` while another replay is under way.
  public func replay(_ ids: [DecisionID]) async throws(EngineError) -> [DecisionID: ReplayedDecision] {
    let isFree = shared.isReplaying.withLock { isReplaying in
      defer { isReplaying = true }
      return !isReplaying
    }
    guard isFree else { throw .overloaded }
    defer { shared.isReplaying.withLock { $0 = false } }
    do {
      return try DecisionReplay(store: store, configuration: shared.configuration, logger: shared.logger).run(ids)
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the log cannot be folded: \(error)")
    }
  }

  /// A replay as it is shown.
  public func view(of replayed: ReplayedDecision) async throws(EngineError) -> ReplayView {
    try await read { state in ReplayView(replayed: replayed, catalog: state.catalog) }
  }
}

/// `{"decision_id", "reproduced", "differences", "reason", "items"}`; the items are those of the decision made again.
public struct ReplayView: Sendable {
  let replayed: ReplayedDecision
  let catalog: ItemCatalog

  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("decision_id", replayed.recorded.id.description)
      writer.member("at", replayed.recorded.at)
      writer.member("reproduced", replayed.isReproduced)
      writer.member("differences", array: { list in for name in replayed.differences { list.string(name) } })
      writer.member("reason", replayed.reason)
      writer.member(
        "items",
        array: { list in
          for (place, item) in (replayed.again?.shown ?? []).enumerated() {
            list.object {
              $0.member("item_id", catalog.id(of: item.item))
              $0.member("rank", place + 1)
              $0.member("score", item.score)
            }
          }
        })
    }
  }
}
