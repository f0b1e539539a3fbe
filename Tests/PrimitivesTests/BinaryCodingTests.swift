import Primitives
import Testing

/// A value with something of every kind.
private struct Sample: BinaryCodable, Equatable {
  var byte: UInt8
  var word: UInt64
  var word32: UInt32
  var double: Double
  var float: Float
  var signed: Int64
  var text: String
  var bytes: [UInt8]
  var time: Timestamp
  var flag: Bool
  var digest: Digest128
  var id: SortableID
  var optional: Int64?
  var parts: [Part]

  struct Part: BinaryCodable, Equatable {
    var count: UInt64
    func encode(into writer: inout BinaryWriter) { writer.write(varint: count) }
    init(count: UInt64) { self.count = count }
    init(from reader: inout BinaryReader) throws(BinaryError) { count = try reader.readVarint() }
  }

  func encode(into writer: inout BinaryWriter) {
    writer.write(byte: byte)
    writer.write(word: word)
    writer.write(word32: word32)
    writer.write(double: double)
    writer.write(float: float)
    writer.write(signed: signed)
    writer.write(string: text)
    writer.write(bytes: bytes)
    writer.write(time: time)
    writer.write(bool: flag)
    writer.write(digest: digest)
    writer.write(id: id)
    writer.write(optional: optional) { $0.write(signed: $1) }
    writer.write(list: parts)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    byte = try reader.readByte()
    word = try reader.readWord()
    word32 = try reader.readWord32()
    double = try reader.readDouble()
    float = try reader.readFloat()
    signed = try reader.readSigned()
    text = try reader.readString()
    bytes = Array(try reader.readBytes())
    time = try reader.readTime()
    flag = try reader.readBool()
    digest = try reader.readDigest()
    id = try reader.readID()
    optional = try reader.readOptional { (reader: inout BinaryReader) throws(BinaryError) in try reader.readSigned() }
    parts = try reader.readList(of: Part.self)
  }

  init(using generator: inout SeededGenerator) {
    func word(_ generator: inout SeededGenerator) -> UInt64 {
      generator.next() >> UInt64.random(in: 0..<64, using: &generator)
    }
    byte = UInt8(truncatingIfNeeded: generator.next())
    self.word = generator.next()
    word32 = UInt32(truncatingIfNeeded: generator.next())
    double = generator.nextUnit() * 1e9
    float = Float(generator.nextUnit())
    signed = Int64(bitPattern: word(&generator))
    text = JSONRoundTripTests.randomText(using: &generator)
    bytes = (0..<Int.random(in: 0...9, using: &generator)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    time = Timestamp(microseconds: Int64(bitPattern: word(&generator)))
    flag = Bool.random(using: &generator)
    digest = Digest128(high: generator.next(), low: generator.next())
    id = SortableID(high: generator.next(), low: generator.next())
    optional = Bool.random(using: &generator) ? Int64(bitPattern: word(&generator)) : nil
    parts = (0..<Int.random(in: 0...5, using: &generator)).map { _ in Part(count: word(&generator)) }
  }
}

@Suite struct BinaryCodingTests {
  @Test func `any value reads back, and its bytes are used up`() throws {
    var generator = SeededGenerator(seed: 21)
    for _ in 0..<5_000 {
      let sample = Sample(using: &generator)
      var writer = BinaryWriter()
      sample.encode(into: &writer)
      var reader = BinaryReader(writer.bytes)
      #expect(try Sample(from: &reader) == sample)
      #expect(reader.isAtEnd)
      // The same from within other bytes.
      let slice = ([9, 9] + writer.bytes + [9])[2..<2 + writer.bytes.count]
      var second = BinaryReader(slice)
      #expect(try Sample(from: &second) == sample)
      #expect(second.remaining == 0)
    }
  }

  @Test func `no beginning of a value is a value`() throws {
    var generator = SeededGenerator(seed: 22)
    for _ in 0..<50 {
      var writer = BinaryWriter()
      Sample(using: &generator).encode(into: &writer)
      for count in 0..<writer.bytes.count {
        var reader = BinaryReader(writer.bytes[..<count])
        #expect(throws: BinaryError.self) { try Sample(from: &reader) }
      }
    }
  }

  @Test func `changed bytes are read or refused and never crash`() {
    var generator = SeededGenerator(seed: 23)
    for _ in 0..<20_000 {
      var writer = BinaryWriter()
      Sample(using: &generator).encode(into: &writer)
      var bytes = writer.bytes
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8(truncatingIfNeeded: generator.next())
      }
      var reader = BinaryReader(bytes)
      _ = try? Sample(from: &reader)
      var noise = BinaryReader((0..<40).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
      _ = try? Sample(from: &noise)
    }
  }

  @Test(
    arguments: [
      (0, [0]), (127, [0x7F]), (128, [0x80, 0x01]), (300, [0xAC, 0x02]), (16_383, [0xFF, 0x7F]),
      (16_384, [0x80, 0x80, 0x01]),
      (UInt64.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ] as [(UInt64, [UInt8])])
  func `a varint is LEB128`(value: UInt64, bytes: [UInt8]) throws {
    var writer = BinaryWriter()
    writer.write(varint: value)
    #expect(writer.bytes == bytes)
    var reader = BinaryReader(bytes)
    #expect(try reader.readVarint() == value)
  }

  @Test(
    arguments: [(0, 1), (-1, 1), (1, 1), (-64, 1), (63, 1), (64, 2), (-65, 2), (Int64.max, 10), (Int64.min, 10)]
      as [(Int64, Int)])
  func `a small magnitude of either sign is short`(value: Int64, byteCount: Int) throws {
    var writer = BinaryWriter()
    writer.write(signed: value)
    #expect(writer.bytes.count == byteCount)
    var reader = BinaryReader(writer.bytes)
    #expect(try reader.readSigned() == value)
  }

  @Test(
    arguments: [
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0x80], [],
    ] as [[UInt8]])
  func `a varint beyond 64 bits or cut off is refused`(bytes: [UInt8]) {
    var reader = BinaryReader(bytes)
    #expect(throws: BinaryError.self) { try reader.readVarint() }
  }

  @Test func `a length is checked before anything is allocated for it`() {
    struct Large: BinaryCodable {
      let words: InlineArray<64, UInt64>
      func encode(into writer: inout BinaryWriter) {}
      init(from reader: inout BinaryReader) throws(BinaryError) {
        _ = try reader.readByte()
        throw BinaryError("the first element is bad")
      }
    }
    for claimed in [2, 1_000, UInt64(Int.max), UInt64.max] {
      var writer = BinaryWriter()
      writer.write(varint: claimed)
      writer.write(byte: 7)
      for read in [
        { (reader: inout BinaryReader) in _ = try reader.readBytes() },
        { reader in _ = try reader.readString() }, { reader in _ = try reader.readList(of: Sample.Part.self) },
        { reader in _ = try reader.readCount() },
      ] as [(inout BinaryReader) throws -> Void] {
        var reader = BinaryReader(writer.bytes)
        #expect(throws: BinaryError.self) { try read(&reader) }
      }
    }
    // 16 MiB that claim as many elements of 512 bytes: reserving for all of them would take 8 GiB.
    var writer = BinaryWriter()
    writer.write(count: 1 << 24)
    writer.write(raw: [UInt8](repeating: 0, count: 1 << 24))
    var reader = BinaryReader(writer.bytes)
    #expect(throws: BinaryError("the first element is bad")) { try reader.readList(of: Large.self) }
  }

  @Test func `a raw read takes what was asked or refuses`() throws {
    var reader = BinaryReader([1, 2, 3])
    #expect(Array(try reader.readRaw(2)) == [1, 2])
    #expect(throws: BinaryError.self) { try reader.readRaw(2) }
    #expect(throws: BinaryError.self) { try reader.readRaw(-1) }
    #expect(try reader.readByte() == 3)
    #expect(throws: BinaryError.self) { try reader.readByte() }
    var flags = BinaryReader([0, 1, 2])
    #expect(try flags.readBool() == false)
    #expect(try flags.readBool() == true)
    #expect(throws: BinaryError.self) { try flags.readBool() }
  }
}
