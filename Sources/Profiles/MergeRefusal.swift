public import Events
public import Primitives

/// Why an identifier did not join two profiles, or a profile.
public struct MergeRefusal: Sendable, Hashable {
  /// Raw values are stored: never reuse one.
  public enum Reason: UInt8, Sendable, CaseIterable {
    /// The identifier belongs to a profile of another user: a shared device, most often.
    case anotherUser = 1
    /// The earlier id of an alias is a user's own id.
    case previousIsUser = 2
    /// The event names a second user.
    case secondUser = 3
    /// One profile would have more identifiers than any person has.
    case tooManyIdentifiers = 4
    /// One profile would have more identifiers of the namespace than the definitions allow.
    case namespaceLimit = 5
    /// The value says nothing about who somebody is.
    case blockedValue = 6
    /// The identifiers were cut apart by an unmerge.
    case unmerged = 7

    public var code: String {
      switch self {
      case .anotherUser: "another_user"
      case .previousIsUser: "previous_is_user"
      case .secondUser: "second_user"
      case .tooManyIdentifiers: "too_many_identifiers"
      case .namespaceLimit: "namespace_limit"
      case .blockedValue: "blocked_value"
      case .unmerged: "unmerged"
      }
    }
  }

  public let identifier: Identifier
  /// The profile that the identifier stays with, nil when none knows it.
  public let other: ProfileID?
  public let reason: Reason
  /// Time of the latest event that asked for it.
  public let at: Timestamp

  public init(identifier: Identifier, other: ProfileID?, reason: Reason, at: Timestamp) {
    self.identifier = identifier
    self.other = other
    self.reason = reason
    self.at = at
  }

  /// Whether both refuse the same thing, at whatever time.
  func isAlike(_ another: MergeRefusal) -> Bool {
    identifier == another.identifier && other == another.other && reason == another.reason
  }

  /// Latest first; ties by content.
  static func isListedBefore(_ left: MergeRefusal, _ right: MergeRefusal) -> Bool {
    if left.at != right.at { return left.at > right.at }
    if left.identifier != right.identifier { return left.identifier < right.identifier }
    if left.reason != right.reason { return left.reason.rawValue < right.reason.rawValue }
    return (left.other?.description ?? "") < (right.other?.description ?? "")
  }
}

extension MergeRefusal: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    identifier.encode(into: &writer)
    writer.write(optional: other) { $0.write(id: $1.rawValue) }
    writer.write(byte: reason.rawValue)
    writer.write(time: at)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    identifier = try Identifier(from: &reader)
    other = try reader.readBool() ? ProfileID(try reader.readID()) : nil
    let code = try reader.readByte()
    guard let reason = Reason(rawValue: code) else {
      throw BinaryError("a merge refused for the unknown reason \(code)")
    }
    self.reason = reason
    at = try reader.readTime()
  }
}
