public import Models
public import Primitives

/// `EASE` on who dealt with what, whatever the order.
public struct EvaluableEASE: EvaluableModel {
  public let name = EASE.name
  public var settings: EASE.Settings

  public init(settings: EASE.Settings = EASE.Settings()) { self.settings = settings }

  public var settingsText: String {
    "λ \(settings.regularization)" + (settings.strongest.map { ", strongest \($0)" } ?? "")
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    do throws(TrainingRefusal) {
      return FittedHistory(
        model: try EASE(training: training.interactions, settings: settings, workers: workers) {
          report($0) ? .proceed : .stop
        })
    } catch {
      throw FitFailure(error)
    }
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    other.settings.regularization = [20, 50, 100, 200, 300, 500, 700, 1_000, 1_500, 2_000, 4_000].other(
      than: settings.regularization, using: &generator)
    return other
  }
}
