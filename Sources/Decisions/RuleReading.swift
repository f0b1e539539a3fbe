import Events
import Features
import Rules

extension Rule {
  /// Whether it reads anything of the person.
  var isPersonal: Bool { fields.contains { $0.root == "person" } }

  /// Its value as a number; nil when it is none, or when a field is missing.
  func number(in environment: some RuleEnvironment) -> Double? {
    switch value(in: environment).value {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}

extension ItemHistory {
  /// Acts that tell of taste; having been shown something does not.
  var evidenceCount: Int { recent.count { $0.kind != .impression } }
}
