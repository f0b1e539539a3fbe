/// What kind of value an expression gives, as far as is known before it is evaluated.
public indirect enum RuleType: Sendable, Hashable {
  /// Not known until the value is there.
  case dyn
  case null, bool, int, double, string, timestamp, duration
  case list(RuleType)
  /// Keys are strings.
  case map(RuleType)

  var isNumeric: Bool { self == .int || self == .double }

  /// Whether `==` between the two can ever hold: alike, both numbers, or one not known.
  func isComparable(with other: RuleType) -> Bool {
    switch (self, other) {
    case (.dyn, _), (_, .dyn): true
    case (.list(let left), .list(let right)), (.map(let left), .map(let right)): left.isComparable(with: right)
    case (.null, .timestamp), (.null, .duration), (.timestamp, .null), (.duration, .null): true
    default: self == other || (isNumeric && other.isNumeric)
    }
  }

  /// The type that has the values of both; nil when only `dyn` does.
  func joined(with other: RuleType) -> RuleType? {
    switch (self, other) {
    case (.dyn, _), (_, .dyn): .dyn
    case (.list(let left), .list(let right)): .list(left.joined(with: right) ?? .dyn)
    case (.map(let left), .map(let right)): .map(left.joined(with: right) ?? .dyn)
    default: self == other ? self : nil
    }
  }

  /// Whether a value of type `other` may stand where this type is wanted; an int does for a double.
  func accepts(_ other: RuleType) -> Bool {
    switch (self, other) {
    case (.dyn, _), (_, .dyn), (.double, .int): true
    case (.list(let wanted), .list(let found)), (.map(let wanted), .map(let found)): wanted.accepts(found)
    default: self == other
    }
  }
}

extension RuleType {
  /// With its article, for messages: `an int`, `a list(string)`.
  var inWords: String { self == .int ? "an int" : self == .null ? "null" : "a \(self)" }
}

extension RuleType: CustomStringConvertible {
  /// As the language writes it: `int`, `list(string)`, `map(string, dyn)`.
  public var description: String {
    switch self {
    case .dyn: "dyn"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .double: "double"
    case .string: "string"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .list(let element): "list(\(element))"
    case .map(let value): "map(string, \(value))"
    }
  }
}
