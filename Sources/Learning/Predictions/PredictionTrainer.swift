public import Engine
import Features
import Mathematics
import Models
public import Primitives

/// Trains the models of a workspace's predictions on its log, and lets each serve if it is not worse than what serves.
///
/// The rows are those of a training table: the features of a person as the server knew them at a moment, with the label that the
/// time after it gave. A model is boosted trees, calibrated by what lowers the log-loss of held-back people.
public struct PredictionTrainer: Sendable {
  /// Rows of one prediction at most; of more a sample is drawn.
  private static let rowsMax = 40_000
  /// Memory of an event while moments are looked for.
  private static let bytesPerEvent = 32

  let partition: Partition
  let request: TrainingRequest
  let now: @Sendable () -> Timestamp
  /// False stops it.
  let report: @Sendable (TrainingProgress) -> Bool

  public init(
    partition: Partition, request: TrainingRequest, now: @escaping @Sendable () -> Timestamp,
    report: @escaping @Sendable (TrainingProgress) -> Bool
  ) {
    self.partition = partition
    self.request = request
    self.now = now
    self.report = report
  }

  /// - Returns: A run for each prediction that is defined, as the registry has it, refused or not.
  /// - Throws: `.engine(.foldUnderWay)` once all were tried, when the log was folded for something else meanwhile.
  public func run() async throws(TrainingFailure) -> [PredictionRun] {
    do {
      var runs: [PredictionRun] = []
      var isBusy = false
      let rows = try await partition.predictions().rows
      if !rows.isEmpty { try await checkMemory() }
      for row in rows {
        do {
          runs.append(try await train(row.definition))
        } catch EngineError.foldUnderWay {
          // It may be over when the next one is trained.
          isBusy = true
        }
      }
      if isBusy { throw TrainingFailure.engine(.foldUnderWay) }
      return runs
    } catch let failure as TrainingFailure {
      throw failure
    } catch let error as EngineError {
      throw .engine(error)
    } catch {
      throw .engine(.corrupt("\(error)"))
    }
  }

  /// - Throws: `.tooLarge` when the events of the log alone would take more than the training may.
  private func checkMemory() async throws {
    let events = try await partition.trainingGround().events
    let (needed, isOver) = events.multipliedReportingOverflow(by: Self.bytesPerEvent)
    guard isOver || needed > request.memoryBytes else { return }
    throw TrainingFailure.tooLarge(
      needed: isOver ? .max : needed, allowed: request.memoryBytes, detail: "\(events) events to find moments in")
  }

  private func reporter(
    _ phase: TrainingProgress.Phase, _ definition: PredictionDefinition
  ) -> @Sendable (Double) -> Bool {
    { [report] in report(TrainingProgress(phase: phase, share: $0, detail: definition.name)) }
  }

  private func train(_ definition: PredictionDefinition) async throws -> PredictionRun {
    let startedAt = now()
    let countMax = max(PredictionSet.rowsMin, min(Self.rowsMax, request.memoryBytes / 2 / PredictionSet.bytesPerRow))
    let reading = reporter(.reading, definition)
    guard
      let found = try await partition.moments(of: definition, countMax: countMax, report: { reading($0 / 3) }),
      let rows = try await partition.rows(at: found.moments, report: { reading((1 + 2 * $0) / 3) })
    else { throw TrainingFailure.stopped }
    let set = PredictionSet(definition, found.moments, rows.known)
    var window = PredictionRun.Window(
      from: set.from ?? startedAt, to: set.to ?? startedAt, end: found.end, events: found.events)
    (window.training, window.validation, window.test) = (set.training.count, set.validation.count, set.test.count)
    (window.positives, window.people, window.heldBack) = (set.positives, set.people, set.heldBack)
    window.open = found.open
    var parameters = ["split": set.isTimed ? "people and time" : "people"]
    if found.moments.count < found.found { parameters["sampled"] = "\(found.moments.count) of \(found.found) moments" }
    var outcome = Outcome(parameters: parameters, refusal: set.refusal)
    if outcome.refusal == nil { outcome = try await fitted(definition, set, rows.features, parameters) }
    guard reporter(.saving, definition)(0) else { throw TrainingFailure.stopped }
    let bytes = outcome.model?.snapshot.bytes
    let run = PredictionRun(
      prediction: definition.name, question: definition.question, cause: request.cause, startedAt: startedAt,
      finishedAt: now(), window: window, parameters: outcome.parameters, metrics: outcome.metrics, bins: outcome.bins,
      drivers: outcome.drivers, refusal: outcome.refusal,
      digest: bytes.map { ModelSnapshot.digest(of: $0).hexadecimal }, bytes: bytes?.count ?? 0)
    return try await partition.record(run, model: outcome.model)
  }

  private struct Outcome {
    var model: PredictionModel?
    var parameters: [String: String]
    var metrics: [ModelRun.Metric] = []
    var bins: [PredictionRun.Bin] = []
    var drivers: [PredictionRun.Driver] = []
    var refusal: String?
  }

  private func fitted(
    _ definition: PredictionDefinition, _ set: PredictionSet, _ features: FeatureSet, _ parameters: [String: String]
  ) async throws -> Outcome {
    let fit = PredictionFit(seed: request.seed, workers: request.workers)
    let result: PredictionFit.Result
    do throws(TreeTrainingError) {
      result = try fit.fit(
        definition.question, training: set.training, validation: set.validation, features: features,
        report: reporter(.fitting, definition))
    } catch {
      if case .stopped = error { throw TrainingFailure.stopped }
      return Outcome(parameters: parameters, refusal: error.description)
    }
    let champion = try await partition.propensity(definition.name)
    guard reporter(.comparing, definition)(0) else { throw TrainingFailure.stopped }
    let judge = PredictionJudge(rows: set.test, seed: request.seed)
    let candidate = judge.probabilities(of: result.model, in: features)
    var subjects = [("candidate", candidate)]
    subjects.append(("base", Array(repeating: result.model.baseRate, count: set.test.count)))
    if let champion { subjects.append(("champion", judge.probabilities(of: champion, in: features))) }
    let metrics = judge.metrics(subjects.map { (name: $0.0, probabilities: $0.1) })
    return Outcome(
      model: result.model, parameters: parameters.merging(result.parameters) { $1 }, metrics: metrics,
      bins: judge.reliability(candidate), drivers: judge.drivers(of: result.model, in: features),
      refusal: PredictionJudge.refusal(metrics, isFirst: champion == nil))
  }
}
