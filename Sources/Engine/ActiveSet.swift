import Decisions
import Documents
import Events
import Features
import Governance
import Profiles

/// The definitions in force, compiled: one consistent set that a fold or a decision holds throughout.
struct ActiveSet: Sendable {
  let version: Int
  let parser: EventParser
  /// What events that come in must be like.
  let plan: TrackingPlan
  var features: FeatureSet
  let placements: [String: Placement]
  let identity: IdentityRules
  let consentDefault: ConsentDefault
  /// Share of people whose answers are never personalised, in [0, 1].
  let holdoutShare: Double
  let training: TrainingRules
  /// What people may do, by name.
  let predictions: [PredictionDefinition]

  static let builtIn: ActiveSet = {
    switch compile(.builtIn) {
    case .success(let set): return set
    case .failure(let errors): preconditionFailure("the built-in definitions do not compile: \(errors)")
    }
  }()

  private static let sections: Set<String> = [
    "events", "tracking_plan", "features", "placements", "identity", "consent", "holdout", "training",
    "predictions",
  ]

  /// Compiles every section; reports all files that cannot be read, else the first error of each section.
  static func compile(_ definitions: DefinitionSet) -> Result<ActiveSet, DefinitionErrors> {
    var errors: [DocumentError] = []
    var members: [String: DocumentNode.Member] = [:]
    for file in definitions.files {
      do throws(DocumentError) {
        guard let document = try DocumentNode.yaml(file.text, file: file.path) else { continue }
        for member in try document.mapping(allowing: sections, of: "a definition file").members {
          if let earlier = members[member.key] {
            members[member.key] = try merge(earlier, member)
          } else {
            members[member.key] = member
          }
        }
      } catch {
        errors.append(error)
      }
    }
    func attempt<Value>(_ make: () throws(DocumentError) -> Value) -> Value? {
      do throws(DocumentError) { return try make() } catch {
        errors.append(error)
        return nil
      }
    }
    func section(_ name: String) -> DocumentNode? { members[name].flatMap { $0.value.isNull ? nil : $0.value } }
    let eventNames = attempt { () throws(DocumentError) in try EventNames(document: section("events")) }
    let plan = attempt { () throws(DocumentError) in try TrackingPlan(document: section("tracking_plan")) }
    let features = attempt { () throws(DocumentError) in
      try FeatureSet(document: section("features"), scores: names(in: section("predictions")))
    }
    let predictions = attempt { () throws(DocumentError) in
      try PredictionDefinition.all(
        document: section("predictions"), features: features ?? .standard,
        events: names(in: section("events")) + names(in: section("tracking_plan"), under: "events"))
    }
    let placements = attempt { () throws(DocumentError) in
      try Placement.all(document: section("placements"), features: features ?? .standard)
    }
    let identity = attempt { () throws(DocumentError) in try IdentityRules(document: section("identity")) }
    let consent = attempt { () throws(DocumentError) in
      try section("consent")?.choice(ConsentDefault.self, of: "what no consent means") ?? .allowed
    }
    let holdout = attempt { () throws(DocumentError) in try section("holdout")?.double(in: 0...0.5) ?? 0.05 }
    let training = attempt { () throws(DocumentError) in try TrainingRules(document: section("training")) }
    guard errors.isEmpty, let eventNames, let plan, let features, let placements, let identity, let consent,
      let holdout, let training, let predictions
    else {
      return .failure(DefinitionErrors(errors: errors))
    }
    return .success(
      ActiveSet(
        version: definitions.version, parser: EventParser(names: eventNames, version: definitions.version),
        plan: plan, features: features, placements: placements, identity: identity, consentDefault: consent,
        holdoutShare: holdout, training: training, predictions: predictions))
  }

  /// The keys of a mapping; none of anything else, which is told where it is read.
  private static func names(in section: DocumentNode?, under key: String? = nil) -> [String] {
    guard case .mapping(let members) = section?.content else { return [] }
    guard let key else { return members.map(\.key) }
    return names(in: members.first { $0.key == key }?.value)
  }

  /// A section may be spread over files, as long as no name is defined twice.
  private static func merge(
    _ first: DocumentNode.Member, _ second: DocumentNode.Member
  ) throws(DocumentError) -> DocumentNode.Member {
    let known = try first.value.mapping(of: "the section '\(first.key)'").members
    let added = try second.value.mapping(of: "the section '\(second.key)'").members
    for member in added {
      if let earlier = known.first(where: { $0.key == member.key }) {
        throw DocumentError(
          at: member.keyLocation, "'\(member.key)' is defined twice; the other stands at \(earlier.keyLocation)")
      }
    }
    return DocumentNode.Member(
      key: first.key, keyLocation: first.keyLocation,
      value: DocumentNode(.mapping(known + added), at: first.value.location))
  }
}

/// Why definitions do not compile.
struct DefinitionErrors: Error {
  let errors: [DocumentError]
}
