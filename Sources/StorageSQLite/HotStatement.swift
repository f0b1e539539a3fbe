internal import GRDB
import GRDBSQLite

/// A prepared statement driven through SQLite's C interface, for the paths where GRDB's boxed arguments would cost more
/// than the work itself, and where a damaged column is to give a wrong value, which a checksum tells, rather than a trap.
///
/// Bytes are bound without a copy: they must live until `run` or the last `next` has returned.
struct HotStatement {
  private let statement: Statement
  private var handle: SQLiteStatement { statement.sqliteStatement }

  /// Prepared once for a connection and kept there.
  init(_ sql: String, in database: Database) throws {
    statement = try database.cachedStatement(sql: sql)
  }

  /// - Parameter index: 1 for the first argument.
  func bind(_ value: Int64, at index: CInt) { sqlite3_bind_int64(handle, index, value) }

  func bind(_ bytes: UnsafeRawBufferPointer, at index: CInt) {
    if let start = bytes.baseAddress, !bytes.isEmpty {
      sqlite3_bind_blob64(handle, index, start, UInt64(bytes.count), nil)
    } else {
      sqlite3_bind_zeroblob(handle, index, 0)
    }
  }

  /// Runs a statement that has no rows to give.
  func run() throws {
    _ = try next()
    reset()
  }

  /// Goes to the next row; false when there is none. The statement holds its snapshot until `reset`.
  func next() throws -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
      reset()
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
  }

  /// The first column of the only row; nil when there is none.
  func firstInteger() throws -> Int64? {
    defer { reset() }
    return try next() ? integer(0) : nil
  }

  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  /// - Parameter column: 0 for the first column of the current row.
  func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(handle, column) }

  func bytes(_ column: CInt) -> [UInt8] {
    let count = Int(sqlite3_column_bytes(handle, column))
    return [UInt8](UnsafeRawBufferPointer(start: sqlite3_column_blob(handle, column), count: count))
  }
}
