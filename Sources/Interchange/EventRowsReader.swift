public import Documents
import Primitives

/// Reads the rows of a table as flat events, by a mapping of its columns.
public struct EventRowsReader: ImportReader {
  /// Texts that stand for a value that is not there.
  private static let absent: Set<String> = ["", "NA", "N/A", "NULL", "null", "None", "nan", "NaN", "\\N"]

  private var rows: DelimitedReader
  private let identity: LineIdentity
  private let defaultEvent: String
  private let time: TimeReading
  private let places: [ColumnMapping.Role: Int]

  /// - Parameter file: The file's name, which goes into the message ids.
  /// - Throws: `ColumnMapping.Refusal` for a column that the table does not have.
  public init(_ rows: DelimitedReader, mapping: ColumnMapping, file: String) throws {
    self.rows = rows
    identity = LineIdentity(file: file)
    defaultEvent = mapping.defaultEvent
    time = mapping.time
    var places: [ColumnMapping.Role: Int] = [:]
    for (role, name) in mapping.columns {
      let number = Int(name).flatMap { $0 > 0 && (rows.columns.isEmpty || $0 <= rows.columns.count) ? $0 - 1 : nil }
      guard let place = rows.column(name) ?? number else {
        let known = rows.columns.map { "'\($0)'" }.joined(separator: ", ")
        throw ColumnMapping.Refusal(
          description: "there is no column '\(name)' for \(role.rawValue); there are \(known)")
      }
      places[role] = place
    }
    self.places = places
  }

  public var position: TextPosition { rows.position }

  public mutating func next() throws -> ImportRecord? {
    switch try rows.next() {
    case nil: nil
    case .bad(let bad): ImportRecord(bad)
    case .row(let row): ImportRecord(position: row.position, content: content(of: row), raw: row.rawBytes)
    }
  }

  private func field(_ role: ColumnMapping.Role, of row: DelimitedRow) -> String? {
    guard let place = places[role], let text = row[place]?.trimmingSpaces, !Self.absent.contains(text) else {
      return nil
    }
    return text
  }

  private func content(of row: DelimitedRow) -> ImportContent {
    let line = row.rawBytes
    let user = field(.user, of: row)
    let session = field(.session, of: row)
    guard user != nil || session != nil else { return .bad(reason: "neither a user nor a session", line: line) }

    var value: Double?
    if let text = field(.value, of: row) {
      guard let number = Double(text), number.isFinite else {
        return .bad(reason: "found '\(text)' as the value, expected a number", line: line)
      }
      value = number
    }
    let moment: Timestamp?
    switch self.moment(of: row) {
    case .success(let found): moment = found
    case .failure(let refusal): return .bad(reason: refusal.description, line: line)
    }

    var writer = JSONWriter(reservingCapacity: 256)
    writer.object { writer in
      writer.member("message_id", identity.messageID(line: row.position.line, text: line))
      writer.member("event_type", field(.event, of: row) ?? defaultEvent)
      if let user { writer.member("user_id", user) }
      if user == nil, let session { writer.member("anonymous_id", session) }
      if let item = field(.item, of: row) { writer.member("item_id", item) }
      if let value { writer.member("value", value) }
      if let moment { writer.member("timestamp", moment) }
      if let session { writer.member("context", object: { $0.member("session_id", session) }) }
      if let query = field(.query, of: row) { writer.member("properties", object: { $0.member("query", query) }) }
    }
    return .event(writer.bytes)
  }

  /// When it happened; nil when the table has no time at all.
  private func moment(of row: DelimitedRow) -> Result<Timestamp?, ColumnMapping.Refusal> {
    var base: Timestamp?
    if let text = field(.date, of: row) {
      guard let date = Timestamp(iso8601: text) else {
        return .failure(.init(description: "found '\(text)' as the date, expected one such as 2016-05-09"))
      }
      base = date
    }
    guard let text = field(.time, of: row) else {
      if places[.time] != nil, base == nil { return .failure(.init(description: "the time is missing")) }
      return .success(base)
    }
    guard let moment = time.moment(text, rowBase: base) else {
      return .failure(.init(description: "found '\(text)' as the time, expected \(time.unit.inWords)"))
    }
    return .success(moment)
  }
}

extension TimeUnit {
  fileprivate var inWords: String {
    switch self {
    case .seconds: "a number of seconds"
    case .milliseconds: "a number of milliseconds"
    case .iso: "a time such as 2016-05-09T14:30:00Z"
    case .auto: "a number since 1970 or a time such as 2016-05-09T14:30:00Z"
    }
  }
}
