public import Primitives

/// A value that a rule reads or gives.
///
/// `==` and hashing here are those of Swift (`int(1)` is not `double(1)`); what `==` means within a rule is
/// `isEqual(to:)`.
public enum RuleValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case timestamp(Timestamp)
  /// Microseconds.
  case duration(Int64)
  case list([RuleValue])
  case map([String: RuleValue])

  /// The kind in words, for messages: `a string`, `an int` …
  public var kindInWords: String {
    switch self {
    case .null: "null"
    case .bool: "a bool"
    case .int: "an int"
    case .double: "a double"
    case .string: "a string"
    case .timestamp: "a timestamp"
    case .duration: "a duration"
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// What follows from the value alone; elements are not looked at.
  var type: RuleType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .double: .double
    case .string: .string
    case .timestamp: .timestamp
    case .duration: .duration
    case .list: .list(.dyn)
    case .map: .map(.dyn)
    }
  }

  /// The value within, along `names`, for environments that keep a part of their fields as one value.
  ///
  /// - Returns: nil when a name is not there, or something on the way is no map.
  public func value(at names: some Sequence<String>) -> RuleValue? {
    var current = self
    for name in names {
      guard case .map(let members) = current, let next = members[name] else { return nil }
      current = next
    }
    return current
  }
}

extension RuleValue {
  /// Reads JSON as the Common Expression Language does: every number is a double, so that a rule does not depend on
  /// whether a client wrote `5` or `5.0`. (Comparisons, `in` and indexing do not tell an int from a double of the same
  /// value.)
  public init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .double(Double(value))
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .list(values.map { RuleValue($0) })
    case .object(let object):
      var members: [String: RuleValue] = [:]
      for member in object.members { members[member.key] = RuleValue(member.value) }
      self = .map(members)
    }
  }

  /// Timestamps and durations as the text that `timestamp()` and `duration()` read; members in the order of their keys.
  public func write(into writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.bool(value)
    case .int(let value): writer.int(value)
    case .double(let value): writer.double(value)
    case .string(let value): writer.string(value)
    case .timestamp(let value): writer.string(value.ruleText)
    case .duration(let value): writer.string(durationText(value))
    case .list(let values): writer.array { for value in values { value.write(into: &$0) } }
    case .map(let members):
      writer.object {
        for (key, value) in members.sorted(by: { $0.key.precedes($1.key) }) {
          $0.key(key)
          value.write(into: &$0)
        }
      }
    }
  }
}

extension RuleValue: CustomStringConvertible {
  /// As it could stand in a rule: `"pro"`, `12.5`, `["a", "b"]`, `timestamp("2026-03-01T09:30:00Z")`.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): value.description
    case .string(let value): quoted(value)
    case .timestamp(let value): "timestamp(\"\(value.ruleText)\")"
    case .duration(let value): "duration(\"\(durationText(value))\")"
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .map(let members):
      "{"
        + members.sorted { $0.key.precedes($1.key) }.map { "\(quoted($0.key)): \($0.value)" }.joined(separator: ", ")
        + "}"
    }
  }

  private func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.string(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
