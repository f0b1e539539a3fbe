import Engine
internal import GRDB
import Primitives

/// Entries that take the place of others, and the purge that leaves no copy of what was replaced.
///
/// A replaced entry keeps its room in the row, so that SQLite writes over the old bytes in place; nothing is freed and nothing
/// moves. The table `unpurged` has a row from the commit of replacements until the purge, so that a start knows of a purge that
/// a crash prevented.
extension LogDatabase {
  /// Within the transaction of a commit.
  func replace(_ replacements: [PositionedEntry], in database: Database) throws {
    var rest = replacements.sorted { $0.position < $1.position }[...]
    var isInPlace = true
    while let next = rest.first {
      let row = try row(holding: next.position.rawValue, in: database)
      let inRow = rest.prefix { $0.position.rawValue <= row.last }
      rest = rest.dropFirst(inRow.count)
      let entries = Dictionary(inRow.map { ($0.position.rawValue, $0.entry) }) { $1 }
      let changed = try replacing(entries, in: row)
      isInPlace = isInPlace && changed.isAsLong(as: row)
      try Self.update(changed, in: database)
    }
    try database.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS unpurged (id INTEGER PRIMARY KEY, is_in_place INTEGER NOT NULL) STRICT;
        INSERT INTO unpurged (is_in_place) VALUES (\(isInPlace ? 1 : 0));
        """)
  }

  private func replacing(_ entries: [UInt64: LogEntry], in row: LogRow) throws(DatabaseFault) -> LogRow {
    do throws(LogRowFault) {
      return try row.replacing(entries)
    } catch {
      throw file.corrupt("entries \(row.first) to \(row.last): \(error.reason)")
    }
  }

  private func row(holding position: UInt64, in database: Database) throws -> LogRow {
    let statement = try HotStatement(
      "SELECT first, count, checksum, body FROM log WHERE first <= ? ORDER BY first DESC LIMIT 1", in: database)
    defer { statement.reset() }
    statement.bind(Int64(clamping: position), at: 1)
    guard try statement.next() else { throw file.corrupt("entry \(position) is missing") }
    let row = try checkedRow(of: statement)
    guard row.last >= position else { throw file.corrupt("entry \(position) is missing") }
    return row
  }

  private static func update(_ row: LogRow, in database: Database) throws {
    let statement = try HotStatement("UPDATE log SET checksum = ?, body = ? WHERE first = ?", in: database)
    statement.bind(row.checksum, at: 1)
    statement.bind(Int64(row.first), at: 3)
    try row.body.withUnsafeBytes { body in
      statement.bind(body, at: 2)
      try statement.run()
    }
  }

  func isPurgeDue() throws(DatabaseFault) -> Bool { try reader.read { try !Self.unpurged(in: $0).isEmpty } }

  /// Commits of replacements that were not purged, and whether each wrote in place; ascending.
  private static func unpurged(in database: Database) throws -> [(id: Int64, isInPlace: Bool)] {
    // Asked of the file: what GRDB remembers of the tables, this connection read before another made this one.
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master WHERE name = 'unpurged'")
    guard tables == 1 else { return [] }
    return try Row.fetchAll(database, sql: "SELECT id, is_in_place FROM unpurged ORDER BY id").map { ($0[0], $0[1]) }
  }

  func purge() throws(DatabaseFault) {
    let due = try reader.read { try Self.unpurged(in: $0) }
    // Rows that changed their length were moved by SQLite, and with them perhaps their neighbours.
    try writeAheadLog.truncate(clearsUnusedSpace: due.contains { !$0.isInPlace })
    // One that was committed meanwhile stays due.
    if let last = due.last?.id {
      try writer.write { try $0.execute(sql: "DELETE FROM unpurged WHERE id <= ?", arguments: [last]) }
    }
  }
}

extension LogRow {
  /// Whether SQLite writes the one over the other: checksums take six bytes or eight.
  fileprivate func isAsLong(as other: LogRow) -> Bool {
    func isShort(_ checksum: Int64) -> Bool { abs(checksum / 2) < 1 << 46 }
    return body.count == other.body.count && isShort(checksum) == isShort(other.checksum)
  }
}
