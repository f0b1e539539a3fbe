public import Primitives

/// A version of a document.
public struct StoredDocument: Sendable, Equatable {
  public let key: String
  /// 1 for the first version of a key, then one more for each.
  public let version: Int
  public let savedAt: Timestamp
  public let body: [UInt8]

  public init(key: String, version: Int, savedAt: Timestamp, body: [UInt8]) {
    self.key = key
    self.version = version
    self.savedAt = savedAt
    self.body = body
  }
}

/// Somebody else saved a version meanwhile.
public struct DocumentConflict: Error, Equatable {
  public let key: String
  public let latest: Int
  public init(key: String, latest: Int) {
    self.key = key
    self.latest = latest
  }
}

/// Small versioned documents in named collections of a workspace: keys, definitions. Calls block and are durable when they
/// return. Every backend passes `DocumentStoreContract`.
public protocol DocumentStore: Sendable {
  /// Saves the next version. `expecting` is the version that must be the latest now (0: none yet), nil for any.
  /// - Throws: `DocumentConflict` when `expecting` does not hold; the backend's error when writing fails.
  func save(
    workspace: WorkspaceID, collection: String, key: String, body: [UInt8], expecting: Int?, at now: Timestamp
  ) throws -> StoredDocument
  /// The latest version of one document.
  func document(workspace: WorkspaceID, collection: String, key: String) throws -> StoredDocument?
  func version(workspace: WorkspaceID, collection: String, key: String, _ version: Int) throws -> StoredDocument?
  /// The latest version of every document of a collection, by key.
  func documents(workspace: WorkspaceID, collection: String) throws -> [StoredDocument]
  /// Removes a document with all its versions.
  func remove(workspace: WorkspaceID, collection: String, key: String) throws
  /// Workspaces that hold any document, in order.
  func workspaces() throws -> [WorkspaceID]
  /// Removes everything of a workspace.
  func erase(workspace: WorkspaceID) throws
}
