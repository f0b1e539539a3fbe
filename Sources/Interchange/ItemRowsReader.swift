public import Documents
import Primitives

/// Reads the rows of a table as catalogue items. Columns are named as in `PUT /v1/catalog/items`; lists are separated by `|`;
/// columns of other names become attributes.
public struct ItemRowsReader: ImportReader {
  private enum Kind { case text, number, flag, list, attribute }

  private static let kinds: [String: Kind] = [
    "item_id": .text, "title": .text, "text": .text, "currency": .text, "published_at": .text,
    "price": .number, "margin": .number, "stock": .number, "age_min": .number,
    "available": .flag, "categories": .list, "tags": .list, "regions": .list,
  ]
  private static let flags: [String: Bool] = [
    "true": true, "1": true, "yes": true, "false": false, "0": false, "no": false,
  ]

  private var rows: DelimitedReader

  /// - Parameter idColumn: The column that holds the item's id.
  /// - Throws: `ColumnMapping.Refusal` when the table has no such column.
  public init(_ rows: DelimitedReader, idColumn: String = "item_id") throws {
    guard let place = rows.column(idColumn) else {
      let known = rows.columns.map { "'\($0)'" }.joined(separator: ", ")
      throw ColumnMapping.Refusal(
        description: "there is no column '\(idColumn)' with the item's id; there are \(known)")
    }
    self.rows = rows
    idPlace = place
  }

  private let idPlace: Int

  public var position: TextPosition { rows.position }

  public mutating func next() throws -> ImportRecord? {
    switch try rows.next() {
    case nil: nil
    case .bad(let bad): ImportRecord(bad)
    case .row(let row): ImportRecord(position: row.position, content: content(of: row), raw: row.rawBytes)
    }
  }

  private func content(of row: DelimitedRow) -> ImportContent {
    func bad(_ reason: String) -> ImportContent {
      .bad(reason: reason, line: row.rawBytes)
    }
    guard let id = row[idPlace]?.trimmingSpaces, !id.isEmpty else { return bad("an item needs its id") }
    var item = JSONObject()
    var attributes = JSONObject()
    item["item_id"] = .string(id)
    for (place, column) in rows.columns.enumerated() where place != idPlace {
      guard let field = row[place]?.trimmingSpaces, !field.isEmpty else { continue }
      switch Self.kinds[column] ?? .attribute {
      case .text: item[column] = .string(field)
      case .number:
        guard let number = Double(field), number.isFinite else {
          return bad("found '\(field)' in column '\(column)', expected a number")
        }
        item[column] = Int64(exactly: number).map { .int($0) } ?? .double(number)
      case .flag:
        guard let flag = Self.flags[field.lowercased()] else {
          return bad("found '\(field)' in column '\(column)', expected true or false")
        }
        item[column] = .bool(flag)
      case .list: item[column] = .array(field.split(separator: "|").map { .string($0.trimmingSpaces) })
      case .attribute: attributes[column] = .string(field)
      }
    }
    if !attributes.isEmpty { item["attributes"] = .object(attributes) }
    return .item(Array(JSONValue.object(item).text.utf8))
  }
}
