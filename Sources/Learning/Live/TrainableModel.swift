import Catalog
import Engine
import Mathematics
import Models
import Primitives

/// A kind of model that can be trained on a log and serve.
protocol TrainableModel: EvaluableModel {
  /// Settings by name, as the registry keeps them.
  var parameters: [String: String] { get }

  /// - Parameter items: What the rows of the training stand for.
  /// - Throws: `FitFailure`.
  func table(
    _ training: TrainingData, items: [ItemOrdinal], request: TrainingRequest, report: (String) -> Bool
  ) throws(FitFailure) -> any ServedTable

  /// Bytes that a fit takes at most, the training set included.
  func memoryBytes(people: Int, items: Int, acts: Int, workers: Int) -> Int
}

extension TrainableModel {
  var parameters: [String: String] { ["settings": settingsText] }

  /// A model whose every question goes through all items.
  fileprivate func history<Scorer: ServedScorer>(
    _ items: [ItemOrdinal], _ fit: () throws(TrainingRefusal) -> Scorer
  ) throws(FitFailure) -> any ServedTable {
    try check(items)
    do throws(TrainingRefusal) { return HistoryTable(try fit(), items: items) } catch { throw FitFailure(error) }
  }

  fileprivate func check(_ items: [ItemOrdinal]) throws(FitFailure) {
    guard items.count <= ServedTables.scoredItemsMax else {
      throw .refused(
        "a model '\(name)' goes through all items at every question: found \(items.count) items, expected at most "
          + "\(ServedTables.scoredItemsMax); train 'ials'")
    }
  }
}

/// The kinds that can be asked for.
enum TrainableModels {
  static func all(_ request: TrainingRequest) -> [any TrainableModel] {
    var factors = EvaluableALS()
    (factors.settings.dimensions, factors.settings.seed) = (request.dimensions, request.seed)
    var linear = EvaluableEASE()
    linear.settings.memoryMax = request.memoryBytes
    var sequence = EvaluableSequence()
    sequence.settings.seed = request.seed
    return [
      factors, linear, EvaluableItemNeighbours(), EvaluableTransitions(), EvaluableSessionNeighbours(), sequence,
    ]
  }

  /// - Returns: The kind that is asked for, or every kind for `best`.
  static func asked(_ request: TrainingRequest) -> [any TrainableModel] {
    let all = all(request)
    return request.model == TrainingRules.best ? all : all.filter { $0.name == request.model }
  }
}

extension EvaluableALS: TrainableModel {
  func table(
    _ training: TrainingData, items: [ItemOrdinal], request: TrainingRequest, report: (String) -> Bool
  ) throws(FitFailure) -> any ServedTable {
    let factors = try fitted(training, seed: request.seed, workers: request.workers, report: report)
    do throws(TrainingRefusal) { return try FactorTable(factors, items: items) } catch { throw FitFailure(error) }
  }

  func memoryBytes(people: Int, items: Int, acts: Int, workers: Int) -> Int {
    ImplicitALS.memoryBytes(people: people, items: items, interactions: acts, settings: settings, workers: workers)
  }
}

extension EvaluableEASE: TrainableModel {
  func table(
    _ training: TrainingData, items: [ItemOrdinal], request: TrainingRequest, report: (String) -> Bool
  ) throws(FitFailure) -> any ServedTable {
    try history(items) { () throws(TrainingRefusal) in
      try EASE(training: training.interactions, settings: settings, workers: request.workers) {
        report($0) ? .proceed : .stop
      }
    }
  }

  func memoryBytes(people: Int, items: Int, acts: Int, workers: Int) -> Int {
    EASE.memoryBytes(people: people, items: items, interactions: acts, settings: settings)
  }
}

extension EvaluableItemNeighbours: TrainableModel {
  func table(
    _ training: TrainingData, items: [ItemOrdinal], request: TrainingRequest, report: (String) -> Bool
  ) throws(FitFailure) -> any ServedTable {
    guard report("counting pairs of items") else { throw .stopped }
    return try history(items) { () throws(TrainingRefusal) in
      try ItemNeighbours(training: training.interactions, settings: settings, workers: request.workers)
    }
  }

  func memoryBytes(people: Int, items: Int, acts: Int, workers: Int) -> Int {
    ItemNeighbours.memoryBytes(people: people, items: items, interactions: acts, settings: settings, workers: workers)
  }
}

extension EvaluableTransitions: TrainableModel {
  func table(
    _ training: TrainingData, items: [ItemOrdinal], request: TrainingRequest, report: (String) -> Bool
  ) throws(FitFailure) -> any ServedTable {
    guard report("counting what follows what") else { throw .stopped }
    return try history(items) { () throws(TrainingRefusal) in
      try TransitionKernel(
        training: training.itemSequences, itemCount: training.itemCount, settings: settings, workers: request.workers)
    }
  }

  func memoryBytes(people: Int, items: Int, acts: Int, workers: Int) -> Int {
    TransitionKernel.memoryBytes(sequences: people, items: items, acts: acts, settings: settings, workers: workers)
  }
}

extension EvaluableSessionNeighbours: TrainableModel {
  func table(
    _ training: TrainingData, items: [ItemOrdinal], request: TrainingRequest, report: (String) -> Bool
  ) throws(FitFailure) -> any ServedTable {
    guard report("sorting histories") else { throw .stopped }
    return try history(items) { () throws(TrainingRefusal) in
      try SessionNeighbours(
        training: training.itemSequencesByTime, itemCount: training.itemCount, settings: settings)
    }
  }

  func memoryBytes(people: Int, items: Int, acts: Int, workers: Int) -> Int {
    SessionNeighbours.memoryBytes(sequences: people, items: items, acts: acts)
  }
}

extension EvaluableSequence: TrainableModel {
  func table(
    _ training: TrainingData, items: [ItemOrdinal], request: TrainingRequest, report: (String) -> Bool
  ) throws(FitFailure) -> any ServedTable {
    try check(items)
    let model = try fitted(training, seed: request.seed, workers: request.workers, report: report)
    return try history(items) { () throws(TrainingRefusal) in
      do throws(VectorFault) { return try IndexedSequence(model) } catch { throw .diverged }
    }
  }

  func memoryBytes(people: Int, items: Int, acts: Int, workers: Int) -> Int {
    SelfAttention.memoryBytes(sequences: people, items: items, interactions: acts, settings: settings, workers: workers)
  }
}
