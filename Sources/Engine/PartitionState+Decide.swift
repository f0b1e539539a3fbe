import Catalog
import Decisions
import Events
import Experiments
import Features
import Governance
import Models
import Primitives
import Profiles

extension PartitionState {
  /// Makes one decision on the state as it is. The record is not in the log yet.
  mutating func decide(
    _ request: DecisionRequest, id: DecisionID, at now: Timestamp, arrivedAt: UInt64,
    stopwatch: @escaping () -> UInt64
  ) -> Result<DecisionRecord, DecisionRefusal> {
    do throws(DecisionRefusal) {
      let waited = Int((stopwatch() &- arrivedAt) / 1_000)
      let inputs = try self.inputs(for: request, id: id, at: now, waitedMicroseconds: waited)
      var pipeline = DecisionPipeline(inputs, waitedMicroseconds: waited, stopwatch: stopwatch)
      let record = pipeline.run()
      if let person = record.profileID { unfolded[person, default: []].append(record) }
      return .success(record)
    } catch {
      return .failure(error)
    }
  }

  /// Makes a recorded decision again, on the state that was folded before it.
  mutating func decideAgain(_ record: DecisionRecord) throws -> DecisionRecord {
    guard let placement = active.placements[record.placement] else {
      throw DecisionRefusal(code: .unknownPlacement, message: unknownPlacement(record.placement))
    }
    try checkTrained(of: record)
    try checkPredictions(of: record)
    let inputs = inputs(
      try ResolvedQuestion(record.question, features: active.features), placement: placement,
      identifiers: record.identifiers, context: try JSONDocument(parsing: Array(record.context.utf8)).root,
      id: record.id, at: record.at, isLate: record.isLate)
    var pipeline = DecisionPipeline(inputs, waitedMicroseconds: record.timings.waited) { 0 }
    return pipeline.run()
  }

  /// Why a decision says nothing of an item, as far as the state of now tells.
  mutating func whyNot(_ itemID: String, in record: DecisionRecord) -> String {
    guard let item = catalog.ordinal(of: itemID) else {
      return "nobody has heard of it: neither the catalogue nor any event names it"
    }
    guard let placement = active.placements[record.placement],
      let question = try? ResolvedQuestion(record.question, features: active.features),
      let context = try? JSONDocument(parsing: Array(record.context.utf8)).root
    else { return "the placement or the filter of this decision is not in force any more" }
    let inputs = inputs(
      question, placement: placement, identifiers: record.identifiers, context: context, id: record.id, at: record.at,
      isLate: record.isLate)
    if let removal = DecisionPipeline(inputs, waitedMicroseconds: 0, stopwatch: { 0 }).removal(of: item) {
      return "it was not among the candidates, and by what is known now it could not be shown: \(removal.remedy)"
    }
    if question.hasOwnCandidates { return "the caller named the candidates, and it was not among them" }
    return "it may be shown, but no model proposed it: more acts on it, or on items like it, would; so would naming it "
      + "among the candidates"
  }

  /// - Parameter waitedMicroseconds: From the caller's arrival; beyond the placement's budget the answer is `late`.
  private mutating func inputs(
    for request: DecisionRequest, id: DecisionID, at now: Timestamp, waitedMicroseconds: Int
  ) throws(DecisionRefusal) -> DecisionInputs {
    guard let placement = active.placements[request.placement] else {
      throw DecisionRefusal(code: .unknownPlacement, message: unknownPlacement(request.placement))
    }
    return inputs(
      try ResolvedQuestion(request, placement: placement, catalog: catalog, features: active.features),
      placement: placement, identifiers: request.identifiers, context: request.context, id: id, at: now,
      isLate: waitedMicroseconds > placement.latencyBudget.inMicroseconds)
  }

  private mutating func inputs(
    _ question: ResolvedQuestion, placement: Placement, identifiers: [Identifier], context members: JSONView?,
    id: DecisionID, at now: Timestamp, isLate: Bool
  ) -> DecisionInputs {
    let context = ContextFacts(context: members, at: now, zones: active.parser.zones)
    var (subject, person) = self.subject(identifiers, context: context)
    if subject.isPersonal, let person { subject.cohort = cohort(of: person) }
    let mayScore = subject.isPersonal && !isLate
    let situation = Situation(
      profile: person?.profile, features: person?.features, history: subject.history, dwell: dwell,
      cohort: subject.cohort?.name, set: active.features, context: context, contextMembers: members,
      scorer: mayScore ? person.flatMap { scorer(for: $0) } : nil, now: now)
    subject.age = person?.profile.age(at: now)
    return DecisionInputs(
      id: id, at: now, subject: subject, placement: placement, question: question, context: context,
      contextText: members.map { String(decoding: $0.rawBytes, as: UTF8.self) } ?? "{}", situation: situation,
      catalog: catalog, models: models, individualShares: individualShares,
      versions: versions + (mayScore ? scoreStamps(placement, question) : []), isLate: isLate)
  }

  private func unknownPlacement(_ name: String) -> String {
    let known = active.placements.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
    return "there is no placement '\(name)'; defined are \(known)"
  }

  private mutating func subject(
    _ identifiers: [Identifier], context: ContextFacts
  ) -> (DecisionSubject, Person?) {
    let keys = identifiers.filter { !active.identity.blocksMore || !active.identity.isBlocked($0) }.map {
      IdentifierKey($0, hash: hash)
    }
    var subject = DecisionSubject(identifiers: identifiers)
    // A state file that cannot be read makes a stranger, not an error: there is always an answer.
    var person: Person?
    let known = keys.map { key in
      (try? profile(of: [key])).flatMap { $0 }.flatMap { try? current($0) }.flatMap { try? persons.value($0, read) }
    }
    // A device that somebody else uses under another name says nothing of this person.
    let user = identifiers.first.flatMap { $0.isUser ? $0.value : nil }
    for case let candidate? in known {
      let owner = candidate.profile.userID
      if user == nil || owner == nil || candidate.profile.identifiers.contains(identifiers[0]) {
        person = candidate
        break
      }
    }
    let founder = person?.profile.id.rawValue.low ?? keys.first?.digest.low
    subject.isHoldout = founder.map { Holdout(share: active.holdoutShare).contains(founder: $0, hash: hash) } ?? false
    // Whoever of those that are named refused: the stricter word counts.
    let isRefused = known.contains { $0?.profile.consent.allows(.personalization, byDefault: .allowed) == false }
    subject.allowsPersonalization =
      !isRefused
      && (person?.profile.consent.allows(.personalization, byDefault: active.consentDefault)
        ?? (active.consentDefault == .allowed))
    subject.region = context.region ?? person?.profile.trait("region")?.string
    guard let person else { return (subject, nil) }
    subject.profileID = person.profile.id
    subject.history = person.history
    for record in unfolded[person.profile.id] ?? [] {
      for shown in record.shown { subject.history.fold(served: shown.item, at: record.at) }
    }
    subject.statedInterests =
      person.profile.trait("interests")?.array?.compactMap {
        $0.string.flatMap { catalog.categoryNumber(of: $0) }
      } ?? []
    return (subject, person)
  }

  private var versions: [VersionStamp] {
    [
      VersionStamp(name: "definitions", version: String(active.version)),
      VersionStamp(name: "catalog", version: String(catalog.revision)),
    ] + models.map { VersionStamp(name: $0.name, version: $0.version) }
      + (cohorts.inForce.map { [VersionStamp(name: "cohorts", version: String($0.version))] } ?? [])
  }

  // MARK: Answers

  func answer(to record: DecisionRecord) -> DecisionAnswer {
    let text = ReasonText(catalog: catalog)
    return DecisionAnswer(
      decisionID: record.id, placement: record.placement,
      items: record.shown.enumerated().map { place, item in
        DecidedItem(
          itemID: catalog.id(of: item.item), rank: place + 1, score: item.score, propensity: item.propensity,
          reasons: item.reasons.map { Reason(code: $0.code, text: text.sentence($0)) })
      },
      stage: record.stage, isHoldout: record.isHoldout, fallback: record.fallback, versions: record.versions)
  }

  /// The answer when nothing can be written: nobody's taste, nothing that counts against a cap, no id to refer to; what may
  /// not be shown to this person is still left out.
  mutating func unrecordedAnswer(to request: DecisionRequest, in record: DecisionRecord) -> DecisionAnswer {
    var plain = record
    if let late = try? inputs(for: request, id: record.id, at: record.at, waitedMicroseconds: .max) {
      var pipeline = DecisionPipeline(late, waitedMicroseconds: record.timings.waited) { 0 }
      plain = pipeline.run()
    }
    let answer = answer(to: plain)
    return DecisionAnswer(
      decisionID: nil, placement: answer.placement, items: answer.items, stage: .context, isHoldout: answer.isHoldout,
      fallback: .notRecorded, versions: answer.versions)
  }
}
