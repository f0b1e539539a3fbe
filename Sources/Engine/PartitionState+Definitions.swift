import Features

/// What becomes of folded state when definitions change.
///
/// Event names hold for events from then on, as in the log; only features are made of the past as well. State that a changed
/// feature has not got begins with the next event, until the whole log has been folded again with the features in force from
/// its beginning: by `Refold`, or by the next start.
extension PartitionState {
  /// Folds under `compiled` from now on.
  mutating func bringIntoForce(_ compiled: ActiveSet) {
    active = compiled
    if let pinnedFeatures {
      // Of equal slots both keep the same state; the rules that came with them know these names and scores.
      if compiled.features.slots != pinnedFeatures.slots { active.features = pinnedFeatures }
    } else {
      let slots = compiled.features.slots
      wholeSlots = counts.events == 0 ? slots : wholeSlots.intersection(slots)
    }
    itemFacts.forgetAll()
    bindPredictors()
  }

  /// Whether some feature has not seen all events of the log.
  var lacksHistory: Bool { !active.features.slots.isSubset(of: wholeSlots) }

  /// An empty state that is to fold the whole log with these features throughout.
  init(refolding other: borrowing PartitionState, configuration: EngineConfiguration) {
    self.init(folding: other.active.features, from: other.store, configuration: configuration)
  }

  init(folding features: FeatureSet, from store: any PartitionStore, configuration: EngineConfiguration) {
    self.init(store: store, configuration: configuration, isStoreEmpty: true)
    pinnedFeatures = features
    wholeSlots = features.slots
    active.features = features
  }

  /// Ends folding with features from the future: the log has been folded up to what is in force.
  mutating func unpin(_ inForce: ActiveSet) {
    pinnedFeatures = nil
    active = inForce
    itemFacts.forgetAll()
    bindPredictors()
  }
}
