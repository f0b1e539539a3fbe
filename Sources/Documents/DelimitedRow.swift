/// How rows of fields are written.
public struct DelimitedFormat: Sendable, Hashable {
  public enum Header: Sendable, Hashable {
    case firstRow
    /// There is none; the columns are these. An empty list allows any number of fields.
    case columns([String])
  }

  /// ASCII, at least one character: `,`, a tab, `;`, `|`, `::`.
  public var separator: String
  /// Whether a field may stand in double quotes, with doubled quotes and line ends within (RFC 4180).
  public var allowsQuotes: Bool
  public var header: Header
  public var encoding: TextEncoding

  public init(
    separator: String = ",", allowsQuotes: Bool = true, header: Header = .firstRow, encoding: TextEncoding = .utf8
  ) {
    precondition(!separator.isEmpty && separator.utf8.allSatisfy { $0 < 0x80 && $0 != 0x22 && $0 != 0x0A })
    self.separator = separator
    self.allowsQuotes = allowsQuotes
    self.header = header
    self.encoding = encoding
  }

  public static let csv = DelimitedFormat()
  public static let tsv = DelimitedFormat(separator: "\t")
}

/// A row of fields.
public struct DelimitedRow: Sendable {
  /// Where its first line begins.
  public let position: TextPosition
  let scan: RowScan

  /// The row as it stands in the file, without the end of its last line.
  public var rawBytes: [UInt8] { Array(scan.bytes) }

  /// Number of fields.
  public var count: Int { scan.fields.count }

  /// A field by its place from 0; nil beyond the last.
  public subscript(_ index: Int) -> String? {
    guard scan.fields.indices.contains(index) else { return nil }
    let field = scan.fields[index]
    let raw = scan.bytes[field.range]
    guard field.hasDoubledQuotes else { return String(decoding: raw, as: UTF8.self) }
    var text: [UInt8] = []
    var isSecond = false
    for byte in raw {
      isSecond = byte == 0x22 && !isSecond
      if !isSecond { text.append(byte) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  public var fields: [String] { (0..<count).compactMap { self[$0] } }
}

/// The fields of one row found so far. A row can go on in the next line, so its bytes can be added piece by piece.
struct RowScan: Sendable {
  struct Field: Sendable {
    /// Without the quotes around it.
    var range: Range<Int>
    var hasDoubledQuotes: Bool
  }

  enum State: Equatable {
    case complete, withinQuotes
    case malformed(String)
  }

  private(set) var bytes: [UInt8] = []
  private(set) var fields: [Field] = []
  private let separator: [UInt8]
  private let allowsQuotes: Bool
  /// First byte of the field in quotes that has not ended yet.
  private var quotedFrom: Int?
  private var hasDoubledQuotes = false

  init(separator: [UInt8], allowsQuotes: Bool) {
    self.separator = separator
    self.allowsQuotes = allowsQuotes
  }

  mutating func add(_ more: [UInt8]) -> State {
    var index = bytes.count
    if bytes.isEmpty { bytes = more } else { bytes += more }
    while true {
      if quotedFrom == nil, allowsQuotes, index < bytes.count, bytes[index] == 0x22 {
        index += 1
        quotedFrom = index
        hasDoubledQuotes = false
      }
      if let from = quotedFrom {
        guard let close = closingQuote(from: index) else { return .withinQuotes }
        fields.append(Field(range: from..<close, hasDoubledQuotes: hasDoubledQuotes))
        quotedFrom = nil
        index = close + 1
        guard index == bytes.count || startsSeparator(at: index) else {
          return .malformed("text after a closing quote in field \(fields.count)")
        }
      } else {
        let from = index
        while index < bytes.count, !startsSeparator(at: index) { index += 1 }
        fields.append(Field(range: from..<index, hasDoubledQuotes: false))
      }
      if index == bytes.count { return .complete }
      index += separator.count
    }
  }

  private mutating func closingQuote(from start: Int) -> Int? {
    var index = start
    while index < bytes.count {
      if bytes[index] == 0x22 {
        guard index + 1 < bytes.count, bytes[index + 1] == 0x22 else { return index }
        hasDoubledQuotes = true
        index += 1
      }
      index += 1
    }
    return nil
  }

  private func startsSeparator(at index: Int) -> Bool {
    guard bytes[index] == separator[0] else { return false }
    return separator.count == 1 || bytes[index...].starts(with: separator)
  }
}
