/// Reads CSV and TSV (RFC 4180): quotes, CR LF, a byte order mark, a header. Blank lines are passed over.
///
/// Bad rows come as values: text after a closing quote, a quote that is never closed, another number of fields than the
/// header has, bytes in another encoding, a line that is too long. After a wrong quote, reading goes on with the line
/// after the one where the row began.
///
///     var reader = try DelimitedReader(path: "ratings.csv")
///     let user = reader.column("userId")
///     while let outcome = try reader.next() { … }
public struct DelimitedReader {
  /// Lines of one row: bounds what is read twice after a quote that is never closed.
  private static let rowLinesMax = 1_000

  /// Names of the columns; empty when the format names none.
  public private(set) var columns: [String]

  private let format: DelimitedFormat
  private let separator: [UInt8]
  private let rowBytesMax: Int
  private var lines: LineReader
  /// Lines that were read as part of a row that proved bad, to be read again.
  private var returned: [RawLine] = []  // in reverse

  /// Where the next row begins.
  public var position: TextPosition { returned.last?.position ?? lines.position }

  /// - Parameter source: Stands at the start of the text.
  /// - Throws: What the source throws; `DocumentError` when the header cannot be read.
  public init(
    _ source: ByteSource, format: DelimitedFormat = .csv, file: String = "input", rowBytesMax: Int = 1 << 20
  ) throws {
    self.format = format
    separator = Array(format.separator.utf8)
    self.rowBytesMax = rowBytesMax
    lines = LineReader(source, lineBytesMax: rowBytesMax)
    columns = []
    switch format.header {
    case .columns(let names): columns = names
    case .firstRow:
      switch try next() {
      case .row(let row): columns = row.fields
      case .bad(let line):
        throw DocumentError(
          at: SourceLocation(file: file, line: line.position.line, column: 1),
          "the header cannot be read: \(line.reason)")
      case nil: break
      }
      if let name = columns.first(where: { name in columns.count(where: { $0 == name }) > 1 }) {
        throw DocumentError(
          at: SourceLocation(file: file, line: 1, column: 1), "the header has several columns named '\(name)'")
      }
    }
  }

  /// Opens a file; with `position`, of an earlier reader of the same file, reading goes on there.
  public init(
    path: String, format: DelimitedFormat = .csv, resumingAt position: TextPosition? = nil, rowBytesMax: Int = 1 << 20
  ) throws {
    try self.init(ByteSource(path: path), format: format, file: path, rowBytesMax: rowBytesMax)
    if let position {
      lines = LineReader(
        try ByteSource(path: path, from: position.offset), at: position, lineBytesMax: rowBytesMax)
      returned = []
    }
  }

  /// The place of a column, from 0; nil when there is none of that name.
  public func column(_ name: String) -> Int? { columns.firstIndex(of: name) }

  /// The next row, nil at the end.
  /// - Throws: What the source throws; never for what a row holds.
  /// - Complexity: O(length of the row).
  public mutating func next() throws -> LineOutcome<DelimitedRow>? {
    while let first = try nextLine() {
      if first.isTooLong { return .bad(first.bad("a line of more than \(rowBytesMax) bytes")) }
      if first.bytes.isEmpty { continue }
      return try row(from: first)
    }
    return nil
  }

  private mutating func nextLine() throws -> RawLine? { try returned.popLast() ?? lines.next() }

  private mutating func row(from first: RawLine) throws -> LineOutcome<DelimitedRow> {
    var scan = RowScan(separator: separator, allowsQuotes: format.allowsQuotes)
    var taken = [first]
    while true {
      let line = taken[taken.count - 1]
      guard let bytes = format.encoding.utf8(line.bytes) else { return bad(taken, "bytes that are not UTF-8") }
      switch scan.add(taken.count == 1 ? bytes : Self.lineEnd(taken[taken.count - 2]) + bytes) {
      case .complete:
        let count = scan.fields.count
        guard columns.isEmpty || count == columns.count else {
          return .bad(first.bad("found \(count) fields, expected \(columns.count)"))
        }
        return .row(DelimitedRow(position: first.position, scan: scan))
      case .malformed(let reason): return bad(taken, reason)
      case .withinQuotes:
        guard taken.count < Self.rowLinesMax, scan.bytes.count <= rowBytesMax, let next = try nextLine() else {
          return bad(taken, "a quote that is not closed")
        }
        taken.append(next)
        guard !next.isTooLong else { return bad(taken, "a quote that is not closed") }
      }
    }
  }

  /// A quote stands wrong, perhaps already in the row's first line; so the others may begin rows of their own.
  private mutating func bad(_ taken: [RawLine], _ reason: String) -> LineOutcome<DelimitedRow> {
    returned += taken.dropFirst().reversed()
    return .bad(taken[0].bad(reason))
  }

  private static func lineEnd(_ line: RawLine) -> [UInt8] { line.endBytes == 2 ? [0x0D, 0x0A] : [0x0A] }
}
