import Catalog
import Decisions
public import Engine
import Mathematics
import Models
public import Primitives

/// What a training is asked for.
public struct TrainingRequest: Sendable {
  public var cause = ModelRun.Cause.asked
  public var dimensions = 64
  /// The most that the training may take.
  public var memoryBytes = 1_024 << 20
  /// How long to look for better settings on the validation half of the held-back people; nil for not at all.
  public var tuning: Duration?
  public var workers = 1
  public var seed: UInt64 = 0
  /// What made it begin, as it was measured.
  public var evidence: [String] = []

  public init() {}
}

/// How far a training has come.
public struct TrainingProgress: Sendable, Hashable {
  public enum Phase: String, Sendable {
    case reading, tuning, fitting, comparing, saving
  }

  public let phase: Phase
  /// Of the phase, in [0, 1]; nil where nobody knows.
  public let share: Double?
  /// `epoch 3 of 12`; empty when there is nothing to add.
  public let detail: String
}

/// Why there is no run to put into the registry.
public enum TrainingFailure: Error, Sendable, CustomStringConvertible {
  /// It would take more memory than it may; nothing was begun.
  case tooLarge(needed: Int, allowed: Int, detail: String)
  case stopped
  case engine(EngineError)

  public var description: String {
    switch self {
    case .tooLarge(let needed, let allowed, let detail):
      "the training would take about \((needed + (1 << 20) - 1) >> 20) MB (\(detail)), and may take \(allowed >> 20) MB: "
        + "allow more memory, or ask for fewer dimensions"
    case .stopped: "the training was stopped"
    case .engine(let error): error.description
    }
  }
}

/// Trains a model on a workspace's log and lets it serve if it does no harm.
///
/// The people of `TrainingSet` who are held back are never trained on. One half of them gives the shares with which the new
/// model answers together with the fresh ones, the other half judges: the new model goes live if the answers with it pass
/// the paired test of `Judge.refusal` against those with the champion. The first may be worse than the fresh models alone by the
/// standard error of the difference.
public struct ModelTrainer: Sendable {
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

  /// - Returns: The run as the registry has it, refused or not.
  public func run() async throws(TrainingFailure) -> ModelRun {
    do {
      return try await train()
    } catch let failure as TrainingFailure {
      throw failure
    } catch let error as EngineError {
      throw .engine(error)
    } catch {
      throw .engine(.corrupt("\(error)"))
    }
  }

  private func tell(_ phase: TrainingProgress.Phase, _ share: Double? = nil, _ detail: String = "") throws {
    guard report(TrainingProgress(phase: phase, share: share, detail: detail)) else { throw TrainingFailure.stopped }
  }

  private func train() async throws -> ModelRun {
    let startedAt = now()
    let ground = try await partition.trainingGround()
    try checkMemory(acts: ground.events, people: ground.profiles, items: ground.items)
    let catalog = try await partition.trainingCatalog()
    let split = try await gather().split()
    var window = ModelRun.Window(
      from: split.from ?? startedAt, to: split.to ?? startedAt, end: ground.logEnd, events: ground.events,
      acts: split.training.actCount, people: split.training.sequences.count, items: split.items.count,
      heldBack: split.heldBack)
    window.acts += (split.validation + split.test).reduce(0) { $0 + $1.items.count }

    var model = EvaluableALS()
    (model.settings.dimensions, model.settings.seed) = (request.dimensions, request.seed)
    // Whoever is alone may be held back, and then nothing at all is left.
    if split.people == 1 {
      let refusal = TrainingRefusal.onePerson.description
      return try await record(Judgement(refusal: refusal), nil, model, window, startedAt: startedAt)
    }
    let table: FactorTable
    do throws(FitFailure) {
      model = try tuned(model, split)
      let factors = try fitted(model, split)
      do throws(TrainingRefusal) { table = try FactorTable(factors, items: split.items) } catch {
        throw FitFailure.refused(error.description)
      }
    } catch {
      guard case .refused(let reason) = error else { throw TrainingFailure.stopped }
      return try await record(Judgement(refusal: reason), nil, model, window, startedAt: startedAt)
    }
    let judge = Judge(partition: partition, request: request, catalog: catalog) { [report] in
      report(TrainingProgress(phase: .comparing, share: $0, detail: ""))
    }
    return try await record(try await judge.judge(table, split), table, model, window, startedAt: startedAt)
  }

  private func fitted(_ model: EvaluableALS, _ split: TrainingSet.Split) throws(FitFailure) -> ImplicitALS {
    try model.fitted(split.training, seed: request.seed, workers: request.workers) {
      report(TrainingProgress(phase: .fitting, share: nil, detail: $0))
    }
  }

  private func checkMemory(acts: Int, people: Int, items: Int) throws(TrainingFailure) {
    var settings = ImplicitALS.Settings()
    settings.dimensions = request.dimensions
    let needed =
      ImplicitALS.memoryBytes(
        people: people, items: items, interactions: acts, settings: settings, workers: request.workers)
      + acts * TrainingSet.bytesPerAct + Judge.memoryBytes(items: items, acts: acts, dimensions: request.dimensions)
    guard needed <= request.memoryBytes else {
      throw .tooLarge(
        needed: needed, allowed: request.memoryBytes,
        detail: "for at most \(acts) acts of \(people) people on \(items) items, \(request.dimensions) dimensions")
    }
  }

  private func gather() async throws -> TrainingSet {
    let set = try await TrainingSet.gathered(from: partition) {
      report(TrainingProgress(phase: .reading, share: $0, detail: ""))
    }
    guard let set else { throw TrainingFailure.stopped }
    return set
  }

  /// Settings that do better on the validation half, when there is time to look for them.
  private func tuned(_ model: EvaluableALS, _ split: TrainingSet.Split) throws(FitFailure) -> EvaluableALS {
    guard let tuning = request.tuning else { return model }
    let clock = ContinuousClock()
    let end = clock.now + tuning
    let task = EvaluationTask(training: split.training, questions: split.validationQuestions)
    guard !task.questions.isEmpty else { return model }
    let evaluator = Evaluator(k: BlendTrial.k, workers: request.workers, seed: request.seed)
    var trials = 0
    let best = try Tuning(evaluator: evaluator, seed: request.seed).best(
      from: model, on: task,
      isOver: {
        clock.now >= end || !report(TrainingProgress(phase: .tuning, share: nil, detail: "trial \(trials + 1)"))
      },
      tried: { _, _ in trials += 1 })
    return best.model as? EvaluableALS ?? model
  }

  // MARK: The registry

  private func record(
    _ judgement: Judgement, _ table: FactorTable?, _ model: EvaluableALS, _ window: ModelRun.Window,
    startedAt: Timestamp
  ) async throws -> ModelRun {
    try tell(.saving)
    let bytes = table?.snapshot.bytes
    let run = ModelRun(
      version: 0, model: model.name, cause: request.cause, startedAt: startedAt, finishedAt: now(), window: window,
      parameters: model.parameters, metrics: judgement.metrics, shares: judgement.shares, refusal: judgement.refusal,
      digest: bytes.map { ModelSnapshot.digest(of: $0).hexadecimal }, bytes: bytes?.count ?? 0)
    let recorded = try await partition.record(run, model: table)
    let spreads = try await partition.featureSpreads(at: startedAt, like: [])
    try await partition.note(
      ModelNote(
        version: recorded.version, rival: judgement.rival, definitions: try await partition.definitionsVersion(),
        fileFormat: table?.snapshot.contentVersion ?? 0, evidence: request.evidence,
        parts: judgement.parts, spreads: spreads))
    return recorded
  }
}

extension TrainingSet.Split {
  /// The last item of each held-back person of the validation half, among rows of `items`.
  fileprivate var validationQuestions: [EvaluationQuestion] {
    let rows = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.rawValue, UInt32($0)) })
    return validation.enumerated().compactMap { group, person in
      var history = ActSequence()
      for (item, time) in zip(person.items.dropLast(), person.times) {
        guard let row = rows[item] else { continue }
        history.items.append(row)
        history.times.append(time)
      }
      guard let target = person.items.last.flatMap({ rows[$0] }), !history.items.isEmpty else { return nil }
      return EvaluationQuestion(
        sequence: nil, history: history, targets: [target], candidates: .unseen, group: group)
    }
  }
}
