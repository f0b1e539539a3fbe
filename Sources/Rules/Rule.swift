/// A rule that was read, checked and compiled: an expression of the Common Expression Language over declared fields.
///
///     let text = "item.price < 50.0 && person.traits.plan == 'pro'"
///     let rule = try Rule(parsing: text, expecting: .bool, schema: schema)
///     rule.holds(in: situation)  // .yes, .no, .missing(person.traits.plan) …
///
/// Supported are the literals, operators and macros of the language on bools, ints, doubles, strings, timestamps,
/// durations, lists, and maps with string keys. Bytes, unsigned ints, messages, `type()` and regular expressions are
/// refused by name.
///
/// What differs from the language definition, always so that more rules have an answer:
/// - `==`, `<`, `in` between int and double are allowed by the type check too, and compare exactly.
/// - A chain such as `person.traits.address.city` is one field, present or missing as a whole: `has()` of it is false
///   also when `address` is missing.
/// - Times have microseconds; what is finer is cut.
///
/// - SeeAlso: *CEL language definition*, cel-spec `doc/langdef.md`.
public struct Rule: Sendable {
  private let program: RuleProgram
  private let slots: [Int32]
  /// What it gives: `expecting`, or `dyn` where that is known only with the values.
  public let type: RuleType

  /// Reads and checks a rule.
  ///
  /// - Parameters:
  ///   - source: At most 8 KiB.
  ///   - expecting: What the rule must give. A rule that gives an int will do for a double.
  ///   - schema: The fields it may read.
  /// - Throws: What is wrong with the first part that is wrong, with line and column.
  /// - Complexity: O(bytes), apart from errors.
  public init(
    parsing source: String, expecting: RuleType, schema: RuleSchema, limits: RuleLimits = .standard
  ) throws(RuleError) {
    do throws(SyntaxError) {
      let syntax = try Parser.parse(source, limits: limits)
      program = try Compiler.compile(syntax, source: source, expecting: expecting, schema: schema)
      type = expecting
      slots = []
    } catch {
      throw error.located(in: source)
    }
  }

  private init(program: RuleProgram, slots: [Int32], type: RuleType) {
    self.program = program
    self.slots = slots
    self.type = type
  }

  /// The author's text.
  public var source: String { program.source }

  /// Every field it may read, each once, in the order of the text.
  public var fields: [FieldPath] { program.fields }

  /// The same rule, whose fields are asked for by number where `slot` gives one (at least 0), and by path where it
  /// gives nil.
  ///
  /// Done once, so that evaluating compares no names.
  public func bound(_ slot: (FieldPath) -> Int?) -> Rule {
    Rule(program: program, slots: program.fields.map { Int32(slot($0) ?? -1) }, type: type)
  }

  /// Whether the condition holds.
  ///
  /// - Complexity: O(nodes), bounded by 20 000 steps where macros and lists are concerned. Allocates nothing as long as
  ///   the rule makes no lists, maps or texts, and nothing fails.
  public func holds(in environment: some RuleEnvironment) -> RuleOutcome {
    program.outcome(slots: slots, in: environment)
  }

  /// What the rule gives; a double when that is expected and the rule gives an int.
  public func value(in environment: some RuleEnvironment) -> RuleResult {
    program.result(slots: slots, in: environment).fitted(to: type)
  }

  /// Which parts held or failed, with the values they read. Evaluates every part, also those that did not decide.
  public func explain(in environment: some RuleEnvironment) -> RuleExplanation {
    program.explanation(slots: slots, in: environment, of: type)
  }
}

/// Whether a condition holds.
public enum RuleOutcome: Sendable, Hashable {
  case yes, no
  /// A field that decides is missing.
  case missing(FieldPath)
  /// It cannot be said, for a reason: a division by zero, a value of an unexpected kind.
  case failed(String)

  /// Missing and failed are not yes.
  public var holds: Bool { self == .yes }
}

/// What an expression gives.
public enum RuleResult: Sendable, Hashable {
  case value(RuleValue)
  case missing(FieldPath)
  case failed(String)

  /// nil when there is none.
  public var value: RuleValue? { if case .value(let value) = self { value } else { nil } }

  /// An int becomes a double where one is expected; a value of another type than expected is a failure.
  func fitted(to type: RuleType) -> RuleResult {
    guard case .value(let value) = self, type != .dyn else { return self }
    if type == .double, case .int(let int) = value { return .value(.double(Double(int))) }
    return type.accepts(value.type)
      ? self : .failed("\(type.inWords) expected, but the rule gives \(value.kindInWords)")
  }
}

extension RuleProgram {
  func withEvaluator<Result>(_ slots: [Int32], _ body: (inout Evaluator) -> Result) -> Result {
    nodes.withUnsafeBufferPointer { nodes in
      children.withUnsafeBufferPointer { children in
        constants.withUnsafeBufferPointer { constants in
          slots.withUnsafeBufferPointer { slots in
            var evaluator = Evaluator(
              program: self, nodes: nodes, children: children, constants: constants, slots: slots)
            return body(&evaluator)
          }
        }
      }
    }
  }

  func outcome(slots: [Int32], in environment: some RuleEnvironment) -> RuleOutcome {
    withEvaluator(slots) { $0.outcome(root.node, environment) }
  }

  func result(slots: [Int32], in environment: some RuleEnvironment) -> RuleResult {
    withEvaluator(slots) { $0.result(root.node, environment) }
  }
}

extension Evaluator {
  mutating func outcome(_ node: NodeID, _ environment: some RuleEnvironment) -> RuleOutcome {
    switch truth(node, environment) {
    case .yes: .yes
    case .no: .no
    case .fault:
      switch faultResult {
      case .missing(let path): .missing(path)
      case .failed(let reason): .failed(reason)
      case .value(let value): .failed("a condition expected, found \(value.kindInWords)")
      }
    }
  }

  mutating func result(_ node: NodeID, _ environment: some RuleEnvironment) -> RuleResult {
    if let value = value(node, environment) { return .value(value) }
    return faultResult
  }

  private var faultResult: RuleResult {
    switch fault {
    case .missing(let field): .missing(program.fields[Int(field)])
    case .missingPath(let path): .missing(path)
    case .failed(let reason): .failed(reason)
    case nil: .failed("the rule has no value")
    }
  }
}
