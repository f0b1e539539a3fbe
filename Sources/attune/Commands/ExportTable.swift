import ArgumentParser
import Primitives

enum ExportFormat: String, CaseIterable, ExpressibleByArgument { case jsonl, csv }

/// Records as rows of CSV (quoted as in RFC 4180, lines ending as on Unix): some members as columns, and the whole record as JSON in the last.
struct ExportTable: Sendable {
  /// A column, and where its value stands: the first of these paths that leads to one.
  private struct Column: Sendable {
    let name: String
    let paths: [[String]]

    init(_ name: String, _ paths: [String]...) {
      self.name = name
      self.paths = paths.isEmpty ? [[name]] : paths
    }
  }

  private let columns: [Column]

  init(of subject: ExportCommand.Subject) {
    columns =
      switch subject {
      case .events:
        [
          Column("position"), Column("message_id", ["message_id"], ["messageId"]), Column("type"),
          Column("event", ["event"], ["event_type"]), Column("user_id", ["user_id"], ["userId"]),
          Column("anonymous_id", ["anonymous_id"], ["anonymousId"]), Column("timestamp"),
          Column("received_at", ["received_at"], ["receivedAt"]),
          Column("item_id", ["item_id"], ["properties", "item_id"], ["properties", "product_id"]),
          Column("decision_id", ["decision_id"], ["properties", "decision_id"]),
        ]
      case .decisions:
        [
          Column("decision_id"), Column("at"), Column("placement"), Column("profile_id"), Column("stage"),
          Column("holdout"), Column("fallback"), Column("items", ["items", "item_id"]),
        ]
      case .items:
        [
          Column("item_id"), Column("title"), Column("categories"), Column("price"), Column("currency"),
          Column("stock"),
          Column("available"),
        ]
      case .log: []  // has no table
      case .profiles:
        [
          Column("profile_id"), Column("identifiers", ["identifiers", "value"]), Column("created_at"),
          Column("last_seen_at"), Column("event_count"), Column("traits"),
        ]
      }
  }

  var header: String { (columns.map(\.name) + ["json"]).joined(separator: ",") + "\n" }

  /// - Throws: `JSONError` for a line that is no JSON.
  func row(of line: String) throws -> String {
    let record = try JSONDocument(parsing: Array(line.utf8)).root.value
    let fields = columns.map { column in
      column.paths.lazy.compactMap { Self.text(of: record, at: $0[...]) }.first ?? ""
    }
    return (fields + [line]).map(Self.quoted).joined(separator: ",") + "\n"
  }

  /// Of a list the texts of its elements, parted by a `;`; nil when there is nothing.
  private static func text(of value: JSONValue, at path: ArraySlice<String>) -> String? {
    if let elements = value.array {
      return elements.compactMap { text(of: $0, at: path) }.joined(separator: ";")
    }
    if let name = path.first { return value[name].flatMap { text(of: $0, at: path.dropFirst()) } }
    switch value {
    case .null: return nil
    case .string(let text): return text
    default: return value.text
    }
  }

  private static func quoted(_ field: String) -> String {
    let needsQuotes = field.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
    return needsQuotes ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
  }
}
