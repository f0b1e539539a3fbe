import Engine
import Primitives

/// One row of the log: consecutive entries packed into one blob, so that a commit of hundreds of entries is a few rows.
///
/// An entry is a byte of kind (its top bit says that a key follows), the time of knowing (8 bytes), the key (16 bytes,
/// or none), the payload's length (4 bytes) and the payload; numbers are little-endian. An entry that took another's place
/// has the next bit of its kind set and is followed by zeros, as many as the number (4 bytes) before them says, so that no
/// byte behind it moves.
struct LogRow {
  /// Position of the first entry.
  let first: UInt64
  let count: Int
  let body: [UInt8]

  /// Position of the last entry.
  var last: UInt64 { first + UInt64(count) - 1 }

  /// Of position, count and body: a damaged row does not go unnoticed, nor one that stands in another's place.
  var checksum: Int64 {
    let hash = StableHash(key0: first, key1: UInt64(count))
    return Int64(bitPattern: body.withUnsafeBytes { hash.hash64($0) })
  }

  private static let keyFlag: UInt8 = 0x80
  private static let paddingFlag: UInt8 = 0x40
  private static let frameBytesMin = 1 + 8 + 4

  static func frameBytes(of entry: LogEntry) -> Int {
    frameBytesMin + (entry.key == nil ? 0 : 16) + entry.payload.count
  }

  init(first: UInt64, count: Int, body: [UInt8]) {
    self.first = first
    self.count = count
    self.body = body
  }

  /// - Parameter bytes: The sum of the entries' `frameBytes`.
  init(first: UInt64, packing entries: ArraySlice<LogEntry>, bytes: Int) {
    let body = [UInt8](unsafeUninitializedCapacity: bytes) { buffer, initializedCount in
      var writer = FrameWriter(at: UnsafeMutableRawBufferPointer(buffer))
      for entry in entries { writer.append(entry) }
      initializedCount = writer.offset
    }
    self.init(first: first, count: entries.count, body: body)
  }

  /// Cuts the entries of a commit into rows of about `rowBytesMax`; a larger entry has a row of its own.
  static func rows(of entries: [LogEntry], first: UInt64, rowBytesMax: Int) -> [LogRow] {
    var rows: [LogRow] = []
    var start = 0
    var bytes = 0
    func cut(before end: Int) {
      guard end > start else { return }
      rows.append(LogRow(first: first + UInt64(start), packing: entries[start..<end], bytes: bytes))
      start = end
      bytes = 0
    }
    for (index, entry) in entries.enumerated() {
      let size = frameBytes(of: entry)
      if bytes + size > rowBytesMax { cut(before: index) }
      bytes += size
    }
    cut(before: entries.count)
    return rows
  }

  /// The entries from `position` on, each given to `body` until it returns false.
  /// - Throws: `LogRowFault` when the bytes are not what `init(first:packing:bytes:)` makes.
  func forEach(from position: UInt64, _ visit: (PositionedEntry) -> Bool) throws(LogRowFault) {
    var reader = FrameReader(body)
    for index in 0..<UInt64(count) {
      if first + index < position {
        try reader.skip()
      } else if !visit(PositionedEntry(position: LogPosition(first + index), entry: try reader.next())) {
        return
      }
    }
    guard reader.isAtEnd else { throw .malformed }
  }

  /// The row with other entries at some positions. As many bytes as before, where each new entry is as long as the one that
  /// it replaces or at least four bytes shorter.
  func replacing(_ replacements: [UInt64: LogEntry]) throws(LogRowFault) -> LogRow {
    var reader = FrameReader(body)
    var changed: [UInt8] = []
    changed.reserveCapacity(body.count)
    for position in first...last {
      let start = reader.offset
      try reader.skip()
      guard let entry = replacements[position] else {
        changed += body[start..<reader.offset]
        continue
      }
      let bytes = Self.frameBytes(of: entry)
      var frame = LogRow(first: position, packing: [entry], bytes: bytes).body
      let padding = reader.offset - start - bytes - 4
      if padding >= 0 {
        frame[0] |= Self.paddingFlag
        frame += withUnsafeBytes(of: UInt32(padding).littleEndian, Array.init) + Array(repeating: 0, count: padding)
      }
      changed += frame
    }
    guard reader.isAtEnd else { throw .malformed }
    return LogRow(first: first, count: count, body: changed)
  }

  private struct FrameWriter {
    let buffer: UnsafeMutableRawBufferPointer
    var offset = 0

    init(at buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    private mutating func store<Word: FixedWidthInteger>(_ word: Word) {
      buffer.storeBytes(of: word.littleEndian, toByteOffset: offset, as: Word.self)
      offset += MemoryLayout<Word>.size
    }

    mutating func append(_ entry: LogEntry) {
      store(entry.kind.rawValue | (entry.key == nil ? 0 : keyFlag))
      store(entry.knownAt.microseconds)
      if let key = entry.key {
        store(key.high)
        store(key.low)
      }
      store(UInt32(entry.payload.count))
      entry.payload.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + $0.count]).copyMemory(from: $0)
      }
      offset += entry.payload.count
    }
  }

  private struct FrameReader {
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    private mutating func load<Word: FixedWidthInteger>(_: Word.Type) throws(LogRowFault) -> Word {
      let size = MemoryLayout<Word>.size
      guard bytes.count - offset >= size else { throw .malformed }
      defer { offset += size }
      return bytes.withUnsafeBytes { Word(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Word.self)) }
    }

    private mutating func payloadRange() throws(LogRowFault) -> Range<Int> {
      let count = Int(try load(UInt32.self))
      guard bytes.count - offset >= count else { throw .malformed }
      defer { offset += count }
      return offset..<offset + count
    }

    mutating func skip() throws(LogRowFault) {
      let head = try load(UInt8.self)
      offset += head & keyFlag == 0 ? 8 : 24
      guard offset <= bytes.count else { throw .malformed }
      _ = try payloadRange()
      try skipPadding(after: head)
    }

    /// Padding is a number and as many bytes, as a payload is.
    private mutating func skipPadding(after head: UInt8) throws(LogRowFault) {
      if head & paddingFlag != 0 { _ = try payloadRange() }
    }

    mutating func next() throws(LogRowFault) -> LogEntry {
      let head = try load(UInt8.self)
      let code = head & ~(keyFlag | paddingFlag)
      guard let kind = LogEntryKind(rawValue: code) else {
        throw LogRowFault(reason: "this program knows no entries of kind \(code)")
      }
      let knownAt = Timestamp(microseconds: try load(Int64.self))
      var key: SortableID?
      if head & keyFlag != 0 {
        let high = try load(UInt64.self)
        key = SortableID(high: high, low: try load(UInt64.self))
      }
      let payload = [UInt8](bytes[try payloadRange()])
      try skipPadding(after: head)
      return LogEntry(kind: kind, knownAt: knownAt, key: key, payload: payload)
    }
  }
}

/// The bytes of a row are not entries.
struct LogRowFault: Error {
  let reason: String
  static let malformed = LogRowFault(reason: "its entries are malformed")
}
