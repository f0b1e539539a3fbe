/// A short text that features count by (a category, a device), packed into words: no allocation, quick to compare.
///
/// The first byte is the length, then come at most 63 bytes of UTF-8, little-endian in up to eight words. Longer texts
/// are cut before the character that does not fit; texts that begin alike for 63 bytes are one key.
public struct FeatureKey: Sendable, Hashable {
  static let bytesMax = 63

  let words: SIMD8<UInt64>

  init(words: SIMD8<UInt64>) { self.words = words }

  public init(_ text: String) {
    var text = text
    var packed = SIMD8<UInt64>.zero
    text.withUTF8 { utf8 in
      var count = min(utf8.count, Self.bytesMax)
      if count < utf8.count {  // not within a character
        while count > 0, utf8[count] & 0xC0 == 0x80 { count -= 1 }
      }
      withUnsafeMutableBytes(of: &packed) { bytes in
        bytes[0] = UInt8(count)
        UnsafeMutableRawBufferPointer(rebasing: bytes[1..<count + 1]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8)[..<count]))
      }
    }
    words = packed
  }

  /// Words that hold text: 1 to 8.
  var wordCount: Int { Self.wordCount(ofFirst: words[0]) }

  /// Words of the key that begins with `word`; never more than 8.
  static func wordCount(ofFirst word: UInt64) -> Int { Int(word & 0x3F) / 8 + 1 }

  public var text: String {
    withUnsafeBytes(of: words) { bytes in
      let count = Int(bytes[0] & 0x3F)
      return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[1..<count + 1]), as: UTF8.self)
    }
  }

  /// 32 bits that stand for the key where only its identity matters.
  var hash32: UInt32 {
    var mixed: UInt64 = 0x9E37_79B9_7F4A_7C15
    for index in 0..<wordCount {
      mixed ^= words[index]
      mixed = (mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93
      mixed = (mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93
      mixed ^= mixed >> 32
    }
    return UInt32(truncatingIfNeeded: mixed ^ mixed >> 32)
  }
}
