public import Events
public import Primitives

/// The question of one placement for one person.
public struct DecisionRequest: Sendable {
  /// At least one; `user_id` first. An unknown one is a stranger, not an error.
  public var identifiers: [Identifier]
  public var placement: String
  /// How many items are wanted; nil takes the placement's default.
  public var count: Int?
  /// The circumstances as the caller gives them; nil for none.
  public var context: JSONView?
  public var exclude: [String]
  /// A rule over `person`, `item`, `context`, `now`; only items for which it holds are shown.
  public var filter: String?
  /// The only items to choose from, perhaps none; nil means the catalogue.
  public var candidates: [String]?
  public var similarTo: [String]

  public init(
    identifiers: [Identifier], placement: String = "home", count: Int? = nil, context: JSONView? = nil,
    exclude: [String] = [], filter: String? = nil, candidates: [String]? = nil, similarTo: [String] = []
  ) {
    self.identifiers = identifiers
    self.placement = placement
    self.count = count
    self.context = context
    self.exclude = exclude
    self.filter = filter
    self.candidates = candidates
    self.similarTo = similarTo
  }
}

/// How much is known of the person: the rung of the cold-start ladder that weighed most.
public enum Stage: String, Sendable, CaseIterable { case context, onboarding, cohort, individual }

/// Why the answer is not the usual one.
public enum Fallback: String, Sendable, CaseIterable {
  case late
  case noModel = "no_model"
  case noCandidates = "no_candidates"
  case noConsent = "no_consent"
  case notRecorded = "not_recorded"
}

/// Why an item is shown, in a word for programs and a sentence for people.
public struct Reason: Sendable, Hashable {
  public let code: String
  public let text: String
  public init(code: String, text: String) {
    self.code = code
    self.text = text
  }
}

/// One shown item.
public struct DecidedItem: Sendable, Hashable {
  public let itemID: String
  /// From 1.
  public let rank: Int
  public let score: Float
  /// Probability, given the recorded inputs, that this item stands at this rank; in (0, 1].
  public let propensity: Float
  public let reasons: [Reason]

  public init(itemID: String, rank: Int, score: Float, propensity: Float, reasons: [Reason]) {
    self.itemID = itemID
    self.rank = rank
    self.score = score
    self.propensity = propensity
    self.reasons = reasons
  }
}

/// What the caller gets.
public struct DecisionAnswer: Sendable {
  /// nil when the decision could not be recorded.
  public let decisionID: DecisionID?
  public let placement: String
  public let items: [DecidedItem]
  public let stage: Stage
  public let isHoldout: Bool
  public let fallback: Fallback?
  /// Versions of what decided: `definitions`, `catalog`, one for each model.
  public let versions: [VersionStamp]

  public init(
    decisionID: DecisionID?, placement: String, items: [DecidedItem], stage: Stage, isHoldout: Bool,
    fallback: Fallback?, versions: [VersionStamp]
  ) {
    self.decisionID = decisionID
    self.placement = placement
    self.items = items
    self.stage = stage
    self.isHoldout = isHoldout
    self.fallback = fallback
    self.versions = versions
  }
}

/// A question that has no answer; the caller must change it.
public struct DecisionRefusal: Error, Equatable {
  public enum Code: String, Sendable {
    case unknownPlacement = "unknown_placement"
    case invalidFilter = "invalid_filter"
    case invalidCount = "invalid_count"
  }
  public let code: Code
  public let message: String
  public init(code: Code, message: String) {
    self.code = code
    self.message = message
  }
}
