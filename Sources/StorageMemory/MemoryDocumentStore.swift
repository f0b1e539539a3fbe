public import Governance
public import Primitives
import Synchronization

/// Documents in memory: for tests and trials, gone with the value.
public final class MemoryDocumentStore: DocumentStore {
  private struct Place: Hashable {
    let workspace: WorkspaceID
    let collection: String
    /// Its bytes: strings that look alike but are encoded differently are different keys.
    let key: [UInt8]

    init(_ workspace: WorkspaceID, _ collection: String, _ key: String) {
      self.workspace = workspace
      self.collection = collection
      self.key = Array(key.utf8)
    }
  }

  /// All versions of each document, the first first.
  private let versions = Mutex<[Place: [StoredDocument]]>([:])

  public init() {}

  public func save(
    workspace: WorkspaceID, collection: String, key: String, body: [UInt8], expecting: Int?, at now: Timestamp
  ) throws -> StoredDocument {
    try versions.withLock { versions in
      let place = Place(workspace, collection, key)
      let latest = versions[place]?.count ?? 0
      if let expecting, expecting != latest { throw DocumentConflict(key: key, latest: latest) }
      let document = StoredDocument(key: key, version: latest + 1, savedAt: now, body: body)
      versions[place, default: []].append(document)
      return document
    }
  }

  public func document(workspace: WorkspaceID, collection: String, key: String) throws -> StoredDocument? {
    versions.withLock { $0[Place(workspace, collection, key)]?.last }
  }

  public func version(
    workspace: WorkspaceID, collection: String, key: String, _ version: Int
  ) throws -> StoredDocument? {
    versions.withLock { versions in
      versions[Place(workspace, collection, key)]?.first { $0.version == version }
    }
  }

  public func documents(workspace: WorkspaceID, collection: String) throws -> [StoredDocument] {
    versions.withLock { versions in
      versions.filter { $0.key.workspace == workspace && $0.key.collection == collection }
        .compactMap(\.value.last)
        .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
  }

  public func remove(workspace: WorkspaceID, collection: String, key: String) throws {
    versions.withLock { $0[Place(workspace, collection, key)] = nil }
  }

  public func workspaces() throws -> [WorkspaceID] {
    versions.withLock { Set($0.keys.map(\.workspace)).sorted() }
  }

  public func erase(workspace: WorkspaceID) throws {
    versions.withLock { versions in versions = versions.filter { $0.key.workspace != workspace } }
  }
}
