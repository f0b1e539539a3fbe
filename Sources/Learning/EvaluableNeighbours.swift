public import Models
public import Primitives

/// `ItemNeighbours` on who dealt with what, whatever the order.
public struct EvaluableItemNeighbours: EvaluableModel {
  public let name = "item_neighbours"
  public var settings: ItemNeighbours.Settings

  public init(settings: ItemNeighbours.Settings = ItemNeighbours.Settings()) { self.settings = settings }

  public var settingsText: String {
    "neighbours \(settings.neighbours), shrinkage \(settings.shrinkage), asymmetry \(settings.asymmetry)"
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    guard report("counting") else { throw .stopped }
    do throws(TrainingRefusal) {
      return FittedHistory(
        model: try ItemNeighbours(training: training.interactions, settings: settings, workers: workers))
    } catch {
      throw FitFailure(error)
    }
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    switch generator.next(upperBound: UInt64(3)) {
    case 0:
      other.settings.neighbours = [10, 20, 50, 100, 200, 500].other(than: settings.neighbours, using: &generator)
    case 1: other.settings.shrinkage = [0, 5, 20, 50, 100, 300].other(than: settings.shrinkage, using: &generator)
    default:
      other.settings.asymmetry = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7].other(than: settings.asymmetry, using: &generator)
    }
    return other
  }
}

/// `SessionNeighbours`, a sequence being a session.
public struct EvaluableSessionNeighbours: EvaluableModel {
  public let name = SessionNeighbours.name
  public var settings: SessionNeighbours.Settings

  public init(settings: SessionNeighbours.Settings = SessionNeighbours.Settings()) { self.settings = settings }

  public var settingsText: String {
    let fading =
      switch settings.fading {
      case .linear: "linear"
      case .geometric(let recency): "q \(recency)"
      }
    return "sample \(settings.sample), neighbours \(settings.neighbours), \(fading), ν \(settings.lengthExponent), "
      + "τ \(settings.ageDecay), c \(settings.stepPenalty), δ \(settings.distanceDecay), β \(settings.backward), "
      + "φ \(settings.rarity)"
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    guard report("indexing") else { throw .stopped }
    do throws(TrainingRefusal) {
      return FittedHistory(
        model: try SessionNeighbours(
          training: training.itemSequencesByTime, itemCount: training.itemCount, settings: settings))
    } catch {
      throw FitFailure(error)
    }
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    switch generator.next(upperBound: UInt64(9)) {
    case 0: other.settings.sample = [500, 1_000, 2_500, 5_000].other(than: settings.sample, using: &generator)
    case 1:
      other.settings.neighbours = [50, 100, 200, 500, 1_000].other(than: settings.neighbours, using: &generator)
    case 2:
      other.settings.fading = [.linear, .geometric(0.4), .geometric(0.55), .geometric(0.7), .geometric(0.85)]
        .other(than: settings.fading, using: &generator)
    case 3:
      other.settings.lengthExponent = [0, 0.25, 0.5, 0.75, 1].other(than: settings.lengthExponent, using: &generator)
    case 4: other.settings.ageDecay = [0, 0.5, 1, 2, 4].other(than: settings.ageDecay, using: &generator)
    case 5:
      other.settings.stepPenalty = [0, 0.1, 0.2, 0.35].other(than: settings.stepPenalty, using: &generator)
    case 6:
      other.settings.distanceDecay = [0, 0.15, 0.3, 0.6, 1].other(than: settings.distanceDecay, using: &generator)
    case 7: other.settings.backward = [0, 0.4, 0.7, 1].other(than: settings.backward, using: &generator)
    default: other.settings.rarity = [0, 0.25, 0.5, 1].other(than: settings.rarity, using: &generator)
    }
    return other
  }
}
