public import Documents
public import Features
public import Rules

/// A named place where a decision of items is made, and what must hold of its answers.
public struct Placement: Sendable {
  public var name: String
  /// Items in an answer when the caller does not say.
  public var count: Int = 10
  /// Most items that a caller may ask for.
  public var countMax: Int = 100
  /// Items from each model before rules are applied.
  public var candidateCount: Int = 100
  /// All must hold of an item; a rule that needs a value nobody gave does not hold.
  public var eligibility: [Rule] = []
  public var boosts: [Boost] = []
  public var excludesBought = true
  public var excludesDismissed = true
  /// Keeps items back that were shown to the person within this time; nil shows them again.
  public var excludesSeenWithin: Duration?
  public var list = ListRules(diversity: 0.2)
  /// How old a new item may be.
  public var newWithin: Duration = .seconds(30 * 86_400)
  /// Probability that one place of an answer explores, in [0, 1].
  public var exploration: Float = 0.1
  /// After this the answer is the fallback.
  public var latencyBudget: Duration = .milliseconds(50)
  /// What comes of a decision later than this does not count for the model that answered; until then nothing is missing.
  public var outcomeWindow: Duration = .seconds(86_400)
  /// Events are joined to decisions for so long.
  public static let outcomeWindowMax: Duration = .seconds(7 * 86_400)

  public init(name: String) { self.name = name }

  /// The placement that works without any configuration.
  public static let home = Placement(name: "home")

  /// Multiplies the score of items; what needs a value nobody gave counts 1.
  public struct Boost: Sendable {
    /// The factor, at least 0.
    public let factor: Rule

    public init(factor: Rule) { self.factor = factor }
  }
}

extension Placement {
  private static let keys: Set<String> = [
    "count", "count_max", "candidates", "eligible", "boosts", "exclude", "seen_within", "diversity", "category_max",
    "new_items", "exploration", "latency_budget", "outcome_window", "description",
  ]

  /// Reads the `placements` section: a mapping of names to placements. `home` is there whether it is named or not.
  public static func all(document: DocumentNode?, features: FeatureSet) throws(DocumentError) -> [String: Placement] {
    var placements = ["home": Placement.home]
    guard let document else { return placements }
    for member in try document.mapping(of: "placements").members {
      guard member.key.utf8.count <= 128, !member.key.isEmpty else {
        throw DocumentError(at: member.keyLocation, "a placement's name has 1 to 128 bytes")
      }
      placements[member.key] = try Placement(name: member.key, document: member.value, features: features)
    }
    return placements
  }

  init(name: String, document: DocumentNode, features: FeatureSet) throws(DocumentError) {
    self.init(name: name)
    if document.isNull { return }
    let mapping = try document.mapping(allowing: Self.keys, of: "a placement")
    countMax = try mapping.int("count_max", in: 1...1_000) ?? countMax
    count = try mapping.int("count", in: 1...countMax) ?? min(count, countMax)
    candidateCount = try mapping.int("candidates", in: 1...1_000) ?? candidateCount
    for node in try mapping.list("eligible") { eligibility.append(try node.rule(expecting: .bool, features: features)) }
    for node in try mapping.list("boosts") {
      boosts.append(Boost(factor: try node.rule(expecting: .double, features: features)))
    }
    if let exclude = mapping["exclude"] {
      (excludesBought, excludesDismissed) = (false, false)
      for node in try exclude.list() {
        switch try node.choice(Exclusion.self, of: "what can be excluded") {
        case .bought: excludesBought = true
        case .dismissed: excludesDismissed = true
        }
      }
    }
    excludesSeenWithin = try mapping.duration("seen_within")
    if let diversity = try mapping.double("diversity", in: 0...1) { list.diversity = Float(diversity) }
    list.categoryMax = try mapping.int("category_max", in: 1...1_000)
    if let promise = mapping["new_items"] {
      let newItems = try promise.mapping(allowing: ["at_least", "within"], of: "'new_items'")
      list.newMin = try newItems.int("at_least", in: 0...countMax) ?? 1
      newWithin = try newItems.duration("within") ?? newWithin
    }
    if let share = try mapping.double("exploration", in: 0...1) { exploration = Float(share) }
    latencyBudget = try mapping.duration("latency_budget") ?? latencyBudget
    if let node = mapping["outcome_window"] {
      outcomeWindow = try node.duration()
      guard outcomeWindow >= .seconds(60), outcomeWindow <= Self.outcomeWindowMax else {
        throw node.error("found \(node.inWords), expected 'outcome_window' between 1m and 7d")
      }
    }
  }

  private enum Exclusion: String, CaseIterable { case bought, dismissed }
}

extension DocumentNode {
  /// A rule written in a document; its errors stand where the rule does.
  fileprivate func rule(expecting type: RuleType, features: FeatureSet) throws(DocumentError) -> Rule {
    let source = try nonEmptyString()
    do throws(RuleError) {
      return try Rule(parsing: source, expecting: type, schema: features.schema).bound(features.slot(of:))
    } catch {
      throw self.error("in the rule '\(source)', line \(error.line), column \(error.column): \(error.message)")
    }
  }
}
