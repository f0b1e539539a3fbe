import AttuneTestKit
import Decisions
import Events
import Features
import Mathematics
import Primitives
import Profiles

@testable import Engine
@testable import Models

extension PartitionFixture {
  /// A model of some trees drawn at random over everything that is known of a person, for the question as it is defined now. It
  /// is no good; it has an answer for everybody, which nearly any feature changes.
  ///
  /// - Parameter feature: The only one that it reads; nil for any.
  func randomModel(
    of prediction: String, seed: UInt64, reading feature: String? = nil
  ) async throws -> PredictionModel {
    let (set, definition) = try await partition.read { state in
      (state.active.features, state.active.predictions.first { $0.name == prediction })
    }
    // Every person's values of now tell the texts and keys that get a column.
    let rows = try await partition.read { state in
      var rows: [FeatureValues] = []
      var persons: [Person] = []
      state.persons.forEachInMemory { _, person in persons.append(person) }
      for person in persons where person.mergedInto == nil {
        let values = set.values(
          of: person.features, history: person.history, dwell: state.dwell, at: person.profile.lastSeenAt)
        rows += Array(repeating: values, count: 10)
      }
      return rows
    }
    let columns = FeatureColumns(learning: rows, of: set)
    var generator = SeededGenerator(seed: seed)
    let read = columns.columns.indices.filter { place in
      feature.map { $0 == columns.features[columns.columns[place].feature].name } ?? true
    }
    let trees = (0..<40).compactMap { _ in
      RegressionTree(nodes: Self.randomTree(over: read, using: &generator))
    }
    return PredictionModel(
      question: definition?.question ?? "", columns: columns,
      trees: TreeEnsemble(objective: .logistic, baseMargin: -1, featureCount: columns.count, trees: trees),
      calibration: .platt(PlattScaling(slope: 0.9, offset: 0.1)), baseRate: 0.3)
  }

  /// Two levels of splits.
  private static func randomTree(
    over columns: [Int], using generator: inout SeededGenerator
  ) -> [RegressionTree.Node] {
    func split(_ left: Int32, _ right: Int32) -> RegressionTree.Node {
      RegressionTree.Node(
        feature: Int32(columns[Int.random(in: columns.indices, using: &generator)]),
        threshold: [0.2, 0.5, 1.5, 2.5, 4, 7][Int.random(in: 0..<6, using: &generator)], left: left, right: right,
        missingGoesLeft: Bool.random(using: &generator), cover: 8)
    }
    func leaf() -> RegressionTree.Node { .leaf(Float.random(in: -0.3...0.3, using: &generator), cover: 2) }
    return [split(1, 2), split(3, 4), split(5, 6), leaf(), leaf(), leaf(), leaf()]
  }

  /// A training with this outcome.
  @discardableResult
  func learn(
    _ prediction: String, seed: UInt64, reading feature: String? = nil, refusal: String? = nil,
    end: LogPosition? = nil
  ) async throws -> PredictionRun {
    let model = try await randomModel(of: prediction, seed: seed, reading: feature)
    let bytes = model.snapshot.bytes
    let run = PredictionRun(
      prediction: prediction, question: model.question, cause: .asked, startedAt: clock.now, finishedAt: clock.now,
      window: PredictionRun.Window(
        from: clock.now, to: clock.now, end: end ?? partition.statistics.logEnd, events: 1, training: 2, validation: 3,
        test: 4, positives: 5, people: 6, heldBack: 7, open: 8),
      parameters: ["trees": "12"],
      metrics: [.init(subject: "candidate", name: "auc", k: 0, value: 0.5, low: 0.4, high: 0.6)],
      bins: [.init(count: 4, predicted: 0.2, observed: 0.25)], drivers: [.init(feature: "views_7d", weight: 0.3)],
      refusal: refusal, digest: ModelSnapshot.digest(of: bytes).hexadecimal, bytes: bytes.count)
    return try await partition.record(run, model: model)
  }

  func predictionFile(_ version: Int) -> String { folder.path + "/predictions/0000000\(version).model" }

  /// What is said of somebody: `{"probability", …}` or `{"absent"}`.
  func score(_ prediction: String, of user: String) async throws -> JSONValue? {
    guard let id = try await partition.profile(of: .user(user), at: clock.now)?.id,
      let listing = try await partition.scores(of: id, at: clock.now)
    else { return nil }
    var writer = JSONWriter()
    listing.write(into: &writer)
    return try JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self))["scores"]?[prediction]
  }

  func probability(_ prediction: String, of user: String) async throws -> Double? {
    try await score(prediction, of: user)?["probability"]?.double
  }

  /// Versions of scores that a decision read.
  func scoreVersions(of answer: DecisionAnswer) -> [String: String] {
    let stamps = answer.versions.filter { $0.name.hasPrefix("scores.") }
    return Dictionary(uniqueKeysWithValues: stamps.map { (String($0.name.dropFirst(7)), $0.version) })
  }
}
