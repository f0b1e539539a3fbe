import Mathematics
public import Models
public import Primitives

/// `SelfAttention` on the sequences as they are.
public struct EvaluableSequence: EvaluableModel {
  public var settings: SelfAttention.Settings
  /// Floating-point operations of a fit, about: larger sets are given fewer epochs, so that a fit takes minutes whatever their size.
  /// Not a time, which would make the result depend on what else the machine does.
  public var operationsMax: Double

  /// - Parameter operationsMax: 1e14 take 5 to 10 minutes on two cores.
  public init(settings: SelfAttention.Settings = SelfAttention.Settings(), operationsMax: Double = 1e14) {
    self.settings = settings
    self.operationsMax = operationsMax
  }

  public var name: String { SelfAttention.name }

  public var settingsText: String {
    "d \(settings.dimensions), blocks \(settings.blocks), heads \(settings.heads), f \(settings.hidden), "
      + "length \(settings.length), dropout \(settings.dropout), negatives \(settings.negatives), "
      + "rate \(settings.rate), batch \(settings.batch), at most \(settings.epochs) epochs"
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    FittedSequence(model: try fitted(training, seed: seed, workers: workers, report: report))
  }

  public func fitted(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> SelfAttention {
    var settings = settings
    settings.seed = seed
    let operations = settings.operations(acts: training.actCount, items: training.itemCount)
    settings.epochs = max(1, min(settings.epochs, Int(min(operationsMax / max(1, operations), 1e6))))
    do throws(TrainingRefusal) {
      return try SelfAttention(
        training: training.sequences.map(\.items), itemCount: training.itemCount, settings: settings, workers: workers
      ) { progress in
        let validation = progress.validation.map { ", NDCG@10 on what is held back \(rounded($0))" } ?? ""
        let text = "epoch \(progress.epoch) of at most \(progress.epochs), loss \(rounded(progress.loss))\(validation)"
        return report(text) ? .proceed : .stop
      }
    } catch {
      throw error == .stopped ? .stopped : .refused(error.description)
    }
  }

  private func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    switch generator.next(upperBound: UInt64(6)) {
    case 0: other.settings.dropout = [0, 0.1, 0.2, 0.3, 0.4, 0.5].other(than: settings.dropout, using: &generator)
    case 1: other.settings.rate = [0.0005, 0.001, 0.002, 0.004].other(than: settings.rate, using: &generator)
    case 2:
      let dimensions = [32, 64, 96, 128].other(than: settings.dimensions, using: &generator)
      (other.settings.dimensions, other.settings.hidden) = (dimensions, 4 * dimensions)
    case 3: other.settings.batch = [2_048, 4_096, 8_192, 16_384].other(than: settings.batch, using: &generator)
    case 4: other.settings.length = [20, 50, 100, 200].other(than: settings.length, using: &generator)
    default: other.settings.blocks = [1, 2, 3].other(than: settings.blocks, using: &generator)
    }
    return other
  }
}

struct FittedSequence: FittedModel {
  let model: SelfAttention

  var itemCount: Int { model.itemCount }

  func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
    model.scores(of: questions.map(\.history.items))
  }
}
