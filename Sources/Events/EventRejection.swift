import Primitives

/// Why an event is not taken, for the sender to act on: what was found, what was expected, and where.
public struct EventRejection: Error, Sendable, Equatable, CustomStringConvertible {
  /// One word for programs; `EventRejection.Code` lists them.
  public let code: String
  /// What was found and what was expected.
  public let message: String
  /// Where, in the sender's own spelling: `userId`, `properties.products`.
  public let field: String?

  public enum Code: String, Sendable, CaseIterable {
    case notAnObject = "not_an_object"
    case missingIdentity = "missing_identity"
    case missingMessageID = "missing_message_id"
    case missingEvent = "missing_event"
    case missingGroup = "missing_group"
    case missingPreviousID = "missing_previous_id"
    case missingPurposes = "missing_purposes"
    case unknownType = "unknown_type"
    case wrongType = "wrong_type"
    case outOfRange = "out_of_range"
    case tooLong = "too_long"
    case tooMany = "too_many"
    case invalidTimestamp = "invalid_timestamp"
    /// The tracking plan has no such event.
    case notPlanned = "not_planned"
    /// The tracking plan requires a property.
    case missingProperty = "missing_property"
  }

  public init(_ code: Code, _ message: String, field: String? = nil) {
    self.code = code.rawValue
    self.message = message
    self.field = field
  }

  public var description: String { field.map { "\($0): \(message)" } ?? message }

  /// A value as a message shows it: short texts and numbers themselves, else the kind in words.
  static func quoting(_ view: JSONView) -> String {
    let text = String(decoding: view.rawBytes.prefix(64), as: UTF8.self)
    return (view.isString || view.isNumber) && view.range.count <= 64 ? text : view.kindInWords
  }

  static func wrongType(_ view: JSONView, expected: String, field: String) -> EventRejection {
    EventRejection(.wrongType, "found \(quoting(view)), expected \(expected)", field: field)
  }

  static func tooLong(_ bytes: Int, max: Int, field: String) -> EventRejection {
    EventRejection(.tooLong, "found \(bytes) bytes, expected at most \(max)", field: field)
  }
}
