import Features
import Foundation
import Mathematics
import Models
import Primitives

/// Fits the trees of one prediction, and calibrates them.
///
/// The validation rows, of people who are not learnt from, say when boosting ends, and which calibration has the lowest log-loss:
/// none, Platt's line or isotonic steps, compared across folds of people.
struct PredictionFit {
  private static let folds: UInt64 = 5
  private static let hash = StableHash(key0: 0x666F_6C64_7320_6F66, key1: 0x2070_656F_706C_6520)

  let seed: UInt64
  let workers: Int

  struct Result {
    let model: PredictionModel
    let parameters: [String: String]
  }

  /// - Parameter report: Told the share that is done; false stops it.
  func fit(
    _ question: String, training: [PredictionSet.Row], validation: [PredictionSet.Row], features: FeatureSet,
    report: (Double) -> Bool
  ) throws(TreeTrainingError) -> Result {
    let columns = FeatureColumns(learning: training.map(\.values), of: features, people: training.map(\.person))
    let places = columns.places(in: features)
    func examples(_ rows: [PredictionSet.Row]) -> TreeExamples {
      TreeExamples(
        features: FloatMatrix(
          rowCount: rows.count, columnCount: columns.count,
          values: rows.flatMap { columns.row(of: $0.values, at: places) }),
        labels: rows.map { $0.label ? 1 : 0 })
    }
    let positives = validation.count { $0.label }
    let watches = positives > 0 && positives < validation.count
    var settings = TreeTrainer.Settings()
    (settings.depth, settings.learningRate, settings.leafCoverMin) = (3, 0.1, 3)
    (settings.rounds, settings.patience) = watches ? (300, 20) : (60, nil)
    settings.seed = seed
    let trees = try TreeTrainer(settings: settings, workers: workers).fit(
      examples(training), validation: watches ? examples(validation) : nil
    ) { progress in
      report(Double(progress.round) / Double(progress.rounds)) ? .proceed : .stop
    }
    let held = examples(validation)
    var calibration = Calibrator.unchanged
    if watches {
      let probabilities = trees.predictions(of: held.features).map { Double($0) }
      calibration =
        Calibrator.choice(
          probabilities: probabilities, labels: held.labels.map { Double($0) },
          folds: validation.map { Int(Self.hash.hash64($0.person.description) % Self.folds) }
        ).calibrator
    }
    let baseRate = Double(training.count { $0.label }) / Double(training.count)
    return Result(
      model: PredictionModel(
        question: question, columns: columns, trees: trees, calibration: calibration, baseRate: baseRate),
      parameters: [
        "trees": "\(trees.trees.count)", "depth": "\(settings.depth)", "learning_rate": "\(settings.learningRate)",
        "calibration": calibration.method.rawValue, "columns": "\(columns.count)", "seed": "\(seed)",
      ])
  }
}
