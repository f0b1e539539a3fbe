public import Governance
public import Primitives
import Synchronization

/// Why the ring did not do what it was asked.
public enum KeyRingError: Error, Equatable {
  /// No such key in that workspace.
  case unknownKey(KeyID)
  /// Removing it would leave nobody who can create keys.
  case lastAdminKey
  /// A key without any scope could do nothing.
  case noScopes
  /// The chosen admin key cannot be sent in a header.
  case unusableAdminKey
  /// A stored key cannot be read.
  case corrupt(String)
  /// The store failed; nothing was changed.
  case store(String)
}

/// A key at the only moment when its secret is known.
public struct IssuedKey: Sendable, Equatable {
  public let key: AccessKey
  public let secret: KeySecret
}

/// The keys of all workspaces of a process.
///
/// Only hashes are stored (collection `keys` of each workspace's documents). All of them are held in memory, so that
/// `authenticate` neither waits nor reads a disk. Changes are durable before they count.
public final class KeyRing: Sendable {
  private static let collection = "keys"

  private let store: any DocumentStore
  /// Held while a removal is checked and done, so that two of them cannot both leave "another" admin key.
  private let removing = Mutex(())
  private let snapshot: Mutex<[KeyHash: KeyRecord]>

  /// Reads all keys of all workspaces.
  /// - Throws: `.corrupt` when a document is no key, `.store` when reading fails.
  public init(store: any DocumentStore) throws(KeyRingError) {
    self.store = store
    var loaded: [KeyHash: KeyRecord] = [:]
    for (workspace, document) in try Self.reading({
      try store.workspaces().flatMap { workspace in
        try store.documents(workspace: workspace, collection: Self.collection).map { (workspace, $0) }
      }
    }) {
      guard let record = KeyRecord(workspace: workspace, body: document.body) else {
        throw .corrupt("key '\(document.key)' of workspace '\(workspace)' cannot be read; remove it and create another")
      }
      loaded[record.hash] = record
    }
    snapshot = Mutex(loaded)
  }

  private static func reading<Value>(_ body: () throws -> Value) throws(KeyRingError) -> Value {
    do { return try body() } catch let error as KeyRingError { throw error } catch { throw .store("\(error)") }
  }

  /// Sees to it that `main` has an admin key.
  ///
  /// - Parameter chosen: The operator's own key (`ATTUNE_ADMIN_KEY`). It takes the place of an earlier chosen one;
  ///   keys that were created otherwise stay.
  /// - Returns: The key made at the first start, to be shown once; nil when there was one, or one was chosen.
  public func prepareAdminKey(
    chosen: String?, at now: Timestamp, using generator: inout some RandomNumberGenerator
  ) throws(KeyRingError) -> IssuedKey? {
    let all = Set(Scope.allCases)
    guard let chosen else {
      let hasAdmin = list(workspace: .main).contains { $0.scopes.contains(.admin) }
      if hasAdmin { return nil }
      let secret = KeySecret(using: &generator)
      let key = try add(secret, workspace: .main, scopes: all, origin: .first, at: now, using: &generator)
      return IssuedKey(key: key, secret: secret)
    }
    guard let secret = KeySecret(chosen: chosen) else { throw .unusableAdminKey }
    let hash = KeyHash(of: secret.text)
    let existing = records(workspace: .main)
    // The operator may as well choose the key that the first start made.
    if !existing.contains(where: { $0.hash == hash && $0.key.scopes.contains(.admin) }) {
      _ = try add(secret, workspace: .main, scopes: all, origin: .environment, at: now, using: &generator)
    }
    for record in existing where record.key.origin == .environment && record.hash != hash { try discard(record) }
    return nil
  }

  /// Makes a key. A workspace begins with its first key.
  public func create(
    workspace: WorkspaceID, scopes: Set<Scope>, at now: Timestamp, using generator: inout some RandomNumberGenerator
  ) throws(KeyRingError) -> IssuedKey {
    guard !scopes.isEmpty else { throw .noScopes }
    let secret = KeySecret(using: &generator)
    let key = try add(secret, workspace: workspace, scopes: scopes, origin: .created, at: now, using: &generator)
    return IssuedKey(key: key, secret: secret)
  }

  /// The keys of a workspace, oldest first.
  public func list(workspace: WorkspaceID) -> [AccessKey] { records(workspace: workspace).map(\.key) }

  /// Makes a key useless from now on.
  /// - Throws: `.unknownKey`, also for a key of another workspace; `.lastAdminKey` for the last one of `main`.
  public func revoke(_ id: KeyID, workspace: WorkspaceID) throws(KeyRingError) {
    try removing.withLock { _ throws(KeyRingError) in
      let records = records(workspace: workspace)
      guard let record = records.first(where: { $0.key.id == id }) else { throw .unknownKey(id) }
      let othersRule = records.contains { $0.key.id != id && $0.key.scopes.contains(.admin) }
      if workspace == .main, record.key.scopes.contains(.admin), !othersRule { throw .lastAdminKey }
      try discard(record)
    }
  }

  /// Whose secret this is; nil when nobody's.
  /// - Complexity: One SHA-256 and one look-up, about half a microsecond.
  public func authenticate(_ secret: String) -> Caller? {
    let hash = KeyHash(of: secret)
    return snapshot.withLock { $0[hash] }.map { Caller($0.key) }
  }

  /// Workspaces that have a key, in order.
  public var workspaces: [WorkspaceID] {
    Set(snapshot.withLock { $0.values.map(\.key.workspace) }).sorted()
  }

  private func records(workspace: WorkspaceID) -> [KeyRecord] {
    snapshot.withLock { $0.values.filter { $0.key.workspace == workspace } }.sorted { $0.key.id < $1.key.id }
  }

  private func add(
    _ secret: KeySecret, workspace: WorkspaceID, scopes: Set<Scope>, origin: AccessKey.Origin, at now: Timestamp,
    using generator: inout some RandomNumberGenerator
  ) throws(KeyRingError) -> AccessKey {
    let id = KeyID(SortableID(time: now, entropy: Digest128(high: generator.next(), low: generator.next())))
    let key = AccessKey(id: id, workspace: workspace, scopes: scopes, origin: origin, createdAt: now)
    let record = KeyRecord(key: key, hash: KeyHash(of: secret.text))
    _ = try Self.reading {
      try store.save(
        workspace: workspace, collection: Self.collection, key: id.description, body: record.body, expecting: 0, at: now
      )
    }
    snapshot.withLock { $0[record.hash] = record }
    return key
  }

  private func discard(_ record: KeyRecord) throws(KeyRingError) {
    try Self.reading {
      try store.remove(
        workspace: record.key.workspace, collection: Self.collection, key: record.key.id.description)
    }
    snapshot.withLock { $0[record.hash] = nil }
  }
}
