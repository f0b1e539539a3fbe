import Mathematics
public import Models
public import Primitives

/// `BPR` on who dealt with what, whatever the order.
public struct EvaluableBPR: EvaluableModel {
  public let name = BPR.name
  public var settings: BPR.Settings

  public init(settings: BPR.Settings = BPR.Settings()) { self.settings = settings }

  public var settingsText: String {
    "d \(settings.dimensions), λ \(settings.regularization), rate \(settings.rate), \(settings.epochs) epochs"
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    var settings = settings
    settings.seed = seed
    do throws(TrainingRefusal) {
      return FittedBPR(
        model: try BPR(training: training.interactions, settings: settings) {
          report("epoch \($0.epoch) of \($0.epochs)") ? .proceed : .stop
        })
    } catch {
      throw FitFailure(error)
    }
  }

  public func memoryBytes(for training: TrainingData, workers: Int) -> Int? {
    let size = BPR.memoryBytes(
      people: training.sequences.count, items: training.itemCount, interactions: training.actCount, settings: settings)
    return size + training.interactionBytes
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    switch generator.next(upperBound: UInt64(4)) {
    case 0: other.settings.dimensions = [32, 64, 128].other(than: settings.dimensions, using: &generator)
    case 1:
      other.settings.regularization = [0.001, 0.003, 0.01, 0.03].other(
        than: settings.regularization, using: &generator)
    case 2: other.settings.rate = [0.02, 0.05, 0.1].other(than: settings.rate, using: &generator)
    default: other.settings.epochs = [15, 30, 60].other(than: settings.epochs, using: &generator)
    }
    return other
  }
}

struct FittedBPR: FittedModel {
  let model: BPR

  var itemCount: Int { model.itemCount }

  func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
    let values = questions.flatMap { question in
      question.sequence.map { model.scores(ofPerson: $0) } ?? model.scores(after: question.history.items)
    }
    return FloatMatrix(rowCount: questions.count, columnCount: itemCount, values: values)
  }
}
