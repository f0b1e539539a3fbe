public import Decisions
public import Primitives

/// Counts of values in fixed ranges, as Prometheus keeps histograms.
public struct Histogram: Sendable {
  /// Upper bounds in seconds, ascending; above the last is a bucket of its own.
  public static let bounds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
  ]
  /// One for each bound and one above, not cumulative.
  public private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
  public private(set) var sum = 0.0

  public init() {}

  public mutating func record(_ seconds: Double) {
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    sum += seconds
  }

  public var count: UInt64 { counts.reduce(0, +) }
}

/// What a partition has done since it was opened, and where it stands.
public struct PartitionStatistics: Sendable {
  public var accepted = 0
  public var duplicates = 0
  /// Events in the dead letters.
  public var rejected = 0
  public var commits = 0
  public var commitFailures = 0
  public var foldFailures = 0
  public var commitSeconds = Histogram()
  /// From a decision's arrival at the partition to its answer.
  public var decisionSeconds = Histogram()
  public var decisionsByStage: [Stage: Int] = [:]
  public var fallbacks: [Fallback: Int] = [:]
  public var holdoutDecisions = 0
  public var outcomesJoined = 0
  public var logEnd = LogPosition.start
  public var checkpoint = LogPosition.start
  public var checkpointFailures = 0
  /// Events that were taken although the tracking plan has them otherwise.
  public var planViolations = 0
  /// Times that the whole log was folded again for changed features, beside the work.
  public var refolds = 0
  /// People erased, and entries of the log that went with them.
  public var erasures = 0
  public var erasedEntries = 0
  /// Whether files may still hold copies of what was erased.
  public var isPurgeDue = false
  public var profilesInMemory = 0
  public var items = 0
  /// Version of the trained model that answers; 0 for none.
  public var modelVersion = 0
  /// How often an event named an item beyond `EngineConfiguration.unlistedItemsMax`.
  public var unheardItems = 0
  /// Jobs that wait for the owner.
  public var waiting = 0

  public init() {}

  mutating func count(_ answer: DecisionAnswer, seconds: Double) {
    decisionSeconds.record(seconds)
    decisionsByStage[answer.stage, default: 0] += 1
    if let fallback = answer.fallback { fallbacks[fallback, default: 0] += 1 }
    if answer.isHoldout { holdoutDecisions += 1 }
  }
}
