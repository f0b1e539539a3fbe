public import Catalog
public import Events
public import Features
public import Models
public import Primitives

/// A discovered cohort, as records and answers name it.
public struct CohortLabel: Sendable, Hashable {
  public let id: String
  public let name: String

  public init(id: String, name: String) { (self.id, self.name) = (id, name) }
}

/// The person a decision is for, as far as they are known; a stranger has an empty history and no profile.
public struct DecisionSubject: Sendable {
  public var identifiers: [Identifier]
  public var profileID: ProfileID?
  public var history: ItemHistory
  /// `context.region`, else the trait `region`.
  public var region: String?
  /// In whole years; unknown counts as under every age limit.
  public var age: Int?
  /// Interned categories that the person said interest them.
  public var statedInterests: [UInt32]
  public var allowsPersonalization: Bool
  public var isHoldout: Bool
  /// Nobody has one who is held out, has refused, or did too little to be placed.
  public var cohort: CohortLabel?

  public init(identifiers: [Identifier], history: ItemHistory = ItemHistory()) {
    self.identifiers = identifiers
    self.history = history
    statedInterests = []
    allowsPersonalization = true
    isHoldout = false
  }

  /// Whether the answer may depend on what the person did.
  public var isPersonal: Bool { allowsPersonalization && !isHoldout }
}

/// Everything a decision depends on: the same inputs give the same record, its timings apart.
///
/// A class, since every stage holds it: a copy of its some sixty references for each would cost more than the stage.
public final class DecisionInputs: Sendable {
  public let id: DecisionID
  public let at: Timestamp
  public let subject: DecisionSubject
  public let placement: Placement
  public let question: ResolvedQuestion
  public let context: ContextFacts
  /// The request's context as compact JSON text, for the record.
  public let contextText: String
  /// What rules see of person, context and time.
  public let situation: Situation
  public let catalog: ItemCatalog
  public let models: [any CandidateModel]
  /// Share of each model in the individual rung, by name, as it was learnt with the trained model; nil for the fixed ones.
  public let individualShares: [String: Float]?
  public let versions: [VersionStamp]
  /// The time for a proper answer was over before the work began: the list of last resort is given.
  public let isLate: Bool

  public init(
    id: DecisionID, at: Timestamp, subject: DecisionSubject, placement: Placement, question: ResolvedQuestion,
    context: ContextFacts, contextText: String, situation: Situation, catalog: ItemCatalog,
    models: [any CandidateModel], individualShares: [String: Float]? = nil, versions: [VersionStamp],
    isLate: Bool = false
  ) {
    self.id = id
    self.at = at
    self.subject = subject
    self.placement = placement
    self.question = question
    self.context = context
    self.contextText = contextText
    self.situation = situation
    self.catalog = catalog
    self.models = models
    self.individualShares = individualShares
    self.versions = versions
    self.isLate = isLate
  }
}
