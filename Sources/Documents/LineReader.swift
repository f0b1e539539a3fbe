import Foundation

/// A line that is not what it should be, kept as a value so that the rest can be read.
public struct BadLine: Sendable, Hashable {
  public let position: TextPosition
  /// What was found and what was expected.
  public let reason: String
  /// The line as it stands, without its end; the first 4 KiB of one that is too long.
  public let bytes: [UInt8]
}

/// What came of reading one line or row.
public enum LineOutcome<Row: Sendable>: Sendable {
  case row(Row)
  case bad(BadLine)
}

/// A line of bytes.
public struct RawLine: Sendable, Hashable {
  public let position: TextPosition
  /// Without the line's end; the first 4 KiB when it is too long.
  public let bytes: [UInt8]
  /// Bytes of the line's end: 0 (end of file), 1 (LF) or 2 (CR LF).
  public let endBytes: Int
  public let isTooLong: Bool

  func bad(_ reason: String) -> BadLine { BadLine(position: position, reason: reason, bytes: bytes) }
}

/// Reads lines that end in LF or CR LF, in memory bounded by the longest line allowed. A byte order mark at the start is skipped.
public struct LineReader {
  private static let keptOfTooLong = 4096

  private let source: ByteSource
  private let lineBytesMax: Int
  private var buffer: [UInt8] = []
  private var start = 0
  private var isSourceAtEnd = false

  /// Where the next line begins.
  public private(set) var position: TextPosition

  /// - Parameters:
  ///   - source: Stands at `position`.
  ///   - lineBytesMax: Longer lines are passed over, and reported as too long.
  public init(_ source: ByteSource, at position: TextPosition = .start, lineBytesMax: Int = 1 << 20) {
    self.source = source
    self.position = position
    self.lineBytesMax = lineBytesMax
  }

  /// The next line, nil at the end.
  /// - Throws: What the source throws.
  /// - Complexity: O(length of the line).
  public mutating func next() throws -> RawLine? {
    if position.offset == 0 { try skipByteOrderMark() }
    var searched = 0
    while true {
      if let length = newline(after: searched) { return take(length, hasNewline: true) }
      searched = buffer.count - start
      if searched > lineBytesMax + 1 { return try takeTooLong() }  // one more for the CR of a CR LF
      guard try fill() else { return searched == 0 ? nil : take(searched, hasNewline: false) }
    }
  }

  private mutating func skipByteOrderMark() throws {
    while buffer.count - start < 3, try fill() {}
    guard buffer[start...].starts(with: [0xEF, 0xBB, 0xBF]) else { return }
    start += 3
    position.offset += 3
  }

  /// Bytes up to the first LF that has at least `skipped` bytes before it.
  private func newline(after skipped: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start + skipped < bytes.count,
        let found = memchr(base + start + skipped, 0x0A, bytes.count - start - skipped)
      else { return nil }
      return UnsafeRawPointer(found) - base - start
    }
  }

  private mutating func take(_ length: Int, hasNewline: Bool) -> RawLine {
    let hasReturn = hasNewline && length > 0 && buffer[start + length - 1] == 0x0D
    let content = length - (hasReturn ? 1 : 0)
    let isTooLong = content > lineBytesMax
    let kept = isTooLong ? min(content, Self.keptOfTooLong) : content
    let line = RawLine(
      position: position, bytes: Array(buffer[start..<start + kept]),
      endBytes: (hasNewline ? 1 : 0) + (hasReturn ? 1 : 0), isTooLong: isTooLong)
    advance(length + (hasNewline ? 1 : 0))
    position.line += 1
    return line
  }

  private mutating func takeTooLong() throws -> RawLine {
    let began = position
    let kept = Array(buffer[start...].prefix(Self.keptOfTooLong))
    var endBytes = 0
    while true {
      if let length = newline(after: 0) {
        advance(length + 1)
        endBytes = 1
        break
      }
      advance(buffer.count - start)
      guard try fill() else { break }
    }
    position.line += 1
    return RawLine(position: began, bytes: kept, endBytes: endBytes, isTooLong: true)
  }

  private mutating func advance(_ count: Int) {
    start += count
    position.offset += count
  }

  /// Gets more bytes; false at the end of the source.
  private mutating func fill() throws -> Bool {
    guard !isSourceAtEnd else { return false }
    buffer.removeFirst(start)
    start = 0
    let more = try source.read(ByteSource.chunkBytes)
    isSourceAtEnd = more.isEmpty
    buffer += more
    return !isSourceAtEnd
  }
}
