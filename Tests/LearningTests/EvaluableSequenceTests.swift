import Learning
import Mathematics
import Models
import Primitives
import Testing

@Suite struct EvaluableSequenceTests {
  /// Walks around a circle of items: what comes next is the next one, in the direction of the walk.
  static func task() -> EvaluationTask {
    let walks: [[UInt32]] = (0..<80).map { walk in
      let (start, turn) = (walk * 7, walk % 2 == 0 ? 1 : 19)
      return (0..<9).map { step -> UInt32 in UInt32((start + step * turn) % 20) }
    }
    let times = (0..<8).map { Timestamp(seconds: Int64($0 * 60)) }
    let sequences = walks.map { ActSequence(items: Array($0.dropLast()), times: times) }
    let questions = walks.enumerated().map { number, walk in
      EvaluationQuestion(
        sequence: number, history: sequences[number], targets: [walk[8]], candidates: .unseen, group: number)
    }
    return EvaluationTask(training: TrainingData(itemCount: 21, sequences: sequences), questions: questions)
  }

  static func small(epochs: Int = 60) -> EvaluableSequence {
    var settings = SelfAttention.Settings()
    (settings.dimensions, settings.hidden, settings.blocks, settings.length) = (16, 32, 1, 8)
    (settings.batch, settings.rate, settings.epochs, settings.validationShare) = (128, 0.01, epochs, 0)
    return EvaluableSequence(settings: settings)
  }

  @Test func `order alone is enough to find what comes next`() throws {
    let task = Self.task()
    let fitted = try Self.small().fit(task.training, seed: 0, workers: 2) { _ in true }
    let result = try #require(Evaluator(k: 1).result(of: fitted, on: task.questions))
    #expect(result.hr.value > 0.95)
  }

  @Test func `the seed says what is drawn, and each epoch is told and may be the last`() throws {
    let task = Self.task()
    var told: [String] = []
    let one = try Self.small(epochs: 2).fitted(task.training, seed: 3, workers: 1) {
      told.append($0)
      return true
    }
    #expect(told.count == 2 && told[1].hasPrefix("epoch 2 of at most 2, loss "))
    #expect(try Self.small(epochs: 2).fitted(task.training, seed: 3, workers: 2) { _ in true } == one)
    #expect(try Self.small(epochs: 2).fitted(task.training, seed: 4, workers: 2) { _ in true } != one)
    #expect(throws: FitFailure.stopped) {
      _ = try Self.small().fit(task.training, seed: 3, workers: 1) { _ in false }
    }
  }

  @Test func `a larger set is given fewer epochs, and never none`() throws {
    let training = Self.task().training
    func epochs(_ operations: Double) throws -> Int {
      var model = Self.small(epochs: 3)
      model.operationsMax = operations
      return try model.fitted(training, seed: 0, workers: 1) { _ in true }.settings.epochs
    }
    let one = Self.small().settings.operations(acts: training.actCount, items: training.itemCount)
    #expect(try epochs(2.5 * one) == 2)
    #expect(try epochs(0) == 1)
    #expect(try epochs(.infinity) == 3)
  }

  @Test func `a set without a succession is refused with the reason`() {
    let training = TrainingData(
      itemCount: 2, sequences: [0, 1].map { ActSequence(items: [$0], times: [Timestamp(seconds: 0)]) })
    #expect(
      throws: FitFailure.refused(
        "no sequence of the training set has two interactions; what comes next cannot be learnt")
    ) { _ = try EvaluableSequence().fit(training, seed: 0, workers: 1) { _ in true } }
  }

  @Test func `a variation changes something, and stays what can be fitted`() throws {
    var generator = SeededGenerator(seed: 1)
    let model = EvaluableSequence()
    for _ in 0..<40 {
      let other = try #require(model.varied(using: &generator) as? EvaluableSequence)
      #expect(other.settings != model.settings && other.settingsText != model.settingsText)
      #expect(other.settings.dimensions % other.settings.heads == 0)
    }
  }
}
