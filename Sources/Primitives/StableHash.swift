/// 128 bits that stand for a longer text.
public struct Digest128: Sendable, Hashable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// 32 digits, most significant first.
  public var hexadecimal: String {
    [high, low].flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }.hexadecimal
  }

  /// Reads 32 digits; nil for anything else.
  public init?(hexadecimal text: String) {
    guard let bytes = [UInt8](hexadecimal: text), bytes.count == 16 else { return nil }
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
  }
}

/// SipHash-2-4: a keyed hash that is the same on every machine and in every version, unlike `Hasher`.
///
/// Keyed, so that nobody who does not know the key can make collisions on purpose.
///
/// - Complexity: O(bytes), about one byte a cycle.
/// - SeeAlso: Aumasson & Bernstein, *SipHash: a fast short-input PRF*, INDOCRYPT 2012.
public struct StableHash: Sendable, Hashable {
  public let key0: UInt64
  public let key1: UInt64

  public init(key0: UInt64, key1: UInt64) {
    self.key0 = key0
    self.key1 = key1
  }

  public func hash64(_ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { hash64(UnsafeRawBufferPointer($0)) }
  }

  public func hash64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var state = SipState(key0: key0, key1: key1, isWide: false)
    state.absorb(bytes)
    return state.finish()
  }

  public func hash128(_ text: String) -> Digest128 {
    var text = text
    return text.withUTF8 { hash128(UnsafeRawBufferPointer($0)) }
  }

  public func hash128(_ bytes: some Collection<UInt8>) -> Digest128 {
    bytes.withContiguousStorageIfAvailable { hash128(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { hash128($0) }
  }

  public func hash128(_ bytes: UnsafeRawBufferPointer) -> Digest128 {
    var state = SipState(key0: key0, key1: key1, isWide: true)
    state.absorb(bytes)
    let low = state.finish()
    return Digest128(high: state.finishSecond(), low: low)
  }
}

private struct SipState {
  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64
  private let isWide: Bool

  init(key0: UInt64, key1: UInt64, isWide: Bool) {
    v0 = key0 ^ 0x736f_6d65_7073_6575
    v1 = key1 ^ 0x646f_7261_6e64_6f6d
    v2 = key0 ^ 0x6c79_6765_6e65_7261
    v3 = key1 ^ 0x7465_6462_7974_6573
    self.isWide = isWide
    if isWide { v1 ^= 0xee }
  }

  @inline(__always)
  private mutating func round() {
    v0 &+= v1
    v1 = rotate(v1, 13) ^ v0
    v0 = rotate(v0, 32)
    v2 &+= v3
    v3 = rotate(v3, 16) ^ v2
    v0 &+= v3
    v3 = rotate(v3, 21) ^ v0
    v2 &+= v1
    v1 = rotate(v1, 17) ^ v2
    v2 = rotate(v2, 32)
  }

  @inline(__always)
  private func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 { value << by | value >> (64 - by) }

  @inline(__always)
  private mutating func compress(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
    let wholeWords = bytes.count / 8
    for word in 0..<wholeWords {
      compress(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)))
    }
    var last = UInt64(truncatingIfNeeded: bytes.count) << 56
    for (shift, index) in (wholeWords * 8..<bytes.count).enumerated() {
      last |= UInt64(bytes[index]) << UInt64(shift * 8)
    }
    compress(last)
  }

  mutating func finish() -> UInt64 {
    v2 ^= isWide ? 0xee : 0xff
    for _ in 0..<4 { round() }
    return v0 ^ v1 ^ v2 ^ v3
  }

  mutating func finishSecond() -> UInt64 {
    v1 ^= 0xdd
    for _ in 0..<4 { round() }
    return v0 ^ v1 ^ v2 ^ v3
  }
}
