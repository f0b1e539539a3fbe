public import Events
public import Primitives

/// Two identifiers that may or may not be one person's, whichever is named first.
public struct IdentifierPair: Sendable, Hashable {
  public let first: Identifier
  public let second: Identifier

  public init(_ one: Identifier, _ other: Identifier) { (first, second) = one < other ? (one, other) : (other, one) }

  public var identifiers: [Identifier] { [first, second] }
}

extension IdentifierPair: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    first.encode(into: &writer)
    second.encode(into: &writer)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    self.init(try Identifier(from: &reader), try Identifier(from: &reader))
  }
}

/// Why two identifiers are one person's: the event that first brought them together.
///
/// The links of a profile make a tree over its identifiers: what is known already when it is said again is no link.
public struct IdentityLink: Sendable, Hashable {
  /// Raw values are stored: never reuse one.
  public enum Rule: UInt8, Sendable, CaseIterable {
    /// They came with one `identify` call.
    case identify = 1
    /// One is the earlier id of an `alias` call.
    case alias = 2
    /// They came with any other event.
    case sharedEvent = 3

    public var code: String {
      switch self {
      case .identify: "identify"
      case .alias: "alias"
      case .sharedEvent: "shared_event"
      }
    }
  }

  /// What the event brought along.
  public let identifier: Identifier
  /// What the event stood under.
  public let with: Identifier
  public let rule: Rule
  public let messageID: String
  /// Time of the event.
  public let at: Timestamp
  /// The profile that became one with this through it; nil when the identifier was nobody's.
  public let merged: ProfileID?

  public init(
    identifier: Identifier, with: Identifier, rule: Rule, messageID: String, at: Timestamp, merged: ProfileID? = nil
  ) {
    self.identifier = identifier
    self.with = with
    self.rule = rule
    self.messageID = messageID
    self.at = at
    self.merged = merged
  }

  public var pair: IdentifierPair { IdentifierPair(identifier, with) }

  /// Earliest first; ties by content.
  static func isListedBefore(_ left: IdentityLink, _ right: IdentityLink) -> Bool {
    if left.at != right.at { return left.at < right.at }
    if left.identifier != right.identifier { return left.identifier < right.identifier }
    if left.with != right.with { return left.with < right.with }
    return left.messageID < right.messageID
  }
}

extension IdentityLink: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    identifier.encode(into: &writer)
    with.encode(into: &writer)
    writer.write(byte: rule.rawValue)
    writer.write(string: messageID)
    writer.write(time: at)
    writer.write(optional: merged) { $0.write(id: $1.rawValue) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    identifier = try Identifier(from: &reader)
    with = try Identifier(from: &reader)
    let code = try reader.readByte()
    guard let rule = Rule(rawValue: code) else { throw BinaryError("a link made by the unknown rule \(code)") }
    self.rule = rule
    messageID = try reader.readString()
    at = try reader.readTime()
    merged = try reader.readBool() ? ProfileID(try reader.readID()) : nil
  }
}
