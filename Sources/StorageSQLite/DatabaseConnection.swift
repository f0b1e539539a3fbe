import Foundation
internal import GRDB
import GRDBSQLite

/// A connection to a database file; calls are serialized, and every failure is a `DatabaseFault`.
struct DatabaseConnection: Sendable {
  let file: DatabaseFile
  let queue: DatabaseQueue

  /// Runs `body` in a transaction that has the write lock from its start.
  func write<Value>(_ body: (Database) throws -> Value) throws(DatabaseFault) -> Value {
    do {
      return try queue.write(body)
    } catch {
      throw isFullDisk(error) ? .full : file.fault(error)
    }
  }

  /// Runs `body` without a transaction: each statement sees the latest commit.
  func read<Value>(_ body: (Database) throws -> Value) throws(DatabaseFault) -> Value {
    do {
      return try queue.inDatabase(body)
    } catch {
      throw file.fault(error)
    }
  }

  /// Syncs what was copied into the database file.
  ///
  /// Through SQLite's own descriptor: closing another one of the same file would drop this process's locks on it.
  func syncFile() throws(DatabaseFault) {
    let code = queue.inDatabase { database in
      var file: UnsafeMutablePointer<sqlite3_file>?
      let code = sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
      guard code == SQLITE_OK, let file, let sync = file.pointee.pMethods?.pointee.xSync else { return code }
      return sync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY)
    }
    guard code == SQLITE_OK else { throw file.fault(DatabaseError(resultCode: ResultCode(rawValue: code))) }
  }

  /// SQLite says "full" when a write of data meets a full disk, but "input/output error" when growing its shared index
  /// or syncing does, or when a file may not grow; only `errno` tells which it was.
  private func isFullDisk(_ error: any Error) -> Bool {
    guard let error = error as? DatabaseError, error.resultCode == .SQLITE_IOERR else { return false }
    return queue.inDatabase { database in
      guard let handle = database.sqliteConnection else { return false }
      // Of a commit that could not be written, SQLite keeps it with the write-ahead log's file only.
      let isWrite = error.extendedResultCode == .SQLITE_IOERR_WRITE
      let cause = isWrite ? Self.lastError(ofLogOf: handle) : sqlite3_system_errno(handle)
      return [ENOSPC, EDQUOT, EFBIG].contains(cause)
    }
  }

  private static func lastError(ofLogOf handle: SQLiteConnection) -> CInt {
    var file: UnsafeMutablePointer<sqlite3_file>?
    var cause: CInt = 0
    guard sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK, let file,
      let control = file.pointee.pMethods?.pointee.xFileControl
    else { return 0 }
    return control(file, SQLITE_FCNTL_LAST_ERRNO, &cause) == SQLITE_OK ? cause : 0
  }

  /// Closes; a statement that another thread is running keeps it open until that is done.
  func close() { try? queue.close() }
}
