import Primitives

/// The log positions of the entries that belong to one identifier, ascending, in about two bytes each.
///
/// The last up to 256 stand in the identifier's own record; full chunks are set aside and read only when somebody lists events.
struct PostingChunk: Sendable, BinaryCodable {
  static let capacity = 256

  private(set) var first: UInt64 = 0
  private(set) var last: UInt64 = 0
  private(set) var count = 0
  /// LEB128 differences between neighbours.
  private var deltas: [UInt8] = []

  init() {}

  var isFull: Bool { count >= Self.capacity }

  /// - Precondition: `position` is above all others.
  mutating func append(_ position: LogPosition) {
    let value = position.rawValue
    precondition(count == 0 || value > last, "positions come in order")
    if count == 0 {
      first = value
    } else {
      var rest = value - last
      while rest >= 0x80 {
        deltas.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      deltas.append(UInt8(rest))
    }
    last = value
    count += 1
  }

  var positions: [LogPosition] {
    guard count > 0 else { return [] }
    var result = [LogPosition(first)]
    result.reserveCapacity(count)
    var value = first
    var delta: UInt64 = 0
    var shift: UInt64 = 0
    for byte in deltas {
      delta |= UInt64(byte & 0x7F) << shift
      shift += 7
      guard byte < 0x80 else { continue }
      value += delta
      result.append(LogPosition(value))
      (delta, shift) = (0, 0)
    }
    return result
  }

  func encode(into writer: inout BinaryWriter) {
    writer.write(varint: first)
    writer.write(varint: last)
    writer.write(varint: UInt64(count))
    writer.write(bytes: deltas)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    first = try reader.readVarint()
    last = try reader.readVarint()
    count = Int(truncatingIfNeeded: try reader.readVarint())
    deltas = Array(try reader.readBytes())
  }
}

/// Any number of positions under one identifier: full chunks stand in the postings table, the rest here.
struct PostingList: Sendable, BinaryCodable {
  /// Full chunks, numbered from 0.
  private(set) var fullChunks: UInt32 = 0
  private(set) var recent = PostingChunk()

  init() {}

  /// Whether a position is above all others, so that it can be appended.
  func isBefore(_ position: LogPosition) -> Bool { recent.count == 0 || position.rawValue > recent.last }

  /// - Returns: The chunk that became full, with its number, for the postings table.
  mutating func append(_ position: LogPosition) -> (chunk: PostingChunk, number: UInt32)? {
    var full: (PostingChunk, UInt32)?
    if recent.isFull {
      full = (recent, fullChunks)
      fullChunks += 1
      recent = PostingChunk()
    }
    recent.append(position)
    return full
  }

  func encode(into writer: inout BinaryWriter) {
    writer.write(varint: UInt64(fullChunks))
    recent.encode(into: &writer)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    fullChunks = UInt32(truncatingIfNeeded: try reader.readVarint())
    recent = try PostingChunk(from: &reader)
  }
}

/// What the fold knows of one identifier: whose it is, and which events came under it first.
struct IdentifierRecord: Sendable, BinaryCodable {
  var profile: ProfileID
  var events = PostingList()

  init(profile: ProfileID) { self.profile = profile }

  func encode(into writer: inout BinaryWriter) {
    writer.write(id: profile.rawValue)
    events.encode(into: &writer)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    profile = ProfileID(try reader.readID())
    events = try PostingList(from: &reader)
  }
}

/// An identifier as a key: the digest of its namespace and value under the workspace's key.
struct IdentifierKey: StateKey {
  let digest: Digest128

  init(_ digest: Digest128) { self.digest = digest }

  var stateKey: [UInt8] { digest.bytes }
  var spread: UInt64 { digest.low }

  init?(stateKey: [UInt8]) {
    guard let digest = Digest128(bytes: stateKey) else { return nil }
    self.digest = digest
  }
}

/// One full chunk of an identifier's postings.
struct PostingKey: StateKey {
  /// Set in the numbers of chunks of related entries, which are not the identifier's events.
  static let related: UInt32 = 1 << 31

  let identifier: IdentifierKey
  let number: UInt32

  init(identifier: IdentifierKey, number: UInt32) {
    self.identifier = identifier
    self.number = number
  }

  var spread: UInt64 { identifier.spread &+ UInt64(number) }
  var stateKey: [UInt8] { identifier.stateKey + withUnsafeBytes(of: number.bigEndian, Array.init) }

  init?(stateKey: [UInt8]) {
    guard stateKey.count == 20, let identifier = IdentifierKey(stateKey: Array(stateKey[..<16])) else { return nil }
    self.identifier = identifier
    number = stateKey[16...].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension ProfileID: StateKey {
  var stateKey: [UInt8] { Digest128(high: rawValue.high, low: rawValue.low).bytes }
  var spread: UInt64 { rawValue.low }

  init?(stateKey: [UInt8]) {
    guard let digest = Digest128(bytes: stateKey) else { return nil }
    self.init(SortableID(high: digest.high, low: digest.low))
  }
}

extension DecisionID: StateKey {
  var stateKey: [UInt8] { Digest128(high: rawValue.high, low: rawValue.low).bytes }
  var spread: UInt64 { rawValue.low }

  init?(stateKey: [UInt8]) {
    guard let digest = Digest128(bytes: stateKey) else { return nil }
    self.init(SortableID(high: digest.high, low: digest.low))
  }
}

extension Digest128 {
  /// 16 bytes, most significant first, so that byte order is numeric order.
  var bytes: [UInt8] {
    withUnsafeBytes(of: high.bigEndian, Array.init) + withUnsafeBytes(of: low.bigEndian, Array.init)
  }

  init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    func word(_ slice: ArraySlice<UInt8>) -> UInt64 { slice.reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
  }
}
