import Foundation
import Mathematics
import Primitives
import Testing

@testable import Learning

/// Measures of lists, several seeds, comparisons and parts.
@Suite struct EvaluationFiguresTests {
  private static func sequence(_ items: [UInt32]) -> ActSequence {
    ActSequence(items: items, times: items.map { _ in Timestamp(seconds: 0) })
  }

  /// Four people: item 0 has all, 1 two, 2 one, 3 nobody.
  private static let training = TrainingData(
    itemCount: 4, sequences: [[0], [0, 1], [0, 1], [0, 2]].map { sequence($0) })

  private static func categories(_ texts: [String]) -> ItemCategories {
    var categories = ItemCategories()
    for (item, text) in texts.enumerated() { categories.add(text, to: UInt32(item)) }
    return categories
  }

  @Test func `novelty is the mean self-information, and nobody counts as one`() {
    let traits = ListTraits(Self.training, categories: nil)
    #expect(traits.novelty([0]) == 0)
    #expect(traits.novelty([1]) == 1)
    #expect(traits.novelty([2, 3]) == 2)
    #expect(traits.novelty([0, 2]) == 1)
    #expect(traits.novelty([]) == 0)
  }

  @Test func `diversity is one less the cosine of holders, or of categories where they are known`() {
    let byPeople = ListTraits(Self.training, categories: nil)
    #expect(abs(byPeople.diversity([0, 1]) - (1 - 2 / (4 * 2.0).squareRoot())) < 1e-12)
    #expect(byPeople.diversity([1, 2]) == 1 && byPeople.diversity([3, 0]) == 1 && byPeople.diversity([1]) == 0)
    let named = ListTraits(Self.training, categories: Self.categories(["a|b", "b| c ", "a|b|a", ""]))
    #expect(abs(named.diversity([0, 1]) - 0.5) < 1e-12)
    #expect(abs(named.diversity([0, 2])) < 1e-12)
    #expect(named.diversity([0, 3]) == 1)
    #expect(abs(named.diversity([0, 1, 2]) - (0.5 + 0 + 0.5) / 3) < 1e-12)
  }

  @Test func `a list that mirrors the history is calibrated, and one that does not is as far as the divergence says`() {
    let traits = ListTraits(Self.training, categories: Self.categories(["a", "a", "b", "b"]))
    #expect(abs(traits.miscalibration([0, 2], history: [1, 3])) < 1e-12)
    #expect(abs(traits.miscalibration([0, 1], history: [1])) < 1e-12)
    // p = (1/2, 1/2), q̃ = (.99 + .005, .005).
    let expected = 0.5 * log(0.5 / 0.995) + 0.5 * log(0.5 / 0.005)
    #expect(abs(traits.miscalibration([0, 1], history: [0, 2]) - expected) < 1e-12)
    #expect(traits.miscalibration([0], history: []) == 0)
  }

  @Test func `head, middle and tail hold a fifth, three fifths and a fifth of all`() {
    // Of 100, most popular first: 30 | 25, 20, 10 | 10, 5; what begins before 20 is head, what begins before 80 middle.
    #expect(ListTraits.parts([30, 10, 25, 20, 5, 10]) == [0, 1, 1, 1, 2, 2])
    #expect(ListTraits.parts([0, 0]) == [2, 2])
  }

  // MARK: Figures

  private static func question(_ target: UInt32, history: [UInt32], group: Int) -> EvaluationQuestion {
    EvaluationQuestion(
      sequence: nil, history: sequence(history), targets: [target], candidates: .unseen, group: group)
  }

  private static let task = EvaluationTask(
    training: training,
    questions: [
      question(3, history: [0], group: 0), question(1, history: [0], group: 1), question(2, history: [0, 1], group: 2),
    ])

  private static func answers(_ places: [Int]) -> [EvaluationAnswer] {
    places.map { EvaluationAnswer(places: [$0], list: [1, 2]) }
  }

  @Test func `figures of several seeds are their mean, with the deviation between them`() throws {
    let evaluator = Evaluator(k: 2)
    let figures = try #require(
      evaluator.figures(of: [Self.answers([1, 3, 1]), Self.answers([1, 1, 1])], to: Self.task, categories: nil))
    #expect(figures.figures.map(\.metric) == EvaluationMetric.allCases)
    let hits = try #require(figures[.hr])
    #expect(abs(hits.estimate.value - 5.0 / 6) < 1e-12)
    #expect(abs(try #require(hits.deviation) - (1.0 / 18).squareRoot()) < 1e-12, "of 2/3 and 1")
    #expect(figures.values[.hr] == [1, 0.5, 1])
    #expect(figures[.coverage]?.estimate.value == 0.5)
    let one = try #require(evaluator.figures(of: [Self.answers([1, 3, 1])], to: Self.task, categories: nil))
    #expect(one.figures.allSatisfy { $0.deviation == nil && $0.estimate.low <= $0.estimate.value })
    #expect(
      evaluator.figures(of: [[]], to: EvaluationTask(training: Self.training, questions: []), categories: nil) == nil)
  }

  @Test func `a single seed's figures are those that a tuning looks at`() throws {
    struct Fixed: FittedModel {
      let itemCount = 4
      func scores(for questions: ArraySlice<EvaluationQuestion>) -> FloatMatrix {
        FloatMatrix(rowCount: questions.count, columnCount: 4, values: questions.flatMap { _ in [0.1, 0.4, 0.3, 0.2] })
      }
    }
    let evaluator = Evaluator(k: 2)
    let answers = evaluator.answers(of: Fixed(), to: Self.task.questions)
    #expect(answers.map(\.list) == [[1, 2], [1, 2], [2, 3]])
    let figures = try #require(evaluator.figures(of: [answers], to: Self.task, categories: nil))
    let result = try #require(evaluator.result(of: Fixed(), on: Self.task.questions))
    #expect(figures[.hr]?.estimate == result.hr && figures[.ndcg]?.estimate == result.ndcg)
    #expect(figures[.recall]?.estimate == result.recall && figures[.mrr]?.estimate == result.mrr)
  }

  @Test func `lists leave out what was had, what is no number, and candidates that were given`() {
    let scores: ArraySlice<Float> = [0.5, .nan, 0.9, 0.9, 0.1]
    func list(_ candidates: EvaluationQuestion.Candidates, k: Int = 3) -> [UInt32] {
      let question = EvaluationQuestion(
        sequence: nil, history: Self.sequence([2]), targets: [0], candidates: candidates, group: 0)
      return Evaluator.list(for: question, scores: scores, k: k)
    }
    #expect(list(.all) == [2, 3, 0] && list(.unseen) == [3, 0, 4] && list(.given([1])) == [])
    #expect(list(.all, k: 9) == [2, 3, 0, 4] && list(.all, k: Evaluator.listMax + 1) == [])
  }

  @Test func `differences are taken question by question, and of one model with itself there are none`() throws {
    let evaluator = Evaluator(k: 2)
    let good = try #require(evaluator.figures(of: [Self.answers([1, 1, 1])], to: Self.task, categories: nil))
    let bad = try #require(evaluator.figures(of: [Self.answers([3, 1, 3])], to: Self.task, categories: nil))
    let differences = evaluator.differences(good, less: bad, on: Self.task.questions)
    #expect(abs(try #require(differences[.hr]).value - 2.0 / 3) < 1e-12)
    #expect(differences[.novelty]?.value == 0 && differences[.coverage] == nil)
    #expect(evaluator.differences(good, less: good, on: Self.task.questions).values.allSatisfy { $0.p == 1 })
  }

  // MARK: Parts

  @Test func `parts hold all questions once, by popularity of the target and length of the history`() throws {
    let evaluator = Evaluator(k: 2)
    let figures = try #require(evaluator.figures(of: [Self.answers([1, 3, 1])], to: Self.task, categories: nil))
    let parts = evaluator.breakdown(of: figures, on: Self.task)
    #expect(parts.byHistory.map(\.name) == ["1–4"] && parts.byHistory.map(\.count) == [3])
    #expect(parts.byPopularity.map(\.name) == ["items 2–2", "items 3–3", "not in the training"])
    #expect(parts.byPopularity.map(\.estimate.value) == [0, 1, 1])
    #expect(parts.byPopularity.reduce(0) { $0 + $1.count } == 3)
    let two = try #require(parts.depths.first { $0.k == 2 })
    #expect(abs(two.recall.value - 2.0 / 3) < 1e-12 && abs(two.precision.value - 1.0 / 3) < 1e-12)
    #expect(parts.depths.first { $0.k == 3 }?.recall.value == 1)
  }
}
