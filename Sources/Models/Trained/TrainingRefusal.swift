import Mathematics

/// Why a training set teaches nothing.
public enum TrainingRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  case noInteractions
  /// Everybody's taste is one person's.
  case onePerson
  /// There is nothing to choose from.
  case oneItem
  /// No act followed another.
  case noSuccession
  /// A weight that is negative or no number.
  case weight(Float)
  case settings(String)
  /// Numbers grew beyond what can be held.
  case diverged
  /// Whoever asked for it wants it no more.
  case stopped

  public var description: String {
    switch self {
    case .noInteractions: "the training set has no interactions"
    case .onePerson: "the training set has interactions of one person only; a model needs at least two"
    case .oneItem: "the training set has interactions with one item only; a model needs at least two"
    case .noSuccession: "no sequence of the training set has two interactions; what comes next cannot be learnt"
    case .weight(let weight): "found a weight of \(weight), expected a number of at least 0"
    case .settings(let reason): reason
    case .diverged: "training gave numbers that cannot be held; try a larger regularization or smaller weights"
    case .stopped: "training was stopped"
    }
  }

  static func check(_ training: SparseRows, _ settings: ImplicitALS.Settings) throws(TrainingRefusal) {
    guard settings.dimensions > 0 else {
      throw .settings("found \(settings.dimensions) dimensions, expected at least 1")
    }
    if case .conjugateGradient(let steps) = settings.solver, steps < 1 {
      throw .settings("found \(steps) steps of conjugate gradients, expected at least 1")
    }
    guard settings.epochs > 0 else { throw .settings("found \(settings.epochs) epochs, expected at least 1") }
    for (name, value) in [
      ("regularization", settings.regularization), ("unobserved weight", settings.unobservedWeight),
      ("initial deviation", settings.initialDeviation),
    ] where !(value > 0 && value.isFinite) {
      throw .settings("found a \(name) of \(value), expected a number above 0")
    }
    guard settings.frequencyExponent >= 0, settings.frequencyExponent.isFinite else {
      throw .settings("found a frequency exponent of \(settings.frequencyExponent), expected a number of at least 0")
    }
    if let odd = training.weights?.first(where: { !($0 >= 0 && $0.isFinite) }) { throw .weight(odd) }
    guard training.cellCount > 0 else { throw .noInteractions }
    guard (0..<training.rowCount).lazy.filter({ training.count(inRow: $0) > 0 }).prefix(2).count == 2 else {
      throw .onePerson
    }
    guard let first = training.columns.first, training.columns.contains(where: { $0 != first }) else { throw .oneItem }
  }
}
