import Catalog
public import Models
public import Primitives

/// The trainings of a workspace as they are shown.
public struct ModelListing: Sendable {
  public let registry: ModelRegistry
  /// The version that answers; another than the champion where that one's file cannot be read.
  public let serving: Int?
  /// Why models that should serve cannot, by version.
  public let faults: [Int: String]
}

/// Why a model is not brought into force.
public enum ModelRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  case unknown(Int)
  /// It was worse than the champion of its time.
  case failedGate(Int, reason: String)
  case unreadable(Int, reason: String)
  /// No model serves, so that there is none to leave.
  case nothingToLeave

  public var description: String {
    switch self {
    case .unknown(let version): "there is no model \(version)"
    case .failedGate(let version, let reason): "model \(version) was not let in: \(reason)"
    case .unreadable(let version, let reason): "model \(version) cannot serve: \(reason)"
    case .nothingToLeave: "no trained model serves, so that there is nothing to roll back"
    }
  }
}

extension Partition {
  public func models() async throws(EngineError) -> ModelListing {
    try await read { state in
      ModelListing(
        registry: state.registry, serving: state.trained.flatMap { Int($0.version) }, faults: state.modelFaults)
    }
  }

  /// What a training begins with.
  public struct TrainingGround: Sendable {
    public let rules: TrainingRules
    /// The last training, whatever came of it.
    public let last: ModelRun?
    public let events: Int
    public let profiles: Int
    public let items: Int
    public let logEnd: LogPosition
  }

  public func trainingGround() async throws(EngineError) -> TrainingGround {
    try await read { state in
      TrainingGround(
        rules: state.active.training, last: state.registry.runs.last, events: Int(clamping: state.counts.events),
        profiles: Int(clamping: state.counts.profiles), items: state.catalog.ordinalCount, logEnd: state.end)
    }
  }

  /// The trained model that serves.
  public func trainedModel() async throws(EngineError) -> FactorModel? { try await read { $0.trained } }

  /// Keeps a training in the registry; its model answers from the next decision on, unless the run is refused.
  ///
  /// Writes the model's file on the caller's thread.
  /// - Returns: The run with its version.
  public func record(_ run: ModelRun, model: FactorTable?) async throws(EngineError) -> ModelRun {
    var run = run
    let (last, erasedAt) = try await read { ($0.registry.lastVersion, $0.erasurePositions.last) }
    run.version = last + 1
    if let erasedAt, erasedAt > run.window.end {
      run.refusal = "a person was erased while it was trained, and it may have learnt from them; train again"
    }
    let digest = run.digest
    if run.refusal == nil { run.refusal = try await read { $0.registry.withdrawalReason(ofDigest: digest) } }
    var loaded: FactorModel?
    if let model, run.refusal == nil {
      do throws(PartitionStoreError) {
        try store.saveModel(run.version, bytes: model.snapshot.bytes)
      } catch {
        throw EngineError(error)
      }
      loaded = FactorModel(model, version: String(run.version))
    }
    let (entry, taken) = (ModelEntry.trained(run), loaded)
    try await ask(weight: 1) { .model(entry, taken, $0) }.get()
    await dropFiles()
    return run
  }

  /// Brings a model of before into force.
  /// - Parameter version: nil for the one before the champion, 0 for none: the fresh models alone.
  /// - Returns: The version in force now; 0 for none.
  public func activate(model version: Int?) async throws(EngineError) -> Result<Int, ModelRefusal> {
    let registry = try await read { $0.registry }
    guard let wanted = version ?? registry.before else { return .failure(.nothingToLeave) }
    var loaded: FactorModel?
    if wanted > 0 {
      guard let run = registry.run(wanted) else { return .failure(.unknown(wanted)) }
      if let reason = run.refusal { return .failure(.failedGate(wanted, reason: reason)) }
      do throws(ModelFileFault) {
        loaded = try PartitionState.model(wanted, digest: run.digest, from: store)
      } catch {
        return .failure(.unreadable(wanted, reason: error.reason))
      }
    }
    let taken = loaded
    try await ask(weight: 1) { .model(.activated(wanted), taken, $0) }.get()
    return .success(wanted)
  }

  /// Keeps what a training has to tell beside its run.
  public func note(_ note: ModelNote) async throws(EngineError) {
    try await ask(weight: 1) { .model(.noted(note), nil, $0) }.get()
  }

  /// Takes a model that does harm out of force, if it still is; the one before it answers, or the fresh models alone.
  /// - Parameter reason: What was seen, in words.
  /// - Returns: nil when another model is in force, or the one before cannot be read.
  public func withdraw(
    model version: Int, reason: String, at now: Timestamp
  ) async throws(EngineError) -> ModelWithdrawal? {
    let registry = try await read { $0.registry }
    guard registry.champion == version, let successor = registry.before else { return nil }
    var loaded: FactorModel?
    if successor > 0 {
      do throws(ModelFileFault) {
        loaded = try PartitionState.model(successor, digest: registry.run(successor)?.digest, from: store)
      } catch {
        return nil
      }
    }
    let withdrawal = ModelWithdrawal(
      version: version, successor: successor, at: now, reason: reason, digest: registry.run(version)?.digest ?? "")
    let taken = loaded
    try await ask(weight: 1) { .model(.withdrawn(withdrawal), taken, $0) }.get()
    return withdrawal
  }

  /// Removes files that are not kept any more. One that cannot be removed does no harm.
  private func dropFiles() async {
    guard let wanted = try? await read({ Set($0.registry.wantedFiles) }) else { return }
    for version in (try? store.models()) ?? [] where !wanted.contains(version) { try? store.removeModel(version) }
  }
}
