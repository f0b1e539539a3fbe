import Primitives

/// How many decisions to make again, of all that the log holds.
public struct ReplaySample: Sendable, Hashable {
  public let count: Int
  /// The same seed and log give the same decisions.
  public let seed: UInt64

  /// - Parameter count: At least 1; all of them where there are fewer.
  public init(count: Int, seed: UInt64) {
    precondition(count > 0, "a sample has at least one, got \(count)")
    self.count = count
    self.seed = seed
  }

  /// Draws from positions that come one after the other, each as likely as any other.
  /// - SeeAlso: Vitter, *Random sampling with a reservoir*, ACM TOMS 1985, algorithm R.
  struct Draw {
    private let count: Int
    private var generator: SeededGenerator
    private(set) var drawn: [LogPosition] = []
    private(set) var offeredCount = 0

    init(_ sample: ReplaySample) {
      count = sample.count
      generator = SeededGenerator(seed: sample.seed)
    }

    mutating func offer(_ position: LogPosition) {
      offeredCount += 1
      if drawn.count < count { return drawn.append(position) }
      let place = Int.random(in: 0..<offeredCount, using: &generator)
      if place < count { drawn[place] = position }
    }
  }
}

/// How far a replay has come.
public struct ReplayProgress: Sendable, Hashable {
  /// Entries of the log that were folded; those before the last change of features count once for each such change.
  public var entries: UInt64
  public let of: UInt64
}

/// What came of making many decisions again.
public struct ReplaySummary: Sendable {
  /// Told one by one of those that differ.
  public static let differingMax = 20

  public let sample: ReplaySample
  /// All that the log holds.
  public let decisionCount: Int
  public private(set) var replayedCount = 0
  public private(set) var reproducedCount = 0
  /// The first of those that came out otherwise, or could not be made again, in log order.
  public private(set) var differing: [ReplayedDecision] = []

  init(sample: ReplaySample, decisionCount: Int) {
    self.sample = sample
    self.decisionCount = decisionCount
  }

  mutating func add(_ replayed: ReplayedDecision) {
    replayedCount += 1
    if replayed.isReproduced { return reproducedCount += 1 }
    if differing.count < Self.differingMax { differing.append(replayed) }
  }
}
