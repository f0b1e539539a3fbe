/// 64 bits that stand for a term, a pair of terms or a named property: the same on every machine and in every version.
///
/// FNV-1a over the bytes, then the finaliser of MurmurHash3, so that all bits are well mixed. Not keyed: use it for
/// features, where a collision costs a little accuracy, never for identity.
public struct TermHash: Sendable, Hashable, Comparable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// - Parameter seed: Keeps apart the same text in different roles, such as a category and a word.
  @inlinable
  public init(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0) {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    rawValue = Self.mix(state)
  }

  public init(_ text: String, seed: UInt64 = 0) { self.init(text.utf8, seed: seed) }

  /// The hash of this term followed by `next`: an n-gram from the hashes of its terms.
  public func followed(by next: TermHash) -> TermHash {
    TermHash(rawValue: Self.mix(rawValue &* 0x9E37_79B9_7F4A_7C15 &+ next.rawValue))
  }

  @usableFromInline
  static func mix(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ word >> 33) &* 0xff51_afd7_ed55_8ccd
    word = (word ^ word >> 33) &* 0xc4ce_b9fe_1a85_ec53
    return word ^ word >> 33
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
