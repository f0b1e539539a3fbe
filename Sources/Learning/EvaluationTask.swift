public import Primitives

/// What one person, or one session, did: items by number, oldest first.
public struct ActSequence: Sendable, Hashable {
  public var items: [UInt32] = []
  /// As long as `items`, ascending. Where the data has no times, they say no more than the order that it has.
  public var times: [Timestamp] = []

  public init() {}

  public init(items: [UInt32], times: [Timestamp]) {
    precondition(items.count == times.count)
    self.items = items
    self.times = times
  }

  func prefix(_ count: Int) -> ActSequence {
    ActSequence(items: Array(items.prefix(count)), times: Array(times.prefix(count)))
  }
}

/// What a model may learn from.
public struct TrainingData: Sendable, Hashable {
  /// Items are numbered from 0; those that no sequence has are in the catalogue nevertheless.
  public let itemCount: Int
  /// Of people or sessions.
  public var sequences: [ActSequence]

  public init(itemCount: Int, sequences: [ActSequence]) {
    self.itemCount = itemCount
    self.sequences = sequences
  }

  public var actCount: Int { sequences.reduce(0) { $0 + $1.items.count } }
}

/// Something that a model is asked, with what it should have answered.
public struct EvaluationQuestion: Sendable, Hashable {
  /// Among which items the targets are to be found.
  public enum Candidates: Sendable, Hashable {
    case all
    /// All but those of the history.
    case unseen
    /// These and the targets.
    case given([UInt32])
  }

  /// The sequence of the training that the history is, whole; nil when the model has not seen it.
  public let sequence: Int?
  public let history: ActSequence
  /// At least one, each once.
  public let targets: [UInt32]
  public let candidates: Candidates
  /// Questions of one group are of one person or session: they are drawn together in a bootstrap.
  public let group: Int

  public init(
    sequence: Int?, history: ActSequence, targets: [UInt32], candidates: Candidates, group: Int
  ) {
    precondition(!targets.isEmpty)
    self.sequence = sequence
    self.history = history
    self.targets = targets
    self.candidates = candidates
    self.group = group
  }
}

/// A training set with the questions that are asked afterwards.
public struct EvaluationTask: Sendable, Hashable {
  public let training: TrainingData
  public let questions: [EvaluationQuestion]

  public init(training: TrainingData, questions: [EvaluationQuestion]) {
    self.training = training
    self.questions = questions
  }
}

/// What a format is read as: the test, and a validation made of the test's training alone.
public struct EvaluationSet: Sendable {
  public let test: EvaluationTask
  /// For choosing models and settings.
  public let validation: EvaluationTask
  /// What is known of the items, for measures of lists; nil when nothing is.
  public var categories: ItemCategories?
}
