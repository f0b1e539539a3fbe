import Documents
public import Events
import Primitives
import Rules

/// Some of the events of a workspace: those of signals or names, or everything that a person does; of these, where a rule says
/// so, only those for which it holds.
public struct EventSelection: Sendable {
  /// What may be named, for messages and suggestions.
  struct Names {
    let words: [String]
    private let known: Set<PlainName>

    /// - Parameter own: Event names that the workspace defines or plans.
    init(own: some Sequence<String>) {
      words = ["any"] + EventNames.standardWords + own
      known = Set(words.map { PlainName($0) })
    }

    func contains(_ word: String) -> Bool { known.contains(PlainName(word)) }
  }

  let trigger: FeatureTrigger
  private let condition: Rule?

  /// Everything that a person does.
  static let any: EventSelection = {
    var trigger = FeatureTrigger()
    trigger.isActivity = true
    return EventSelection(trigger, where: nil)
  }()

  private init(_ trigger: FeatureTrigger, where condition: Rule?) {
    self.trigger = trigger
    self.condition = condition
  }

  /// A name or a list of names, and a rule over `event`.
  init(_ node: DocumentNode, where text: DocumentNode?, names: Names) throws(DocumentError) {
    var trigger = FeatureTrigger()
    let words: [DocumentNode]
    if case .list(let nodes) = node.content { words = nodes } else { words = [node] }
    guard !words.isEmpty else { throw node.error("found an empty list, expected events, or 'any'") }
    for word in words { try Self.add(word, to: &trigger, names) }
    let condition = try text.map { text throws(DocumentError) in
      try text.rule(expecting: .bool, schema: EventSituation.schema)
    }
    self.init(trigger, where: condition)
  }

  private static func add(
    _ node: DocumentNode, to trigger: inout FeatureTrigger, _ names: Names
  ) throws(DocumentError) {
    let word = try node.nonEmptyString()
    if word == "any" {
      trigger.isActivity = true
    } else if let kind = SignalKind.allCases.first(where: { $0.name == word }) {
      trigger.signals |= FeatureTrigger.bit(kind)
    } else if names.contains(word) {
      trigger.names.append(PlainName(word))
    } else {
      throw node.error(
        "there is no event '\(word)': expected a signal (\(SignalKind.allCases.map(\.name).joined(separator: ", "))), "
          + "'any', or a name that 'events' or 'tracking_plan' lists",
        suggestion: nearestWord(to: word, among: names.words))
    }
  }

  /// Whether the event is one of them; with a rule over an act, whether one of its acts is.
  public func contains(_ event: Event) -> Bool {
    let facts = FeatureEvent(
      event, items: Array(repeating: nil, count: max(1, event.signals.count)), in: .standard)
    guard isNamed(facts) else { return false }
    guard let condition else { return true }
    if event.signals.isEmpty { return condition.holds(in: EventSituation(event: facts, act: nil)).holds }
    let isWhole = isNamedAsWhole(facts)
    return event.signals.indices.contains { act in
      (isWhole || trigger.signals & FeatureTrigger.bit(event.signals[act].kind) != 0)
        && condition.holds(in: EventSituation(event: facts, act: act)).holds
    }
  }

  private func isNamed(_ facts: FeatureEvent) -> Bool {
    facts.signals & trigger.signals != 0 || isNamedAsWhole(facts)
  }

  private func isNamedAsWhole(_ facts: FeatureEvent) -> Bool {
    if trigger.isActivity, facts.isActivity { return true }
    return !trigger.names.isEmpty && trigger.names.contains(PlainName(facts.event.name))
  }

  /// In words: `purchase`, `any activity`, `Order Completed where event.value > 20.0`.
  public var inWords: String {
    trigger.sources.joined(separator: ", ") + (condition.map { " where \($0.source)" } ?? "")
  }

  /// The same text for the same events, however they were written.
  var signature: String { trigger.signature + "|" + (condition?.source ?? "") }
}

extension DocumentNode {
  /// A rule written in a document; its errors stand where the rule does.
  func rule(expecting type: RuleType, schema: RuleSchema) throws(DocumentError) -> Rule {
    let source = try nonEmptyString()
    do throws(RuleError) {
      return try Rule(parsing: source, expecting: type, schema: schema)
    } catch {
      throw self.error("in the rule '\(source)', line \(error.line), column \(error.column): \(error.message)")
    }
  }
}
