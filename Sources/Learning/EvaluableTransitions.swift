public import Models
public import Primitives

/// `TransitionKernel` on sequences in their order.
public struct EvaluableTransitions: EvaluableModel {
  public let name = TransitionKernel.name
  public var settings: TransitionKernel.Settings

  public init(settings: TransitionKernel.Settings = TransitionKernel.Settings()) { self.settings = settings }

  public var settingsText: String {
    "window \(settings.window), d \(settings.gapDecay), β \(settings.backward), r \(settings.rowExponent), "
      + "p \(settings.columnExponent), seeds \(settings.seeds), q \(settings.recency)"
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    guard report("counting") else { throw .stopped }
    do throws(TrainingRefusal) {
      return FittedHistory(
        model: try TransitionKernel(
          training: training.itemSequences, itemCount: training.itemCount, settings: settings, workers: workers))
    } catch {
      throw FitFailure(error)
    }
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    switch generator.next(upperBound: UInt64(7)) {
    case 0: other.settings.window = [1, 3, 5, 10, 20, 40].other(than: settings.window, using: &generator)
    case 1: other.settings.gapDecay = [0.6, 0.7, 0.8, 0.9, 1].other(than: settings.gapDecay, using: &generator)
    case 2: other.settings.backward = [0, 0.25, 0.5, 1].other(than: settings.backward, using: &generator)
    case 3: other.settings.rowExponent = [0.5, 0.7, 0.85, 1].other(than: settings.rowExponent, using: &generator)
    case 4:
      other.settings.columnExponent = [0, 0.1, 0.15, 0.2, 0.3, 0.45].other(
        than: settings.columnExponent, using: &generator)
    case 5: other.settings.seeds = [3, 5, 10, 20, 50].other(than: settings.seeds, using: &generator)
    default:
      other.settings.recency = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 1].other(than: settings.recency, using: &generator)
    }
    return other
  }
}
