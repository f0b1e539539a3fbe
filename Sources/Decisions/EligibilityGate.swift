import Catalog
import Features
import Primitives
import Rules

/// Says of each item whether it may be shown at all, and keeps why not. Holds for every answer, whatever made it.
struct EligibilityGate {
  private let catalog: ItemCatalog
  private let placement: Placement
  private let history: ItemHistory
  private let age: Int?
  private let now: Timestamp
  private let excluded: ItemSet
  private let similarTo: ItemSet
  private let rules: [(rule: Rule, index: Int?)]
  private let regionID: UInt32?
  private let candidates: CandidateList
  private(set) var removed: [RemovedItem] = []
  var keepsRemovals = true

  init(_ inputs: DecisionInputs) {
    // Kept apart from the inputs, so that nothing is retained for each item.
    catalog = inputs.catalog
    placement = inputs.placement
    history = inputs.subject.history
    age = inputs.subject.age
    now = inputs.at
    excluded = ItemSet(inputs.question.exclude)
    similarTo = ItemSet(inputs.question.similarTo)
    rules =
      inputs.placement.eligibility.enumerated().map { ($0.element, $0.offset) }
      + (inputs.question.filter.map { [($0, nil)] } ?? [])
    candidates = CandidateList(catalog: inputs.catalog, situation: inputs.situation)
    regionID = inputs.subject.region.flatMap { inputs.catalog.regionNumber(of: $0) }
  }

  mutating func admits(_ item: ItemOrdinal) -> Bool {
    guard let cause = removal(of: item) else { return true }
    if keepsRemovals { removed.append(RemovedItem(item: item, cause: cause)) }
    return false
  }

  /// Cheap checks first: columns, then the person's lists, then rules.
  private func removal(of item: ItemOrdinal) -> Removal? {
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
    if rules.isEmpty { return nil }
    let candidate = candidates[item]
    for (rule, index) in rules {
      switch rule.holds(in: candidate) {
      case .yes: continue
      case .no, .failed: return .rule(index: index, source: rule.source, missing: nil)
      case .missing(let path): return .rule(index: index, source: rule.source, missing: path.description)
      }
    }
    return nil
  }

  private func isSoldInRegion(_ item: ItemOrdinal) -> Bool {
    regionID.map { catalog.regions(of: item).contains($0) } ?? false
  }
}
