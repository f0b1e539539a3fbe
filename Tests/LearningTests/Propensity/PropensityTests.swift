import Foundation
import Mathematics
import Primitives
import Testing

@testable import Learning

@Suite struct PropensityTests {
  /// People who do it the likelier the higher the first feature, and with the kind "b".
  static func table(_ count: Int = 400, seed: UInt64 = 1) -> String {
    var generator = SeededGenerator(seed: seed)
    let rows = (0..<count).map { row in
      let value = generator.nextUnit()
      let kind = ["a", "b", "c"][row % 3]
      let logit = 4 * value - 3 + (kind == "b" ? 1.5 : 0)
      let label = generator.nextUnit() < 1 / (1 + exp(-logit)) ? 1 : 0
      let noise = generator.nextUnit() < 0.1 ? "" : "\(generator.nextUnit())"
      return "\(value),\(kind),\(noise),\(label),\(row % 4)"
    }
    return "value,kind,noise,y,fold\n" + rows.joined(separator: "\n") + "\n"
  }

  private let files: TextFiles
  private let table: PropensityTable

  init() throws {
    files = try TextFiles()
    table = try PropensityTable(
      path: try files.write("people.csv", Self.table()), request: .init(label: "y", fold: "fold"))
  }

  @Test func `propensities rank and are true, and reasons sum to the score`() throws {
    var request = PropensityEvaluation.Request()
    request.explainedCount = 25
    let evaluation = try PropensityEvaluation(of: table, request: request)
    #expect(evaluation.folds.map(\.name) == ["0", "1", "2", "3"])
    let auc = try #require(evaluation.pooled.auc)
    #expect(auc.value > 0.75 && auc.low < auc.value && auc.value < auc.high)
    let share = Double(table.labels.reduce(0, +)) / 400
    let flat = -(share * log(share) + (1 - share) * log(1 - share))
    #expect(evaluation.pooled.logLoss.value < 0.9 * flat)
    #expect(evaluation.pooled.equalMassError.value < 0.1)
    for error in [evaluation.pooled.equalMassError, evaluation.pooled.equalWidthError] {
      #expect(error.low >= 0 && error.low < error.value && error.value < error.high, "\(error)")
    }
    #expect(evaluation.explained.count == 25)
    for explained in evaluation.explained {
      let prediction = explained.prediction
      let sum = explained.reasons.reduce(prediction.base) { $0 + $1.amount }
      #expect(abs(sum - prediction.score) < 1e-5)
      #expect(Set(explained.reasons.map(\.name)) == ["value", "kind", "noise"])
      #expect(prediction.probability == evaluation.probabilities[explained.row])
      #expect(prediction.alike.rows > 0)
    }
    #expect(evaluation.explained.count { $0.reasons[0].name == "noise" } < 3)
  }

  @Test func `the same seed gives the same model, and its score is that of many rows at once`() throws {
    let rows = Array(0..<400)
    let encoding = FeatureEncoding(of: table, rows: rows)
    let matrix = encoding.matrix(of: table, rows: rows)
    let folds = try #require(table.folds)
    func fit(_ seed: UInt64) throws -> PropensityModel {
      try PropensityTrainer(seed: seed).model(features: matrix, labels: table.labels, folds: folds)
    }
    let model = try fit(3)
    #expect(try fit(3) == model)
    #expect(abs(model.candidates.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
    #expect(model.candidates.map(\.heldBackLoss) == model.candidates.map(\.heldBackLoss).sorted())
    let scores = model.scores(of: matrix)
    for row in 0..<50 { #expect(model.prediction(of: matrix[row]).score == scores[row]) }
  }

  @Test func `labels of a fold say nothing of its own predictions`() throws {
    // The same table with the labels of fold 0 turned round.
    let turned = Self.table().split(separator: "\n").enumerated().map { place, line in
      place > 0 && line.hasSuffix(",0")
        ? line.dropLast(4) + (line.dropLast(2).hasSuffix(",1") ? ",0,0" : ",1,0") : line
    }
    let other = try PropensityTable(
      path: try files.write("turned.csv", turned.joined(separator: "\n")), request: .init(label: "y", fold: "fold"))
    #expect(other.labels != table.labels)
    let (one, two) = (try PropensityEvaluation(of: table), try PropensityEvaluation(of: other))
    let folds = try #require(table.folds)
    for row in 0..<400 where folds[row] == 0 { #expect(one.probabilities[row] == two.probabilities[row]) }
    #expect(one.probabilities != two.probabilities)
  }

  @Test func `who is like too few, or of whom nothing is known, gets no number`() throws {
    let rows = Array(0..<400)
    let encoding = FeatureEncoding(of: table, rows: rows)
    let matrix = encoding.matrix(of: table, rows: rows)
    let model = try PropensityTrainer().model(
      features: matrix, labels: table.labels, folds: try #require(table.folds))
    let nobody = model.prediction(of: Array(repeating: Float.nan, count: matrix.columnCount)[...])
    #expect(nobody.answer == .tooLittleEvidence(.nothingKnown))
    var alone = 0
    for row in rows {
      let prediction = model.prediction(of: matrix[row])
      guard prediction.alike.rows < PropensityModel.alikeMin else { continue }
      alone += 1
      #expect(
        prediction.answer
          == .tooLittleEvidence(.fewAlike(found: prediction.alike.rows, expected: PropensityModel.alikeMin)))
    }
    #expect(alone > 0)
    #expect(rows.contains { if case .probability = model.prediction(of: matrix[$0]).answer { true } else { false } })
  }

  @Test func `few outcomes give no number at all, and fewer no model`() throws {
    let few = try PropensityTable(
      path: try files.write("few.csv", rare(30)), request: .init(label: "y"))
    let evaluation = try PropensityEvaluation(of: few)
    #expect(evaluation.unsureCount == 300)
    let fewer = try PropensityTable(path: try files.write("fewer.csv", rare(9)), request: .init(label: "y"))
    #expect(throws: PropensityError.fewOutcomes(label: 1, found: 9, expected: 10)) {
      _ = try PropensityEvaluation(of: fewer)
    }
    let none = try PropensityTable(path: try files.write("none.csv", rare(0)), request: .init(label: "y"))
    #expect(throws: PropensityError.fewOutcomes(label: 1, found: 0, expected: 10)) {
      _ = try PropensityEvaluation(of: none)
    }
  }

  @Test(arguments: [31, 100, 301, 1, 0])
  func `more folds than rows of a label, or fewer than two, are refused`(count: Int) throws {
    let few = try PropensityTable(path: try files.write("few.csv", rare(30)), request: .init(label: "y"))
    var request = PropensityEvaluation.Request()
    request.foldCount = count
    #expect(
      throws: PropensityError.refused(
        "found 30 rows of the rarer label for \(count) folds, expected 2 to 30 folds: each needs a row of it")
    ) { _ = try PropensityEvaluation(of: few, request: request) }
  }

  private func rare(_ yes: Int) -> String {
    "a,y\n" + (0..<300).map { "\($0 * 37 % 101),\($0 < yes ? 1 : 0)" }.joined(separator: "\n")
  }

  @Test func `features that do not vary, and folds with one label outside, are refused`() throws {
    let same = "a,y\n" + (0..<60).map { "7,\($0 % 2)" }.joined(separator: "\n")
    let table = try PropensityTable(path: try files.write("same.csv", same), request: .init(label: "y"))
    #expect(throws: PropensityError.nothingVaries) { _ = try PropensityEvaluation(of: table) }
    let sorted = "a,y,f\n" + (0..<60).map { "\($0),\($0 < 30 ? 1 : 0),\($0 < 30 ? 1 : 0)" }.joined(separator: "\n")
    let split = try PropensityTable(
      path: try files.write("sorted.csv", sorted), request: .init(label: "y", fold: "f"))
    #expect(throws: PropensityError.self) { _ = try PropensityEvaluation(of: split) }
  }

  @Test func `a search within its time can be stopped, and tries more than the first settings`() throws {
    let rows = Array(0..<400)
    let encoding = FeatureEncoding(of: table, rows: rows)
    let matrix = encoding.matrix(of: table, rows: rows)
    let folds = try #require(table.folds)
    var looks = 0
    let model = try PropensityTrainer().model(
      features: matrix, labels: table.labels, folds: folds,
      isOver: {
        looks += 1
        return looks > 400
      })
    #expect(model.candidates.count > 6)
    #expect(throws: PropensityError.stopped) {
      _ = try PropensityTrainer().model(
        features: matrix, labels: table.labels, folds: folds, report: { _ in false })
    }
  }

  @Test func `folds drawn here have equal shares of both labels`() {
    let labels: [Float] = (0..<103).map { $0 % 4 == 0 ? 1 : 0 }
    let folds = PropensityTrainer.stratifiedFolds(5, labels: labels, seed: 2)
    for fold in 0..<5 {
      let rows = labels.indices.filter { folds[$0] == fold }
      #expect((20...21).contains(rows.count))
      #expect((5...6).contains(rows.count { labels[$0] == 1 }))
    }
    #expect(PropensityTrainer.stratifiedFolds(5, labels: labels, seed: 2) == folds)
    #expect(PropensityTrainer.stratifiedFolds(5, labels: labels, seed: 3) != folds)
  }
}
