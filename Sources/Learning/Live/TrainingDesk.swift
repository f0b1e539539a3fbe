public import Engine
import Features
public import Logging
public import Primitives
import Synchronization

/// The trainings of a process: at most one at a time for each workspace, all of them one after the other on a thread that
/// gives way to everything else.
public final class TrainingDesk: Sendable {
  /// A training that is under way, or the last one that was.
  public struct Status: Sendable {
    public var progress: TrainingProgress?
    /// nil while it is under way.
    public var outcome: Result<TrainingOutcome, TrainingFailure>?
    public let begunAt: Timestamp
  }

  /// Nothing was begun: one is under way.
  public struct Busy: Error {}

  private struct Contents {
    var statuses: [WorkspaceID: Status] = [:]
    var watches: [WorkspaceID: ModelWatch] = [:]
    var isClosed = false
  }

  private let contents = Mutex(Contents())
  private let thread = BackgroundThread(name: "attune-train")
  private let memoryMax: Int
  private let logger: Logger
  private let now: @Sendable () -> Timestamp

  /// - Parameter memoryMax: The most that any training may take, whatever it asks for; in bytes.
  public init(memoryMax: Int, logger: Logger, now: @escaping @Sendable () -> Timestamp) {
    self.memoryMax = memoryMax
    self.logger = logger
    self.now = now
  }

  /// The training under way, or the last one since the process began.
  public func status(of workspace: WorkspaceID) -> Status? { contents.withLock { $0.statuses[workspace] } }

  /// Begins a training.
  /// - Returns: What will have come of it.
  public func begin(
    _ request: TrainingRequest, on partition: Partition, of workspace: WorkspaceID
  ) throws(Busy) -> Task<Result<TrainingOutcome, TrainingFailure>, Never> {
    let begun = now()
    let isFree = contents.withLock { contents in
      if let status = contents.statuses[workspace], status.outcome == nil { return false }
      contents.statuses[workspace] = Status(begunAt: begun)
      return true
    }
    guard isFree else { throw Busy() }
    return Task(executorPreference: thread) { [self] in
      let outcome = await outcome(of: request, on: partition, workspace)
      contents.withLock { $0.statuses[workspace]?.outcome = outcome }
      tell(outcome, workspace)
      return outcome
    }
  }

  /// Stops what is under way at its next report, and begins nothing more.
  public func close() { contents.withLock { $0.isClosed = true } }

  private func outcome(
    of request: TrainingRequest, on partition: Partition, _ workspace: WorkspaceID
  ) async -> Result<TrainingOutcome, TrainingFailure> {
    if contents.withLock({ $0.isClosed }) { return .failure(.stopped) }
    var request = request
    request.memoryBytes = min(request.memoryBytes, memoryMax)
    let report: @Sendable (TrainingProgress) -> Bool = { [self] progress in
      contents.withLock { contents in
        contents.statuses[workspace]?.progress = progress
        return !contents.isClosed
      }
    }
    var outcome = TrainingOutcome()
    // What fails keeps the others from nothing: a model that is too large leaves room for cohorts and predictions.
    var failure: TrainingFailure?
    if request.subjects != .predictions {
      do throws(TrainingFailure) {
        outcome.model = try await ModelTrainer(partition: partition, request: request, now: now, report: report).run()
      } catch {
        if case .stopped = error { return .failure(error) }
        failure = error
      }
      await findCohorts(on: partition, of: workspace, request)
    }
    if request.subjects != .models {
      do throws(TrainingFailure) {
        outcome.predictions = try await PredictionTrainer(
          partition: partition, request: request, now: now, report: report
        ).run()
      } catch {
        if case .stopped = error { return .failure(error) }
        failure = failure ?? error
      }
    }
    if let failure { return .failure(failure) }
    return .success(outcome)
  }

  /// Cohorts are looked for after each training. That they are not found fails nothing: those before stay in force.
  private func findCohorts(on partition: Partition, of workspace: WorkspaceID, _ request: TrainingRequest) async {
    let trainer = CohortTrainer(partition: partition, seed: request.seed, now: now) { [self] share in
      contents.withLock { contents in
        contents.statuses[workspace]?.progress = TrainingProgress(phase: .grouping, share: share, detail: "")
        return !contents.isClosed
      }
    }
    do throws(EngineError) {
      guard let run = try await trainer.run() else { return }
      logger.info("cohorts were looked for", metadata: ["workspace": "\(workspace)", "outcome": "\(run.outcome)"])
    } catch {
      logger.warning("cohorts could not be looked for", metadata: ["workspace": "\(workspace)", "reason": "\(error)"])
    }
  }

  private func tell(_ outcome: Result<TrainingOutcome, TrainingFailure>, _ workspace: WorkspaceID) {
    switch outcome {
    case .success(let outcome):
      for run in outcome.predictions {
        logger.info(
          "a training ended",
          metadata: [
            "workspace": "\(workspace)", "prediction": "\(run.prediction) \(run.version)",
            "cause": "\(run.cause.rawValue)", "outcome": "\(run.refusal ?? "live")",
          ])
      }
      guard let run = outcome.model else { return }
      logger.info(
        "a training ended",
        metadata: [
          "workspace": "\(workspace)", "model": "\(run.model) \(run.version)", "cause": "\(run.cause.rawValue)",
          "outcome": "\(run.refusal ?? "live")",
        ])
    case .failure(.stopped): break
    case .failure(let failure):
      logger.warning("a training failed", metadata: ["workspace": "\(workspace)", "reason": "\(failure)"])
    }
  }

  // MARK: By itself

  /// Looks at every open workspace once, and begins the trainings that are due.
  public func beginDue(in engine: Engine) async {
    for (workspace, partition) in await engine.openPartitions() {
      guard let ground = try? await partition.trainingGround() else { continue }
      let rules = ground.rules
      let moment = now()
      // One that failed left nothing in the registry, and is not tried at once again.
      if let status = status(of: workspace), status.outcome == nil || moment - status.begunAt < rules.atLeast {
        continue
      }
      var request = TrainingRequest()
      // Harm ends at once, whatever else is due.
      let finding = await watched(partition, workspace, ground)
      if let cause = rules.cause(after: ground.last, events: ground.events, at: moment) {
        request.cause = cause
      } else if case .due(let cause, let evidence) = finding {
        (request.cause, request.evidence) = (cause, evidence)
      } else if let cause = await self.cause(ofPredictionsOf: partition, ground, at: moment) {
        (request.cause, request.subjects) = (cause, .predictions)
      } else {
        continue
      }
      request.model = rules.model
      request.dimensions = rules.dimensions
      request.memoryBytes = min(rules.memoryBytes, memoryMax)
      if let training = try? begin(request, on: partition, of: workspace) { _ = await training.value }
    }
  }

  /// Looks at the model in force on the desk's thread; one that does harm leaves at once.
  private func watched(
    _ partition: Partition, _ workspace: WorkspaceID, _ ground: Partition.TrainingGround
  ) async -> ModelWatch.Finding? {
    let (watch, moment) = (contents.withLock { $0.watches[workspace] ?? ModelWatch() }, now())
    let looking = Task(executorPreference: thread) { [self] in
      var watch = watch
      let finding = try await watch.look(at: partition, ground: ground, now: moment) { [self] _ in
        !contents.withLock { $0.isClosed }
      }
      return (watch, finding)
    }
    do {
      let (seen, finding) = try await looking.value
      contents.withLock { $0.watches[workspace] = seen }
      if case .harm(let version, let reason) = finding {
        try await withdraw(version, of: partition, workspace, reason: reason, at: moment)
      }
      return finding
    } catch TrainingFailure.stopped {
      return nil
    } catch {
      logger.warning("a model could not be watched", metadata: ["workspace": "\(workspace)", "reason": "\(error)"])
      return nil
    }
  }

  private func withdraw(
    _ version: Int, of partition: Partition, _ workspace: WorkspaceID, reason: String, at moment: Timestamp
  ) async throws {
    guard let withdrawal = try await partition.withdraw(model: version, reason: reason, at: moment) else { return }
    logger.warning(
      "a model was withdrawn, since it did harm",
      metadata: [
        "workspace": "\(workspace)", "version": "\(withdrawal.version)", "successor": "\(withdrawal.successor)",
        "reason": "\(reason)",
      ])
  }

  /// What came of decisions by model, read up to now, and what the last look said of drift.
  public func outcomes(
    of partition: Partition, _ workspace: WorkspaceID
  ) async throws(EngineError) -> ModelHealth {
    var watch = contents.withLock { $0.watches[workspace] ?? ModelWatch() }
    try await watch.readOutcomes(of: partition, registry: try await partition.models().registry, at: now())
    contents.withLock { [tally = watch.tally] in $0.watches[workspace, default: ModelWatch()].keep(tally) }
    return ModelHealth(tally: watch.tally, drift: watch.drift.map(\.text))
  }

  /// Why predictions should be trained that the model's own training does not bring along: one is defined that was not
  /// trained for its question yet.
  private func cause(
    ofPredictionsOf partition: Partition, _ ground: Partition.TrainingGround, at moment: Timestamp
  ) async -> ModelRun.Cause? {
    guard ground.rules.isAutomatic, ground.events >= TrainingRules.eventsMin,
      let listing = try? await partition.predictions()
    else { return nil }
    let isNew = listing.rows.contains { row in
      let last = listing.registry.last(of: row.definition.name)
      return last?.question != row.definition.question
    }
    let latest = listing.registry.runs.last?.finishedAt
    let isEarly = latest.map { moment - $0 < ground.rules.atLeast } ?? false
    return isNew && !isEarly ? .changes : nil
  }

  /// `beginDue` again and again until the task is cancelled.
  public func keepTrained(_ engine: Engine, every period: Duration) async {
    while !Task.isCancelled {
      do { try await Task.sleep(for: period) } catch { return }
      await beginDue(in: engine)
    }
  }
}
