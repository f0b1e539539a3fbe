public import Primitives
import Synchronization

/// The right to replay, which one caller of a partition has at a time: folding a log takes its memory and a core.
public final class ReplayTurn: Sendable {
  private let shared: PartitionShared
  private let store: any PartitionStore

  fileprivate init(_ shared: PartitionShared, _ store: any PartitionStore) {
    (self.shared, self.store) = (shared, store)
  }

  deinit { shared.isReplaying.withLock { $0 = false } }

  /// Makes decisions again that this workspace recorded; those that it has not are left out. Reads the log from its beginning:
  /// not for an event loop.
  public func replay(_ ids: [DecisionID]) throws(EngineError) -> [DecisionID: ReplayedDecision] {
    do { return try decisionReplay.run(ids) } catch { throw Self.failure(error) }
  }

  /// Makes a sample of all recorded decisions again, in one pass over the log for each set of features that was in force.
  /// Not for an event loop.
  ///
  /// - Parameter progress: Told a few times each second.
  /// - Throws: `CancellationError` when the task is cancelled, else an `EngineError`.
  public func replay(_ sample: ReplaySample, progress: (ReplayProgress) -> Void) throws -> ReplaySummary {
    do {
      return try decisionReplay.run(sample: sample) {
        try Task.checkCancellation()
        progress($0)
      }
    } catch let error as CancellationError {
      throw error
    } catch {
      throw Self.failure(error)
    }
  }

  private var decisionReplay: DecisionReplay {
    DecisionReplay(store: store, configuration: shared.configuration, logger: shared.logger)
  }

  private static func failure(_ error: any Error) -> EngineError {
    (error as? PartitionStoreError).map { EngineError($0) } ?? .corrupt("the log cannot be folded: \(error)")
  }
}

extension Partition {
  /// - Throws: `.foldUnderWay` while somebody else has the turn.
  public func takeReplayTurn() throws(EngineError) -> ReplayTurn {
    let isFree = shared.isReplaying.withLock { isReplaying in
      defer { isReplaying = true }
      return !isReplaying
    }
    guard isFree else { throw .foldUnderWay }
    return ReplayTurn(shared, store)
  }

  /// A replay as it is shown.
  public func view(of replayed: ReplayedDecision) async throws(EngineError) -> ReplayView {
    try await read { state in ReplayView(replayed: replayed, catalog: state.catalog) }
  }

  /// The decisions of a sample that differ, as they are shown.
  public func views(of summary: ReplaySummary) async throws(EngineError) -> [ReplayView] {
    try await read { state in summary.differing.map { ReplayView(replayed: $0, catalog: state.catalog) } }
  }
}
