public import Features
public import Models
public import Primitives

/// The predictions of a workspace as they are shown.
public struct PredictionListing: Sendable {
  /// One that is defined.
  public struct Row: Sendable {
    public let definition: PredictionDefinition
    /// The version that answers.
    public let serving: Int?
    /// Why none does; nil when one does.
    public let lack: String?
  }

  public let registry: PredictionRegistry
  public let rows: [Row]
  /// Why models that should serve cannot, by version.
  public let faults: [Int: String]
}

/// Why a prediction's model is not brought into force.
public enum PredictionRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  case unknownPrediction(String)
  case unknown(String, Int)
  case failedGate(Int, reason: String)
  case unreadable(Int, reason: String)
  /// No model of it serves, so that there is none to leave.
  case nothingToLeave(String)

  public var description: String {
    switch self {
    case .unknownPrediction(let name): "there is no prediction '\(name)', and no model was ever trained for one"
    case .unknown(let name, let version): "the prediction '\(name)' has no model \(version)"
    case .failedGate(let version, let reason): "model \(version) was not let in: \(reason)"
    case .unreadable(let version, let reason): "model \(version) cannot serve: \(reason)"
    case .nothingToLeave(let name): "no model of '\(name)' serves, so that there is nothing to roll back"
    }
  }
}

extension Partition {
  public func predictions() async throws(EngineError) -> PredictionListing {
    try await read { state in
      PredictionListing(
        registry: state.predictionRegistry,
        rows: state.active.predictions.map { definition in
          let predictor = state.predictors[definition.name]
          let lack: String? = if case .idle(let reason) = predictor?.service { reason } else { nil }
          return PredictionListing.Row(definition: definition, serving: predictor?.serving?.version, lack: lack)
        }, faults: state.predictionFaults)
    }
  }

  /// The model that answers a prediction; nil when none does.
  public func propensity(_ prediction: String) async throws(EngineError) -> PredictionModel? {
    try await read { $0.predictors[prediction]?.serving?.model }
  }

  /// The scores of a person with their reasons; nil when there is no such profile.
  public func scores(of id: ProfileID, at now: Timestamp) async throws(EngineError) -> ScoreListing? {
    let inputs = try await read { state -> ScoreInputs? in
      guard let id = try state.current(id), let person = try state.persons.value(id, state.read) else { return nil }
      return state.scoreInputs(of: person, at: now)
    }
    return inputs?.listing
  }

  /// Keeps a training in the registry; its model answers from now on, unless the run is refused.
  ///
  /// Writes the model's file on the caller's thread.
  /// - Returns: The run with its version.
  public func record(_ run: PredictionRun, model: PredictionModel?) async throws(EngineError) -> PredictionRun {
    var run = run
    let (last, erasedAt) = try await read { ($0.predictionRegistry.lastVersion, $0.erasurePositions.last) }
    run.version = last + 1
    if let erasedAt, erasedAt > run.window.end {
      run.refusal = "a person was erased while it was trained, and it may have learnt from them; train again"
    }
    if let model, run.refusal == nil {
      do throws(PartitionStoreError) {
        try store.saveModel(run.version, of: .predictions, bytes: model.snapshot.bytes)
      } catch {
        throw EngineError(error)
      }
    }
    let entry = PredictionEntry.trained(run)
    try await ask(weight: 1) { .prediction(entry, $0) }.get()
    await dropPredictionFiles()
    return run
  }

  /// Brings a model of before into force.
  /// - Parameter version: nil for the one before the champion, 0 for none.
  /// - Returns: The version in force now; 0 for none.
  public func activate(
    prediction: String, version: Int?
  ) async throws(EngineError) -> Result<Int, PredictionRefusal> {
    let (registry, isDefined) = try await read { state in
      (state.predictionRegistry, state.active.predictions.contains { $0.name == prediction })
    }
    guard isDefined || registry.last(of: prediction) != nil else { return .failure(.unknownPrediction(prediction)) }
    guard let wanted = version ?? registry.before(of: prediction) else { return .failure(.nothingToLeave(prediction)) }
    var model: PredictionModel?
    if wanted > 0 {
      guard let run = registry.run(wanted), run.prediction == prediction else {
        return .failure(.unknown(prediction, wanted))
      }
      if let reason = run.refusal { return .failure(.failedGate(wanted, reason: reason)) }
      do throws(ModelFileFault) {
        model = try PartitionState.prediction(run, from: store)
      } catch {
        return .failure(.unreadable(wanted, reason: error.reason))
      }
    }
    let entry = PredictionEntry.activated(prediction: prediction, version: wanted)
    try await ask(weight: 1) { .prediction(entry, $0) }.get()
    // A training that ended after it was read may have dropped a file that nobody wanted then.
    if let model, (try? store.models(of: .predictions))?.contains(wanted) == false {
      do throws(PartitionStoreError) {
        try store.saveModel(wanted, of: .predictions, bytes: model.snapshot.bytes)
      } catch {
        throw EngineError(error)
      }
      try await read { $0.bindPredictors() }
    }
    return .success(wanted)
  }

  /// Removes files that are not kept any more, on the owner's thread, so that no model comes into force meanwhile.
  /// One that cannot be removed does no harm.
  private func dropPredictionFiles() async {
    try? await read { state in
      let wanted = state.predictionRegistry.wantedFiles
      for version in (try? state.store.models(of: .predictions)) ?? [] where !wanted.contains(version) {
        try? state.store.removeModel(version, of: .predictions)
      }
    }
  }
}
