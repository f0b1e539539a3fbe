public import Catalog
import Events
import Features
import Models
import Primitives
import Rules

/// Makes a decision: candidates → eligibility → scores → list rules → exploration draw → record. Pure: no I/O, no clock but
/// the `stopwatch` that only measures, no chance but the seed in the decision's id.
public struct DecisionPipeline {
  private static let rivalsMax = 50
  private static let removedMax = 200
  /// Items looked at to fill an answer that the models could not fill.
  private static let widenedMax = 20_000
  private static let pageOfItems = 200
  /// Newest items proposed for each new one that a list promises, or for each place that is left.
  private static let newProposals = 20

  private let inputs: DecisionInputs
  private let stopwatch: () -> UInt64
  private var timings = StageTimings()
  private var boostGaps: [BoostGap] = []

  /// - Parameter stopwatch: Nanoseconds from any origin.
  public init(_ inputs: DecisionInputs, waitedMicroseconds: Int, stopwatch: @escaping () -> UInt64) {
    self.inputs = inputs
    self.stopwatch = stopwatch
    timings.waited = waitedMicroseconds
  }

  /// - Complexity: O(candidates × (models + rules) + count × contenders).
  public mutating func run() -> DecisionRecord {
    let isPlain = !inputs.subject.isPersonal || inputs.isLate
    let models = isPlain ? inputs.models.filter { !$0.isPersonal } : inputs.models
    let query = ModelQuery(
      history: isPlain ? [] : inputs.subject.history.recent, context: isPlain ? ContextFacts() : inputs.context,
      similarTo: inputs.question.similarTo, now: inputs.at)
    let evidence = isPlain ? 0 : inputs.subject.history.evidenceCount
    let rungs = Ladder.weights(
      evidenceCount: evidence, hasStatedInterests: !isPlain && !inputs.subject.statedInterests.isEmpty)

    var mark = stopwatch()
    let prepared = models.map { $0.prepare(query, catalog: inputs.catalog) }
    let proposed = propose(prepared)
    timings.candidates = lap(&mark)

    let list = candidateList()
    var gate = EligibilityGate(inputs, candidates: list)
    var eligible = proposed.filter { gate.admits($0) }
    if eligible.count < inputs.question.count, !inputs.question.hasOwnCandidates {
      eligible += widen(beyond: proposed, wanted: inputs.question.count - eligible.count, gate: &gate)
    }
    timings.eligibility = lap(&mark)

    let scored = score(eligible, in: list, models: models, prepared: prepared, rungs: rungs, isPlain: isPlain)
    timings.scoring = lap(&mark)

    let ranking = Ranking(
      contenders: scored.contenders, count: inputs.question.count, rules: inputs.placement.list)
    var generator = SeededGenerator(seed: inputs.id.rawValue.high ^ inputs.id.rawValue.low)
    let exploration = Exploration(
      of: ranking, share: isPlain ? 0 : inputs.placement.exploration, weights: scored.popularity,
      using: &generator)
    timings.ranking = lap(&mark)

    let hasScores = scored.contenders.first.map { $0.score > 0 } ?? false
    return DecisionRecord(
      id: inputs.id, at: inputs.at, placement: inputs.placement.name, identifiers: inputs.subject.identifiers,
      profileID: inputs.subject.profileID, context: inputs.contextText, question: inputs.question.recorded,
      stage: Ladder.stage(of: rungs), isHoldout: inputs.subject.isHoldout,
      fallback: fallback(hasItems: !exploration.list.isEmpty, hasScores: hasScores), isLate: inputs.isLate,
      rungWeights: rungs,
      evidenceCount: evidence, cohort: isPlain ? nil : inputs.subject.cohort, versions: inputs.versions,
      models: models.map(\.name),
      shown: zip(exploration.list, exploration.propensities).enumerated().map { place, entry in
        RecordedItem(
          candidate: scored.candidate(entry.0), propensity: entry.1,
          reasons: reasons(
            for: scored, at: entry.0, prepared: prepared, isExplored: exploration.exploredPlace == place))
      },
      rivals: rivals(scored, shown: exploration.list), removed: Array(gate.removed.prefix(Self.removedMax)),
      boostGaps: boostGaps,
      eligibleCount: scored.contenders.count, explorationShare: isPlain ? 0 : inputs.placement.exploration,
      exploredRank: exploration.exploredPlace.map { $0 + 1 }, timings: timings)
  }

  /// Why an item may not be shown here, whoever proposes it; nil when it may.
  public func removal(of item: ItemOrdinal) -> Removal? {
    var gate = EligibilityGate(inputs, candidates: candidateList())
    return gate.admits(item) ? nil : gate.removed.last?.cause
  }

  private func lap(_ mark: inout UInt64) -> Int {
    let now = stopwatch()
    defer { mark = now }
    return Int((now &- mark) / 1_000)
  }

  private func fallback(hasItems: Bool, hasScores: Bool) -> Fallback? {
    if !inputs.subject.allowsPersonalization { return .noConsent }
    if inputs.isLate { return .late }
    if !hasItems { return .noCandidates }
    return hasScores ? nil : .noModel
  }

  // MARK: Candidates

  /// The caller's own, else the union of what the models propose, each item once.
  private func propose(_ models: [any PreparedModel]) -> [ItemOrdinal] {
    if inputs.question.hasOwnCandidates { return unique(inputs.question.candidates) }
    var proposals: [ItemOrdinal] = []
    for model in models {
      for scored in model.candidates(limit: inputs.placement.candidateCount) { proposals.append(scored.item) }
    }
    if inputs.placement.list.newMin > 0 {
      proposals += inputs.catalog.newest(
        inputs.placement.list.newMin * Self.newProposals, after: inputs.at - inputs.placement.newWithin, upTo: inputs.at
      )
    }
    return unique(proposals)
  }

  private func unique(_ items: [ItemOrdinal]) -> [ItemOrdinal] {
    var seen = ItemSet(capacity: items.count)
    return items.filter { seen.insert($0) }
  }

  /// Rules took too much: fills up with what the models did not propose, the newest first, then by id; where no catalogue
  /// is kept, with what was heard of last.
  private func widen(beyond proposed: [ItemOrdinal], wanted: Int, gate: inout EligibilityGate) -> [ItemOrdinal] {
    gate.keepsRemovals = false  // thousands of items that nobody proposed say nothing
    defer { gate.keepsRemovals = true }
    let catalog = inputs.catalog
    let newest = catalog.newest(wanted * Self.newProposals, after: nil, upTo: inputs.at)
    var known = ItemSet(capacity: proposed.count + newest.count)
    for item in proposed { known.insert(item) }
    var found: [ItemOrdinal] = []
    func take(_ item: ItemOrdinal) { if found.count < wanted, gate.admits(item) { found.append(item) } }
    for item in newest where known.insert(item) { take(item) }
    if catalog.isEmpty {
      for ordinal in (0..<UInt32(catalog.ordinalCount)).reversed().prefix(Self.widenedMax) where found.count < wanted {
        if !known.contains(ItemOrdinal(ordinal)) { take(ItemOrdinal(ordinal)) }
      }
      return found
    }
    var last: String?
    for _ in 0..<Self.widenedMax / Self.pageOfItems where found.count < wanted {
      let page = catalog.ordinals(after: last, limit: Self.pageOfItems)
      for item in page where !known.contains(item) { take(item) }
      guard let end = page.last else { break }
      last = catalog.id(of: end)
    }
    return found
  }

  // MARK: Scores

  private mutating func score(
    _ items: [ItemOrdinal], in list: CandidateList, models: [any CandidateModel], prepared: [any PreparedModel],
    rungs: [Float], isPlain: Bool
  ) -> ScoredCandidates {
    let columns = prepared.map { $0.scores(of: items) }
    let blend = Blend(
      models: models, columns: columns, rungs: rungs, individualShares: inputs.individualShares,
      similarOnly: !inputs.question.similarTo.isEmpty)
    let interests = isPlain ? [] : inputs.subject.statedInterests
    let onboarding = rungs[Stage.allCases.firstIndex(of: .onboarding) ?? 0]
    let boosts = inputs.placement.boosts.enumerated().filter { !isPlain || !$0.element.factor.isPersonal }
    let boostsOfItems = boosts.filter { $0.element.factor.readsItem }
    var commonBoost: Float = 1
    for (index, boost) in boosts where !boost.factor.readsItem {
      commonBoost *= factor(boost, at: index, in: inputs.situation, count: items.count)
    }
    let newSince = inputs.at - inputs.placement.newWithin

    var scored: [ScoredCandidates.Scored] = []
    scored.reserveCapacity(items.count)
    for (row, item) in items.enumerated() {
      var score: Float = 0
      for (column, weight) in zip(columns, blend.modelWeights) { score += weight * column[row] }
      if onboarding > 0, inputs.catalog.categories(of: item).contains(where: interests.contains) { score += onboarding }
      var boost = commonBoost
      for (index, rule) in boostsOfItems { boost *= factor(rule, at: index, in: list[item], count: 1) }
      scored.append(.init(item: item, score: score * boost, boost: boost, row: row))
    }
    return ScoredCandidates(scored, columns: columns, models: models) { scored in
      Contender(
        item: scored.item, score: scored.score, categories: inputs.catalog.categories(of: scored.item),
        isNew: inputs.catalog.facts(of: scored.item).publishedAt.map { $0 > newSince && $0 <= inputs.at } ?? false)
    }
  }

  /// At least 0; 1 where the rule lacks a value, which is noted.
  /// - Parameter count: The candidates that it is for.
  private mutating func factor(
    _ boost: Placement.Boost, at index: Int, in environment: some RuleEnvironment, count: Int
  ) -> Float {
    let result = boost.factor.value(in: environment)
    if let value = result.number, value.isFinite, value >= 0 { return Float(min(value, 1_000)) }
    if let place = boostGaps.firstIndex(where: { $0.index == index }) {
      boostGaps[place].count += count
    } else {
      boostGaps.append(BoostGap(index: index, source: boost.factor.source, reason: result.lack, count: count))
    }
    return 1
  }

  private func candidateList() -> CandidateList {
    let rules =
      inputs.placement.eligibility + inputs.placement.boosts.map(\.factor) + [inputs.question.filter].compactMap(\.self)
    return CandidateList(
      catalog: inputs.catalog, situation: inputs.situation, readsPerson: rules.contains(where: \.isPersonal))
  }

  // MARK: Evidence

  private func rivals(_ scored: ScoredCandidates, shown: [Int]) -> [RecordedCandidate] {
    var isShown = [Bool](repeating: false, count: scored.contenders.count)
    for index in shown { isShown[index] = true }
    var rivals: [RecordedCandidate] = []
    rivals.reserveCapacity(min(Self.rivalsMax, scored.contenders.count - shown.count))
    for index in scored.contenders.indices where !isShown[index] {
      if rivals.count == Self.rivalsMax { break }
      rivals.append(scored.candidate(index))
    }
    return rivals
  }

  private func reasons(
    for scored: ScoredCandidates, at index: Int, prepared: [any PreparedModel], isExplored: Bool
  ) -> [RecordedReason] {
    let contender = scored.contenders[index]
    var reasons: [RecordedReason] = isExplored ? [RecordedReason(code: "explored")] : []
    let shares = scored.modelScores(index)
    for column in shares.indices.sorted(by: { shares[$0] > shares[$1] }) where shares[column] > 0 {
      guard reasons.count < 3 else { break }
      if let reason = prepared[column].reason(for: contender.item) {
        reasons.append(RecordedReason(code: reason.code, because: reason.because, detail: reason.detail))
      }
    }
    if scored.boost(index) != 1 { reasons.append(RecordedReason(code: "boosted", detail: "× \(scored.boost(index))")) }
    if reasons.isEmpty { reasons.append(RecordedReason(code: contender.isNew ? "new_item" : "catalog_default")) }
    return reasons
  }
}
