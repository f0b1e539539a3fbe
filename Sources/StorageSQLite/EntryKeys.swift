import Engine
internal import GRDB
import Primitives

/// The table that finds an entry by its key.
///
/// Keys are stored big-endian: their order is that of creation, so new ones go to the table's end. Each row has a
/// checksum of its own, because a damaged key would otherwise look like one that never was.
enum EntryKeys {
  static let schema = """
    CREATE TABLE entry_key (
      key BLOB NOT NULL PRIMARY KEY, position INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """

  /// Of entries with the same key the first is kept.
  static func insert(of commit: PartitionCommit, into database: Database) throws {
    let statement = try HotStatement("INSERT OR IGNORE INTO entry_key VALUES (?, ?, ?)", in: database)
    var position = commit.after
    for entry in commit.entries {
      position = position.next
      guard let key = entry.key else { continue }
      try key.withBytes { bytes in
        statement.bind(bytes, at: 1)
        statement.bind(Int64(position.rawValue), at: 2)
        statement.bind(checksum(of: bytes, at: Int64(position.rawValue)), at: 3)
        try statement.run()
      }
    }
  }

  static func position(of key: SortableID, in database: Database, file: DatabaseFile) throws -> LogPosition? {
    try key.withBytes { bytes in
      // The nearest keys at or below and above: when one is damaged, it may be the key looked for.
      let below = try nearest("key <= ? ORDER BY key DESC", to: bytes, in: database, file: file)
      if let below, below.key.elementsEqual(bytes) { return LogPosition(UInt64(below.position)) }
      _ = try nearest("key > ? ORDER BY key", to: bytes, in: database, file: file)
      return nil
    }
  }

  private static func nearest(
    _ condition: String, to key: UnsafeRawBufferPointer, in database: Database, file: DatabaseFile
  ) throws -> (key: [UInt8], position: Int64)? {
    let statement = try HotStatement(
      "SELECT key, position, checksum FROM entry_key WHERE \(condition) LIMIT 1", in: database)
    defer { statement.reset() }
    statement.bind(key, at: 1)
    guard try statement.next() else { return nil }
    let (found, position) = (statement.bytes(0), statement.integer(1))
    guard position > 0, found.withUnsafeBytes({ checksum(of: $0, at: position) }) == statement.integer(2) else {
      throw file.corrupt("the key of entry \(position) is wrong")
    }
    return (found, position)
  }

  private static func checksum(of key: UnsafeRawBufferPointer, at position: Int64) -> Int64 {
    Int64(bitPattern: StableHash(key0: UInt64(bitPattern: position), key1: 0).hash64(key))
  }
}

extension SortableID {
  /// 16 bytes, most significant first.
  fileprivate func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
    try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
  }
}
