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
  /// The model takes more memory than it may.
  case memory(bytes: Int, allowed: Int)
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
    case .memory(let bytes, let allowed):
      "the model takes up to \(bytes >> 20) MB, more than the \(allowed >> 20) MB that it may"
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
    try check(training)
  }

  /// Interactions that two people or more had with two items or more.
  static func check(_ training: SparseRows) throws(TrainingRefusal) {
    if let odd = training.weights?.first(where: { !($0 >= 0 && $0.isFinite) }) { throw .weight(odd) }
    guard training.cellCount > 0 else { throw .noInteractions }
    guard (0..<training.rowCount).lazy.filter({ training.count(inRow: $0) > 0 }).prefix(2).count == 2 else {
      throw .onePerson
    }
    guard let first = training.columns.first, training.columns.contains(where: { $0 != first }) else { throw .oneItem }
  }

  /// Sequences of two people or more with two items or more.
  static func check(_ sequences: [[UInt32]], itemCount: Int) throws(TrainingRefusal) {
    let active = sequences.lazy.filter { !$0.isEmpty }
    guard let first = active.first?.first else { throw .noInteractions }
    for sequence in active {
      for item in sequence { precondition(item < itemCount, "item \(item) of \(itemCount)") }
    }
    guard active.prefix(2).count == 2 else { throw .onePerson }
    guard active.contains(where: { $0.contains { $0 != first } }) else { throw .oneItem }
  }

  /// - Parameter range: What a setting may be; what is no number is refused too.
  static func check(_ value: Double, in range: ClosedRange<Double>, _ name: String) throws(TrainingRefusal) {
    guard range.contains(value) else {
      let expected =
        range.upperBound == .greatestFiniteMagnitude
        ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw .settings("found \(name) \(value), expected \(expected)")
    }
  }
}

extension ClosedRange<Double> {
  static func from(_ lowest: Double) -> ClosedRange<Double> { lowest...Double.greatestFiniteMagnitude }
}
