import Events
import Primitives

/// Decisions of others that an erased event was an outcome of: their remaining outcomes are joined again. No posting leads from
/// a decision to its outcomes, so that the log behind it is read; this is rare, since outcomes come from whoever was decided for.
struct RejoinedDecisions: Sendable {
  private static let bytesMax = 1 << 20

  struct Wanted: Sendable {
    var decisions: Set<DecisionID> = []
    /// Entries that are to be erased, and the decisions among them.
    var erased: Set<LogPosition> = []
    var gone: Set<DecisionID> = []
  }

  private var outcomes: [DecisionID: [LogPosition]] = [:]
  /// Up to here the log was read.
  private var end: [DecisionID: LogPosition] = [:]

  var list: [Erasure.Rejoining] {
    outcomes.sorted { $0.key < $1.key }.map { Erasure.Rejoining(decision: $0.key, events: $0.value.sorted()) }
  }

  /// - Complexity: O(log behind the first decision that is wanted and was not read before).
  mutating func read(
    _ wanted: Wanted, to last: LogPosition, from store: any PartitionStore, _ history: ActiveHistory
  ) throws {
    var next = LogPosition(.max)
    for id in wanted.decisions {
      guard let position = try store.position(of: id.rawValue), try store.entry(at: position)?.kind == .decision else {
        continue
      }
      outcomes[id, default: []].removeAll { wanted.erased.contains($0) }
      next = min(next, (end[id] ?? position).next)
    }
    outcomes = outcomes.filter { wanted.decisions.contains($0.key) }
    while next <= last, !outcomes.isEmpty {
      let entries = try store.entries(from: next, bytesMax: Self.bytesMax)
      guard let newest = entries.last else { break }
      for entry in entries where entry.position <= last && !wanted.erased.contains(entry.position) {
        note(entry, history)
      }
      next = newest.position.next
    }
    for id in outcomes.keys { end[id] = last }
  }

  private mutating func note(_ entry: PositionedEntry, _ history: ActiveHistory) {
    var reader = BinaryReader(entry.entry.payload)
    guard entry.entry.kind == .event, let stored = try? StoredEvent(from: &reader),
      let event = try? stored.event(by: history.active(at: entry.position).parser), let id = event.decisionID,
      outcomes[id] != nil, end[id].map({ $0 < entry.position }) ?? true
    else { return }
    outcomes[id]?.append(entry.position)
  }
}
