public import Primitives

/// A name that a system outside gives to a person: a namespace and a value.
public struct Identifier: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// `user_id`, `anonymous_id`, or any namespace of the workspace: `email`, `phone`, `crm_id` …
  public let namespace: String
  public let value: String

  public init(namespace: String, value: String) {
    self.namespace = namespace
    self.value = value
  }

  public static func user(_ value: String) -> Identifier { Identifier(namespace: "user_id", value: value) }
  public static func anonymous(_ value: String) -> Identifier { Identifier(namespace: "anonymous_id", value: value) }

  public var isUser: Bool { namespace == "user_id" }
  public var isAnonymous: Bool { namespace == "anonymous_id" }

  public var description: String { "\(namespace):\(value)" }
  public static func < (left: Self, right: Self) -> Bool {
    (left.namespace, left.value) < (right.namespace, right.value)
  }
}

extension Identifier: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(string: namespace)
    writer.write(string: value)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    self.init(namespace: try reader.readString(), value: try reader.readString())
  }
}
