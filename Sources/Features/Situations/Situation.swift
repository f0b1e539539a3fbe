public import Events
public import Primitives
public import Profiles
public import Rules
import Synchronization

/// One person at one moment, as rules, policies and explanations see them: `person`, `context` and `now`.
///
/// Features are read when a rule first asks for one, then kept: a decision without such rules does not pay for them.
/// A `Candidate` adds `item`. What is declared and what is missing is told by `FeatureSet.schema`.
public final class Situation: Sendable {
  public let profile: Profile?
  public let context: ContextFacts
  public let now: Timestamp

  let set: FeatureSet
  private let state: FeatureState?
  private let history: ItemHistory
  private let dwell: ItemDwell
  private let members: JSONView?
  /// What models say of the person, by the name of the prediction, made of their features; nil where nobody may ask.
  private let scorer: Scorer?
  /// The name of the person's discovered cohort.
  private let cohort: String?
  private let read = Mutex<FeatureValues?>(nil)

  /// The score of a name for somebody with these features; nil when there is none.
  public typealias Scorer = @Sendable (_ name: String, _ features: FeatureValues) -> Double?

  /// - Parameters:
  ///   - profile: nil for a stranger, of whom everything is missing but `person.identified`, which is false.
  ///   - features: nil for a stranger.
  ///   - history: The person's acts, for the features that judge dwells.
  ///   - cohort: The name of the person's discovered cohort; nil where nobody may know it, or there is none.
  ///   - contextMembers: The `context` of the request, whose members rules may read by their own names.
  ///   - scorer: nil where no score may be used: for strangers, and for whoever is not personalised.
  public init(
    profile: Profile?, features: FeatureState?, history: ItemHistory = ItemHistory(), dwell: ItemDwell = ItemDwell(),
    cohort: String? = nil, set: FeatureSet, context: ContextFacts, contextMembers: JSONView?, scorer: Scorer? = nil,
    now: Timestamp
  ) {
    self.profile = profile
    state = features
    self.history = history
    self.dwell = dwell
    self.cohort = cohort
    self.set = set
    self.context = context
    members = contextMembers
    self.scorer = scorer
    self.now = now
  }

  /// The person's features at `now`.
  public var features: FeatureValues {
    read.withLock { cached in
      if let cached { return cached }
      let values = self.values()
      cached = values
      return values
    }
  }

  /// One of them, without handing out the rest.
  private func feature(_ index: Int) -> RuleValue? {
    read.withLock { cached in
      if cached == nil { cached = values() }
      return cached?[index]
    }
  }

  /// Scores that rules asked for, each made once.
  private let scores = Mutex<[String: Double?]>([:])

  private func score(_ name: String) -> Double? {
    guard let scorer else { return nil }
    let features = features
    return scores.withLock { scores in
      if let known = scores[name] { return known }
      let score = scorer(name, features)
      scores[name] = .some(score)
      return score
    }
  }

  private func values() -> FeatureValues {
    state.map { set.values(of: $0, history: history, dwell: dwell, at: now) } ?? FeatureValues.unknown(in: set)
  }
}

extension Situation: RuleEnvironment {
  public func value(of path: FieldPath) -> RuleValue? {
    if let slot = set.slot(of: path) { return value(slot: slot) }
    switch path.root {
    case "person":
      guard path.names.count >= 2 else { return nil }
      switch path.names[0] {
      case "traits":
        var trait = profile?.trait(path.names[1])
        for name in path.names.dropFirst(2) { trait = trait?[name] }
        return trait.flatMap { Self.present($0) }
      case "features": return features[path.names[1]]?.value(at: path.names.dropFirst(2))
      case "scores": return score(path.names[1]).map { .double($0) }
      default: return nil
      }
    case "context":
      guard !path.names.isEmpty else { return nil }
      var view = members
      for name in path.names { view = view?[name] }
      return view.flatMap { Self.present($0.value) }
    default: return nil
    }
  }

  public func value(slot: Int) -> RuleValue? {
    if slot >= SituationSlot.firstFeature { return feature(slot - SituationSlot.firstFeature) }
    switch SituationSlot(rawValue: slot) {
    case .now: return .timestamp(now)
    case .personID: return profile.map { .string($0.id.description) }
    case .personIdentified: return .bool(profile?.userID != nil)
    case .personAge: return profile?.age(at: now).map { .int(Int64($0)) }
    case .personCohort: return cohort.map { .string($0) }
    case .device: return context.device.map { .string($0) }
    case .os: return context.os.map { .string($0) }
    case .region: return (context.region ?? profile?.trait("region")?.string).map { .string($0) }
    case .locale: return context.locale.map { .string($0) }
    case .timezone: return context.timezone.map { .string($0) }
    case .referrer: return context.referrer.map { .string($0) }
    case .campaign: return context.campaign.map { .string($0) }
    case .hour: return context.hour.map { .int(Int64($0)) }
    case .weekday: return context.weekday.map { .int(Int64($0)) }
    default: return nil
    }
  }

  /// JSON's null is nothing: a field that is null is missing.
  static func present(_ json: JSONValue) -> RuleValue? { json == .null ? nil : RuleValue(json) }
}
