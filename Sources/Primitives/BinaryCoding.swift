/// A value with a packed binary form, for logs and checkpoints.
public protocol BinaryCodable {
  func encode(into writer: inout BinaryWriter)
  init(from reader: inout BinaryReader) throws(BinaryError)
}

/// The bytes end before the value does, or say something that no value says.
public struct BinaryError: Error, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Appends packed values: little-endian words, LEB128 varints, length-prefixed bytes.
public struct BinaryWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init(reservingCapacity capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  public mutating func write(byte: UInt8) { bytes.append(byte) }

  public mutating func write(word value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  public mutating func write(word32 value: UInt32) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  public mutating func write(double value: Double) { write(word: value.bitPattern) }
  public mutating func write(float value: Float) { write(word32: value.bitPattern) }

  /// Floats one after another, their number not written.
  public mutating func write(floats values: some Collection<Float>) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: values.count) { words in
      for (index, value) in values.enumerated() { words[index] = value.bitPattern.littleEndian }
      bytes.append(contentsOf: UnsafeRawBufferPointer(words))
    }
  }

  /// Unsigned LEB128: one byte for each 7 bits.
  public mutating func write(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  public mutating func write(count: Int) { write(varint: UInt64(count)) }

  /// Zigzag, then LEB128: small magnitudes of either sign are short.
  public mutating func write(signed value: Int64) {
    write(varint: UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  public mutating func write(string value: String) {
    var value = value
    value.withUTF8 {
      write(count: $0.count)
      bytes.append(contentsOf: $0)
    }
  }

  public mutating func write(bytes value: some Collection<UInt8>) {
    write(count: value.count)
    bytes.append(contentsOf: value)
  }

  public mutating func write(raw value: some Collection<UInt8>) { bytes.append(contentsOf: value) }
  public mutating func write(time value: Timestamp) { write(signed: value.microseconds) }
  public mutating func write(bool value: Bool) { bytes.append(value ? 1 : 0) }

  public mutating func write(digest value: Digest128) {
    write(word: value.high)
    write(word: value.low)
  }

  public mutating func write(id value: SortableID) {
    write(word: value.high)
    write(word: value.low)
  }

  public mutating func write(list values: some Collection<some BinaryCodable>) {
    write(count: values.count)
    for value in values { value.encode(into: &self) }
  }

  public mutating func write<Value>(
    optional value: Value?, _ encode: (inout BinaryWriter, Value) -> Void
  ) {
    write(bool: value != nil)
    if let value { encode(&self, value) }
  }
}

/// Reads what `BinaryWriter` wrote. Every length is checked before anything is allocated for it.
public struct BinaryReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  public var isAtEnd: Bool { index == bytes.endIndex }
  public var remaining: Int { bytes.endIndex - index }

  private mutating func take(_ count: Int) throws(BinaryError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw BinaryError("\(count) bytes expected, \(remaining) left")
    }
    defer { index += count }
    return bytes[index..<index + count]
  }

  public mutating func readByte() throws(BinaryError) -> UInt8 {
    guard index < bytes.endIndex else { throw BinaryError("a byte expected, none left") }
    defer { index += 1 }
    return bytes[index]
  }

  public mutating func readWord() throws(BinaryError) -> UInt64 {
    let slice = try take(8)
    return slice.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
  }

  public mutating func readWord32() throws(BinaryError) -> UInt32 {
    let slice = try take(4)
    return slice.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) }
  }

  public mutating func readDouble() throws(BinaryError) -> Double { Double(bitPattern: try readWord()) }
  public mutating func readFloat() throws(BinaryError) -> Float { Float(bitPattern: try readWord32()) }

  public mutating func readVarint() throws(BinaryError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try readByte()
      guard shift < 63 || byte < 2 else { throw BinaryError("a varint of more than 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw BinaryError("a varint of more than 64 bits")
  }

  /// A number of elements; never more than the bytes left, since each takes at least one.
  public mutating func readCount() throws(BinaryError) -> Int {
    let count = try readVarint()
    guard count <= UInt64(remaining) else {
      throw BinaryError("a count of \(count) with \(remaining) bytes left")
    }
    return Int(count)
  }

  public mutating func readSigned() throws(BinaryError) -> Int64 {
    let value = try readVarint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  public mutating func readBytes() throws(BinaryError) -> ArraySlice<UInt8> { try take(try readCount()) }
  public mutating func readString() throws(BinaryError) -> String {
    String(decoding: try readBytes(), as: UTF8.self)
  }
  public mutating func readRaw(_ count: Int) throws(BinaryError) -> ArraySlice<UInt8> { try take(count) }
  public mutating func readTime() throws(BinaryError) -> Timestamp { Timestamp(microseconds: try readSigned()) }
  public mutating func readBool() throws(BinaryError) -> Bool {
    let byte = try readByte()
    guard byte < 2 else { throw BinaryError("0 or 1 expected, found \(byte)") }
    return byte == 1
  }

  public mutating func readDigest() throws(BinaryError) -> Digest128 {
    Digest128(high: try readWord(), low: try readWord())
  }

  public mutating func readID() throws(BinaryError) -> SortableID {
    SortableID(high: try readWord(), low: try readWord())
  }

  public mutating func readList<Value: BinaryCodable>(of type: Value.Type) throws(BinaryError) -> [Value] {
    let count = try readCount()
    var values: [Value] = []
    values.reserveCapacity(min(count, 1_024))  // an element may be much larger than the byte that stands for it
    for _ in 0..<count { values.append(try Value(from: &self)) }
    return values
  }

  public mutating func readOptional<Value>(
    _ decode: (inout BinaryReader) throws(BinaryError) -> Value
  ) throws(BinaryError) -> Value? {
    try readBool() ? try decode(&self) : nil
  }
}
