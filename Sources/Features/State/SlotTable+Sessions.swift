/// Sessions: stretches of activity without a pause longer than the gap. One word each, by time: start in seconds since
/// 1970 (32 bits) | length in seconds (20) | events (12, then it stays at 4,095).
///
/// Sessions are the connected parts of the events' times, which do not depend on the order of arrival: a late event
/// joins what it lies between.
extension SlotTable {
  static let sessionsMax = 64

  struct Session: Equatable {
    var start: UInt32
    var length: UInt32
    var events: UInt32

    var end: UInt32 { start + length }
    var word: UInt64 { UInt64(start) << 32 | UInt64(min(length, 0xF_FFFF)) << 12 | UInt64(min(events, 0xFFF)) }

    init(start: UInt32, length: UInt32 = 0, events: UInt32 = 1) {
      self.start = start
      self.length = length
      self.events = events
    }

    init(word: UInt64) {
      start = UInt32(word >> 32)
      length = UInt32(word >> 12 & 0xF_FFFF)
      events = UInt32(word & 0xFFF)
    }
  }

  /// Adds a stretch of activity, in seconds; what ended more than `kept` seconds before the newest end is dropped.
  mutating func addSession(_ added: Session, gap: UInt32, kept: UInt32, in slot: inout Slot) {
    var joined = added
    var low = slot.end
    while low > slot.start, UInt64(session(at: low - 1).end) + UInt64(gap) >= UInt64(added.start) { low -= 1 }
    var high = low
    while high < slot.end, UInt64(session(at: high).start) <= UInt64(added.end) + UInt64(gap) {
      let next = session(at: high)
      let end = max(joined.end, next.end)
      joined.start = min(joined.start, next.start)
      joined.length = end - joined.start
      joined.events += next.events
      high += 1
    }
    if high == low {
      insert(1, at: low, in: &slot)
    } else {
      remove(low + 1..<high, in: &slot)
    }
    self[low] = joined.word
    let newest = session(at: slot.end - 1).end
    var stale = slot.start
    while stale < slot.end - 1, session(at: stale).end < newest - min(newest, kept) { stale += 1 }
    stale = max(stale, slot.end - Self.sessionsMax)
    remove(slot.start..<stale, in: &slot)
  }

  mutating func mergeSessions(_ other: SlotTable, _ theirs: Slot, gap: UInt32, kept: UInt32, into slot: inout Slot) {
    for index in theirs.start..<theirs.end { addSession(other.session(at: index), gap: gap, kept: kept, in: &slot) }
  }

  func session(at index: Int) -> Session { Session(word: self[index]) }

  /// Sessions that were going on within `range`, in seconds.
  func sessionCount(_ range: ClosedRange<UInt32>, of slot: Slot) -> Int {
    (slot.start..<slot.end).count {
      let session = session(at: $0)
      return session.end >= range.lowerBound && session.start <= range.upperBound
    }
  }

  /// The session that is going on at `second`: the last one, unless it paused for longer than the gap.
  func currentSession(at second: UInt32, gap: UInt32, of slot: Slot) -> Session? {
    for index in (slot.start..<slot.end).reversed() {
      let session = session(at: index)
      if session.start <= second { return UInt64(session.end) + UInt64(gap) >= UInt64(second) ? session : nil }
    }
    return nil
  }
}
