import Primitives
import Testing

@Suite struct StableHashTests {
  /// The key of the published vectors, 00 01 … 0f.
  static let hash = StableHash(key0: 0x0706_0504_0302_0100, key1: 0x0F0E_0D0C_0B0A_0908)

  static func hex(_ words: UInt64...) -> String {
    words.map { word in
      withUnsafeBytes(of: word.littleEndian) { bytes in
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      }
    }.joined()
  }

  @Test func `the 64-bit hash is SipHash-2-4 as published`() {
    for (count, expected) in SipHashVectors.hash64.enumerated() {
      let found = (0..<UInt8(count)).map { $0 }.withUnsafeBytes { Self.hash.hash64($0) }
      #expect(Self.hex(found) == expected, "\(count) bytes")
    }
  }

  @Test func `the 128-bit hash is SipHash-2-4-128 as published`() {
    for (count, expected) in SipHashVectors.hash128.enumerated() {
      let found = Self.hash.hash128((0..<UInt8(count)).map { $0 })
      #expect(Self.hex(found.low, found.high) == expected, "\(count) bytes")
    }
  }

  @Test func `a text hashes as its UTF-8, a slice as its bytes`() {
    for text in ["", "a", "user_42", "Größe 🛒 and a longer one", "e\u{301}"] {
      let bytes = Array(text.utf8)
      #expect(Self.hash.hash64(text) == bytes.withUnsafeBytes { Self.hash.hash64($0) })
      #expect(Self.hash.hash128(text) == Self.hash.hash128(bytes))
      #expect(Self.hash.hash128(([1, 2] + bytes + [3])[2..<2 + bytes.count]) == Self.hash.hash128(bytes))
      #expect(Self.hash.hash128(bytes.lazy.map { $0 }) == Self.hash.hash128(bytes))
    }
  }

  @Test func `another key gives another hash`() {
    let other = StableHash(key0: 0x0706_0504_0302_0100, key1: 0x0F0E_0D0C_0B0A_0909)
    #expect(other.hash64("a") != Self.hash.hash64("a"))
    #expect(other.hash128("a") != Self.hash.hash128("a"))
  }
}
