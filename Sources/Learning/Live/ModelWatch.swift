import Catalog
import Engine
import Primitives

/// Watches a workspace's model while it serves: by what came of its decisions, by held-back people, and by what people do.
///
/// Live outcomes are read on with every look. The log is read whole only when a tenth more has happened since the last time (and
/// since the training), so that all such looks together cost a fixed multiple of one. The j-th of them for a model may give a false
/// alarm with the chance α / (j (j + 1)), which sums up to α.
struct ModelWatch: Sendable {
  enum Finding: Sendable, Hashable {
    /// The model of this version has to leave, for the reason given.
    case harm(Int, String)
    /// A new model is due.
    case due(ModelRun.Cause, evidence: [String])
  }

  private static let growth = 0.1

  private(set) var tally: LiveTally?
  /// What the last look at the log said of the distributions.
  private(set) var drift: [DriftWatch.Finding] = []
  private var champion = 0
  /// Events when the log was last read whole.
  private var eventsSeen = 0
  private var looks = 0
  /// What was told already of this champion.
  private var told: Set<ModelRun.Cause> = []

  /// Reads on what came of decisions.
  mutating func readOutcomes(
    of partition: Partition, registry: ModelRegistry, at now: Timestamp
  ) async throws(EngineError) {
    // The training of the model before the champion ended before its first decision; without one all decisions count.
    let first = registry.before.flatMap { registry.run($0) }?.window.end ?? LogPosition.start
    var own = tally ?? LiveTally(from: first)
    try await own.read(partition, at: now)
    tally = own
  }

  /// Keeps what another reader has read.
  mutating func keep(_ tally: LiveTally?) { self.tally = tally }

  /// - Parameter report: False stops it.
  /// - Returns: nil when all is well.
  mutating func look(
    at partition: Partition, ground: Partition.TrainingGround, now: Timestamp,
    report: @escaping @Sendable (Double) -> Bool
  ) async throws -> Finding? {
    let listing = try await partition.models()
    let registry = listing.registry
    guard let version = registry.champion, listing.serving == version, let run = registry.run(version) else {
      return nil
    }
    if version != champion { (champion, eventsSeen, looks, told, drift) = (version, run.window.events, 0, [], []) }
    let rules = ground.rules
    if rules.watch.degradation != nil { try await readOutcomes(of: partition, registry: registry, at: now) }
    if let degradation = rules.watch.degradation, let tally {
      switch tally.verdict(on: version, before: registry.before ?? 0, rules: degradation) {
      case .well: break
      case .worseThanBefore(let text): if let finding = harm(version, text, degradation) { return finding }
      case .worseThanItWas(let text): if let finding = due(.degradation, [text], rules) { return finding }
      }
    }
    guard now - run.finishedAt >= rules.atLeast, isWorthReading(ground) else { return nil }
    (eventsSeen, looks) = (ground.events, looks + 1)
    return try await readLog(of: partition, registry, run, ground, report: report)
  }

  /// Enough has happened, and it fits into memory.
  private func isWorthReading(_ ground: Partition.TrainingGround) -> Bool {
    let needed =
      ground.events * TrainingSet.bytesPerAct
      + Judge.memoryBytes(items: ground.items, acts: ground.events, dimensions: ground.rules.dimensions)
    return Double(ground.events - eventsSeen) >= Self.growth * Double(max(1, eventsSeen))
      && needed <= ground.rules.memoryBytes
  }

  private mutating func readLog(
    of partition: Partition, _ registry: ModelRegistry, _ run: ModelRun, _ ground: Partition.TrainingGround,
    report: @escaping @Sendable (Double) -> Bool
  ) async throws -> Finding? {
    let rules = ground.rules
    let catalog = try await partition.trainingCatalog()
    guard let set = try await TrainingSet.gathered(from: partition, report: { report($0 / 2) }) else { return nil }
    let split = set.split()
    if let degradation = rules.watch.degradation {
      let trial = HeldBackTrial(
        partition: partition, catalog: catalog, champion: run, before: registry.before ?? 0)
      let level = degradation.falseAlarms / Double(looks * (looks + 1))
      let verdict = try await trial.verdict(on: split, tolerance: degradation.tolerance, falseAlarms: level) {
        report(0.5 + $0 / 2)
      }
      switch verdict {
      case .well: break
      case .worseThanBefore(let text): if let finding = harm(run.version, text, degradation) { return finding }
      case .worseThanItWas(let text): if let finding = due(.degradation, [text], rules) { return finding }
      }
    }
    guard let drift = rules.watch.drift else { return nil }
    let watch = DriftWatch(rules: drift)
    let sequences = split.training(byOrdinal: catalog.ordinalCount).sequences + split.validation + split.test
    var findings = watch.acts(sequences, end: run.window.to) { catalog.categories(of: ItemOrdinal($0)) }
    if let spreads = registry.notes[run.version]?.spreads, !spreads.isEmpty {
      let now = try await partition.featureSpreads(of: split.sample, at: split.to ?? run.finishedAt, like: spreads)
      findings += watch.features(before: spreads, now: now)
    }
    self.drift = findings
    let drifted = findings.filter(\.isDrift)
    return drifted.isEmpty ? nil : due(.drift, drifted.prefix(10).map(\.text), rules)
  }

  private func harm(_ version: Int, _ text: String, _ rules: WatchRules.Degradation) -> Finding? {
    rules.withdraws ? .harm(version, text) : nil
  }

  /// Each cause begins one training for a champion: what remains is for the schedule.
  private mutating func due(_ cause: ModelRun.Cause, _ evidence: [String], _ rules: TrainingRules) -> Finding? {
    guard rules.isAutomatic, told.insert(cause).inserted else { return nil }
    return .due(cause, evidence: evidence)
  }
}
