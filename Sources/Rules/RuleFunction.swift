/// The functions of the language, apart from `has`, `dyn` and the macros.
enum RuleFunction: UInt8, Sendable {
  case size
  case toBool, toInt, toDouble, toString, toTimestamp, toDuration
  case contains, startsWith, endsWith
  case fullYear, month, dayOfMonth, date, dayOfWeek, dayOfYear
  case hours, minutes, seconds, milliseconds

  /// Called as `name(x)`.
  static let plain: [String: RuleFunction] = [
    "size": .size, "bool": .toBool, "int": .toInt, "double": .toDouble, "string": .toString,
    "timestamp": .toTimestamp, "duration": .toDuration,
  ]

  /// Called as `x.name(…)`.
  static let methods: [String: RuleFunction] = [
    "size": .size, "contains": .contains, "startsWith": .startsWith, "endsWith": .endsWith,
    "getFullYear": .fullYear, "getMonth": .month, "getDayOfMonth": .dayOfMonth, "getDate": .date,
    "getDayOfWeek": .dayOfWeek, "getDayOfYear": .dayOfYear, "getHours": .hours, "getMinutes": .minutes,
    "getSeconds": .seconds, "getMilliseconds": .milliseconds,
  ]

  /// What authors who know the language elsewhere may try, with what to do instead.
  static let absent: [String: String] = [
    "matches": "write contains(), startsWith() or endsWith()",
    "uint": "write int()", "bytes": "write a string", "type": "compare the value itself",
    "existsOne": "write exists_one()", "lowerAscii": "compare with each spelling, or store the field in one",
    "upperAscii": "compare with each spelling, or store the field in one",
  ]

  var isTimePart: Bool { rawValue >= RuleFunction.fullYear.rawValue }

  /// The parts of time that a duration has too.
  var isDurationPart: Bool { rawValue >= RuleFunction.hours.rawValue }

  /// The type it gives for operands of these types (the target first); nil when it does not take them.
  func result(for operands: [RuleType]) -> RuleType? {
    guard let first = operands.first else { return nil }
    let rest = operands.dropFirst()
    switch self {
    case .size: return rest.isEmpty && first.hasSize ? .int : nil
    case .toBool: return rest.isEmpty && first.isOne(of: .bool, .string) ? .bool : nil
    case .toInt: return rest.isEmpty && first.isOne(of: .int, .double, .string, .timestamp) ? .int : nil
    case .toDouble: return rest.isEmpty && first.isOne(of: .int, .double, .string) ? .double : nil
    case .toString:
      return rest.isEmpty && first.isOne(of: .bool, .int, .double, .string, .timestamp, .duration) ? .string : nil
    case .toTimestamp: return rest.isEmpty && first.isOne(of: .string, .int, .timestamp) ? .timestamp : nil
    case .toDuration: return rest.isEmpty && first.isOne(of: .string, .duration) ? .duration : nil
    case .contains, .startsWith, .endsWith:
      return rest.count == 1 && operands.allSatisfy { $0.isOne(of: .string) } ? .bool : nil
    case .fullYear, .month, .dayOfMonth, .date, .dayOfWeek, .dayOfYear, .hours, .minutes, .seconds, .milliseconds:
      let takesZone = rest.count == 1 && first.isOne(of: .timestamp) && rest.allSatisfy { $0.isOne(of: .string) }
      let takesNone = rest.isEmpty && (first.isOne(of: .timestamp) || (first == .duration && isDurationPart))
      return takesZone || takesNone ? .int : nil
    }
  }

  /// What it takes, for messages.
  var signature: String {
    switch self {
    case .size: "size() takes a string, a list or a map"
    case .toBool: "bool() takes a string"
    case .toInt: "int() takes a double, a string or a timestamp"
    case .toDouble: "double() takes an int or a string"
    case .toString: "string() takes a bool, a number, a timestamp or a duration"
    case .toTimestamp: "timestamp() takes a string or an int of seconds"
    case .toDuration: "duration() takes a string"
    case .contains, .startsWith, .endsWith:
      "contains(), startsWith() and endsWith() belong to a string and take a string"
    case .fullYear, .month, .dayOfMonth, .date, .dayOfWeek, .dayOfYear:
      "it belongs to a timestamp and takes nothing or an offset such as \"+02:00\""
    case .hours, .minutes, .seconds, .milliseconds:
      "it belongs to a timestamp, and takes nothing or an offset such as \"+02:00\", or to a duration"
    }
  }
}

extension RuleType {
  fileprivate func isOne(of types: RuleType...) -> Bool { self == .dyn || types.contains(self) }

  fileprivate var hasSize: Bool {
    switch self {
    case .dyn, .string, .list, .map: true
    default: false
    }
  }
}
