public import Catalog
public import Events
public import Primitives

/// Everything that a decision was made of and came to: what the log keeps, what explanations and replays read.
///
/// Items stand as ordinals, which are never reused; scores as 32-bit floats. About 1 to 2 KB.
public struct DecisionRecord: Sendable, Hashable {
  public var id: DecisionID
  public var at: Timestamp
  public var placement: String
  /// As the caller named the person.
  public var identifiers: [Identifier]
  /// nil for a stranger.
  public var profileID: ProfileID?
  /// The request's context as compact JSON text.
  public var context: String
  public var question: RecordedQuestion
  public var stage: Stage
  public var isHoldout: Bool
  public var fallback: Fallback?
  /// The time for a proper answer was over before the work began, whatever else the fallback says.
  public var isLate: Bool
  /// Share of each rung of the ladder in the scores, by `Stage.allCases`; sums to 1.
  public var rungWeights: [Float]
  /// Acts of the person that the ladder counted.
  public var evidenceCount: Int
  /// The cohort that the person was placed in then, if any.
  public var cohort: CohortLabel?
  public var versions: [VersionStamp]
  /// Names of the models, in the order of `RecordedCandidate.modelScores`.
  public var models: [String]
  public var shown: [RecordedItem]
  /// The best that were not shown, at most 50, best first.
  public var rivals: [RecordedCandidate]
  /// Items that a rule removed; at most 200.
  public var removed: [RemovedItem]
  /// Boosts that counted 1 because they could not be computed, by their place in the placement's list.
  public var boostGaps: [BoostGap]
  public var eligibleCount: Int
  /// Probability that one place of this answer is given to exploration.
  public var explorationShare: Float
  /// The rank that was given to exploration, if any.
  public var exploredRank: Int?
  public var timings: StageTimings

  /// Whether it says anything of an item.
  public func mentions(_ item: ItemOrdinal) -> Bool {
    shown.contains { $0.item == item } || rivals.contains { $0.item == item } || removed.contains { $0.item == item }
  }
}

/// What the caller asked beyond placement and person.
public struct RecordedQuestion: Sendable, Hashable {
  public var count: Int
  public var exclude: [ItemOrdinal]
  /// nil when the caller named none; those that nobody ever heard of are left out.
  public var candidates: [ItemOrdinal]?
  public var similarTo: [ItemOrdinal]
  public var filter: String?

  public init(
    count: Int, exclude: [ItemOrdinal] = [], candidates: [ItemOrdinal]? = nil, similarTo: [ItemOrdinal] = [],
    filter: String? = nil
  ) {
    self.count = count
    self.exclude = exclude
    self.candidates = candidates
    self.similarTo = similarTo
    self.filter = filter
  }
}

public struct VersionStamp: Sendable, Hashable {
  public let name: String
  public let version: String
  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }
}

/// An eligible candidate with what its score was made of.
public struct RecordedCandidate: Sendable, Hashable {
  public let item: ItemOrdinal
  /// Final score: the blend of the models, times the boosts.
  public let score: Float
  /// Product of the boosts that applied; 1 without any.
  public let boost: Float
  /// One for each model, in [0, 1].
  public let modelScores: ModelScores
}

/// A candidate that was shown.
public struct RecordedItem: Sendable, Hashable {
  public let candidate: RecordedCandidate
  /// Of standing at its rank.
  public let propensity: Float
  public let reasons: [RecordedReason]

  public var item: ItemOrdinal { candidate.item }
  public var score: Float { candidate.score }
}

/// A reason without its sentence, which is written when somebody asks.
public struct RecordedReason: Sendable, Hashable {
  public let code: String
  public let because: ItemOrdinal?
  public let detail: String?

  public init(code: String, because: ItemOrdinal? = nil, detail: String? = nil) {
    self.code = code
    self.because = because
    self.detail = detail
  }
}

public struct RemovedItem: Sendable, Hashable {
  public let item: ItemOrdinal
  public let cause: Removal
  public init(item: ItemOrdinal, cause: Removal) {
    self.item = item
    self.cause = cause
  }
}

/// A boost that could not be computed for some candidates.
public struct BoostGap: Sendable, Hashable {
  /// In the placement's list of boosts.
  public let index: Int
  public let source: String
  /// For the first of them: `item.margin is missing`.
  public let reason: String
  /// Candidates for which it counted 1.
  public var count: Int
}

/// Why an item may not be shown. The raw values are stored.
public enum Removal: Sendable, Hashable {
  case unavailable
  case outOfStock
  case region
  case age
  case bought
  case dismissed
  case seen
  case excluded
  case unknownItem
  /// The rule's index in the placement's list, and its source; the caller's filter has no index. The evidence names the
  /// parts that did not hold with the values they read; of many removed items only the first have it.
  case rule(index: Int?, source: String, evidence: String?)

  /// For programs: `out_of_stock`, `rule` …
  public var code: String {
    switch self {
    case .unavailable: "unavailable"
    case .outOfStock: "out_of_stock"
    case .region: "region"
    case .age: "age"
    case .bought: "bought"
    case .dismissed: "dismissed"
    case .seen: "seen"
    case .excluded: "excluded"
    case .unknownItem: "unknown_item"
    case .rule(let index, _, _): index == nil ? "filter" : "rule"
    }
  }

  /// What would have to change for the item to be eligible.
  public var remedy: String {
    switch self {
    case .unavailable: "the item is marked as not available in the catalogue"
    case .outOfStock: "the item's stock is 0"
    case .region: "the item is limited to regions, and the person's region is unknown or not among them"
    case .age: "the item has an age limit, and the person is younger or of unknown age"
    case .bought: "the person has bought it already"
    case .dismissed: "the person has dismissed it"
    case .seen: "the person has seen it within the placement's period"
    case .excluded: "the request excludes it"
    case .unknownItem: "the catalogue does not hold it"
    case .rule(let index, let source, let evidence):
      (index == nil ? "the request's filter does not hold: " : "a rule of the placement does not hold: ") + source
        + (evidence.map { " (\($0))" } ?? "")
    }
  }
}

/// Microseconds of each stage.
public struct StageTimings: Sendable, Hashable {
  /// From the caller's arrival to the begin of the work.
  public var waited: Int = 0
  public var candidates: Int = 0
  public var eligibility: Int = 0
  public var scoring: Int = 0
  public var ranking: Int = 0
  public init() {}
}
