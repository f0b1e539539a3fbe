import Documents
import Foundation
import Models
import Primitives

/// A file of texts, with labels where they are asked for.
struct LabelledFile {
  /// More are refused, since they are all in memory.
  static let textsMax = 2_000_000

  private(set) var texts: [LabelledText] = []
  private(set) var refused: [(line: Int, reason: String)] = []

  /// - Parameters:
  ///   - text: The column or member that holds the text.
  ///   - label: That of the label; nil for none.
  /// - Throws: `CommandFailure` when the file cannot be read, or has no such column.
  init(path: String, text: String, label: String?) throws {
    do {
      switch URL(fileURLWithPath: path).pathExtension.lowercased() {
      case "csv": try read(DelimitedReader(path: path, format: .csv), path, text, label)
      case "tsv": try read(DelimitedReader(path: path, format: .tsv), path, text, label)
      case "jsonl", "ndjson": try read(JSONLinesReader(try ByteSource(path: path)), path, text, label)
      default: throw CommandFailure("\(path): expected a file of texts that ends in .csv, .tsv or .jsonl")
      }
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw CommandFailure("\(path) cannot be read: \(error)")
    }
  }

  private mutating func read(_ reader: DelimitedReader, _ path: String, _ text: String, _ label: String?) throws {
    var reader = reader
    func place(_ name: String) throws -> Int {
      if let place = reader.columns.firstIndex(of: name) { return place }
      let near = nearestWord(to: name, among: reader.columns).map { "; did you mean '\($0)'?" } ?? ""
      throw CommandFailure(
        "\(path): found no column '\(name)' among \(reader.columns.prefix(20).joined(separator: ", "))\(near)")
    }
    let places = (text: try place(text), label: try label.map { try place($0) })
    while let outcome = try reader.next() {
      switch outcome {
      case .bad(let bad): refused.append((bad.position.line, bad.reason))
      case .row(let row):
        try add(row[places.text], label: places.label.map { row[$0] ?? "" }, line: row.position.line, path)
      }
    }
  }

  private mutating func read(_ reader: JSONLinesReader, _ path: String, _ text: String, _ label: String?) throws {
    var reader = reader
    while let outcome = try reader.next() {
      switch outcome {
      case .bad(let bad): refused.append((bad.position.line, bad.reason))
      case .row(let line):
        let value = line.document.root.value
        try add(
          value[text]?.string, label: label.map { value[$0]?.string ?? "" }, line: line.position.line, path)
      }
    }
  }

  private mutating func add(_ text: String?, label: String?, line: Int, _ path: String) throws {
    guard let text, text.contains(where: { !$0.isWhitespace }) else {
      return refused.append((line, "there is no text"))
    }
    if label?.isEmpty == true { return refused.append((line, "there is no label")) }
    guard texts.count < Self.textsMax else {
      throw CommandFailure("\(path) has more than \(Self.textsMax.grouped) texts; split it")
    }
    texts.append(LabelledText(text: text, label: label ?? ""))
  }

  /// Tells of the lines that were left out: the first ones, and how many there are.
  func report(_ path: String, _ terminal: Terminal) {
    for (line, reason) in refused.prefix(5) { terminal.note("\(path):\(line): \(reason)") }
    if !refused.isEmpty { terminal.note("lines left out: \(refused.count.grouped)") }
  }
}
