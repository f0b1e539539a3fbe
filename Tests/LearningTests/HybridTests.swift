import Foundation
import Mathematics
import Models
import Primitives
import Synchronization
import Testing

@testable import Learning

@Suite struct HybridTests {
  /// A model whose scores of a question are told by a function of its first item.
  struct Told: EvaluableModel, FittedModel {
    let name: String
    let score: @Sendable (_ first: UInt32, _ item: Int) -> Float
    var itemCount: Int { HybridTests.itemCount }
    var settingsText: String { "" }

    func fit(
      _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
    ) throws(FitFailure) -> any FittedModel { self }

    func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? { nil }

    func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
      let values = questions.flatMap { question in
        (0..<itemCount).map { score(question.history.items[0], $0) }
      }
      return FloatMatrix(rowCount: questions.count, columnCount: itemCount, values: values)
    }
  }

  static let itemCount = 40

  /// The answer shares its last three bits with the first item of the history, and its upper ones with seven times it.
  static func answer(_ first: UInt32) -> Int { Int(first) * 7 % 5 * 8 + Int(first) % 8 }

  static let lower = Told(name: "lower") { Int($0) % 8 == $1 % 8 ? 1 : Float($1 % 3) / 10 }
  static let upper = Told(name: "upper") { Int($0) * 7 % 5 == $1 / 8 ? 1e-6 : Float($1 % 7) * 1e-8 }
  static let noise = Told(name: "noise") { Float(($1 * 31 + Int($0) * 17) % 97) }

  static func task(
    _ candidates: EvaluationQuestion.Candidates = .unseen, groupStep: Int = 1
  ) -> EvaluationTask {
    let sequences = (0..<400).map { number -> ActSequence in
      let first = UInt32(number % itemCount)
      return ActSequence(items: [first], times: [Timestamp(seconds: Int64(number))])
    }
    let questions = sequences.enumerated().compactMap { number, sequence -> EvaluationQuestion? in
      let target = UInt32(answer(sequence.items[0]))
      guard target != sequence.items[0] else { return nil }
      return EvaluationQuestion(
        sequence: number, history: sequence, targets: [target], candidates: candidates, group: number * groupStep)
    }
    return EvaluationTask(
      training: TrainingData(itemCount: itemCount, sequences: sequences), questions: questions)
  }

  static func members(_ models: [Told]) -> [BlendTraining.Member] {
    models.map { BlendTraining.Member(model: $0, fitted: $0) }
  }

  @Test(arguments: [.unseen, .all, .given((0..<40).map { UInt32($0) })] as [EvaluationQuestion.Candidates])
  func `two models that each know half of an answer know it together, whatever their scales`(
    candidates: EvaluationQuestion.Candidates
  ) throws {
    let task = Self.task(candidates)
    let evaluator = Evaluator(k: 1)
    func alone(_ model: Told) throws -> Double {
      try #require(evaluator.result(of: model, on: task.questions)).hr.value
    }
    #expect(try alone(Self.lower) < 0.3)
    #expect(try alone(Self.upper) < 0.3)
    let training = BlendTraining(
      members: Self.members([Self.noise, Self.lower, Self.upper]), on: task, evaluator: evaluator)
    let found = try #require(training.best())
    #expect(Set(found.hybrid.members.map(\.name)).isSuperset(of: ["lower", "upper"]))
    #expect(found.score > 0.95)
    let fitted = try found.hybrid.fit(task.training, seed: 0, workers: 1) { _ in true }
    #expect(try #require(evaluator.result(of: fitted, on: task.questions)).hr.value > 0.95)
  }

  @Test func `halves are made of the groups that appear, whatever their numbers`() throws {
    let members = Self.members([Self.lower, Self.upper])
    let scores = [1, 2].map { step in
      BlendTraining(members: members, on: Self.task(groupStep: step), evaluator: Evaluator(k: 1)).best()?.score
    }
    #expect(scores[0] == scores[1] && scores[0] != nil)
  }

  @Test(
    arguments: [
      (0, ".0000"), (0.0421, ".0421"), (0.5, ".5000"), (0.99994, ".9999"), (0.99996, "1.0000"), (1, "1.0000"),
    ] as [(Double, String)])
  func `a score is told in four digits`(score: Double, text: String) { #expect(ModelSearch.text(score) == text) }

  @Test func `an item that is held out leaves no copy in its history`() {
    let times = (0..<4).map { Timestamp(seconds: $0) }
    let training = TrainingData(itemCount: 9, sequences: [ActSequence(items: [3, 5, 3, 7], times: times)])
    let task = ValidationSplit.leaving([HeldOut(sequence: 0, target: 3, others: [1])], outOf: training)
    #expect(task.training.sequences[0] == ActSequence(items: [5, 7], times: [times[1], times[3]]))
    #expect(task.questions[0].history.items == [5, 7])
  }

  @Test func `a blend gives a score to every item, candidates above all others`() throws {
    let task = Self.task()
    let found = try #require(
      BlendTraining(members: Self.members([Self.lower, Self.upper]), on: task, evaluator: Evaluator(k: 1)).best())
    let fitted = try found.hybrid.fit(task.training, seed: 0, workers: 1) { _ in true }
    let question = task.questions[3]
    let scores = fitted.scores(for: task.questions[3...3])
    #expect(scores.isFinite)
    let seen = Int(question.history.items[0])
    #expect(scores.values[seen] < -900, "what was seen is no candidate")
    #expect(scores.values[Int(question.targets[0])] > -900)
  }

  @Test func `members that say the same of all, or no numbers, leave the others to answer`() throws {
    let silent = Told(name: "silent") { _, _ in 0 }
    let broken = Told(name: "broken") { _, item in item % 2 == 0 ? .nan : .infinity }
    let task = Self.task()
    let training = BlendTraining(
      members: Self.members([silent, Self.lower, broken, Self.upper]), on: task, evaluator: Evaluator(k: 1))
    #expect(try #require(training.best()).score > 0.95)
    #expect(BlendTraining(members: Self.members([silent]), on: task, evaluator: Evaluator(k: 1)).best() == nil)
  }

  @Test func `the best is found among models and their blend, and what takes too long is left out and told`() throws {
    let notes = Mutex<[String]>([])
    let ticks = Mutex(0)
    func outcome(_ models: [any EvaluableModel], budget: Duration?) -> ModelSearch.Outcome {
      ticks.withLock { $0 = 0 }
      let watch = ModelSearch.Watch(
        elapsed: {
          ticks.withLock { ticks in
            ticks += 1
            return .seconds(ticks)
          }
        }, note: { note in notes.withLock { $0.append(note) } }, progress: { _ in })
      return ModelSearch(evaluator: Evaluator(k: 1), budget: budget).run(models, on: Self.task(), watch: watch)
    }
    let found = outcome([Self.lower, Self.noise, Self.upper], budget: nil)
    #expect(found.best?.name == "hybrid")
    #expect(found.trials.count == 3)
    #expect(outcome([Self.lower], budget: nil).best?.name == "lower")
    // The first fit takes two ticks of the clock: after it the time is up.
    let hurried = outcome([Self.lower, Self.upper], budget: .seconds(1))
    #expect(hurried.trials.map(\.model.name) == ["lower"])
    #expect(notes.withLock { $0.contains("upper is left out: the time is up") })
    #expect(outcome([], budget: nil).best == nil)
  }

  @Test func `a model that would take more memory than there is, is left out and told`() {
    let notes = Mutex<[String]>([])
    let watch = ModelSearch.Watch(
      elapsed: { .zero }, note: { note in notes.withLock { $0.append(note) } }, progress: { _ in })
    let search = ModelSearch(evaluator: Evaluator(k: 1), budget: nil, memoryMax: 1_000)
    let found = search.run([Self.lower, EvaluableEASE()], on: Self.task(), watch: watch)
    #expect(found.trials.map(\.model.name) == ["lower"])
    #expect(notes.withLock { $0.contains { $0.hasPrefix("ease is left out: it takes up to") } })
  }

  /// A model whose every fit takes 600 bytes; it has one other setting.
  struct Heavy: EvaluableModel {
    var number = 0
    let fits: @Sendable (Int) -> Void
    var name: String { "heavy" }
    var settingsText: String { "\(number)" }

    func fit(
      _ training: TrainingData, seed: UInt64, workers: Int, report: (String) -> Bool
    ) throws(FitFailure) -> any FittedModel {
      fits(number)
      return HybridTests.noise
    }

    func memoryBytes(for training: TrainingData, workers: Int) -> Int? { 600 }
    func varied(using generator: inout SeededGenerator) -> (any EvaluableModel)? { Heavy(number: 1, fits: fits) }
  }

  @Test(arguments: [(1_000, [0]), (1_200, [0, 1])] as [(Int, [Int])])
  func `what is kept counts while another setting is fitted`(memoryMax: Int, numbers: [Int]) {
    let fitted = Mutex<[Int]>([])
    let watch = ModelSearch.Watch(elapsed: { .zero }, note: { _ in }, progress: { _ in })
    _ = ModelSearch(evaluator: Evaluator(k: 1), budget: .seconds(1), memoryMax: memoryMax)
      .run([Heavy(fits: { number in fitted.withLock { $0.append(number) } })], on: Self.task(), watch: watch)
    #expect(fitted.withLock { $0 } == numbers)
  }

  @Test func `settings that are better are found while there is time`() throws {
    let sequences = SequencesForSearch.sequences
    let training = TrainingData(itemCount: 12, sequences: sequences)
    let validation = try #require(ValidationSplit.prefixes(ofLastOf: training))
    let ticks = Mutex(0)
    let watch = ModelSearch.Watch(
      elapsed: {
        ticks.withLock { ticks in
          ticks += 1
          return .seconds(ticks)
        }
      }, note: { _ in }, progress: { _ in })
    var poor = EvaluableTransitions()
    (poor.settings.window, poor.settings.seeds, poor.settings.columnExponent) = (40, 50, 0.45)
    let evaluator = Evaluator(k: 3)
    let begun = try Tuning(evaluator: evaluator).trial(of: poor, on: validation) { _ in true }
    let found = ModelSearch(evaluator: evaluator, budget: .seconds(200))
      .run([poor], on: validation, watch: watch)
    #expect(try #require(found.trials.first).score > begun.score)
  }

  enum SequencesForSearch {
    /// Each item leads to the next but two: only the last one matters.
    static let sequences: [ActSequence] = {
      var generator = SeededGenerator(seed: 9)
      return (0..<300).map { number in
        var item = UInt32(generator.next(upperBound: UInt64(12)))
        let items = (0..<6).map { _ -> UInt32 in
          item = generator.nextUnit() < 0.7 ? (item + 3) % 12 : UInt32(generator.next(upperBound: UInt64(12)))
          return item
        }
        return ActSequence(items: items, times: items.indices.map { Timestamp(seconds: Int64(number * 100 + $0)) })
      }
    }()
  }
}
