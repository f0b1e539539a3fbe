import Foundation
import Primitives

/// Writes a table: comma-separated with a header (quotes as in RFC 4180), or a JSON object a line.
///
/// Lists and maps stand as JSON; what is missing is empty, or null. A file appears under its name only once it is whole.
struct TableOutput {
  enum Format: String, CaseIterable { case csv, jsonl }

  private let format: Format
  private let columns: [String]
  private let file: OutputFile?
  private let terminal: Terminal
  private var waiting: [UInt8] = []

  init(format: Format, columns: [String], path: String?, terminal: Terminal) throws {
    self.format = format
    self.columns = columns
    self.terminal = terminal
    file = if let path { try OutputFile(path) } else { nil }
    if format == .csv { writeRow(columns.map { .string($0) }) }
  }

  /// - Parameter values: By `columns`; nil and null are missing.
  mutating func add(_ values: [JSONValue?]) throws {
    switch format {
    case .csv: writeRow(values)
    case .jsonl:
      var writer = JSONWriter(reservingCapacity: 1_024)
      writer.object { writer in
        for (name, value) in zip(columns, values) { writer.member(name, value ?? .null) }
      }
      waiting += writer.bytes
      waiting.append(UInt8(ascii: "\n"))
    }
    if waiting.count >= 1 << 18 { try flush() }
  }

  private mutating func writeRow(_ values: [JSONValue?]) {
    for (index, value) in values.enumerated() {
      if index > 0 { waiting.append(UInt8(ascii: ",")) }
      switch value {
      case nil, .null?: break
      case .string(let text)?: writeField(text)
      case let value?: writeField(value.text)
      }
    }
    waiting.append(UInt8(ascii: "\n"))
  }

  private mutating func writeField(_ text: String) {
    // An empty text is not the same as none.
    guard text.isEmpty || text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else {
      waiting += Array(text.utf8)
      return
    }
    waiting += Array(("\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"").utf8)
  }

  private mutating func flush() throws {
    defer { waiting.removeAll(keepingCapacity: true) }
    guard let file else { return terminal.write(waiting) }
    try file.write(waiting)
  }

  /// Gives the file its name.
  mutating func finish() throws {
    try flush()
    try file?.finish()
  }

  /// Leaves nothing of an unfinished file.
  func discard() { file?.discard() }
}
