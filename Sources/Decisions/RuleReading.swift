import Events
import Features
import Rules

extension Rule {
  /// Whether it reads anything of the person.
  var isPersonal: Bool { fields.contains { $0.root == "person" } }

  /// Whether it may give one item another value than another.
  var readsItem: Bool { fields.contains { $0.root == "item" } }

}

extension RuleResult {
  /// The value as a number; nil when it is none, or when a field is missing.
  var number: Double? {
    switch value {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// Why there is no value that can be used as a factor.
  var lack: String {
    switch self {
    case .missing(let path): "\(path) is missing"
    case .failed(let reason): reason
    case .value(let value): "\(value) is no factor of at least 0"
    }
  }
}

extension RuleExplanation {
  /// The parts that did not hold, each with the values it read: `item.price < 50 (item.price = 120)`.
  var lackingParts: String { parts.flatMap(\.lacking).joined(separator: "; ") }
}

extension RuleExplanation.Part {
  fileprivate var lacking: [String] {
    if case .held = outcome { return [] }
    let inner = parts.flatMap(\.lacking)
    if !inner.isEmpty { return inner }
    return [values.isEmpty ? text : "\(text) (\(values.joined(separator: ", ")))"]
  }
}

extension ItemHistory {
  /// Acts that tell of taste; having been shown something does not.
  var evidenceCount: Int { recent.count { $0.kind != .impression } }
}
