import Foundation

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

  /// As `ordinal(of:)` for each of many ids. Each table is read for all ids before the next is, so that the processor waits
  /// for many of the reads at once: a third of the time of single look-ups when the tables are beyond its cache.
  func ordinals(of ids: [String]) -> [UInt32?] {
    guard !slots.isEmpty else { return Array(repeating: nil, count: ids.count) }
    let mask = slots.count - 1
    let hashes = ids.map { id in
      var id = id
      return id.withUTF8 { Self.hash($0) }
    }
    let words = hashes.map { slots[Int($0) & mask] }
    let ranges = zip(words, hashes).map { word, hash in
      word != 0 && UInt32(word >> 32) == hash ? range(of: UInt32(truncatingIfNeeded: word) - 1) : 0..<0
    }
    return bytes.withUnsafeBufferPointer { bytes in
      ids.indices.map { index in
        var id = ids[index]
        return id.withUTF8 { text in
          let isFound = !text.isEmpty && Self.areEqual(UnsafeBufferPointer(rebasing: bytes[ranges[index]]), text)
          // An id that is not at its first slot, or not here.
          return isFound ? UInt32(truncatingIfNeeded: words[index]) - 1 : find(text, hash: hashes[index]).ordinal
        }
      }
    }
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
    bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range(of: ordinal)])) }
  }

  @inline(__always)
  private func range(of ordinal: UInt32) -> Range<Int> {
    (ordinal == 0 ? 0 : ends[Int(ordinal) - 1])..<ends[Int(ordinal)]
  }

  @inline(__always)
  private static func areEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard left.count == right.count, let leftBase = left.baseAddress, let rightBase = right.baseAddress else {
      return left.count == right.count
    }
    return memcmp(leftBase, rightBase, left.count) == 0
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
        if withBytes(of: ordinal, { Self.areEqual($0, text) }) { return Place(slot: slot, ordinal: ordinal) }
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
