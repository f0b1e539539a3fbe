import Dispatch
import Primitives

/// Bounds of one partition.
public struct EngineConfiguration: Sendable {
  /// Profiles kept in memory; more are read when needed.
  public var profilesInMemoryMax = 1_000_000
  /// Identifiers kept in memory.
  public var identifiersInMemoryMax = 3_000_000
  /// Profiles up to which a start loads all people before it answers; of more, the rest comes into memory meanwhile.
  public var loadedAtOnceMax = 50_000
  /// Records of the saved state that are brought into memory at a time, while the partition is at work.
  public var warmUpRecords = 256
  /// Items that are only heard of in events. What names further ones is stored, but says nothing of those items to features
  /// and models. About 150 bytes each, beside what models keep.
  public var unlistedItemsMax = 5_000_000
  /// Events and decisions that may wait for the owner before calls are refused.
  public var waitingMax = 50_000
  /// Entries after which folded state is saved, which bounds what a restart folds again.
  public var checkpointEntries = 250_000
  /// Entries of a log up to which features that changed are folded from its beginning at once, beside the work and in
  /// memory; with more that is left to the next start.
  public var refoldEntriesMax = 1_000_000
  public var checkpointInterval: Duration = .seconds(30)
  /// Nanoseconds from any origin: only differences count, for latency budgets and measurements.
  public var stopwatch: @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds }
  /// Gives a seed that nobody can foresee; the composition root's only randomness in here.
  public var seed: @Sendable () -> UInt64

  public init(seed: @escaping @Sendable () -> UInt64) { self.seed = seed }
}
