/// A 128-bit identifier whose order is the order of creation: 48 bits of milliseconds since 1970, then 80 bits
/// that are unique within the millisecond.
///
/// Text form: 26 characters of Crockford's base 32, most significant first, as in the ULID specification.
public struct SortableID: Sendable, Hashable, Comparable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// - Parameters:
  ///   - time: Creation time; only its 48 low bits of milliseconds are kept, times before 1970 count as 1970.
  ///   - entropy: 80 bits are used: the 16 low bits of `entropy.high` and all of `entropy.low`.
  public init(time: Timestamp, entropy: Digest128) {
    let milliseconds = UInt64(max(0, time.microseconds / 1_000)) & 0xFFFF_FFFF_FFFF
    self.init(high: milliseconds << 16 | entropy.high & 0xFFFF, low: entropy.low)
  }

  /// Creation time, to the millisecond.
  public var time: Timestamp { Timestamp(microseconds: Int64(high >> 16) * 1_000) }

  public static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

extension SortableID: LosslessStringConvertible {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  public var description: String {
    var value = UInt128(high) << 64 | UInt128(low)
    var characters = [UInt8](repeating: 0, count: 26)
    for position in stride(from: 25, through: 0, by: -1) {
      characters[position] = Self.alphabet[Int(value & 31)]
      value >>= 5
    }
    return String(decoding: characters, as: UTF8.self)
  }

  /// Reads the text form, in either case; nil for anything else.
  public init?(_ description: String) {
    var value: UInt128 = 0
    var count = 0
    for byte in description.utf8 {
      let upper = byte >= 0x61 ? byte & ~0x20 : byte
      guard let digit = Self.alphabet.firstIndex(of: upper), count < 26, count > 0 || digit < 8 else { return nil }
      value = value << 5 | UInt128(digit)
      count += 1
    }
    guard count == 26 else { return nil }
    self.init(high: UInt64(value >> 64), low: UInt64(truncatingIfNeeded: value))
  }
}

/// A person as the engine knows them: `p_` and 26 characters.
public struct ProfileID: Sendable, Hashable, Comparable, LosslessStringConvertible {
  public let rawValue: SortableID
  public init(_ rawValue: SortableID) { self.rawValue = rawValue }

  public init?(_ description: String) {
    guard description.hasPrefix("p_"), let id = SortableID(String(description.dropFirst(2))) else { return nil }
    rawValue = id
  }

  public var description: String { "p_\(rawValue)" }
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One answer to one question of what to show: `d_` and 26 characters.
public struct DecisionID: Sendable, Hashable, Comparable, LosslessStringConvertible {
  public let rawValue: SortableID
  public init(_ rawValue: SortableID) { self.rawValue = rawValue }

  public init?(_ description: String) {
    guard description.hasPrefix("d_"), let id = SortableID(String(description.dropFirst(2))) else { return nil }
    rawValue = id
  }

  public var description: String { "d_\(rawValue)" }
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A tenant. Lower-case letters, digits, `-` and `_`, starting with a letter or digit, 1 to 64 characters, so that it
/// can name a folder.
public struct WorkspaceID: Sendable, Hashable, Comparable, LosslessStringConvertible {
  public let description: String

  public init?(_ description: String) {
    let bytes = description.utf8
    guard (1...64).contains(bytes.count), let first = bytes.first, Self.isAlphanumeric(first),
      bytes.allSatisfy({ Self.isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F })
    else { return nil }
    self.description = description
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
  }

  public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// The position of an entry in a partition's log; the first entry has position 1.
public struct LogPosition: Sendable, Hashable, Comparable {
  public let rawValue: UInt64
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Before the first entry.
  public static let start = LogPosition(0)
  public var next: LogPosition { LogPosition(rawValue + 1) }
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
