import Foundation
import Mathematics
import Primitives
import Testing

@Suite struct RankingMetricsTests {
  struct Case: Sendable {
    let places: [Int]
    let targets: Int
    let k: Int
    let expected: [Double]  // hr, ndcg, recall, mrr
  }

  /// Worked out by hand: 1 / log₂ 2 = 1, 1 / log₂ 3 = .63093, 1 / log₂ 4 = .5, 1 / log₂ 11 = .28906.
  @Test(arguments: [
    Case(places: [1], targets: 1, k: 10, expected: [1, 1, 1, 1]),
    Case(places: [3], targets: 1, k: 10, expected: [1, 0.5, 1, 1.0 / 3]),
    Case(places: [10], targets: 1, k: 10, expected: [1, 0.28906, 1, 0.1]),
    Case(places: [11], targets: 1, k: 10, expected: [0, 0, 0, 0]),
    Case(places: [], targets: 1, k: 10, expected: [0, 0, 0, 0]),
    Case(places: [3, 1], targets: 4, k: 3, expected: [1, 1.5 / 2.13093, 0.5, 1]),
    Case(places: [2, 9], targets: 2, k: 1, expected: [0, 0, 0, 0]),
  ])
  func `a ranking is measured as by hand`(example: Case) {
    let metrics = RankingMetrics(places: example.places, targetCount: example.targets, k: example.k)
    for (value, expected) in zip([metrics.hr, metrics.ndcg, metrics.recall, metrics.mrr], example.expected) {
      #expect(abs(value - expected) < 1e-5)
    }
  }

  @Test(
    arguments: [
      (0.5, [0.1, 0.9], 2), (0.5, [0.5, 0.5], 3), (0.9, [0.1], 1), (0, [], 1), (.nan, [0.1, 0.2], 3),
    ] as [(Float, [Float], Int)])
  func `ties and what is no number count against the target`(score: Float, others: [Float], place: Int) {
    #expect(RankingMetrics.place(of: score, among: others) == place)
  }

  @Test func `the interval of a share is that of the normal approximation, and shared by seed`() throws {
    let groups = (0..<400).map { Bootstrap.Group(observations: 1, sums: [$0 % 4 == 0 ? 1 : 0, 7]) }
    var generator = SeededGenerator(seed: 1)
    let estimates = Bootstrap().estimates(of: groups, using: &generator)
    #expect(estimates[0].value == 0.25)
    // 0.25 ± 1.96 √(.25 · .75 / 400)
    #expect(abs(estimates[0].low - 0.2076) < 0.006)
    #expect(abs(estimates[0].high - 0.2924) < 0.006)
    #expect(estimates[1] == Bootstrap().estimates(of: groups, using: &generator)[1])
    #expect(estimates[1].low == 7 && estimates[1].high == 7)
    var again = SeededGenerator(seed: 1)
    #expect(Bootstrap().estimates(of: groups, using: &again) == estimates)
  }

  @Test func `groups count by their observations, and nothing has no estimate`() {
    var generator = SeededGenerator(seed: 1)
    let groups = [Bootstrap.Group(observations: 3, sums: [3]), Bootstrap.Group(observations: 1, sums: [0])]
    #expect(Bootstrap().estimates(of: groups, using: &generator)[0].value == 0.75)
    #expect(Bootstrap().estimates(of: [], using: &generator).isEmpty)
  }
}

@Suite struct SparseRowsTests {
  @Test func `cells in any order become rows, and those of one place add up`() {
    let rows = SparseRows(
      [
        .init(row: 2, column: 1, weight: 4), .init(row: 0, column: 3), .init(row: 0, column: 0, weight: 2),
        .init(row: 2, column: 1, weight: 1),
      ], rowCount: 4, columnCount: 5)
    #expect(rows.offsets == [0, 2, 2, 3, 3])
    #expect(rows.columns == [0, 3, 1])
    #expect(rows.weights == [2, 1, 5])
    #expect(rows.sum(ofRow: 0) == 3)
    #expect(rows.transposed().offsets == [0, 1, 2, 2, 3, 3])
    #expect(rows.transposed().columns == [0, 2, 0])
    #expect(rows.transposed().transposed() == rows)
    let none = SparseRows([], rowCount: 0, columnCount: 0)
    #expect(none.rowCount == 0 && none.transposed().rowCount == 0)
  }
}
