import Documents
import Foundation

/// A piece of a line, and where it begins.
struct Field: Sendable, Hashable {
  let text: String
  /// From 1.
  let column: Int
}

/// The lines of a text file as fields with their columns; blank lines are passed over.
struct FieldLines {
  private var lines: LineReader
  private let file: String
  private let separators: [UInt8]
  /// Of the line that was read last.
  private(set) var line = 0

  /// - Parameter separators: Bytes any run of which parts two fields.
  /// - Throws: `DocumentError` when the file cannot be opened.
  init(path: String, separators: String) throws {
    file = path
    self.separators = Array(separators.utf8)
    do {
      lines = LineReader(try ByteSource(path: path), lineBytesMax: 16 << 20)
    } catch {
      throw DocumentError(
        at: SourceLocation(file: path, line: 1, column: 1), "the file cannot be read: \(error.localizedDescription)")
    }
  }

  func error(_ column: Int, _ message: String) -> DocumentError {
    DocumentError(at: SourceLocation(file: file, line: max(1, line), column: column), message)
  }

  /// nil at the end.
  /// - Throws: `DocumentError` for what is no text.
  mutating func next() throws -> [Field]? {
    while let raw = try lines.next() {
      line = raw.position.line
      guard !raw.isTooLong else { throw error(1, "a line of more than \(16 << 20) bytes") }
      let fields = try self.fields(of: raw.bytes)
      if !fields.isEmpty { return fields }
    }
    return nil
  }

  private func fields(of bytes: [UInt8]) throws -> [Field] {
    var fields: [Field] = []
    var start: Int?
    for index in 0...bytes.count {
      let isSeparator = index == bytes.count || separators.contains(bytes[index])
      if let from = start, isSeparator {
        guard let text = String(validating: bytes[from..<index], as: UTF8.self) else {
          throw error(from + 1, "bytes that are not UTF-8")
        }
        fields.append(Field(text: text, column: from + 1))
        start = nil
      } else if start == nil, !isSeparator {
        start = index
      }
    }
    return fields
  }
}

/// Gives texts numbers in the order in which they are first met.
struct Numbering: Sendable, Hashable {
  private var numbers: [String: UInt32] = [:]

  var count: Int { numbers.count }

  mutating func number(of text: String) -> UInt32 {
    if let known = numbers[text] { return known }
    let number = UInt32(numbers.count)
    numbers[text] = number
    return number
  }

  func known(_ text: String) -> UInt32? { numbers[text] }
}
