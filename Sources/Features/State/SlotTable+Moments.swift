import Primitives

/// First and last occurrences, with a number or a text that was said then.
///
///     word 0     the moment in microseconds
///     then       nothing, or a key's words, or `numberTag` and a double
///
/// Of two at one moment the greater words win, whichever came first.
extension SlotTable {
  /// No key begins like this: lengths end at 63.
  private static let numberTag: UInt64 = 0xFF

  enum MomentValue: Equatable {
    case nothing
    case number(Double)
    case key(FeatureKey)
  }

  mutating func addMoment(_ time: Timestamp, _ value: MomentValue, isLast: Bool, in slot: inout Slot) {
    var words = SIMD8<UInt64>.zero
    var count = 0
    switch value {
    case .nothing: break
    case .number(let number): (words[0], words[1], count) = (Self.numberTag, number.bitPattern, 2)
    case .key(let key): (words, count) = (key.words, key.wordCount)
    }
    if slot.count > 0 {
      let current = Int64(bitPattern: self[slot.start])
      if current == time.microseconds {
        guard isGreater(words, count, thanValueOf: slot) else { return }
      } else if isLast != (time.microseconds > current) {
        return
      }
    }
    let excess = slot.count - (1 + count)
    if excess > 0 { remove(slot.end - excess..<slot.end, in: &slot) }
    if excess < 0 { insert(-excess, at: slot.end, in: &slot) }
    self[slot.start] = UInt64(bitPattern: time.microseconds)
    for index in 0..<count { self[slot.start + 1 + index] = words[index] }
  }

  func moment(of slot: Slot) -> (time: Timestamp, value: MomentValue)? {
    guard slot.count > 0 else { return nil }
    let time = Timestamp(microseconds: Int64(bitPattern: self[slot.start]))
    guard slot.count > 1 else { return (time, .nothing) }
    if self[slot.start + 1] == Self.numberTag, slot.count == 3 {
      return (time, .number(Double(bitPattern: self[slot.start + 2])))
    }
    var words = SIMD8<UInt64>.zero
    for index in 0..<min(slot.count - 1, 8) { words[index] = self[slot.start + 1 + index] }
    return (time, .key(FeatureKey(words: words)))
  }

  private func isGreater(_ words: SIMD8<UInt64>, _ count: Int, thanValueOf slot: Slot) -> Bool {
    for index in 0..<min(count, slot.count - 1) where words[index] != self[slot.start + 1 + index] {
      return words[index] > self[slot.start + 1 + index]
    }
    return count > slot.count - 1
  }
}

/// Days with any event: the newest day, and a bit for it and each of the 63 days before.
extension SlotTable {
  static let daysMax = 64

  mutating func addDays(_ mask: UInt64, newest day: UInt32, in slot: inout Slot) {
    if slot.count == 0 { insert(2, at: slot.start, in: &slot) }
    let (current, bits) = (UInt32(self[slot.start]), self[slot.start + 1])
    if bits == 0 || day > current {
      self[slot.start] = UInt64(day)
      self[slot.start + 1] = mask | (bits == 0 ? 0 : bits << UInt64(day - current))  // shifts out what is too old
    } else {
      self[slot.start + 1] = bits | mask << UInt64(current - day)
    }
  }

  /// Bits of the active days, `today` lowest; later days are left out.
  func days(of slot: Slot, today: UInt32) -> UInt64 {
    guard slot.count == 2 else { return 0 }
    let newest = UInt32(self[slot.start])
    return newest <= today
      ? self[slot.start + 1] << UInt64(today - newest) : self[slot.start + 1] >> UInt64(newest - today)
  }
}
