import Primitives
import Synchronization
import Workspaces

/// How much a key may do in a second, and at once.
public struct RateLimit: Sendable, Equatable {
  /// What flows in each second.
  public var perSecond: Double
  /// What may be done at once after a pause.
  public var burst: Double

  public init(perSecond: Double, burst: Double) {
    self.perSecond = perSecond
    self.burst = burst
  }
}

/// A token bucket for each key.
///
/// A call may take more than is left, as long as anything is left; the bucket then owes the rest. So one batch larger
/// than the burst passes, and the mean rate holds all the same.
final class RateLimiter: Sendable {
  /// When a refused caller may come back.
  struct Wait: Equatable {
    /// Whole seconds, at least 1.
    let seconds: Int
    /// Seconds since 1970 when the bucket is full again.
    let resetsAt: Int64
  }

  private struct Bucket {
    var level: Double
    var filledAt: Timestamp
  }

  private let limit: RateLimit
  private let buckets = Mutex<[KeyID: Bucket]>([:])

  init(limit: RateLimit) { self.limit = limit }

  /// Takes `cost` from the key's bucket.
  /// - Returns: nil when the call may go on.
  func take(_ cost: Int, key: KeyID, at now: Timestamp) -> Wait? {
    buckets.withLock { buckets in
      var bucket = buckets[key] ?? Bucket(level: limit.burst, filledAt: now)
      if now > bucket.filledAt {  // a clock that was set back fills nothing
        bucket.level = min(limit.burst, bucket.level + (now - bucket.filledAt).inSeconds * limit.perSecond)
      }
      bucket.filledAt = now
      let isAllowed = bucket.level > 0
      if isAllowed { bucket.level -= Double(cost) }
      buckets[key] = bucket
      return isAllowed ? nil : wait(level: bucket.level, now: now)
    }
  }

  private func wait(level: Double, now: Timestamp) -> Wait {
    // Just above nothing is enough to go on.
    let seconds = max(1, (-level / limit.perSecond).rounded(.up))
    let full = ((limit.burst - level) / limit.perSecond).rounded(.up)
    return Wait(seconds: Int(seconds), resetsAt: now.microseconds / 1_000_000 + Int64(full))
  }
}
