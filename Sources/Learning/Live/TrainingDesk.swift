public import Engine
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
    public var outcome: Result<ModelRun, TrainingFailure>?
    public let begunAt: Timestamp
  }

  /// Nothing was begun: one is under way.
  public struct Busy: Error {}

  private struct Contents {
    var statuses: [WorkspaceID: Status] = [:]
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
  ) throws(Busy) -> Task<Result<ModelRun, TrainingFailure>, Never> {
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
  ) async -> Result<ModelRun, TrainingFailure> {
    if contents.withLock({ $0.isClosed }) { return .failure(.stopped) }
    var request = request
    request.memoryBytes = min(request.memoryBytes, memoryMax)
    let trainer = ModelTrainer(partition: partition, request: request, now: now) { [self] progress in
      contents.withLock { contents in
        contents.statuses[workspace]?.progress = progress
        return !contents.isClosed
      }
    }
    do throws(TrainingFailure) {
      let run = try await trainer.run()
      await findCohorts(on: partition, of: workspace, request)
      return .success(run)
    } catch {
      return .failure(error)
    }
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

  private func tell(_ outcome: Result<ModelRun, TrainingFailure>, _ workspace: WorkspaceID) {
    switch outcome {
    case .success(let run):
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
      guard let cause = rules.cause(after: ground.last, events: ground.events, at: moment) else { continue }
      var request = TrainingRequest()
      request.cause = cause
      request.dimensions = rules.dimensions
      request.memoryBytes = rules.memoryBytes
      if let training = try? begin(request, on: partition, of: workspace) { _ = await training.value }
    }
  }

  /// `beginDue` again and again until the task is cancelled.
  public func keepTrained(_ engine: Engine, every period: Duration) async {
    while !Task.isCancelled {
      do { try await Task.sleep(for: period) } catch { return }
      await beginDue(in: engine)
    }
  }
}
