import Catalog
import Features
import Primitives
import Rules

/// Says of each item whether it may be shown at all, and keeps why not. Holds for every answer, whatever made it.
struct EligibilityGate {
  /// Items for which a rule's failing parts are kept with their values.
  private static let evidenceMax = 20

  private let catalog: ItemCatalog
  private let placement: Placement
  private let history: ItemHistory
  private let age: Int?
  private let now: Timestamp
  private let excluded: ItemSet
  private let similarTo: ItemSet
  private let rules: [EligibilityRule]
  private let regionID: UInt32?
  private let candidates: CandidateList
  private(set) var removed: [RemovedItem] = []
  private var evidenceCount = 0
  var keepsRemovals = true

  /// A rule of the placement, or the caller's filter, which has no index.
  private struct EligibilityRule {
    let rule: Rule
    let index: Int?
    /// The same for all items where the rule does not look at them; else nil.
    let common: Bool?

    init(_ rule: Rule, index: Int?, situation: Situation) {
      self.rule = rule
      self.index = index
      common = rule.readsItem ? nil : rule.holds(in: situation).holds
    }

    func holds(in candidate: Candidate) -> Bool { common ?? rule.holds(in: candidate).holds }
  }

  init(_ inputs: DecisionInputs, candidates: CandidateList) {
    // Kept apart from the inputs, so that nothing is retained for each item.
    catalog = inputs.catalog
    placement = inputs.placement
    history = inputs.subject.history
    age = inputs.subject.age
    now = inputs.at
    excluded = ItemSet(inputs.question.exclude)
    similarTo = ItemSet(inputs.question.similarTo)
    let situation = inputs.situation
    rules =
      inputs.placement.eligibility.enumerated()
      .map { EligibilityRule($0.element, index: $0.offset, situation: situation) }
      + [inputs.question.filter].compactMap { $0.map { EligibilityRule($0, index: nil, situation: situation) } }
    self.candidates = candidates
    regionID = inputs.subject.region.flatMap { inputs.catalog.regionNumber(of: $0) }
  }

  mutating func admits(_ item: ItemOrdinal) -> Bool {
    if let cause = plainRemoval(of: item) {
      note(cause, of: item)
      return false
    }
    for rule in rules where !rule.holds(in: candidates[item]) {
      let isTold = keepsRemovals && evidenceCount < Self.evidenceMax
      evidenceCount += isTold ? 1 : 0
      let evidence = isTold ? rule.rule.explain(in: candidates[item]).lackingParts : nil
      note(.rule(index: rule.index, source: rule.rule.source, evidence: evidence), of: item)
      return false
    }
    return true
  }

  private mutating func note(_ cause: Removal, of item: ItemOrdinal) {
    if keepsRemovals { removed.append(RemovedItem(item: item, cause: cause)) }
  }

  /// Columns first, then the person's lists; rules come after all of this.
  private func plainRemoval(of item: ItemOrdinal) -> Removal? {
    if excluded.contains(item) || similarTo.contains(item) { return .excluded }
    let facts = catalog.facts(of: item)
    if facts.isListed {
      if !facts.isAvailable { return .unavailable }
      if facts.isOutOfStock { return .outOfStock }
      if facts.ageMin > 0, (age ?? -1) < facts.ageMin { return .age }
      if facts.isLimitedToRegions, !isSoldInRegion(item) { return .region }
    } else if !catalog.isEmpty || facts.revision > 0 {
      return .unknownItem  // only heard of beside a catalogue, or deleted
    }
    if placement.excludesBought, history.hasBought(item) { return .bought }
    if placement.excludesDismissed, history.hasDismissed(item) { return .dismissed }
    if let period = placement.excludesSeenWithin, history.wasServed(item, within: period, now: now) {
      return .seen
    }
    return nil
  }

  private func isSoldInRegion(_ item: ItemOrdinal) -> Bool {
    regionID.map { catalog.regions(of: item).contains($0) } ?? false
  }
}
