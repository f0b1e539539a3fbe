import Decisions
import Events
import Models
public import Primitives

/// A decision of which nothing more is to come: the outcome window of its placement is over.
public struct FinalDecision: Sendable, Hashable {
  public let at: Timestamp
  public let placement: String
  /// The trained model that answered; 0 for none.
  public let version: Int
  /// Whom it was made for: the profile, else what the caller named, else the decision alone.
  public let person: String
  /// Whether anything came of it within the window: a shown item was looked at, chosen, bought, rated well, or had an event of the
  /// workspace's own that names the decision.
  public let isRewarded: Bool

  public init(at: Timestamp, placement: String, version: Int, person: String, isRewarded: Bool) {
    (self.at, self.placement, self.version) = (at, placement, version)
    (self.person, self.isRewarded) = (person, isRewarded)
  }
}

extension Partition {
  /// How far decisions were read.
  public struct FinalReading: Sendable, Hashable {
    /// Where to go on.
    public let next: LogPosition
    /// When the first decision was made whose window is not over; nil when there is none.
    public let waitsFrom: Timestamp?
  }

  private static let finalBytes = 512 << 10

  /// Decisions from a position of the log on, as they were made, until the first whose outcome window is not over. Those of the
  /// holdout, and those that no personal model had a part in, are left out.
  ///
  /// Reads the log on the caller's thread.
  public func forEachFinalDecision(
    from position: LogPosition, at now: Timestamp, _ body: (FinalDecision) -> Void
  ) async throws(EngineError) -> FinalReading {
    let (windows, end) = try await read { state in
      (state.active.placements.mapValues(\.outcomeWindow), state.end)
    }
    func window(_ placement: String) -> Duration { windows[placement] ?? Placement.home.outcomeWindow }
    do {
      var next = max(position, LogPosition.start.next)
      while next <= end {
        let entries = try store.entries(from: next, bytesMax: Self.finalBytes)
        guard let last = entries.last else { break }
        var records: [DecisionRecord] = []
        for positioned in entries where positioned.position <= end && positioned.entry.kind == .decision {
          var reader = BinaryReader(positioned.entry.payload)
          let record = try DecisionRecord(from: &reader)
          guard now - record.at > window(record.placement) else {
            for decision in try await finals(records, windows) { body(decision) }
            return FinalReading(next: positioned.position, waitsFrom: record.at)
          }
          if !record.isHoldout, record.fallback == nil { records.append(record) }
        }
        for decision in try await finals(records, windows) { body(decision) }
        next = last.position.next
      }
      return FinalReading(next: next, waitsFrom: nil)
    } catch let error as EngineError {
      throw error
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("a decision cannot be read: \(error)")
    }
  }

  private func finals(
    _ records: [DecisionRecord], _ windows: [String: Duration]
  ) async throws(EngineError) -> [FinalDecision] {
    guard !records.isEmpty else { return [] }
    return try await read { state in
      try records.map { record in
        let window = windows[record.placement] ?? Placement.home.outcomeWindow
        let outcomes = try state.outcomes.value(record.id, state.read)?.outcomes ?? []
        let person = record.profileID.map(\.description) ?? record.identifiers.first?.description
        return FinalDecision(
          at: record.at, placement: record.placement, version: record.trainedVersion,
          person: person ?? record.id.description,
          isRewarded: outcomes.contains { $0.isReward && $0.at - record.at <= window })
      }
    }
  }
}

extension DecisionRecord {
  /// 0 when none but fresh models answered.
  fileprivate var trainedVersion: Int {
    versions.first { ServedTables.names.contains($0.name) }.flatMap { Int($0.version) } ?? 0
  }
}

extension Outcome {
  /// Kinds of acts that are no success; a rating counts by its value.
  private static let neutral: Set<String> = [
    "impression", "search", "dismiss", "remove_from_cart", "refund", "dwell",
  ]

  var isReward: Bool { type == "rating" ? value == 0 || value >= 3 : !Self.neutral.contains(type) }
}
