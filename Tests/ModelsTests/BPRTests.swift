import Foundation
import Mathematics
import Models
import Primitives
import Testing

@Suite struct BPRTests {
  static func settings(seed: UInt64 = 0) -> BPR.Settings {
    var settings = BPR.Settings()
    (settings.dimensions, settings.epochs, settings.seed) = (8, 40, seed)
    return settings
  }

  /// Σ log σ of all comparisons of somebody's items with others, in the mean.
  static func likelihood(_ model: BPR, _ training: SparseRows) -> Double {
    var (sum, count) = (0.0, 0)
    for person in 0..<training.rowCount {
      let (scores, own) = (model.scores(ofPerson: person), Set(training.columns(ofRow: person)))
      for liked in own {
        for other in 0..<UInt32(training.columnCount) where !own.contains(other) {
          sum -= log1p(exp(Double(scores[Int(other)] - scores[Int(liked)])))
          count += 1
        }
      }
    }
    return sum / Double(max(1, count))
  }

  @Test func `training makes what people dealt with likelier than what they did not`() throws {
    let training = ItemModelTests.training
    var short = Self.settings()
    short.epochs = 1
    let begun = Self.likelihood(try BPR(training: training, settings: short), training)
    let trained = Self.likelihood(try BPR(training: training, settings: Self.settings()), training)
    #expect(begun < -0.6 && begun > -0.75, "one epoch is near chance, log ½: \(begun)")
    #expect(trained > -0.45, "\(trained)")
  }

  /// One step on one person and two items, written out: with x = b_i − b_j + w(h_i − h_j), everything moves by
  /// rate · (σ(−x) ∂x − λ value).
  @Test func `a person who is folded in is where the comparisons lead, the same every time`() throws {
    let model = try BPR(training: ItemModelTests.training, settings: Self.settings())
    let (one, other) = (model.foldIn([0, 3, 6]), model.foldIn([6, 0, 3, 3, 99]))
    #expect(one == other)
    #expect(model.foldIn([]).allSatisfy { $0 == 0 })
    // Items of one taste stand in steps of three.
    let scores = model.scores(after: [0, 3, 6])
    let alike = [9, 12].map { scores[$0] }.reduce(0, +) / 2
    let others = [1, 2, 4, 5, 7, 8, 10, 11, 13].map { scores[$0] }.reduce(0, +) / 9
    #expect(alike > others)
  }

  @Test func `the same seed gives the same vectors, another seed others`() throws {
    let training = ItemModelTests.training
    let model = try BPR(training: training, settings: Self.settings(seed: 4))
    #expect(try BPR(training: training, settings: Self.settings(seed: 4)) == model)
    #expect(try BPR(training: training, settings: Self.settings(seed: 5)) != model)
    try SnapshotCodableTests.law(model)
  }

  @Test func `what cannot be learnt from, or with, is refused`() {
    var settings = Self.settings()
    settings.dimensions = 0
    #expect(throws: TrainingRefusal.settings("found 0 dimensions and 40 epochs, expected at least 1")) {
      _ = try BPR(training: ItemModelTests.training, settings: settings)
    }
    settings = Self.settings()
    settings.rate = .nan
    #expect(throws: TrainingRefusal.self) { _ = try BPR(training: ItemModelTests.training, settings: settings) }
    #expect(throws: TrainingRefusal.noInteractions) {
      _ = try BPR(training: SparseRows([], rowCount: 2, columnCount: 2))
    }
    // Everybody dealt with everything: there is nothing to compare, and nothing moves by it.
    let all = (0..<9).map { SparseRows.Cell(row: $0 / 3, column: $0 % 3) }
    #expect(throws: Never.self) {
      _ = try BPR(training: SparseRows(all, rowCount: 3, columnCount: 3), settings: Self.settings())
    }
    #expect(throws: TrainingRefusal.stopped) {
      _ = try BPR(training: ItemModelTests.training, settings: Self.settings()) { $0.epoch == 2 ? .stop : .proceed }
    }
  }
}
