import Engine
internal import GRDB
import Primitives

/// `log.db`: the entries, the index of their keys, and the owner's epoch.
///
/// Every commit is synced (`synchronous=FULL` in WAL mode). One connection writes, one reads, and one of
/// `WriteAheadLog` moves what was committed into the file.
struct LogDatabase: Sendable {
  /// Entries are packed into rows of at most this many bytes; a larger entry has a row of its own.
  private static let rowBytesMax = 64 << 10
  private static let layout = DatabaseLayout(
    durability: .full, pageSize: 8192, autocheckpointPages: 0, version: 2,
    schema: """
      CREATE TABLE log (
        first INTEGER PRIMARY KEY, count INTEGER NOT NULL, checksum INTEGER NOT NULL,
        body BLOB NOT NULL) STRICT;
      CREATE TABLE owner (
        id INTEGER PRIMARY KEY CHECK (id = 0), epoch INTEGER NOT NULL, log_id INTEGER NOT NULL) STRICT;
      INSERT INTO owner VALUES (0, 0, random());
      \(EntryKeys.schema)
      """)

  let writer: DatabaseConnection
  let reader: DatabaseConnection
  let writeAheadLog: WriteAheadLog
  private let acknowledged: AcknowledgedEnd
  /// A number that no other log has; tells a state folded from this log from one of another.
  let id: Int64
  var file: DatabaseFile { writer.file }

  init(path: String, limits: WriteAheadLog.Limits = .init()) throws(DatabaseFault) {
    let file = DatabaseFile(
      path: path,
      remedy: """
        Stop the server and restore this file from a backup, or move its folder away to begin an empty log. \
        state.db need not be restored: it is folded again from the log
        """)
    writer = try file.openToWrite(Self.layout)
    reader = try file.openToRead()
    writeAheadLog = WriteAheadLog(copier: try file.openToCopy(), writer: writer, limits: limits)
    id = try reader.read { try HotStatement("SELECT log_id FROM owner", in: $0).firstInteger() ?? 0 }
    acknowledged = AcknowledgedEnd(path: path + "-end")
    try checkTail()
    try checkEnd()
  }

  func close() {
    writeAheadLog.close()
    reader.close()
    writer.close()
  }

  // MARK: - Writing

  func acquire() throws(DatabaseFault) -> UInt64 {
    try writer.write { database in
      try database.execute(sql: "UPDATE owner SET epoch = epoch + 1")
      return try Self.epoch(in: database)
    }
  }

  /// - Returns: Why nothing was written, or nil.
  func commit(_ commit: PartitionCommit) throws(DatabaseFault) -> PartitionStoreError? {
    let rows = LogRow.rows(of: commit.entries, first: commit.after.next.rawValue, rowBytesMax: Self.rowBytesMax)
    let refusal: PartitionStoreError? = try writer.write { database in
      let epoch = try Self.epoch(in: database)
      guard epoch == commit.epoch else { return .fenced(epoch: epoch) }
      let end = try Self.end(in: database)
      guard end == commit.after else { return .conflict(expected: commit.after, found: end) }
      try Self.insert(rows, into: database)
      try EntryKeys.insert(of: commit, into: database)
      if !commit.replacements.isEmpty { try replace(commit.replacements, in: database) }
      return nil
    }
    if refusal == nil {
      writeAheadLog.grew(byBytes: rows.reduce(0) { $0 + $1.body.count })
      acknowledged.note(LogPosition(commit.after.rawValue + UInt64(commit.entries.count)), logID: id)
    }
    return refusal
  }

  private static func epoch(in database: Database) throws -> UInt64 {
    UInt64(clamping: try HotStatement("SELECT epoch FROM owner", in: database).firstInteger() ?? 0)
  }

  private static func end(in database: Database) throws -> LogPosition {
    let statement = try HotStatement("SELECT first + count - 1 FROM log ORDER BY first DESC LIMIT 1", in: database)
    return LogPosition(UInt64(clamping: try statement.firstInteger() ?? 0))
  }

  private static func insert(_ rows: [LogRow], into database: Database) throws {
    let statement = try HotStatement("INSERT INTO log VALUES (?, ?, ?, ?)", in: database)
    for row in rows {
      statement.bind(Int64(row.first), at: 1)
      statement.bind(Int64(row.count), at: 2)
      statement.bind(row.checksum, at: 3)
      try row.body.withUnsafeBytes { body in
        statement.bind(body, at: 4)
        try statement.run()
      }
    }
  }

  /// Reads every row with its checksum, and notes the end as acknowledged: for a copy, of which nothing was.
  func confirm() throws(DatabaseFault) {
    let end = try end()
    var next = LogPosition.start.next
    while next <= end {
      guard let newest = try entries(from: next, bytesMax: 4 << 20).last else {
        throw file.corrupt("entries from \(next.rawValue) on are missing")
      }
      next = newest.position.next
    }
    acknowledged.note(end, logID: id)
  }

  // MARK: - Reading

  func end() throws(DatabaseFault) -> LogPosition { try reader.read { try Self.end(in: $0) } }

  func entries(from position: LogPosition, bytesMax: Int) throws(DatabaseFault) -> [PositionedEntry] {
    var entries: [PositionedEntry] = []
    var bytes = 0
    try forEachRow(from: max(position, LogPosition.start.next)) { row in
      try row.forEach(from: position.rawValue) { entry in
        bytes += LogRow.frameBytes(of: entry.entry)
        guard entries.isEmpty || bytes <= bytesMax else { return false }
        entries.append(entry)
        return true
      }
      return bytes < bytesMax
    }
    return entries
  }

  func position(of key: SortableID) throws(DatabaseFault) -> LogPosition? {
    try reader.read { try EntryKeys.position(of: key, in: $0, file: file) }
  }

  /// Gives the row that holds `position` and those after it to `visit`, until that returns false.
  /// Checks each row, and that none is missing.
  private func forEachRow(from position: LogPosition, _ visit: (LogRow) throws -> Bool) throws(DatabaseFault) {
    let sql = """
      SELECT first, count, checksum, body FROM log
      WHERE first >= coalesce((SELECT max(first) FROM log WHERE first <= ?), 0) ORDER BY first
      """
    try reader.read { database in
      let statement = try HotStatement(sql, in: database)
      defer { statement.reset() }
      statement.bind(Int64(clamping: position.rawValue), at: 1)
      var expected: UInt64?
      while try statement.next() {
        let row = try checkedRow(of: statement)
        let isInPlace = expected.map { row.first == $0 } ?? (row.first <= position.rawValue)
        guard isInPlace else {
          throw file.corrupt("entries \(expected ?? position.rawValue) to \(row.first - 1) are missing")
        }
        expected = row.last + 1
        if row.last < position.rawValue { continue }
        do {
          if try !visit(row) { return }
        } catch let fault as LogRowFault {
          throw file.corrupt("entries \(row.first) to \(row.last): \(fault.reason)")
        }
      }
    }
  }

  /// The current row of `statement`: first, count, checksum, body.
  func checkedRow(of statement: HotStatement) throws(DatabaseFault) -> LogRow {
    let (first, count) = (statement.integer(0), statement.integer(1))
    guard first > 0, count > 0, count < 1 << 32, first < 1 << 62 else {
      throw file.corrupt("a row of the log has position \(first) and \(count) entries")
    }
    let row = LogRow(first: UInt64(first), count: Int(count), body: statement.bytes(3))
    guard row.checksum == statement.integer(2) else {
      throw file.corrupt("the checksum of entries \(row.first) to \(row.last) is wrong")
    }
    return row
  }

  /// Reads the last entries and looks up their keys: damage is likeliest where the log was last written.
  private func checkTail() throws(DatabaseFault) {
    let end = try end()
    guard end > .start else { return }
    for entry in try entries(from: end, bytesMax: 1) {
      guard let key = entry.entry.key else { continue }
      guard try position(of: key) != nil else { throw file.corrupt("the key of entry \(end.rawValue) is missing") }
    }
  }

  /// Nothing that was acknowledged may be missing behind the end. An empty log has lost what was noted of any: when its
  /// file is gone, or emptied, it has just been made anew.
  private func checkEnd() throws(DatabaseFault) {
    let end = try end()
    guard let note = acknowledged.note(), note.position > end, note.logID == id || end == .start else { return }
    throw file.corrupt(
      "the log ends at entry \(end.rawValue), but entries up to \(note.position.rawValue) were acknowledged: the end of "
        + "the file or of its -wal is cut off or unreadable. To go on without them, as after restoring an older backup, "
        + "delete \(acknowledged.path)")
  }
}
