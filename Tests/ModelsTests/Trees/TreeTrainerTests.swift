import Foundation
import Mathematics
import Testing

@testable import Models

@Suite struct TreeTrainerTests {
  @Test func `the same seed gives the same trees`() throws {
    var settings = treeSettings()
    (settings.rowShare, settings.featureShare, settings.seed) = (0.7, 0.7, 4)
    let ensemble = try TreeTrainer(settings: settings).fit(treeExamples())
    #expect(try TreeTrainer(settings: settings).fit(treeExamples()) == ensemble)
    settings.seed = 5
    #expect(try TreeTrainer(settings: settings).fit(treeExamples()) != ensemble)
  }

  @Test func `each round brings the training loss down`() throws {
    let examples = treeExamples()
    let ensemble = try TreeTrainer(settings: treeSettings(rounds: 30)).fit(examples)
    let losses = (0...30).map { rounds in
      TreeEnsemble.Objective.logistic.loss(
        ofMargins: ensemble.prefix(rounds).margins(of: examples.features), on: examples)
    }
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 + 1e-6 })
    #expect(losses[30] < 0.8 * losses[0])
  }

  @Test func `rows begin at the labels' mean unless told otherwise`() throws {
    var examples = treeExamples()
    examples.weights = examples.labels.map { $0 > 0 ? 3 : 1 }
    let yes = Double(examples.labels.reduce(0, +)) * 3
    let share = yes / (yes + Double(examples.labels.count { $0 == 0 }))
    let ensemble = try TreeTrainer(settings: treeSettings()).fit(examples)
    #expect(abs(Double(ensemble.baseMargin) - log(share / (1 - share))) < 1e-5)
    var settings = treeSettings()
    settings.baseScore = 0.5
    #expect(try TreeTrainer(settings: settings).fit(examples).baseMargin == 0)
  }

  @Test func `progress is told after each round and can stop the fit`() throws {
    var rounds: [Int] = []
    _ = try TreeTrainer(settings: treeSettings(rounds: 4)).fit(treeExamples()) {
      rounds.append($0.round)
      return .proceed
    }
    #expect(rounds == [1, 2, 3, 4])
    #expect(throws: TreeTrainingError.stopped) {
      _ = try TreeTrainer(settings: treeSettings()).fit(treeExamples()) { $0.round == 2 ? .stop : .proceed }
    }
  }

  @Test func `patience ends where the validation part was best`() throws {
    var settings = treeSettings(depth: 6, rounds: 400)
    settings.patience = 10
    var losses: [Double] = []
    let ensemble = try TreeTrainer(settings: settings).fit(treeExamples(), validation: treeExamples(200, seed: 50)) {
      losses.append($0.validationLoss ?? .nan)
      return .proceed
    }
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(ensemble.trees.count == best + 1)
    #expect(losses.count == best + 11)
    let validation = treeExamples(200, seed: 50)
    let own = TreeEnsemble.Objective.logistic.loss(
      ofMargins: ensemble.margins(of: validation.features), on: validation)
    #expect(abs(own - losses[best]) < 1e-9)
  }

  @Test(arguments: [1, -1]) func `a demanded direction is kept`(direction: Int) throws {
    var settings = treeSettings(depth: 4, rounds: 40)
    settings.monotone = [direction, 0, 0, 0, 0, 0]
    let ensemble = try TreeTrainer(settings: settings).fit(treeExamples(missing: 0))
    for place in 0..<20 {
      var row = Array(treeRows(20, features: 6, seed: 8, missing: 0)[place])
      let margins = stride(from: Float(-2), to: 5, by: 0.25).map { value in
        row[0] = value
        return ensemble.margin(of: row[...])
      }
      #expect(zip(margins, margins.dropFirst()).allSatisfy { direction > 0 ? $1 >= $0 - 1e-5 : $1 <= $0 + 1e-5 })
    }
  }

  @Test(arguments: [TreeEnsemble.Objective.rankNDCG, .rankPairwise])
  func `a ranking puts the better rows of a group first`(objective: TreeEnsemble.Objective) throws {
    let (training, held) = (rankingExamples(), rankingExamples(groups: 60, seed: 21))
    let ensemble = try TreeTrainer(settings: treeSettings(objective: objective)).fit(training)
    let loss = objective.loss(ofMargins: ensemble.margins(of: held.features), on: held)
    let flat = objective.loss(ofMargins: Array(repeating: 0, count: held.labels.count), on: held)
    #expect(loss < 0.3 * flat, "1 − NDCG \(loss), of rows as they stand \(flat)")
  }

  @Test func `the weight of a group counts as often as the group does`() throws {
    let examples = rankingExamples(groups: 10)
    var weighted = examples
    weighted.weights = [Float](repeating: 0, count: 9) + [1]
    let none = try TreeTrainer(settings: treeSettings(objective: .rankNDCG)).fit(weighted)
    let all = try TreeTrainer(settings: treeSettings(objective: .rankNDCG)).fit(examples)
    #expect(none != all)
  }

  static let row = FloatMatrix(rowCount: 2, columnCount: 1, values: [0, 1])

  @Test(
    arguments: [
      (TreeExamples(features: FloatMatrix(zeros: 0, by: 3), labels: []), .noRows),
      (TreeExamples(features: FloatMatrix(zeros: 3, by: 0), labels: [0, 1, 0]), .noFeatures),
      (TreeExamples(features: row, labels: [0]), .count(of: "labels", found: 1, expected: 2)),
      (TreeExamples(features: row, labels: [1, 1]), .oneLabel(1)),
      (TreeExamples(features: row, labels: [0, 2]), .label(row: 1, found: 2, expected: "0 to 1")),
      (TreeExamples(features: row, labels: [0, 1], weights: [1, -1]), .weight(place: 1, found: -1)),
      (TreeExamples(features: row, labels: [0, 1], weights: [0, 0]), .settings("every weight is 0")),
      (TreeExamples(features: row, labels: [0, 1], groupSizes: [2]), .settings("only a ranking has groups")),
      (
        TreeExamples(features: FloatMatrix(rowCount: 2, columnCount: 1, values: [0, .infinity]), labels: [0, 1]),
        .feature(row: 1, column: 0)
      ),
    ] as [(TreeExamples, TreeTrainingError)])
  func `examples that teach nothing are refused with the reason`(examples: TreeExamples, error: TreeTrainingError) {
    #expect(throws: error) { _ = try TreeTrainer(settings: treeSettings()).fit(examples) }
  }

  @Test func `settings that make no sense are refused`() {
    let changes: [(inout TreeTrainer.Settings) -> Void] = [
      { $0.rounds = 0 }, { $0.depth = 0 }, { $0.depth = 17 }, { $0.learningRate = 0 }, { $0.learningRate = .nan },
      { $0.rowShare = 1.1 }, { $0.featureShare = 0 }, { $0.penalty = -1 }, { $0.leafCoverMin = .infinity },
      { $0.bins = 1 }, { $0.monotone = [1] }, { $0.monotone = [2, 0, 0, 0, 0, 0] }, { $0.patience = 0 },
      { $0.patience = 3 }, { $0.baseScore = 1 },
    ]
    for (place, change) in changes.enumerated() {
      var settings = treeSettings()
      change(&settings)
      #expect(throws: TreeTrainingError.self, "\(place)") {
        _ = try TreeTrainer(settings: settings).fit(treeExamples())
      }
    }
  }

  @Test func `the library's message is told without its stack`() {
    let text =
      "[21:46:59] ./src/data/data.cc:1104: Check failed: valid: Input data contains `inf` or `nan`\nStack trace:\n"
    #expect(BoosterLibrary.message(text) == "valid: Input data contains `inf` or `nan`")
    #expect(throws: TreeTrainingError.library("Invalid Parameter format for max_depth expect int but value='abc'")) {
      let matrix = try LibraryMatrix(treeExamples(), workers: 1)
      try LibraryBooster([matrix], parameters: [("max_depth", "abc")]).update(round: 0, on: matrix)
    }
  }
}
