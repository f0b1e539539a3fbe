import Primitives

/// Bounds of one partition.
public struct EngineConfiguration: Sendable {
  /// Profiles kept in memory; more are read when needed.
  public var profilesInMemoryMax = 1_000_000
  /// Identifiers kept in memory.
  public var identifiersInMemoryMax = 3_000_000
  /// Items that are only heard of in events. What names further ones is stored, but says nothing of those items to features
  /// and models. About 150 bytes each, beside what models keep. Part of the fold: another number gives items other ordinals
  /// when a log that reached it is folded again.
  public var unlistedItemsMax = 5_000_000
  /// Events and decisions that may wait for the owner before calls are refused.
  public var waitingMax = 50_000
  /// Entries after which folded state is saved, which bounds what a restart folds again.
  public var checkpointEntries = 250_000
  /// Entries of a log up to which features that changed are folded from its beginning at once, beside the work and in
  /// memory; with more that is left to the next start.
  public var refoldEntriesMax = 1_000_000
  public var checkpointInterval: Duration = .seconds(30)
  /// Gives a seed that nobody can foresee; the composition root's only randomness in here.
  public var seed: @Sendable () -> UInt64

  public init(seed: @escaping @Sendable () -> UInt64) { self.seed = seed }
}
