import Documents
import Foundation
import Interchange
import Primitives

/// A file of people and moments, with whatever stands beside them: labels, weights, names of splits.
struct MomentFile: Sendable {
  struct Moment: Sendable {
    let namespace: String
    let value: String
    let at: Timestamp
    /// From 1.
    let line: Int
    /// The line's own values, by `columns`; shorter where a line has fewer.
    let values: [JSONValue?]
  }

  /// More are refused, since they are sorted in memory.
  static let momentsMax = 2_000_000
  private static let timeNames = ["time", "timestamp", "at"]

  /// Of the file, in the order in which they first appear.
  private(set) var columns: [String] = []
  /// By moment, then by line.
  private(set) var moments: [Moment] = []
  private(set) var refused: [(line: Int, reason: String)] = []
  private var places: [String: Int] = [:]

  /// - Throws: `CommandFailure` when the file cannot be read or its header names no person or no time.
  init(path: String) throws {
    do {
      switch URL(fileURLWithPath: path).pathExtension.lowercased() {
      case "csv": try read(DelimitedReader(path: path, format: .csv), path)
      case "tsv": try read(DelimitedReader(path: path, format: .tsv), path)
      case "jsonl", "ndjson": try read(JSONLinesReader(try ByteSource(path: path)), path)
      default: throw CommandFailure("\(path): expected a file of moments that ends in .csv, .tsv or .jsonl")
      }
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw CommandFailure("\(path) cannot be read: \(error)")
    }
    moments.sort { ($0.at, $0.line) < ($1.at, $1.line) }
  }

  private mutating func read(_ reader: DelimitedReader, _ path: String) throws {
    var reader = reader
    columns = reader.columns
    let hasPerson = ["user_id", "anonymous_id", "identifier"].contains(where: columns.contains)
    guard columns.isEmpty || hasPerson && Self.timeNames.contains(where: columns.contains) else {
      throw CommandFailure(
        "\(path): found the columns \(columns.joined(separator: ", ")); expected user_id, anonymous_id or identifier "
          + "(namespace:value), and time")
    }
    while let outcome = try reader.next() {
      switch outcome {
      case .bad(let bad): refused.append((bad.position.line, bad.reason))
      case .row(let row): try add(row.fields.map { .string($0) }, line: row.position.line, path)
      }
    }
  }

  private mutating func read(_ reader: JSONLinesReader, _ path: String) throws {
    var reader = reader
    while let outcome = try reader.next() {
      switch outcome {
      case .bad(let bad): refused.append((bad.position.line, bad.reason))
      case .row(let line):
        guard case .object(let object) = line.document.root.value else {
          refused.append((line.position.line, "found \(line.document.root.kindInWords), expected an object"))
          continue
        }
        var values: [JSONValue?] = []
        for member in object.members {
          let place = place(of: member.key)
          while values.count <= place { values.append(nil) }
          values[place] = member.value
        }
        try add(values, line: line.position.line, path)
      }
    }
  }

  private mutating func place(of name: String) -> Int {
    if let known = places[name] { return known }
    columns.append(name)
    places[name] = columns.count - 1
    return columns.count - 1
  }

  private mutating func add(_ values: [JSONValue?], line: Int, _ path: String) throws {
    func text(_ name: String) -> String? {
      guard let place = columns.firstIndex(of: name), values.indices.contains(place) else { return nil }
      switch values[place] {
      case .string(let text)?: return text.isEmpty ? nil : text
      case .int?, .double?: return values[place]?.text
      default: return nil
      }
    }
    guard moments.count < Self.momentsMax else {
      throw CommandFailure("\(path) has more than \(Self.momentsMax.grouped) moments; split it")
    }
    guard let written = Self.timeNames.compactMap({ text($0) }).first else {
      return refused.append((line, "there is no time; expected a value in one of \(Self.timeNames)"))
    }
    guard let at = TimeReading().moment(written) else {
      return refused.append((line, "'\(written.prefix(40))' is no moment, expected one such as 2026-03-01T12:00:00Z"))
    }
    let person: (String, String)
    if let user = text("user_id") {
      person = ("user_id", user)
    } else if let visitor = text("anonymous_id") {
      person = ("anonymous_id", visitor)
    } else if let identifier = text("identifier") {
      let parts = identifier.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else {
        return refused.append((line, "'\(identifier.prefix(40))' is no identifier, expected namespace:value"))
      }
      person = (String(parts[0]), String(parts[1]))
    } else {
      return refused.append((line, "there is nobody; expected a user_id, an anonymous_id or an identifier"))
    }
    moments.append(Moment(namespace: person.0, value: person.1, at: at, line: line, values: values))
  }
}
