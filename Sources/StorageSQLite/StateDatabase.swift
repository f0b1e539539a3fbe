import Engine
internal import GRDB
import Primitives

/// `state.db`: the folded state of the last checkpoint.
///
/// It is derived from the log and only a saving of time: what is wrong with it is mended by folding again.
struct StateDatabase: Sendable {
  private static let layout = DatabaseLayout(
    durability: .normal, pageSize: 8192, autocheckpointPages: 2000, version: 1,
    schema: """
      CREATE TABLE state (
        section INTEGER NOT NULL, key BLOB NOT NULL, checksum INTEGER NOT NULL, value BLOB NOT NULL,
        PRIMARY KEY (section, key)) STRICT, WITHOUT ROWID;
      CREATE TABLE checkpoint (
        id INTEGER PRIMARY KEY CHECK (id = 0), position INTEGER NOT NULL, log_id INTEGER NOT NULL) STRICT;
      """)

  private let writer: DatabaseConnection
  private let reader: DatabaseConnection
  private let logID: Int64

  /// - Parameter logID: The log that is folded.
  init(path: String, logID: Int64) throws(DatabaseFault) {
    let file = DatabaseFile(
      path: path, remedy: "Restart the server: the file is thrown away and folded again from the log")
    self.logID = logID
    writer = try file.openToWrite(Self.layout)
    reader = try file.openToRead()
  }
  func close() {
    reader.close()
    writer.close()
  }

  /// The last checkpoint, and the log it was folded from.
  func checkpoint() throws(DatabaseFault) -> (position: LogPosition, logID: Int64)? {
    try reader.read { database in
      let statement = try HotStatement("SELECT position, log_id FROM checkpoint", in: database)
      defer { statement.reset() }
      guard try statement.next() else { return nil }
      return (LogPosition(UInt64(clamping: statement.integer(0))), statement.integer(1))
    }
  }

  func save(_ checkpoint: Checkpoint) throws(DatabaseFault) {
    try writer.write { database in
      let upsert = try HotStatement(
        """
        INSERT INTO state VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET checksum = excluded.checksum, value = excluded.value
        """, in: database)
      let delete = try HotStatement("DELETE FROM state WHERE section = ? AND key = ?", in: database)
      // In key order neighbours share pages; of records with one key the last is to win.
      for index in checkpoint.records.orderedIndices {
        try Self.write(checkpoint.records[index], upsert: upsert, delete: delete)
      }
      try database.execute(
        sql: "INSERT OR REPLACE INTO checkpoint VALUES (0, ?, ?)",
        arguments: [Int64(checkpoint.position.rawValue), logID])
    }
  }

  private static func write(_ record: StateRecord, upsert: HotStatement, delete: HotStatement) throws {
    try record.key.withUnsafeBytes { key in
      let statement = record.value == nil ? delete : upsert
      statement.bind(Int64(record.section), at: 1)
      statement.bind(key, at: 2)
      guard let value = record.value else { return try statement.run() }
      statement.bind(checksum(of: value, section: record.section, key: key), at: 3)
      try value.withUnsafeBytes { value in
        statement.bind(value, at: 4)
        try statement.run()
      }
    }
  }

  /// Leaves no copy of removed and replaced values in the file.
  func purge() throws(DatabaseFault) {
    guard try writer.truncateWriteAheadLog(waits: true) else {
      throw .failed("\(writer.file.path) is being read all the time")
    }
    try writer.clearUnusedSpace()
  }

  func value(section: UInt8, key: [UInt8]) throws(DatabaseFault) -> [UInt8]? {
    try reader.read { database in
      let statement = try HotStatement(
        "SELECT checksum, value FROM state WHERE section = ? AND key = ?", in: database)
      defer { statement.reset() }
      return try key.withUnsafeBytes { key in
        statement.bind(Int64(section), at: 1)
        statement.bind(key, at: 2)
        return try statement.next() ? checkedValue(of: statement, at: 0, section: section, key: key) : nil
      }
    }
  }

  /// Reads through a connection of its own, so that `body` may call anything.
  func forEach(section: UInt8, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {
    let connection = try reader.file.openToRead()
    defer { connection.close() }
    // Kept apart from the failures of reading, which `read` turns into faults.
    var failure: (any Error)?
    try connection.read { database in
      let statement = try HotStatement(
        "SELECT key, checksum, value FROM state WHERE section = ? ORDER BY key", in: database)
      defer { statement.reset() }
      statement.bind(Int64(section), at: 1)
      while failure == nil, try statement.next() {
        let key = statement.bytes(0)
        let value = try key.withUnsafeBytes { try checkedValue(of: statement, at: 1, section: section, key: $0) }
        do { try body(key, value) } catch { failure = error }
      }
    }
    if let failure { throw failure }
  }

  /// Records after `key`, or the first, in key order.
  func records(section: UInt8, after key: [UInt8]?, limit: Int) throws(DatabaseFault) -> [StateRecord] {
    try reader.read { database in
      let comparison = key == nil ? ">=" : ">"
      let statement = try HotStatement(
        "SELECT key, checksum, value FROM state WHERE section = ? AND key \(comparison) ? ORDER BY key LIMIT ?",
        in: database)
      defer { statement.reset() }
      return try (key ?? []).withUnsafeBytes { key in
        statement.bind(Int64(section), at: 1)
        statement.bind(key, at: 2)
        statement.bind(Int64(limit), at: 3)
        var records: [StateRecord] = []
        while try statement.next() {
          let key = statement.bytes(0)
          let value = try key.withUnsafeBytes { try checkedValue(of: statement, at: 1, section: section, key: $0) }
          records.append(StateRecord(section: section, key: key, value: value))
        }
        return records
      }
    }
  }

  /// The value beside its checksum, which stands in `column`.
  private func checkedValue(
    of statement: HotStatement, at column: CInt, section: UInt8, key: UnsafeRawBufferPointer
  ) throws(DatabaseFault) -> [UInt8] {
    let value = statement.bytes(column + 1)
    guard Self.checksum(of: value, section: section, key: key) == statement.integer(column) else {
      throw reader.file.corrupt("the checksum of a record of section \(section) is wrong")
    }
    return value
  }

  private static func checksum(of value: [UInt8], section: UInt8, key: UnsafeRawBufferPointer) -> Int64 {
    let ofValue = StableHash(key0: StableHash(key0: UInt64(section), key1: 0).hash64(key), key1: 0)
    return Int64(bitPattern: value.withUnsafeBytes { ofValue.hash64($0) })
  }
}

extension [StateRecord] {
  /// Indices by section, then key; records with the same key stay in their order.
  fileprivate var orderedIndices: [Int] {
    indices.sorted { left, right in
      let (a, b) = (self[left], self[right])
      if a.section != b.section { return a.section < b.section }
      if a.key != b.key { return a.key.lexicographicallyPrecedes(b.key) }
      return left < right
    }
  }
}
