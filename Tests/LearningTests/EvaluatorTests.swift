import Learning
import Mathematics
import Models
import Primitives
import Testing

@Suite struct EvaluatorTests {
  /// Scores that are the same for every question.
  struct Fixed: FittedModel {
    let scores: [Float]
    var itemCount: Int { scores.count }

    func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
      FloatMatrix(
        rowCount: questions.count, columnCount: scores.count,
        values: questions.flatMap { _ in scores })
    }
  }

  static func question(
    _ history: [UInt32], _ targets: [UInt32], _ candidates: EvaluationQuestion.Candidates, group: Int = 0
  ) -> EvaluationQuestion {
    let times = history.map { Timestamp(seconds: Int64($0)) }
    return EvaluationQuestion(
      sequence: nil, history: ActSequence(items: history, times: times), targets: targets, candidates: candidates,
      group: group)
  }

  /// Scores .9 .8 .7 .7 .5 .4 of items 0 to 5.
  @Test(
    arguments: [
      (question([], [0], .all), 1), (question([], [4], .all), 1.0 / 5), (question([], [2], .all), 1.0 / 4),
      (question([0, 1], [4], .unseen), 1.0 / 3), (question([0, 0, 3], [4], .unseen), 1.0 / 3),
      (question([4], [4], .unseen), 0), (question([0], [4], .given([5, 0, 4])), 1.0 / 2),
      (question([], [3], .given([2, 5])), 1.0 / 2), (question([], [5, 1], .all), 1.0 / 2),
    ] as [(EvaluationQuestion, Double)])
  func `a target's place counts its candidates alone, and ties against it`(
    question: EvaluationQuestion, reciprocal: Double
  ) {
    let model = Fixed(scores: [0.9, 0.8, 0.7, 0.7, 0.5, 0.4])
    let metrics = Evaluator(k: 10).metrics(of: model, on: [question])
    #expect(abs(metrics[0].mrr - reciprocal) < 1e-12)
  }

  @Test func `a result is the mean over questions, whatever the number of workers`() throws {
    let questions = (0..<300).map { Self.question([], [UInt32($0 % 6)], .all, group: $0 / 2) }
    let model = Fixed(scores: [6, 5, 4, 3, 2, 1])
    let result = try #require(Evaluator(k: 3, workers: 1).result(of: model, on: questions))
    #expect(result.hr.value == 0.5 && result.recall.value == 0.5)
    #expect(abs(result.mrr.value - (1 + 1.0 / 2 + 1.0 / 3) / 6) < 1e-12)
    #expect(result.hr.low < 0.5 && result.hr.high > 0.5)
    #expect(Evaluator(k: 3, workers: 3).result(of: model, on: questions) == result)
    #expect(Evaluator().result(of: model, on: []) == nil)
  }

  /// Two tastes; the item that a person lacks is of theirs.
  static func tastes() -> EvaluationTask {
    let sequences = (0..<60).map { person in
      let items = (0..<10).filter { $0 != person % 10 }.map { UInt32(person % 2 == 0 ? 2 * $0 : 2 * $0 + 1) }
      return ActSequence(items: items, times: items.indices.map { Timestamp(seconds: Int64($0 * 60)) })
    }
    let questions = sequences.enumerated().map { person, sequence in
      EvaluationQuestion(
        sequence: person, history: sequence, targets: [UInt32(2 * (person % 10) + person % 2)], candidates: .unseen,
        group: person)
    }
    return EvaluationTask(training: TrainingData(itemCount: 20, sequences: sequences), questions: questions)
  }

  @Test func `models that look at the person find what popularity cannot`() throws {
    let task = Self.tastes()
    var hits: [String: Double] = [:]
    for model in EvaluableModels.all {
      var model = model
      if model is EvaluableALS {
        var settings = EvaluableALS().settings
        settings.dimensions = 8
        model = EvaluableALS(settings: settings)
      }
      if model is EvaluableSequence { continue }  // `EvaluableSequenceTests`
      let fitted = try model.fit(task.training, seed: 0, workers: 2) { _ in true }
      hits[model.name] = Evaluator(k: 1).result(of: fitted, on: task.questions)?.hr.value
    }
    #expect(hits["ials"] == 1)
    #expect(try #require(hits["co_visitation"]) > 0.9)
    #expect(try #require(hits["popularity"]) < 0.6)
  }

  @Test func `a question whose history the model has not seen is answered from the history`() throws {
    let task = Self.tastes()
    var settings = EvaluableALS().settings
    settings.dimensions = 8
    let fitted = try EvaluableALS(settings: settings).fit(task.training, seed: 0, workers: 1) { _ in true }
    let strangers = task.questions.map {
      EvaluationQuestion(
        sequence: nil, history: $0.history, targets: $0.targets, candidates: $0.candidates, group: $0.group)
    }
    #expect(Evaluator(k: 1).result(of: fitted, on: strangers)?.hr.value == 1)
  }

  @Test func `a set that teaches nothing is refused by every model that cannot learn from it`() {
    let empty = TrainingData(itemCount: 3, sequences: [ActSequence()])
    for model in EvaluableModels.all {
      #expect(throws: FitFailure.self) { _ = try model.fit(empty, seed: 0, workers: 1) { _ in true } }
    }
    let one = TrainingData(
      itemCount: 2, sequences: [ActSequence(items: [0, 1], times: [Timestamp(seconds: 0), Timestamp(seconds: 1)])])
    #expect(throws: FitFailure.refused(TrainingMessages.onePerson)) {
      _ = try EvaluableALS().fit(one, seed: 0, workers: 1) { _ in true }
    }
  }

  enum TrainingMessages {
    static let onePerson = "the training set has interactions of one person only; a model needs at least two"
  }

  @Test func `tuning keeps the best of what it tried, by seed, and ends when the time is up`() throws {
    let task = Self.tastes()
    func tuned(_ trials: Int) throws -> [Double] {
      var scores: [Double] = []
      let best = try Tuning(evaluator: Evaluator(k: 3), seed: 4).best(
        from: EvaluableCoVisitation(), on: task, isOver: { scores.count >= trials },
        tried: { trial, _ in scores.append(trial.score) })
      #expect(best.score == scores.max())
      return scores
    }
    let scores = try tuned(12)
    #expect(scores.count == 12)
    #expect(try tuned(12) == scores)
    #expect(try tuned(0).count == 1, "the settings that it begins with are always tried")
  }

  /// The figures of the published script on the same data: research/baselines.md, popularity .4531 / .2541.
  @Test func `popularity on the published split has the published figures`() throws {
    guard let train = dataSet("ncf-ml-1m/ml-1m.train.pairs.tsv"),
      let negatives = dataSet("ncf-ml-1m/ml-1m.test.negative"), isRelease
    else { return }
    let set = try EvaluationSource.ncf(train: train, negatives: negatives, validation: nil).load()
    let fitted = try EvaluablePopularity().fit(set.test.training, seed: 0, workers: 2) { _ in true }
    let result = try #require(Evaluator().result(of: fitted, on: set.test.questions))
    #expect(abs(result.hr.value - 0.4531) < 0.0002)
    #expect(abs(result.ndcg.value - 0.2541) < 0.0002)
  }

  /// A million rows take minutes in a debug build.
  private var isRelease: Bool {
    #if DEBUG
      print("skipped: the published split takes a release build; Benchmarks/README.md has its figures")
      return false
    #else
      return true
    #endif
  }
}
