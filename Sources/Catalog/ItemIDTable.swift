/// Item ids and their ordinals, both ways.
///
/// Ids stand one after another in one array of bytes; a hash table of words (32 bits of hash, 32 of ordinal) with linear
/// probing finds them. About 24 bytes an item beyond the id's own, and no allocation for one more id.
struct ItemIDTable: Sendable {
  private var bytes: [UInt8] = []
  /// Where each id ends in `bytes`; it begins where the one before ends.
  private var ends: [Int] = []
  /// Hash in the upper half, ordinal + 1 in the lower; 0 is free.
  private var slots: [UInt64] = []

  var count: Int { ends.count }

  /// - Complexity: O(1) expected.
  func ordinal(of id: String) -> UInt32? {
    guard !slots.isEmpty else { return nil }
    var id = id
    return id.withUTF8 { find($0, hash: Self.hash($0)).ordinal }
  }

  /// The id's ordinal, a new one when it was not known.
  /// - Complexity: O(1) expected, amortised.
  mutating func intern(_ id: String) -> UInt32 {
    if (ends.count + 1) * 8 > slots.count * 5 { grow() }
    var id = id
    return id.withUTF8 { text in
      let hash = Self.hash(text)
      let place = find(text, hash: hash)
      if let known = place.ordinal { return known }
      let ordinal = UInt32(ends.count)
      bytes.append(contentsOf: text)
      ends.append(bytes.count)
      slots[place.slot] = UInt64(hash) << 32 | UInt64(ordinal + 1)
      return ordinal
    }
  }

  func id(of ordinal: UInt32) -> String { withBytes(of: ordinal) { String(decoding: $0, as: UTF8.self) } }

  @inline(__always)
  func withBytes<Result>(of ordinal: UInt32, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let start = ordinal == 0 ? 0 : ends[Int(ordinal) - 1]
    let end = ends[Int(ordinal)]
    return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<end])) }
  }

  private struct Place {
    let slot: Int
    let ordinal: UInt32?
  }

  @inline(__always)
  private func find(_ text: UnsafeBufferPointer<UInt8>, hash: UInt32) -> Place {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      let word = slots[slot]
      if UInt32(word >> 32) == hash {
        let ordinal = UInt32(truncatingIfNeeded: word) - 1
        if withBytes(of: ordinal, { $0.elementsEqual(text) }) { return Place(slot: slot, ordinal: ordinal) }
      }
      slot = (slot + 1) & mask
    }
    return Place(slot: slot, ordinal: nil)
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: max(64, old.count * 2))
    let mask = slots.count - 1
    for word in old where word != 0 {
      var slot = Int(word >> 32) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = word
    }
  }

  /// Seeded for each process, so that nobody can choose ids that collide; nothing shows the table's order.
  @inline(__always)
  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(text))
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }
}
