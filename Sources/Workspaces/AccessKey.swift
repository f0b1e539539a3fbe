public import Governance
public import Primitives

/// Names a key in lists, logs and requests to remove it, without being the key: `k_` and 26 characters.
public struct KeyID: Sendable, Hashable, Comparable, LosslessStringConvertible {
  public let rawValue: SortableID
  public init(_ rawValue: SortableID) { self.rawValue = rawValue }

  public init?(_ description: String) {
    guard description.hasPrefix("k_"), let id = SortableID(String(description.dropFirst(2))) else { return nil }
    rawValue = id
  }

  public var description: String { "k_\(rawValue)" }
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a workspace knows of one of its keys; the secret itself is known to its holder only.
public struct AccessKey: Sendable, Equatable {
  /// Where a key comes from.
  public enum Origin: String, Sendable {
    /// The first start of a data directory.
    case first
    /// `ATTUNE_ADMIN_KEY`.
    case environment
    /// Somebody with an admin key.
    case created
  }

  public let id: KeyID
  public let workspace: WorkspaceID
  /// Ascending, without repeats.
  public let scopes: [Scope]
  public let origin: Origin
  public let createdAt: Timestamp

  public init(id: KeyID, workspace: WorkspaceID, scopes: Set<Scope>, origin: Origin, createdAt: Timestamp) {
    self.id = id
    self.workspace = workspace
    self.scopes = scopes.sorted()
    self.origin = origin
    self.createdAt = createdAt
  }
}

/// Who makes a request, as far as their key says.
public struct Caller: Sendable, Equatable {
  public let key: KeyID
  public let workspace: WorkspaceID
  private let scopes: [Scope]

  init(_ key: AccessKey) {
    self.key = key.id
    workspace = key.workspace
    scopes = key.scopes
  }

  /// Whether the key has the scope. `admin` has every scope, since its holder may create a key with any.
  public func may(_ scope: Scope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }

  /// Admin keys of `main` look after all workspaces: they create, list and remove keys there.
  public func mayKeepKeys(of other: WorkspaceID) -> Bool {
    may(.admin) && (other == workspace || workspace == .main)
  }
}

extension WorkspaceID {
  private static func fixed(_ name: String) -> WorkspaceID {
    guard let id = WorkspaceID(name) else { preconditionFailure("'\(name)' is no workspace name") }
    return id
  }

  /// The workspace of the first admin key.
  public static let main = fixed("main")
}

/// A key as its document says it.
struct KeyRecord: Equatable {
  let key: AccessKey
  let hash: KeyHash

  var body: [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("id", key.id.description)
      $0.member("scopes", array: { list in for scope in key.scopes { list.string(scope.rawValue) } })
      $0.member("origin", key.origin.rawValue)
      $0.member("sha256", hash.hexadecimal)
      $0.member("created_at", key.createdAt)
    }
    return writer.bytes
  }

  init(key: AccessKey, hash: KeyHash) {
    self.key = key
    self.hash = hash
  }

  /// nil when the document is not what `body` writes.
  init?(workspace: WorkspaceID, body: [UInt8]) {
    guard let root = try? JSONDocument(parsing: body).root,
      let id = root["id"]?.string.flatMap(KeyID.init),
      let origin = root["origin"]?.string.flatMap(AccessKey.Origin.init(rawValue:)),
      let hash = root["sha256"]?.string.flatMap(KeyHash.init(hexadecimal:)),
      let createdAt = root["created_at"]?.string.flatMap(Timestamp.init(iso8601:)),
      let names = root["scopes"], names.isArray
    else { return nil }
    // A scope that a later version knows is not granted by this one.
    let scopes = Set(names.elements.compactMap { $0.string.flatMap(Scope.init(rawValue:)) })
    key = AccessKey(id: id, workspace: workspace, scopes: scopes, origin: origin, createdAt: createdAt)
    self.hash = hash
  }
}
