import Primitives

/// The packed state of one person's features: slots of 64-bit words in one array, no dictionary, no object each.
///
///     word 0         stamp of the feature set (48 bits) | number of slots (16)
///     words 1…n      one header for each slot, by id:  id (28) | minute of the last update (26) | payload words (10)
///     rest           the payloads, in the order of the headers
///
/// A slot exists from its first event on. Finding one walks the headers, which for the few dozen that occur takes some
/// nanoseconds; a payload that grows moves what is behind it, some hundred bytes.
struct SlotTable: Sendable, Hashable {
  private(set) var words: [UInt64] = []

  /// Most words of a payload.
  static let payloadMax = 1_023
  static let idBits: UInt64 = 28

  /// Where a slot stands. Valid until another slot grows or shrinks.
  struct Slot {
    fileprivate let header: Int
    let start: Int
    fileprivate(set) var count: Int
    var end: Int { start + count }
  }

  var isEmpty: Bool { words.isEmpty }
  var slotCount: Int { words.isEmpty ? 0 : Int(words[0] & 0xFFFF) }
  var stamp: UInt64 { words.isEmpty ? 0 : words[0] >> 16 }
  var byteCount: Int { words.count * 8 }

  subscript(index: Int) -> UInt64 {
    @inline(__always) get { words[index] }
    @inline(__always) set { words[index] = newValue }
  }

  /// The slot, nil before its first event.
  func slot(_ id: UInt32) -> Slot? {
    let place = place(of: id)
    return place.isFound ? place.slot : nil
  }

  /// The slot, made when it is not there, with the time of its update noted.
  mutating func open(_ id: UInt32, minute: UInt32) -> Slot {
    if words.isEmpty { words.append(0) }
    let found = place(of: id)
    guard found.isFound else {
      grow(at: found.slot.header, by: 1)
      words[0] += 1
      words[found.slot.header] = UInt64(id) << 36 | UInt64(minute) << 10
      return Slot(header: found.slot.header, start: found.slot.start + 1, count: 0)
    }
    if Self.minute(words[found.slot.header]) < minute {
      words[found.slot.header] = words[found.slot.header] & ~(0x3FF_FFFF << 10) | UInt64(minute) << 10
    }
    return found.slot
  }

  /// Minute since 1970 of the slot's last event.
  func minute(of slot: Slot) -> UInt32 { Self.minute(words[slot.header]) }

  /// Puts `count` zero words before `index` of the slot's payload.
  mutating func insert(_ count: Int, at index: Int, in slot: inout Slot) {
    grow(at: index, by: count)
    slot.count += count
    words[slot.header] += UInt64(count)
  }

  mutating func remove(_ range: Range<Int>, in slot: inout Slot) {
    guard !range.isEmpty else { return }
    words.removeSubrange(range)
    slot.count -= range.count
    words[slot.header] -= UInt64(range.count)
  }

  /// Drops the slots that `keeps` refuses, and notes whose slots these are.
  mutating func adopt(stamp: UInt64, keeps: (UInt32) -> Bool) {
    var kept: [UInt64] = [0]
    var payloads: [UInt64] = []
    forEachSlot { id, slot in
      guard keeps(id) else { return }
      kept.append(words[slot.header])
      payloads += words[slot.start..<slot.end]
    }
    kept[0] = stamp << 16 | UInt64(kept.count - 1)
    words = kept + payloads
  }

  func forEachSlot(_ body: (UInt32, Slot) -> Void) {
    var start = 1 + slotCount
    for header in 1..<1 + slotCount {
      let slot = Slot(header: header, start: start, count: Int(words[header] & 0x3FF))
      body(UInt32(words[header] >> 36), slot)
      start = slot.end
    }
  }

  /// The slot of `id`, or where its header and payload would have to stand.
  private func place(of id: UInt32) -> (slot: Slot, isFound: Bool) {
    words.withUnsafeBufferPointer { words in
      guard let first = words.first else { return (Slot(header: 1, start: 1, count: 0), false) }
      let end = 1 + Int(first & 0xFFFF)
      var start = end
      var header = 1
      while header < end {
        let word = words[header]
        if word >> 36 >= UInt64(id) {
          let isFound = word >> 36 == UInt64(id)
          return (Slot(header: header, start: start, count: isFound ? Int(word & 0x3FF) : 0), isFound)
        }
        start += Int(word & 0x3FF)
        header += 1
      }
      return (Slot(header: header, start: start, count: 0), false)
    }
  }

  /// Opens a gap of zero words. Grows in small steps: most states stay small, and there is one for each person.
  private mutating func grow(at index: Int, by count: Int) {
    let oldCount = words.count
    if oldCount + count > words.capacity { words.reserveCapacity(oldCount + max(count, 12)) }
    for _ in 0..<count { words.append(0) }
    guard index < oldCount else { return }
    words.withUnsafeMutableBufferPointer { words in
      guard let base = words.baseAddress else { return }
      (base + index + count).update(from: base + index, count: oldCount - index)
      (base + index).update(repeating: 0, count: count)
    }
  }

  private static func minute(_ header: UInt64) -> UInt32 { UInt32(header >> 10 & 0x3FF_FFFF) }
}

extension SlotTable: BinaryCodable {
  private static let format: UInt8 = 1

  func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    writer.write(count: words.count)
    for word in words { writer.write(word: word) }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    let format = try reader.readByte()
    guard format == Self.format else { throw BinaryError("feature state of format \(format), expected \(Self.format)") }
    let count = try reader.readCount()
    words.reserveCapacity(count)
    for _ in 0..<count { words.append(try reader.readWord()) }
    guard !words.isEmpty else { return }
    guard slotCount < words.count else { throw BinaryError("\(slotCount) feature slots in \(words.count) words") }
    var expected = 1 + slotCount
    for header in words[1..<1 + slotCount] { expected += Int(header & 0x3FF) }
    guard expected == words.count else { throw BinaryError("feature slots of \(expected) words in \(words.count)") }
  }
}
