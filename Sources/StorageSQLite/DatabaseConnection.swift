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
  /// or syncing does; only `errno` tells which it was.
  private func isFullDisk(_ error: any Error) -> Bool {
    guard let error = error as? DatabaseError, error.resultCode == .SQLITE_IOERR else { return false }
    return queue.inDatabase { database in
      guard let handle = database.sqliteConnection else { return false }
      return [ENOSPC, EDQUOT].contains(sqlite3_system_errno(handle))
    }
  }

  /// Closes; a statement that another thread is running keeps it open until that is done.
  func close() { try? queue.close() }
}
