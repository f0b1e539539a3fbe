import Features
import Mathematics
import Primitives
import Testing

@testable import Models

/// A model of a prediction, as its file keeps it.
@Suite struct PredictionModelTests {
  private static let columns = FeatureColumns(learning: [], of: .standard)

  private static func model(_ calibration: Calibrator = .unchanged) throws -> PredictionModel {
    let trees = try (0..<6).map { tree in
      try #require(
        RegressionTree(nodes: [
          RegressionTree.Node(
            feature: Int32(tree % columns.count), threshold: Float(tree), left: 1, right: 2,
            missingGoesLeft: tree % 2 == 0,
            cover: 10), .leaf(-0.3, cover: 6), .leaf(0.2 * Float(tree), cover: 4),
        ]))
    }
    return PredictionModel(
      question: "0123456789abcdef", columns: columns,
      trees: TreeEnsemble(objective: .logistic, baseMargin: -0.5, featureCount: columns.count, trees: trees),
      calibration: calibration, baseRate: 0.25)
  }

  private static let calibrations: [Calibrator] = [
    .unchanged, .platt(PlattScaling(slope: 1.5, offset: -0.25)),
    .isotonic(IsotonicRegression(points: [0.1, 0.4, 0.4001], values: [0, 0.2, 0.9]), margin: 0.01),
  ]

  private static func rows(_ count: Int, seed: UInt64) -> [[Float]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      (0..<columns.count).map { _ in
        Int.random(in: 0..<4, using: &generator) == 0 ? .nan : Float.random(in: -2...8, using: &generator)
      }
    }
  }

  @Test(arguments: calibrations)
  func `a model that was saved says the same of everybody`(calibration: Calibrator) throws {
    let model = try Self.model(calibration)
    let again = try PredictionModel(snapshot: model.snapshot.bytes)
    #expect(again == model && again.usedFeatures == model.usedFeatures && model.usedFeatures.count == 6)
    for row in Self.rows(50, seed: 1) {
      let probability = model.probability(of: row)
      #expect((0...1).contains(probability) && again.probability(of: row) == probability)
      let shares = model.contributions(of: row)
      #expect(shares == again.contributions(of: row))
      #expect(abs(shares.bias + shares.columns.reduce(0, +) - Double(model.trees.margin(of: row[...]))) < 1e-6)
    }
  }

  @Test func `bytes that are cut, changed or of another kind are refused, wherever`() throws {
    let bytes = try Self.model(Self.calibrations[2]).snapshot.bytes
    for end in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: SnapshotRefusal.self) { _ = try PredictionModel(snapshot: Array(bytes[..<end])) }
    }
    for place in stride(from: 0, to: bytes.count, by: 5) {
      var changed = bytes
      changed[place] ^= 0x10
      #expect(throws: SnapshotRefusal.self) { _ = try PredictionModel(snapshot: changed) }
    }
    let other = ModelSnapshot(kind: "ials", contentVersion: 1, content: []).bytes
    #expect(throws: SnapshotRefusal.kind(found: "ials", expected: "prediction")) {
      _ = try PredictionModel(snapshot: other)
    }
    // A right hash over content that is none.
    let content = try Self.model().snapshot.content
    for cut in [0, 1, content.count / 2, content.count - 1] {
      let wrong = ModelSnapshot(kind: "prediction", contentVersion: 1, content: Array(content.prefix(cut))).bytes
      #expect(throws: SnapshotRefusal.self) { _ = try PredictionModel(snapshot: wrong) }
    }
  }
}
