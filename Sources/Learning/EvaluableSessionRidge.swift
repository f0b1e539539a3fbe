public import Models
public import Primitives

/// `SessionRidge` on sequences in their order.
public struct EvaluableSessionRidge: EvaluableModel {
  public let name = SessionRidge.name
  public var settings: SessionRidge.Settings

  public init(settings: SessionRidge.Settings = SessionRidge.Settings()) { self.settings = settings }

  public var settingsText: String {
    "λ \(settings.regularization), neighbours \(settings.neighbours), seeds \(settings.seeds), q \(settings.recency), "
      + "d \(settings.future), β \(settings.backward), p \(settings.columnExponent)"
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    try training.requireOrder()
    do throws(TrainingRefusal) {
      return FittedHistory(
        model: try SessionRidge(
          training: training.itemSequences, itemCount: training.itemCount, settings: settings, workers: workers
        ) { report($0) ? .proceed : .stop })
    } catch {
      throw FitFailure(error)
    }
  }

  public func memoryBytes(for training: TrainingData, workers: Int) -> Int? {
    SessionRidge.memoryBytes(
      sequences: training.sequences.count, items: training.itemCount, acts: training.actCount, settings: settings,
      workers: workers)
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    switch generator.next(upperBound: UInt64(6)) {
    case 0:
      other.settings.regularization = [1, 3, 10, 30, 100, 300].other(than: settings.regularization, using: &generator)
    case 1: other.settings.neighbours = [30, 60, 120, 250].other(than: settings.neighbours, using: &generator)
    case 2: other.settings.recency = [0.4, 0.55, 0.7, 0.8, 0.9].other(than: settings.recency, using: &generator)
    case 3: other.settings.future = [0, 0.3, 0.6, 0.8].other(than: settings.future, using: &generator)
    case 4: other.settings.backward = [0, 0.25, 0.5, 1].other(than: settings.backward, using: &generator)
    default:
      other.settings.columnExponent = [0, 0.1, 0.2, 0.35, 0.5].other(than: settings.columnExponent, using: &generator)
    }
    return other
  }
}
