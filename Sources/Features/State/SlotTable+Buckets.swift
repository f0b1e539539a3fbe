/// Windowed sums: buckets of event time, ascending. The first word of a bucket is its number (32 bits) and a count
/// (32); sums and extremes have a second word for the value. What lies more than the kept number of buckets before the
/// newest is dropped, whichever came first, so that the order of arrival does not matter.
extension SlotTable {
  /// Counts one event.
  mutating func addCount(bucket: UInt32, kept: UInt32, in slot: inout Slot) {
    guard let index = openBucket(bucket, width: 1, kept: kept, in: &slot) else { return }
    self[index] = Self.incremented(self[index], by: 1)
  }

  /// Counts one value, in millionths: exact in any order, as money must be.
  mutating func addAmount(_ millionths: Int64, bucket: UInt32, kept: UInt32, in slot: inout Slot) {
    guard let index = openBucket(bucket, width: 2, kept: kept, in: &slot) else { return }
    self[index] = Self.incremented(self[index], by: 1)
    self[index + 1] = Self.sum(self[index + 1], UInt64(bitPattern: millionths))
  }

  /// Counts one value and keeps the least or the greatest of its bucket.
  mutating func addExtreme(
    _ value: Double, isGreatest: Bool, bucket: UInt32, kept: UInt32, in slot: inout Slot
  ) {
    guard let index = openBucket(bucket, width: 2, kept: kept, in: &slot) else { return }
    let isFirst = self[index] & 0xFFFF_FFFF == 0
    self[index] = Self.incremented(self[index], by: 1)
    let current = Double(bitPattern: self[index + 1])
    let best = isFirst ? value : isGreatest ? max(current, value) : min(current, value)
    self[index + 1] = best.bitPattern
  }

  /// Notes steps of a funnel: bit n for step n.
  mutating func addSteps(_ mask: UInt32, bucket: UInt32, kept: UInt32, in slot: inout Slot) {
    guard let index = openBucket(bucket, width: 1, kept: kept, in: &slot) else { return }
    self[index] |= UInt64(mask)
  }

  /// Joins the buckets of another state's slot.
  mutating func mergeBuckets(
    _ other: SlotTable, _ theirs: Slot, shape: Accumulator.Shape, kept: UInt32, into slot: inout Slot
  ) {
    let width = shape.bucketWords
    for from in stride(from: theirs.start, to: theirs.end, by: width) {
      let word = other[from]
      guard let index = openBucket(UInt32(word >> 32), width: width, kept: kept, in: &slot) else { continue }
      let isFirst = self[index] & 0xFFFF_FFFF == 0
      switch shape {
      case .funnel:
        self[index] |= word & 0xFFFF_FFFF
        continue
      case .amount: self[index + 1] = Self.sum(self[index + 1], other[from + 1])
      case .least, .greatest:
        let (ours, value) = (Double(bitPattern: self[index + 1]), Double(bitPattern: other[from + 1]))
        let best = isFirst ? value : shape == .greatest ? max(ours, value) : min(ours, value)
        self[index + 1] = best.bitPattern
      default: break
      }
      self[index] = Self.incremented(self[index], by: word & 0xFFFF_FFFF)
    }
  }

  /// What the buckets from `oldest` to `newest` come to.
  func window(_ range: ClosedRange<UInt32>, shape: Accumulator.Shape, of slot: Slot) -> WindowTotals {
    var totals = WindowTotals()
    for index in stride(from: slot.start, to: slot.end, by: shape.bucketWords) {
      guard range.contains(UInt32(self[index] >> 32)) else { continue }
      totals.count += Int(self[index] & 0xFFFF_FFFF)
      switch shape {
      case .amount: totals.millionths = totals.millionths.addingSaturated(Int64(bitPattern: self[index + 1]))
      case .least: totals.extreme = min(totals.extreme ?? .infinity, Double(bitPattern: self[index + 1]))
      case .greatest: totals.extreme = max(totals.extreme ?? -.infinity, Double(bitPattern: self[index + 1]))
      default: break
      }
    }
    return totals
  }

  /// How many steps were taken one after the other, those of one bucket counting as in order.
  func stepsReached(_ range: ClosedRange<UInt32>, of slot: Slot) -> Int {
    var reached = 0
    for index in slot.start..<slot.end where range.contains(UInt32(self[index] >> 32)) {
      while reached < 32, self[index] & 1 << UInt64(reached) != 0 { reached += 1 }
    }
    return reached
  }

  /// Index of the bucket's first word; nil when it is older than what is kept.
  private mutating func openBucket(_ bucket: UInt32, width: Int, kept: UInt32, in slot: inout Slot) -> Int? {
    var index = slot.end
    while index > slot.start {
      let found = UInt32(self[index - width] >> 32)
      if found == bucket { return index - width }
      if found < bucket { break }
      index -= width
    }
    if index < slot.end {  // late
      let newest = UInt32(self[slot.end - width] >> 32)
      guard newest - bucket <= kept else { return nil }
    }
    insert(width, at: index, in: &slot)
    self[index] = UInt64(bucket) << 32
    guard index == slot.end - width else { return index }
    var stale = slot.start
    while stale < index, bucket - UInt32(self[stale] >> 32) > kept { stale += width }
    remove(slot.start..<stale, in: &slot)
    return index - (stale - slot.start)
  }

  private static func incremented(_ word: UInt64, by count: UInt64) -> UInt64 {
    word & ~0xFFFF_FFFF | min((word & 0xFFFF_FFFF) + count, 0xFFFF_FFFF)
  }

  private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(bitPattern: left).addingSaturated(Int64(bitPattern: right)))
  }
}

/// Sums over the buckets of a window.
struct WindowTotals {
  var count = 0
  var millionths: Int64 = 0
  var extreme: Double?
  var amount: Double { Double(millionths) / 1e6 }
}

extension Int64 {
  func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflowed) = addingReportingOverflow(other)
    return overflowed ? (self < 0 ? .min : .max) : sum
  }
}
