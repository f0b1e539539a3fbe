import Foundation
internal import GRDB

/// How much a returned commit outlives.
enum Durability: String {
  /// A power failure: every commit is synced.
  case full = "FULL"
  /// A crash of the process; after a power failure the latest commits may be missing, but the file is whole.
  case normal = "NORMAL"
}

/// What a database file is made with.
struct DatabaseLayout {
  /// Tells our files from other databases: "Attu".
  static let applicationID = 0x4174_7475

  let durability: Durability
  /// In bytes; holds for new files.
  let pageSize: Int
  /// Pages after which a commit copies the write-ahead log into the file; zero leaves that to `WriteAheadLog`.
  let autocheckpointPages: Int
  /// Version of the tables, kept as `user_version`.
  let version: Int
  /// Makes the tables of `version` in an empty file.
  let schema: String
}

/// A database file in WAL mode, of which this process opens one connection to write and others to read.
struct DatabaseFile: Sendable {
  /// How long a connection waits for another.
  static let busySeconds = 30.0

  let path: String
  /// What a user can do when the file is damaged.
  let remedy: String

  /// Opens the connection that writes, and makes the file and its tables when they are missing.
  func openToWrite(_ layout: DatabaseLayout) throws(DatabaseFault) -> DatabaseConnection {
    var configuration = Configuration()
    // Nobody else writes but a second store on the same folder, as after a change of owner.
    configuration.busyMode = .timeout(Self.busySeconds)
    configuration.prepareDatabase { database in
      try database.execute(
        sql: """
          PRAGMA page_size = \(layout.pageSize);
          PRAGMA journal_mode = WAL;
          PRAGMA synchronous = \(layout.durability.rawValue);
          PRAGMA wal_autocheckpoint = \(layout.autocheckpointPages);
          PRAGMA journal_size_limit = \(128 << 20);
          PRAGMA cache_size = -8192;
          PRAGMA temp_store = MEMORY;
          PRAGMA secure_delete = ON;
          """)
    }
    let connection = try open(configuration)
    try connection.write { try prepareTables(layout, in: $0) }
    return connection
  }

  private func prepareTables(_ layout: DatabaseLayout, in database: Database) throws {
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    if version == layout.version { return }
    guard version == 0 else {
      throw DatabaseFault.otherFormat(
        "\(path) has format \(version), this program knows format \(layout.version): use the program that wrote it")
    }
    try database.execute(
      sql: """
        \(layout.schema)
        PRAGMA application_id = \(DatabaseLayout.applicationID);
        PRAGMA user_version = \(layout.version);
        """)
  }

  /// Opens a connection that reads.
  func openToRead() throws(DatabaseFault) -> DatabaseConnection {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(Self.busySeconds)
    return try open(configuration)
  }

  /// Opens a connection for `WriteAheadLog`, which never waits for others.
  func openToCopy() throws(DatabaseFault) -> DatabaseConnection {
    try open(Configuration())
  }

  private func open(_ configuration: Configuration) throws(DatabaseFault) -> DatabaseConnection {
    var configuration = configuration
    configuration.label = path
    do {
      return DatabaseConnection(file: self, queue: try DatabaseQueue(path: path, configuration: configuration))
    } catch {
      throw fault(error)
    }
  }

  /// Removes the file and what SQLite keeps beside it. Nothing may have it open.
  func remove() throws(DatabaseFault) {
    for suffix in ["", "-wal", "-shm"] {
      guard unlink(path + suffix) == 0 || errno == ENOENT else {
        throw .failed("\(path)\(suffix) cannot be removed: \(String(cString: strerror(errno)))")
      }
    }
  }

  func corrupt(_ finding: String) -> DatabaseFault { .corrupt("\(path) is damaged: \(finding). \(remedy)") }

  /// What `error`, of whatever kind, means for this file.
  func fault(_ error: any Error) -> DatabaseFault {
    guard let error = error as? DatabaseError else {
      return error as? DatabaseFault ?? .failed("\(path): \(error)")
    }
    let message = error.message ?? error.resultCode.description
    return switch error.resultCode {
    case .SQLITE_FULL: .full
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: corrupt(message)
    case .SQLITE_MISUSE: .failed("\(path) is closed")
    default: .failed("\(path): \(message)")
    }
  }
}
