import Foundation
import Mathematics
import Models
import Primitives
import Testing

/// Models of items by items, each beside a textbook version of itself.
@Suite struct ItemModelTests {
  /// 60 people with three tastes on 14 items.
  static let training = ImplicitALSTests.training(people: 60, items: 14)

  static func dense(_ rows: SparseRows) -> [[Double]] {
    (0..<rows.rowCount).map { row in
      var values = Array(repeating: 0.0, count: rows.columnCount)
      for (column, weight) in ImplicitALSTests.observed(rows, row) { values[column] = Double(weight) }
      return values
    }
  }

  /// What a model gives each item for each other alone.
  static func weights(_ model: some HistoryScorer) -> [[Float]] {
    (0..<model.itemCount).map { model.scores(after: [UInt32($0)]) }
  }

  // MARK: EASE

  /// Each item's weights by themselves: the ridge regression of its column on all others.
  static func textbookEASE(_ rows: [[Double]], _ lambda: Double) -> [[Double]] {
    let count = rows[0].count
    var weights = Array(repeating: Array(repeating: 0.0, count: count), count: count)
    for target in 0..<count {
      let others = (0..<count).filter { $0 != target }
      var system = others.map { one in
        others.map { other in rows.reduce(one == other ? lambda : 0) { $0 + $1[one] * $1[other] } }
          + [rows.reduce(0) { $0 + $1[one] * $1[target] }]
      }
      for pivot in others.indices {
        for row in others.indices where row != pivot {
          let ratio = system[row][pivot] / system[pivot][pivot]
          for column in pivot...others.count { system[row][column] -= ratio * system[pivot][column] }
        }
      }
      for (place, other) in others.enumerated() {
        weights[other][target] = system[place][others.count] / system[place][place]
      }
    }
    return weights
  }

  @Test(arguments: [0.5, 20])
  func `the weights of EASE are each item's ridge regression on all others`(lambda: Double) throws {
    var settings = EASE.Settings()
    settings.regularization = lambda
    let model = try EASE(training: Self.training, settings: settings)
    let expected = Self.textbookEASE(Self.dense(Self.training), lambda)
    for (found, expected) in zip(Self.weights(model), expected) { #expect(isNear(found, expected, within: 1e-5)) }
    #expect(try EASE(training: Self.training, settings: settings, workers: 3) == model)
  }

  @Test func `the strongest weights of EASE alone are kept when that is asked for`() throws {
    var settings = EASE.Settings()
    settings.regularization = 5
    let all = Self.weights(try EASE(training: Self.training, settings: settings))
    settings.strongest = 4
    let some = Self.weights(try EASE(training: Self.training, settings: settings))
    for (all, some) in zip(all, some) {
      let kept = some.filter { $0 != 0 }
      #expect(kept.count == 4)
      #expect(zip(all, some).allSatisfy { $1 == 0 || $0 == $1 })
      let bound = kept.map(abs).min() ?? 0
      #expect(zip(all, some).allSatisfy { $1 != 0 || abs($0) <= bound })
    }
  }

  @Test func `EASE that would not fit is refused before it begins`() {
    var settings = EASE.Settings()
    settings.memoryMax = 1_000
    let bytes = EASE.memoryBytes(people: 60, items: 14, interactions: Self.training.cellCount, settings: settings)
    #expect(throws: TrainingRefusal.memory(bytes: bytes, allowed: 1_000)) {
      _ = try EASE(training: Self.training, settings: settings)
    }
    #expect(EASE.memoryBytes(people: 1, items: .max / 2, interactions: 1) == .max)
    #expect(TrainingRefusal.memory(bytes: 5 << 30, allowed: 4 << 30).description.contains("5120 MB"))
  }

  @Test func `EASE can be stopped before each part`() {
    for stop in ["counting pairs of items", "inverting", "weighing"] {
      #expect(throws: TrainingRefusal.stopped, "\(stop)") {
        _ = try EASE(training: Self.training) { $0 == stop ? .stop : .proceed }
      }
    }
  }

  // MARK: Neighbours

  @Test(arguments: [(14, 0.0, 0.5), (3, 0.0, 0.5), (3, 7.0, 0.5), (5, 2.0, 0.3)])
  func `item neighbours are the largest shrunk cosines of each item`(
    neighbours: Int, shrinkage: Double, asymmetry: Double
  ) throws {
    var settings = ItemNeighbours.Settings()
    (settings.neighbours, settings.shrinkage, settings.asymmetry) = (neighbours, shrinkage, asymmetry)
    let model = try ItemNeighbours(training: Self.training, settings: settings)
    let rows = Self.dense(Self.training)
    func product(_ one: Int, _ other: Int) -> Double { rows.reduce(0) { $0 + $1[one] * $1[other] } }
    var expected = Array(repeating: Array(repeating: 0.0, count: 14), count: 14)
    for item in 0..<14 {
      let similar = (0..<14).map { other in
        item == other
          ? 0
          : product(item, other)
            / (pow(product(item, item), asymmetry) * pow(product(other, other), 1 - asymmetry) + shrinkage)
      }
      for other in (0..<14).sorted(by: { (-similar[$0], $0) < (-similar[$1], $1) }).prefix(neighbours) {
        expected[other][item] = similar[other]
      }
    }
    for (found, expected) in zip(Self.weights(model), expected) { #expect(isNear(found, expected, within: 1e-5)) }
    #expect(try ItemNeighbours(training: Self.training, settings: settings, workers: 3) == model)
  }

  @Test func `an answer from a history is the sum of its items', each once, whatever their order`() throws {
    let (ease, nearest) = (try EASE(training: Self.training), try ItemNeighbours(training: Self.training))
    for model in [ease, nearest] as [any HistoryScorer] {
      let (one, other) = (model.scores(after: [3]), model.scores(after: [9]))
      let both = zip(one, other).map { Double($0 + $1) }
      #expect(isNear(model.scores(after: [3, 9]), both, within: 1e-6))
      #expect(model.scores(after: [9, 3, 9]) == model.scores(after: [3, 9]))
      #expect(model.scores(after: []).allSatisfy { $0 == 0 })
      #expect(model.scores(after: [3, 14, .max]) == one, "items that came after the training say nothing")
    }
  }

  @Test(
    arguments: [
      (SparseRows([], rowCount: 3, columnCount: 3), .noInteractions),
      (SparseRows([.init(row: 1, column: 0), .init(row: 1, column: 2)], rowCount: 3, columnCount: 3), .onePerson),
      (SparseRows([.init(row: 0, column: 2), .init(row: 1, column: 2)], rowCount: 3, columnCount: 3), .oneItem),
      (SparseRows([.init(row: 0, column: 2, weight: -1)], rowCount: 3, columnCount: 3), .weight(-1)),
    ] as [(SparseRows, TrainingRefusal)])
  func `a set that teaches nothing is refused`(training: SparseRows, refusal: TrainingRefusal) {
    #expect(throws: refusal) { _ = try EASE(training: training) }
    #expect(throws: refusal) { _ = try ItemNeighbours(training: training) }
  }

  @Test func `settings that make no sense are refused by name`() {
    var ease = EASE.Settings()
    ease.regularization = 0
    #expect(throws: TrainingRefusal.settings("found a regularization of 0.0, expected a number above 0")) {
      _ = try EASE(training: Self.training, settings: ease)
    }
    ease = EASE.Settings()
    ease.strongest = 0
    #expect(throws: TrainingRefusal.self) { _ = try EASE(training: Self.training, settings: ease) }
    var nearest = ItemNeighbours.Settings()
    nearest.asymmetry = 1.5
    #expect(throws: TrainingRefusal.settings("found asymmetry 1.5, expected 0.0 to 1.0")) {
      _ = try ItemNeighbours(training: Self.training, settings: nearest)
    }
    nearest = ItemNeighbours.Settings()
    nearest.shrinkage = .nan
    #expect(throws: TrainingRefusal.settings("found shrinkage nan, expected at least 0.0")) {
      _ = try ItemNeighbours(training: Self.training, settings: nearest)
    }
  }
}
