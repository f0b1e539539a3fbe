/// Which keys occurred, and in which bucket last: hash (32 bits) | bucket (32), by hash. Exact up to `limit` keys (and
/// to a collision of 32-bit hashes, about one in 10^5 for a full set); then the one unseen longest goes, and the count
/// stays at the limit.
extension SlotTable {
  static let distinctMax = 256

  mutating func addDistinct(_ hash: UInt32, bucket: UInt32, kept: UInt32, limit: Int, in slot: inout Slot) {
    var (low, high) = (slot.start, slot.end)
    while low < high {
      let middle = (low + high) / 2
      if UInt32(self[middle] >> 32) < hash { low = middle + 1 } else { high = middle }
    }
    if low < slot.end, UInt32(self[low] >> 32) == hash {
      if UInt32(truncatingIfNeeded: self[low]) < bucket { self[low] = UInt64(hash) << 32 | UInt64(bucket) }
      return
    }
    insert(1, at: low, in: &slot)
    self[low] = UInt64(hash) << 32 | UInt64(bucket)
    if slot.count > 8 { dropStale(kept: kept, in: &slot) }
    if slot.count > limit { removeOldest(in: &slot) }
  }

  mutating func mergeDistinct(
    _ other: SlotTable, _ theirs: Slot, kept: UInt32, limit: Int, into slot: inout Slot
  ) {
    for index in theirs.start..<theirs.end {
      let word = other[index]
      addDistinct(
        UInt32(word >> 32), bucket: UInt32(truncatingIfNeeded: word), kept: kept, limit: limit, in: &slot)
    }
  }

  func distinctCount(_ range: ClosedRange<UInt32>, of slot: Slot) -> Int {
    (slot.start..<slot.end).count { range.contains(UInt32(truncatingIfNeeded: self[$0])) }
  }

  private mutating func dropStale(kept: UInt32, in slot: inout Slot) {
    var newest: UInt32 = 0
    for index in slot.start..<slot.end { newest = max(newest, UInt32(truncatingIfNeeded: self[index])) }
    var (index, kept) = (slot.end, kept)
    kept = min(kept, newest)
    while index > slot.start {
      index -= 1
      if UInt32(truncatingIfNeeded: self[index]) < newest - kept { remove(index..<index + 1, in: &slot) }
    }
  }

  private mutating func removeOldest(in slot: inout Slot) {
    var oldest = slot.start
    for index in slot.start..<slot.end {
      let isOlder = UInt32(truncatingIfNeeded: self[index]) < UInt32(truncatingIfNeeded: self[oldest])
      if isOlder { oldest = index }
    }
    remove(oldest..<oldest + 1, in: &slot)
  }
}
