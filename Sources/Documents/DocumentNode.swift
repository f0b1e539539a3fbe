public import Primitives

/// Bounds on what a document may be.
public struct DocumentLimits: Sendable {
  /// Bytes of text.
  public var bytes: Int
  /// Lists and mappings within each other, references followed.
  public var depth: Int
  /// Values in all, references followed.
  public var nodes: Int

  public init(bytes: Int = 4 << 20, depth: Int = 64, nodes: Int = 200_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }

  public static let standard = DocumentLimits()
}

/// A value of a YAML or JSON document that knows where it stands.
///
/// Scalars follow YAML 1.2 narrowly: without quotes, `true` and `false` are booleans, `null`, `~` and nothing are null, decimal
/// numbers are numbers, all else is a string; so `yes`, `on`, `0x10`, `007` and `.nan` are strings. A quoted scalar always is.
public struct DocumentNode: Sendable, Hashable {
  public let location: SourceLocation
  public let content: Content

  public indirect enum Content: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    /// Always finite.
    case double(Double)
    case string(String)
    case list([DocumentNode])
    /// In the order of the text; keys are distinct.
    case mapping([Member])
  }

  public struct Member: Sendable, Hashable {
    public let key: String
    public let keyLocation: SourceLocation
    public let value: DocumentNode

    public init(key: String, keyLocation: SourceLocation, value: DocumentNode) {
      self.key = key
      self.keyLocation = keyLocation
      self.value = value
    }
  }

  public init(_ content: Content, at location: SourceLocation) {
    self.content = content
    self.location = location
  }

  public var isNull: Bool { content == .null }

  /// An error that points here.
  public func error(_ message: String, suggestion: String? = nil) -> DocumentError {
    DocumentError(at: location, message, suggestion: suggestion)
  }

  /// What stands here, in words: `a string 'ten'`, `the number 4`, `a list`.
  public var inWords: String {
    switch content {
    case .null: "nothing"
    case .bool(let value): "\(value)"
    case .int(let value): "the number \(value)"
    case .double(let value): "the number \(value)"
    case .string(let value): "a string '\(value.count > 40 ? value.prefix(40) + "…" : value[...])'"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  /// The same value without places.
  public func jsonValue() -> JSONValue {
    switch content {
    case .null: .null
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    case .string(let value): .string(value)
    case .list(let values): .array(values.map { $0.jsonValue() })
    case .mapping(let members):
      .object(JSONObject(members: members.map { .init(key: $0.key, value: $0.value.jsonValue()) }))
    }
  }
}

extension DocumentNode {
  /// Two values are equal when they say the same, wherever they stand.
  public static func == (left: Self, right: Self) -> Bool { left.content == right.content }
  public func hash(into hasher: inout Hasher) { hasher.combine(content) }
}

extension DocumentNode.Member {
  public static func == (left: Self, right: Self) -> Bool { left.key == right.key && left.value == right.value }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(key)
    hasher.combine(value)
  }
}
