public import Primitives
import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualClock: Sendable {
  private let time: Mutex<Timestamp>

  /// Begins on 1 July 2026, 12:00 UTC, unless told otherwise.
  public init(at start: Timestamp = Timestamp(seconds: 1_782_907_200)) { time = Mutex(start) }

  public var now: Timestamp { time.withLock { $0 } }

  /// Moves on by `duration`, or back when it is negative.
  public func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
