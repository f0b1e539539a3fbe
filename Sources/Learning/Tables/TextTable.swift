public import Documents
import Foundation

/// A table of text in a file: its separator is found by looking at the first line, its columns go by name or by number.
///
/// Separated by comma, semicolon, tab or bar (with quotes as in RFC 4180), or by any run of spaces and tabs. Columns without a
/// header are `1`, `2` …; with one, a number that is no name counts from the left as well.
public struct TextTable {
  /// A row's fields, with where it stands.
  public struct Row {
    public let line: Int
    fileprivate let delimited: DelimitedRow?
    fileprivate let spaced: [String]

    public var count: Int { delimited?.count ?? spaced.count }
    /// Without spaces around it; nil beyond the last.
    public subscript(_ place: Int) -> String? {
      guard let delimited else { return spaced.indices.contains(place) ? spaced[place] : nil }
      guard let text = delimited[place] else { return nil }
      guard let first = text.utf8.first, let last = text.utf8.last, first == 0x20 || last == 0x20 else { return text }
      return text.trimmingCharacters(in: .whitespaces)
    }
  }

  private enum Reader {
    case delimited(DelimitedReader)
    case spaced(FieldLines)
  }

  public let path: String
  public let columns: [String]
  private var reader: Reader
  /// Read already, to count the columns of a table without a header.
  private var first: Row?

  /// - Throws: `DocumentError` for what cannot be opened, an empty file, or a header that cannot be read.
  public init(path: String, hasHeader: Bool = true) throws {
    self.path = path
    func failure(_ message: String) -> DocumentError {
      DocumentError(at: SourceLocation(file: path, line: 1, column: 1), message)
    }
    let head: [UInt8]
    do {
      var lines = LineReader(try ByteSource(path: path), lineBytesMax: 16 << 20)
      var line = try lines.next()
      while let blank = line, blank.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { line = try lines.next() }
      guard let line else { throw emptyFile(path, "a table") }
      head = line.bytes
    } catch let error as DocumentError {
      throw error
    } catch {
      throw failure("the file cannot be read: \(error.localizedDescription)")
    }
    if let separator = Self.separator(of: head) {
      var reader = try DelimitedReader(
        path: path,
        format: DelimitedFormat(separator: separator, header: hasHeader ? .firstRow : .columns([])))
      if hasHeader {
        columns = reader.columns.map { $0.trimmingCharacters(in: .whitespaces) }
      } else {
        first = try Self.next(&reader, path).map { Row(line: $0.position.line, delimited: $0, spaced: []) }
        columns = (1...max(1, first?.count ?? 1)).map(String.init)
      }
      self.reader = .delimited(reader)
    } else {
      var lines = try FieldLines(path: path, separators: " \t\r")
      let fields = try lines.next()?.map(\.text) ?? []
      columns = hasHeader ? fields : (1...max(1, fields.count)).map(String.init)
      if !hasHeader { first = Row(line: lines.line, delimited: nil, spaced: fields) }
      reader = .spaced(lines)
    }
  }

  /// The place of a column.
  /// - Throws: `DocumentError` with what columns there are.
  public func place(of name: String) throws -> Int {
    if let place = columns.firstIndex(of: name) { return place }
    if let number = Int(name), columns.indices.contains(number - 1) { return number - 1 }
    throw DocumentError(
      at: SourceLocation(file: path, line: 1, column: 1),
      "found no column '\(name)' among \(columns.prefix(30).joined(separator: ", "))",
      suggestion: nearestWord(to: name, among: columns))
  }

  /// The next row, nil at the end.
  /// - Throws: `DocumentError` for a row that is none, or that has another number of fields than there are columns.
  public mutating func next() throws -> Row? {
    if let row = first {
      first = nil
      return row
    }
    switch reader {
    case .delimited(var reader):
      defer { self.reader = .delimited(reader) }
      guard let row = try Self.next(&reader, path) else { return nil }
      guard row.count == columns.count else { throw wrongCount(row.position.line, row.count) }
      return Row(line: row.position.line, delimited: row, spaced: [])
    case .spaced(var lines):
      defer { self.reader = .spaced(lines) }
      guard let fields = try lines.next() else { return nil }
      guard fields.count == columns.count else { throw wrongCount(lines.line, fields.count) }
      return Row(line: lines.line, delimited: nil, spaced: fields.map(\.text))
    }
  }

  public func error(line: Int, _ message: String) -> DocumentError {
    DocumentError(at: SourceLocation(file: path, line: line, column: 1), message)
  }

  private func wrongCount(_ line: Int, _ count: Int) -> DocumentError {
    error(line: line, "found \(count) fields, expected \(columns.count)")
  }

  private static func next(_ reader: inout DelimitedReader, _ path: String) throws -> DelimitedRow? {
    switch try reader.next() {
    case .row(let row): return row
    case .bad(let bad):
      throw DocumentError(at: SourceLocation(file: path, line: bad.position.line, column: 1), bad.reason)
    case nil: return nil
    }
  }

  /// The first of tab, comma, semicolon and bar that stands in the line outside of quotes; nil for spaces alone. A line of one word
  /// is a table of one column.
  private static func separator(of line: [UInt8]) -> String? {
    var isQuoted = false
    var found: Set<UInt8> = []
    for byte in line {
      if byte == 0x22 { isQuoted.toggle() } else if !isQuoted { found.insert(byte) }
    }
    for (byte, text) in [(UInt8(0x2C), ","), (0x3B, ";"), (0x09, "\t"), (0x7C, "|")] where found.contains(byte) {
      return text
    }
    return found.contains(0x20) ? nil : ","
  }
}
