import Mathematics
public import Models
public import Primitives

/// `ImplicitALS` on who dealt with what, each pair once, whatever the order.
public struct EvaluableALS: EvaluableModel {
  public var settings: ImplicitALS.Settings

  public init(settings: ImplicitALS.Settings = ImplicitALS.Settings()) { self.settings = settings }

  init(solver: ImplicitALS.Solver) {
    self.init()
    settings.solver = solver
  }

  public var name: String { settings.solver == .exact ? ImplicitALS.name : "\(ImplicitALS.name)_cg" }

  public var settingsText: String {
    "d \(settings.dimensions), λ \(settings.regularization), ν \(settings.frequencyExponent), "
      + "α₀ \(settings.unobservedWeight), \(settings.epochs) epochs"
  }

  /// The settings by the names that the paper's authors gave them.
  var parameters: [String: String] {
    [
      "dimensions": "\(settings.dimensions)", "regularization": "\(settings.regularization)",
      "frequency_exponent": "\(settings.frequencyExponent)", "unobserved_weight": "\(settings.unobservedWeight)",
      "epochs": "\(settings.epochs)", "seed": "\(settings.seed)",
    ]
  }

  public func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel {
    FittedALS(model: try fitted(training, seed: seed, workers: workers, report: report))
  }

  func fitted(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> ImplicitALS {
    var settings = settings
    settings.seed = seed
    let rows = training.interactions
    do throws(TrainingRefusal) {
      return try ImplicitALS(training: rows, settings: settings, workers: workers) {
        report("epoch \($0.epoch) of \($0.epochs)") ? .proceed : .stop
      }
    } catch {
      throw FitFailure(error)
    }
  }

  public func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? {
    var other = self
    switch generator.next(upperBound: UInt64(5)) {
    case 0:
      let factor = [0.1, 0.3, 0.5, 0.7, 1.4, 2, 3, 10].other(than: 1, using: &generator)
      other.settings.regularization = rounded(settings.regularization * Float(factor))
    case 1:
      let factor = [0.1, 0.3, 0.5, 0.7, 1.4, 2, 3, 10].other(than: 1, using: &generator)
      other.settings.unobservedWeight = rounded(settings.unobservedWeight * Float(factor))
    case 2:
      other.settings.dimensions = [64, 96, 128, 192, 256, 320].other(than: settings.dimensions, using: &generator)
    case 3: other.settings.epochs = [6, 8, 10, 12, 16, 20].other(than: settings.epochs, using: &generator)
    default:
      // The penalty of a row with the mean number of interactions would change by orders of magnitude: only near 1.
      let exponent = [0.85, 0.92, 1, 1.08].other(than: Double(settings.frequencyExponent), using: &generator)
      other.settings.frequencyExponent = Float(exponent)
    }
    return other
  }

  /// To two digits, as one would write it.
  private func rounded(_ value: Float) -> Float {
    var scale: Float = 1
    while value * scale < 10 && scale < 1e9 { scale *= 10 }
    return (value * scale).rounded() / scale
  }
}

struct FittedALS: FittedModel {
  let model: ImplicitALS

  var itemCount: Int { model.items.rowCount }

  func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
    let folded = model.foldIn(
      people: questions.map { $0.sequence == nil ? $0.history.items : [] }[...].asRows(itemCount: model.items.rowCount))
    var vectors = folded
    for (row, question) in questions.enumerated() {
      guard let person = question.sequence else { continue }
      let start = row * vectors.columnCount
      vectors.values.replaceSubrange(start..<start + vectors.columnCount, with: model.people[person])
    }
    return model.scores(of: vectors)
  }
}

extension ArraySlice<[UInt32]> {
  /// Each item of a row once, with weight 1.
  func asRows(itemCount: Int) -> SparseRows {
    let cells = enumerated().flatMap { row, items in
      Set(items).map { SparseRows.Cell(row: row, column: Int($0)) }
    }
    return SparseRows(cells, rowCount: count, columnCount: itemCount)
  }
}
