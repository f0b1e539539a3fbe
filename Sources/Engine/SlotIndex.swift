/// From keys to slots of a `StateTable`, which holds the keys: 4 bytes a place, found by bits of the key that are random.
///
/// In 64 parts that grow each at its own time, so that no single insertion moves more than a 64th of the index.
struct SlotIndex: Sendable {
  /// Slot + 1; 0 is free. Open addressing with linear probing, at most two thirds full.
  private struct Part: Sendable {
    var places: [UInt32] = []
    var count = 0
  }

  private var parts = Array(repeating: Part(), count: 64)

  var count: Int { parts.reduce(0) { $0 + $1.count } }

  @inline(__always)
  private static func part(of spread: UInt64) -> Int { Int(truncatingIfNeeded: spread >> 32) & 63 }

  /// The slot for which `matches` holds, among those that were inserted with `spread`.
  @inline(__always)
  func slot(_ spread: UInt64, where matches: (Int) -> Bool) -> Int? {
    let part = Self.part(of: spread)
    let mask = parts[part].places.count &- 1
    guard mask >= 0 else { return nil }
    var place = Int(truncatingIfNeeded: spread) & mask
    while parts[part].places[place] != 0 {
      let slot = Int(parts[part].places[place]) - 1
      if matches(slot) { return slot }
      place = (place &+ 1) & mask
    }
    return nil
  }

  /// - Parameter spreadOf: The spread that another slot was inserted with.
  /// - Precondition: The slot is not there.
  mutating func insert(_ slot: Int, _ spread: UInt64, spreadOf: (Int) -> UInt64) {
    let part = Self.part(of: spread)
    if (parts[part].count + 1) * 3 > parts[part].places.count * 2 { grow(part, spreadOf: spreadOf) }
    put(UInt32(slot + 1), spread, in: part)
    parts[part].count += 1
  }

  /// - Precondition: The slot is there.
  mutating func remove(_ slot: Int, _ spread: UInt64, spreadOf: (Int) -> UInt64) {
    let part = Self.part(of: spread)
    let mask = parts[part].places.count - 1
    var hole = Int(truncatingIfNeeded: spread) & mask
    while parts[part].places[hole] != UInt32(slot + 1) { hole = (hole + 1) & mask }
    // Entries that were pushed beyond the hole move back into it (Knuth, TAOCP 6.4, algorithm R).
    var next = (hole + 1) & mask
    while parts[part].places[next] != 0 {
      let wanted = Int(truncatingIfNeeded: spreadOf(Int(parts[part].places[next]) - 1)) & mask
      if (next &- wanted) & mask >= (next &- hole) & mask {
        parts[part].places[hole] = parts[part].places[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    parts[part].places[hole] = 0
    parts[part].count -= 1
  }

  private mutating func put(_ entry: UInt32, _ spread: UInt64, in part: Int) {
    let mask = parts[part].places.count - 1
    var place = Int(truncatingIfNeeded: spread) & mask
    while parts[part].places[place] != 0 { place = (place + 1) & mask }
    parts[part].places[place] = entry
  }

  private mutating func grow(_ part: Int, spreadOf: (Int) -> UInt64) {
    let old = parts[part].places
    parts[part].places = Array(repeating: 0, count: max(16, old.count * 2))
    for entry in old where entry != 0 { put(entry, spreadOf(Int(entry) - 1), in: part) }
  }
}
