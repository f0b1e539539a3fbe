public import Foundation

/// Bytes that come in pieces: of a file, of memory, or of anything that can be asked for more.
public struct ByteSource {
  static let chunkBytes = 1 << 18

  /// Up to so many further bytes; none at the end.
  let read: (Int) throws -> [UInt8]

  /// - Parameter read: Gives at most as many further bytes as asked for, and none only at the end.
  public init(_ read: @escaping (Int) throws -> [UInt8]) { self.read = read }

  /// From where `file` stands now.
  public init(_ file: FileHandle) {
    read = { count in try file.read(upToCount: count).map { Array($0) } ?? [] }
  }

  public init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    read = { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }

  /// The file at `path`, from byte `offset` on.
  /// - Throws: Foundation's error when it cannot be opened.
  public init(path: String, from offset: Int = 0) throws {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    if offset > 0 { try file.seek(toOffset: UInt64(offset)) }
    self.init(file)
  }
}

/// Where a line begins, so that reading can go on there later.
public struct TextPosition: Sendable, Hashable, Codable {
  /// Bytes before it.
  public var offset: Int
  /// From 1.
  public var line: Int

  public init(offset: Int, line: Int) {
    self.offset = offset
    self.line = line
  }

  public static let start = TextPosition(offset: 0, line: 1)
}

/// What bytes above 127 mean.
public enum TextEncoding: String, Sendable, CaseIterable {
  case utf8
  /// ISO 8859-1, as of older data sets.
  case latin1
  /// UTF-8; lines that are not valid UTF-8 are read as ISO 8859-1.
  case utf8OrLatin1

  /// `bytes` as valid UTF-8, nil when they are not in this encoding.
  func utf8(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
    if self != .latin1, String(validating: bytes, as: UTF8.self) != nil { return bytes }
    guard self != .utf8 else { return nil }
    return bytes.flatMap { $0 < 0x80 ? [$0] : [0xC0 | $0 >> 6, 0x80 | $0 & 0x3F] }
  }
}
