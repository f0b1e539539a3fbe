public import Primitives

/// Why a rule gave what it gave: its parts in the author's words, each with its outcome and the values it read.
///
/// The conditions between `&&` are the parts; a part that is itself joined, turned around or a choice has parts of its
/// own. Every condition is evaluated, also those that the rule did not need.
public struct RuleExplanation: Sendable, Hashable {
  public struct Part: Sendable, Hashable {
    /// As it stands in the source.
    public let text: String
    public let outcome: PartOutcome
    /// What it read: `item.price = 12.5`, `person.traits.plan is missing`. Long values are shortened.
    public let values: [String]
    public let parts: [Part]
  }

  public enum PartOutcome: Sendable, Hashable {
    case held, failed
    case missing(FieldPath)
    /// It cannot be computed, for a reason.
    case error(String)
    /// What a part gives that is no condition.
    case value(RuleValue)
  }

  public let source: String
  public let result: RuleResult
  public let parts: [Part]
}

extension RuleProgram {
  func explanation(
    slots: [Int32], in environment: some RuleEnvironment, of type: RuleType
  ) -> RuleExplanation {
    let result = result(slots: slots, in: environment).fitted(to: type)
    let parts = root.kind == .all ? root.children : [root]
    return RuleExplanation(
      source: source, result: result, parts: parts.map { explain($0, slots, environment) })
  }

  private func explain(
    _ part: RulePart, _ slots: [Int32], _ environment: some RuleEnvironment
  ) -> RuleExplanation.Part {
    let result = withEvaluator(slots) { $0.result(part.node, environment) }
    let outcome: RuleExplanation.PartOutcome =
      switch result {
      case .value(.bool(true)): .held
      case .value(.bool(false)): .failed
      case .value(let value): .value(value)
      case .missing(let path): .missing(path)
      case .failed(let reason): .error(reason)
      }
    let values = part.fields.map { field in
      let path = fields[Int(field)]
      return withEvaluator(slots) { evaluator in
        evaluator.read(field, environment).map { "\(path) = \(shortened($0))" } ?? "\(path) is missing"
      }
    }
    return RuleExplanation.Part(
      text: text(part.range), outcome: outcome, values: values,
      parts: shownChildren(of: part, slots, environment).map { explain($0, slots, environment) })
  }

  /// Of a choice the condition and the branch that was taken.
  private func shownChildren(
    of part: RulePart, _ slots: [Int32], _ environment: some RuleEnvironment
  ) -> [RulePart] {
    guard part.kind == .choice else { return part.children }
    return switch withEvaluator(slots, { $0.truth(part.children[0].node, environment) }) {
    case .yes: [part.children[0], part.children[1]]
    case .no: [part.children[0], part.children[2]]
    case .fault: [part.children[0]]
    }
  }

  private func shortened(_ value: RuleValue) -> String {
    let text = value.description
    return text.utf8.count > 200 ? text.prefix(200) + "…" : text
  }
}

extension RuleExplanation {
  /// `{"rule", "outcome", …, "parts": [{"text", "outcome", …, "values", "parts"}]}`.
  public func write(into writer: inout JSONWriter) {
    writer.object {
      $0.member("rule", source)
      switch result {
      case .value(.bool(let holds)): $0.member("outcome", holds ? "yes" : "no")
      case .value(let value): Self.write(.value(value), into: &$0)
      case .missing(let path): Self.write(.missing(path), into: &$0)
      case .failed(let reason): Self.write(.error(reason), into: &$0)
      }
      $0.member("parts", array: { writer in for part in parts { part.write(into: &writer) } })
    }
  }

  fileprivate static func write(_ outcome: PartOutcome, into writer: inout JSONWriter) {
    switch outcome {
    case .held: writer.member("outcome", "held")
    case .failed: writer.member("outcome", "failed")
    case .missing(let path):
      writer.member("outcome", "missing")
      writer.member("missing", path.description)
    case .error(let reason):
      writer.member("outcome", "error")
      writer.member("reason", reason)
    case .value(let value):
      writer.member("outcome", "value")
      writer.key("value")
      value.write(into: &writer)
    }
  }
}

extension RuleExplanation.Part {
  /// One object; `values` and `parts` only when there are any.
  public func write(into writer: inout JSONWriter) {
    writer.object {
      $0.member("text", text)
      RuleExplanation.write(outcome, into: &$0)
      if !values.isEmpty { $0.member("values", array: { writer in for value in values { writer.string(value) } }) }
      if !parts.isEmpty { $0.member("parts", array: { writer in for part in parts { part.write(into: &writer) } }) }
    }
  }
}
