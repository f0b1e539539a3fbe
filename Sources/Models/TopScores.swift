import Catalog

/// Picks the best of many scores without sorting them all.
///
/// A score and its item are one 64-bit key: the bits of the score (which order as the scores do, for those that are not
/// negative) above the complement of the ordinal, so that the greater key is the better item and ties go to the lower
/// ordinal.
struct TopScores: Sendable {
  private var keys: [UInt64] = []

  init(reservingCapacity capacity: Int = 0) { keys.reserveCapacity(capacity) }

  var count: Int { keys.count }

  /// - Parameter score: At least 0.
  @inline(__always)
  mutating func append(_ item: UInt32, _ score: Float) {
    keys.append(UInt64(score.bitPattern) << 32 | UInt64(~item))
  }

  /// At most `limit` items, best first.
  /// - Complexity: O(count + limit · log limit) expected.
  consuming func best(_ limit: Int) -> [ScoredItem] {
    guard limit > 0, !keys.isEmpty else { return [] }
    if keys.count > limit {
      keys.withUnsafeMutableBufferPointer { Self.moveGreatest(limit, toFrontOf: $0) }
      keys.removeLast(keys.count - limit)
    }
    keys.sort { $0 > $1 }
    return keys.map {
      ScoredItem(
        item: ItemOrdinal(~UInt32(truncatingIfNeeded: $0)), score: Float(bitPattern: UInt32($0 >> 32)))
    }
  }

  /// Hoare's quickselect with the median of three; keys are distinct.
  private static func moveGreatest(_ count: Int, toFrontOf keys: UnsafeMutableBufferPointer<UInt64>) {
    var low = 0
    var high = keys.count - 1
    while low < high {
      let (first, middle, last) = (keys[low], keys[(low + high) / 2], keys[high])
      let pivot = max(min(first, middle), min(max(first, middle), last))
      var left = low
      var right = high
      while left <= right {
        while keys[left] > pivot { left += 1 }
        while keys[right] < pivot { right -= 1 }
        if left <= right {
          keys.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if count - 1 <= right { high = right } else if count > left { low = left } else { return }
    }
  }
}
