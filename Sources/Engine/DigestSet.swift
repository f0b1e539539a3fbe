import Primitives

/// A set of digests that are random already, so that their own bits find their places: no hashing, 16 bytes a place.
///
/// In 64 parts that grow each at its own time, so that no single insertion moves more than a 64th of the set.
struct DigestSet: Sendable {
  private var parts: [Part] = Array(repeating: Part(), count: 64)

  var count: Int { parts.reduce(0) { $0 + $1.count } }

  func contains(_ digest: Digest128) -> Bool { parts[Self.part(of: digest)].contains(digest) }

  /// - Returns: Whether it was not there before.
  mutating func insert(_ digest: Digest128) -> Bool { parts[Self.part(of: digest)].insert(digest) }

  @inline(__always)
  private static func part(of digest: Digest128) -> Int { Int(digest.high >> 58) }

  /// Open addressing with linear probing, at most three quarters full.
  private struct Part: Sendable {
    private var slots: [Digest128] = []
    private(set) var count = 0
    /// Marks free slots, so it is kept apart.
    private var hasZero = false
    private static let zero = Digest128(high: 0, low: 0)

    func contains(_ digest: Digest128) -> Bool {
      guard digest != Self.zero else { return hasZero }
      return !slots.isEmpty && slots[place(of: digest)] != Self.zero
    }

    mutating func insert(_ digest: Digest128) -> Bool {
      guard digest != Self.zero else {
        defer { hasZero = true }
        count += hasZero ? 0 : 1
        return !hasZero
      }
      if (count + 1) * 4 > slots.count * 3 { grow() }
      let place = place(of: digest)
      guard slots[place] == Self.zero else { return false }
      slots[place] = digest
      count += 1
      return true
    }

    /// Where `digest` stands, or would.
    @inline(__always)
    private func place(of digest: Digest128) -> Int {
      let mask = slots.count &- 1
      var place = Int(truncatingIfNeeded: digest.low) & mask
      while slots[place] != Self.zero && slots[place] != digest { place = (place &+ 1) & mask }
      return place
    }

    private mutating func grow() {
      let old = slots
      slots = Array(repeating: Self.zero, count: max(16, old.count * 2))
      for digest in old where digest != Self.zero { slots[place(of: digest)] = digest }
    }
  }
}
