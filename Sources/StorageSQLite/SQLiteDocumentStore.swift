import Foundation
internal import GRDB
public import Governance
public import Primitives

/// Documents in one database file, `attune.db` at the root of the data directory. Failures are `DatabaseFault`s.
public struct SQLiteDocumentStore: DocumentStore {
  private static let layout = DatabaseLayout(
    durability: .full, pageSize: 4096, autocheckpointPages: 1000, version: 1,
    schema: """
      CREATE TABLE document (
        workspace TEXT NOT NULL, collection TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,
        saved_at INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (workspace, collection, key, version)) STRICT, WITHOUT ROWID;
      """)

  private let connection: DatabaseConnection

  /// Opens the file `attune.db` in `directory`, or makes it. The caller holds the `DataDirectoryLock`.
  public init(directory: String) throws(DatabaseFault) {
    try makeFolder(directory)
    let file = DatabaseFile(
      path: directory + "/attune.db", remedy: "Stop the server and restore this file from a backup")
    connection = try file.openToWrite(Self.layout)
  }

  /// Releases the file; further calls fail.
  public func close() { connection.close() }

  public func save(
    workspace: WorkspaceID, collection: String, key: String, body: [UInt8], expecting: Int?, at now: Timestamp
  ) throws -> StoredDocument {
    let saved: Result<StoredDocument, DocumentConflict> = try connection.write { database in
      let latest =
        try Int.fetchOne(
          database, sql: "SELECT max(version) FROM document WHERE workspace = ? AND collection = ? AND key = ?",
          arguments: [workspace.description, collection, key]) ?? 0
      if let expecting, expecting != latest { return .failure(DocumentConflict(key: key, latest: latest)) }
      let document = StoredDocument(key: key, version: latest + 1, savedAt: now, body: body)
      try database.execute(
        sql: "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          workspace.description, collection, key, document.version, now.microseconds, document.checksum, Data(body),
        ])
      return .success(document)
    }
    return try saved.get()
  }

  public func document(workspace: WorkspaceID, collection: String, key: String) throws -> StoredDocument? {
    try fetch("key = ? ORDER BY version DESC LIMIT 1", in: workspace, collection, [key]).first
  }

  public func version(
    workspace: WorkspaceID, collection: String, key: String, _ version: Int
  ) throws -> StoredDocument? {
    try fetch("key = ? AND version = ?", in: workspace, collection, [key, version]).first
  }

  public func documents(workspace: WorkspaceID, collection: String) throws -> [StoredDocument] {
    let isLatest = """
      version = (SELECT max(version) FROM document AS other WHERE other.workspace = document.workspace
        AND other.collection = document.collection AND other.key = document.key)
      """
    return try fetch("\(isLatest) ORDER BY key", in: workspace, collection, [])
  }

  public func remove(workspace: WorkspaceID, collection: String, key: String) throws {
    try connection.write { database in
      try database.execute(
        sql: "DELETE FROM document WHERE workspace = ? AND collection = ? AND key = ?",
        arguments: [workspace.description, collection, key])
    }
  }

  public func workspaces() throws -> [WorkspaceID] {
    try connection.read { database in
      try String.fetchAll(database, sql: "SELECT DISTINCT workspace FROM document ORDER BY workspace")
        .compactMap { WorkspaceID($0) }
    }
  }

  public func erase(workspace: WorkspaceID) throws {
    try connection.write { database in
      try database.execute(sql: "DELETE FROM document WHERE workspace = ?", arguments: [workspace.description])
    }
  }

  private func fetch(
    _ condition: String, in workspace: WorkspaceID, _ collection: String, _ arguments: StatementArguments
  ) throws -> [StoredDocument] {
    try connection.read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT key, version, saved_at, checksum, body FROM document
          WHERE workspace = ? AND collection = ? AND \(condition)
          """)
      let rows = try Row.fetchCursor(statement, arguments: [workspace.description, collection] + arguments)
      return try Array(rows.map { row in try document(from: row) })
    }
  }

  /// A row's document: key, version, time, checksum, body. A damaged column may be of any type.
  private func document(from row: Row) throws -> StoredDocument {
    guard let key = String.fromDatabaseValue(row[0]), let version = Int.fromDatabaseValue(row[1]),
      let savedAt = Int64.fromDatabaseValue(row[2]), let body = Data.fromDatabaseValue(row[4])
    else { throw connection.file.corrupt("a document cannot be read") }
    let document = StoredDocument(
      key: key, version: version, savedAt: Timestamp(microseconds: savedAt), body: [UInt8](body))
    guard document.checksum == Int64.fromDatabaseValue(row[3]) else {
      throw connection.file.corrupt("the checksum of document '\(key)', version \(version), is wrong")
    }
    return document
  }
}

extension StoredDocument {
  fileprivate var checksum: Int64 {
    var writer = BinaryWriter()
    writer.write(string: key)
    writer.write(signed: Int64(version))
    writer.write(time: savedAt)
    writer.write(bytes: body)
    return Int64(bitPattern: writer.bytes.withUnsafeBytes { StableHash(key0: 0, key1: 0).hash64($0) })
  }
}
