internal import GRDB
import GRDBSQLite

/// What SQLite leaves behind of data that is gone. `secure_delete` overwrites what is deleted where it stood, but rows that were
/// moved to another page, as when a page is split, leave a copy in the unused room of the page that they came from.
extension DatabaseConnection {
  /// Copies everything into the database file and makes the write-ahead log an empty file.
  /// - Parameter waits: For whoever reads, as long as the connection waits for anything; others wait for the connection then.
  /// - Returns: false when somebody reads.
  func truncateWriteAheadLog(waits: Bool) throws(DatabaseFault) -> Bool {
    try read { database in
      if !waits { sqlite3_busy_timeout(database.sqliteConnection, 0) }
      defer { sqlite3_busy_timeout(database.sqliteConnection, CInt(DatabaseFile.busySeconds * 1_000)) }
      do {
        _ = try database.checkpoint(.truncate)
        sqlite3_db_release_memory(database.sqliteConnection)
        return true
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        return false
      }
    }
  }

  /// Forgets pages that are in memory, which a change of the file has left behind.
  func releasePages() throws(DatabaseFault) {
    try read { _ = sqlite3_db_release_memory($0.sqliteConnection) }
  }

  /// Fills the unused room of every page of the file with zeros.
  ///
  /// Only while nothing is copied from the write-ahead log into the file. Others may read and commit meanwhile: unused room
  /// means nothing to them, and what they commit goes to the write-ahead log, in whole pages.
  /// - Complexity: One read of the file; pages with something in their unused room are written.
  /// - SeeAlso: *SQLite Database File Format*, 1.6 (B-tree pages).
  func clearUnusedSpace() throws(DatabaseFault) {
    try read { database in
      let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
      try RawFile(of: database).clearUnusedSpace(pageSize: pageSize)
      // Pages in memory still have what the file has no more; written again, they would bring it back.
      sqlite3_db_release_memory(database.sqliteConnection)
    }
  }
}

/// The database file as SQLite itself has it open: to close another descriptor of it would drop this process's locks.
private struct RawFile {
  private let file: UnsafeMutablePointer<sqlite3_file>
  private let methods: sqlite3_io_methods

  init(of database: Database) throws {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let code = sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
    guard code == SQLITE_OK, let file, let methods = file.pointee.pMethods?.pointee else {
      throw DatabaseError(resultCode: ResultCode(rawValue: code))
    }
    self.file = file
    self.methods = methods
  }

  /// - Throws: `DatabaseError` when reading or writing fails.
  func clearUnusedSpace(pageSize: Int) throws {
    var size: Int64 = 0
    try check(methods.xFileSize(file, &size))
    guard pageSize > 0 else { return }
    var page = [UInt8](repeating: 0, count: pageSize)
    for offset in stride(from: 0, to: size / Int64(pageSize) * Int64(pageSize), by: pageSize) {
      try check(page.withUnsafeMutableBytes { methods.xRead(file, $0.baseAddress, CInt(pageSize), offset) })
      guard let unused = Self.unusedRange(of: page, isFirst: offset == 0), page[unused].contains(where: { $0 != 0 })
      else { continue }
      let zeros = [UInt8](repeating: 0, count: unused.count)
      try check(
        zeros.withUnsafeBytes {
          methods.xWrite(file, $0.baseAddress, CInt(zeros.count), offset + Int64(unused.lowerBound))
        })
    }
    try check(methods.xSync(file, SQLITE_SYNC_NORMAL))
  }

  /// Between the pointers to a page's cells and the cells; nil for pages of other kinds, whose first byte, of a page number
  /// below 2²⁵, is 0 or 1.
  private static func unusedRange(of page: [UInt8], isFirst: Bool) -> Range<Int>? {
    let head = isFirst ? 100 : 0
    func number(_ offset: Int) -> Int { Int(page[head + offset]) << 8 | Int(page[head + offset + 1]) }
    let headBytes: Int
    switch page[head] {
    case 2, 5: headBytes = 12
    case 10, 13: headBytes = 8
    default: return nil
    }
    let begin = head + headBytes + 2 * number(3)
    let end = number(5) == 0 ? 65_536 : number(5)
    return begin <= end && end <= page.count ? begin..<end : nil
  }

  private func check(_ code: CInt) throws {
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }
}
