public import Mathematics
import Models
public import Primitives

/// A kind of model with its settings, as it can be fitted and compared with others.
public protocol EvaluableModel: Sendable {
  /// The algorithm's name: `ials`, `popularity`, `co_visitation`.
  var name: String { get }
  /// The settings that a tuning may change, for people: `d 192, λ 0.007`; empty when there are none.
  var settingsText: String { get }

  /// - Parameters:
  ///   - seed: Of what the fit draws by chance.
  ///   - report: Told in words how far the fit has come; false stops it.
  /// - Throws: `FitFailure`.
  func fit(
    _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
  ) throws(FitFailure) -> any FittedModel

  /// The same kind with one setting changed by chance, for a tuning; nil when there is nothing to set.
  func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)?
}

/// A model that has learnt from a training set.
public protocol FittedModel: Sendable {
  var itemCount: Int { get }

  /// A score of every item for each question, higher is better, shape `[questions.count, itemCount]`. Looks at the history
  /// of a question and at nothing else of it but where that stands in the training.
  func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix
}

public enum FitFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The model cannot learn from this set.
  case refused(String)
  case stopped

  public var description: String {
    switch self {
    case .refused(let reason): reason
    case .stopped: "the fit was stopped"
    }
  }
}

/// The models that can be named.
public enum EvaluableModels {
  /// Those among which the best is chosen.
  public static let all: [any EvaluableModel] = [
    EvaluablePopularity(), EvaluableCoVisitation(), EvaluableTransitions(), EvaluableSessionNeighbours(),
    EvaluableItemNeighbours(), EvaluableEASE(), EvaluableALS(), EvaluableSequence(),
  ]

  /// Other ways to fit one of `all`, for who asks for them.
  public static let variants: [any EvaluableModel] = [EvaluableALS(solver: .conjugateGradient(steps: 3))]

  public static let names = (all + variants).map(\.name)

  public static func named(_ name: String) -> (any EvaluableModel)? { (all + variants).first { $0.name == name } }
}

extension Array {
  /// An element that is not `current`, by chance; `current` when there is no other.
  func other(than current: Element, using generator: inout SeededGenerator) -> Element where Element: Equatable {
    let others = filter { $0 != current }
    return others.isEmpty ? current : others[Int(generator.next(upperBound: UInt64(others.count)))]
  }
}
