import Catalog
import Decisions
public import Engine
import Mathematics
import Models
public import Primitives

/// What a training is asked for.
public struct TrainingRequest: Sendable {
  /// What is trained.
  public enum Subjects: String, Sendable, CaseIterable {
    /// The model that proposes items, and every prediction.
    case all
    case models, predictions
  }

  public var subjects = Subjects.all
  public var cause = ModelRun.Cause.asked
  /// One of `TrainingRules.models`.
  public var model = ImplicitALS.name
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

/// What came of a training.
public struct TrainingOutcome: Sendable, Hashable {
  /// nil where none was to be trained.
  public var model: ModelRun?
  /// One for each prediction that is defined; empty where none was to be trained.
  public var predictions: [PredictionRun] = []
}

/// How far a training has come.
public struct TrainingProgress: Sendable, Hashable {
  public enum Phase: String, Sendable {
    case reading, tuning, fitting, comparing, saving, grouping
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
    let models = try models(ground)
    let catalog = try await partition.trainingCatalog()
    let split = try await gather().split()
    var window = ModelRun.Window(
      from: split.from ?? startedAt, to: split.to ?? startedAt, end: ground.logEnd, events: ground.events,
      acts: split.training.actCount, people: split.training.sequences.count, items: split.items.count,
      heldBack: split.heldBack)
    window.acts += (split.validation + split.test).reduce(0) { $0 + $1.items.count }

    // Whoever is alone may be held back, and then nothing at all is left.
    if split.people == 1 {
      let refusal = Judgement(refusal: TrainingRefusal.onePerson.description)
      return try await record(refusal, nil, models[0].name, models[0].parameters, window, startedAt: startedAt)
    }
    let judge = Judge(partition: partition, request: request, catalog: catalog) { [report] in
      report(TrainingProgress(phase: .comparing, share: $0, detail: ""))
    }
    var company: Judge.Company?
    var best: Fit?
    var (reached, refusals): ([String], [String]) = ([], [])
    for model in models {
      let (fitted, table): (any TrainableModel, any ServedTable)
      do throws(FitFailure) {
        (fitted, table) = try fit(model, of: models.count, split)
      } catch {
        guard case .refused(let reason) = error else { throw TrainingFailure.stopped }
        refusals.append(models.count > 1 ? "\(model.name): \(reason)" : reason)
        continue
      }
      // Not before something is learnt: who has nothing to learn from is told so.
      let others = if let company { company } else { try await judge.company(split) }
      company = others
      let learnt = try judge.learn(table, with: others, split)
      reached.append("\(model.name) \(learnt.ndcg.fourDigits)")
      // Of equal ones the earlier. The others' memory is given up.
      if best.map({ learnt.ndcg > $0.learnt.ndcg }) ?? true { best = Fit(model: fitted, table: table, learnt: learnt) }
    }
    guard let best, let company else {
      let refusal = Judgement(refusal: refusals.joined(separator: "; "))
      return try await record(refusal, nil, models[0].name, models[0].parameters, window, startedAt: startedAt)
    }
    let judgement = try judge.judge(best.table, best.learnt, with: company, split)
    var parameters = best.model.parameters
    if models.count > 1 { parameters["compared"] = (reached + refusals).joined(separator: "; ") }
    return try await record(
      judgement, best.table, best.model.name, parameters, window, startedAt: startedAt, sample: split.sample)
  }

  /// A kind that was trained, and what it reaches beside the fresh models on the validation half.
  private struct Fit {
    let model: any TrainableModel
    let table: any ServedTable
    let learnt: Judge.Learnt
  }

  /// - Parameter count: Kinds that share the time for tuning.
  private func fit(
    _ model: any TrainableModel, of count: Int, _ split: TrainingSet.Split
  ) throws(FitFailure) -> (any TrainableModel, any ServedTable) {
    let tuned = try tuned(model, of: count, split)
    let table = try tuned.table(split.training, items: split.items, request: request) { detail in
      let words = count > 1 ? "\(model.name), \(detail)" : detail
      return report(TrainingProgress(phase: .fitting, share: nil, detail: words))
    }
    return (tuned, table)
  }

  /// The kinds that are asked for and do not take too much memory.
  /// - Throws: `TrainingFailure.tooLarge` when none is left.
  private func models(_ ground: Partition.TrainingGround) throws(TrainingFailure) -> [any TrainableModel] {
    let (acts, people, items) = (ground.events, ground.profiles, ground.items)
    let around =
      acts * TrainingSet.bytesPerAct + Judge.memoryBytes(items: items, acts: acts, dimensions: request.dimensions)
    let asked = TrainableModels.asked(request).map { model in
      let own = model.memoryBytes(people: people, items: items, acts: acts, workers: request.workers)
      let (needed, isTooMuch) = own.addingReportingOverflow(around)
      return (model: model, needed: isTooMuch ? Int.max : needed)
    }
    let fitting = asked.filter { $0.needed <= request.memoryBytes }.map(\.model)
    if fitting.isEmpty, let least = asked.map(\.needed).min() {
      let size = request.model == ImplicitALS.name ? ", \(request.dimensions) dimensions" : " with '\(request.model)'"
      throw .tooLarge(
        needed: least, allowed: request.memoryBytes,
        detail: "for at most \(acts) acts of \(people) people on \(items) items\(size)")
    }
    return fitting
  }

  private func gather() async throws -> TrainingSet {
    let set = try await TrainingSet.gathered(from: partition) {
      report(TrainingProgress(phase: .reading, share: $0, detail: ""))
    }
    guard let set else { throw TrainingFailure.stopped }
    return set
  }

  /// Settings that do better on the validation half, when there is time to look for them.
  private func tuned(
    _ model: any TrainableModel, of count: Int, _ split: TrainingSet.Split
  ) throws(FitFailure) -> any TrainableModel {
    guard let tuning = request.tuning.map({ $0 / count }) else { return model }
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
    return best.model as? any TrainableModel ?? model
  }

  // MARK: The registry

  /// - Parameter sample: People whose features are kept in mind.
  private func record(
    _ judgement: Judgement, _ table: (any ServedTable)?, _ name: String, _ parameters: [String: String],
    _ window: ModelRun.Window, startedAt: Timestamp, sample: [ProfileID] = []
  ) async throws -> ModelRun {
    try tell(.saving)
    let bytes = table?.snapshot.bytes
    let run = ModelRun(
      version: 0, model: name, cause: request.cause, startedAt: startedAt, finishedAt: now(), window: window,
      parameters: parameters, metrics: judgement.metrics, shares: judgement.shares, refusal: judgement.refusal,
      digest: bytes.map { ModelSnapshot.digest(of: $0).hexadecimal }, bytes: bytes?.count ?? 0)
    let recorded = try await partition.record(run, model: table)
    let spreads = try await partition.featureSpreads(of: sample, at: startedAt, like: [])
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
