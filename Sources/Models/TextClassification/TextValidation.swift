import Foundation
import Primitives

/// How a classifier did on texts with known labels that it had not seen.
public struct TextValidation: Sendable, Hashable {
  public struct Estimate: Sendable, Hashable {
    public let value: Double
    /// Bounds of the 95 % interval.
    public let low: Double
    public let high: Double
  }

  public let texts: Int
  /// Share of texts whose likeliest label is theirs.
  public let accuracy: Estimate
  /// The mean over labels of the harmonic mean of precision and recall, 0 for a label that is never found.
  public let macroF1: Estimate
  /// Mean distance between probability and share of right answers, over ten bins of the likeliest label's probability.
  public let calibrationError: Double

  /// - Parameters:
  ///   - truth: The label of each text, by its place in `labels`.
  ///   - probabilities: Shape `[texts][labels]`.
  ///   - replicates: Of the percentile bootstrap over texts.
  public init(labels: [String], truth: [Int], probabilities: [[Float]], replicates: Int = 1_000, seed: UInt64 = 0) {
    precondition(truth.count == probabilities.count && !truth.isEmpty)
    let guesses = probabilities.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
    var generator = SeededGenerator(seed: seed)
    let count = truth.count
    var samples: [(accuracy: Double, macroF1: Double)] = []
    for _ in 0..<replicates {
      var confusion = [Double](repeating: 0, count: labels.count * labels.count)
      for _ in 0..<count {
        let drawn = Int(generator.nextUnit() * Double(count))
        confusion[truth[drawn] * labels.count + guesses[drawn]] += 1
      }
      samples.append(Self.measures(confusion, width: labels.count))
    }
    var confusion = [Double](repeating: 0, count: labels.count * labels.count)
    for (label, guess) in zip(truth, guesses) { confusion[label * labels.count + guess] += 1 }
    let whole = Self.measures(confusion, width: labels.count)
    func estimate(_ value: Double, _ sample: [Double]) -> Estimate {
      let ordered = sample.sorted()
      func quantile(_ share: Double) -> Double {
        ordered.isEmpty ? value : ordered[min(ordered.count - 1, Int(share * Double(ordered.count)))]
      }
      return Estimate(value: value, low: quantile(0.025), high: quantile(0.975))
    }
    texts = count
    accuracy = estimate(whole.accuracy, samples.map(\.accuracy))
    macroF1 = estimate(whole.macroF1, samples.map(\.macroF1))
    calibrationError = Self.calibrationError(truth, guesses, probabilities)
  }

  /// - Parameter confusion: Texts by label and guess, shape `[labels, labels]`.
  static func measures(_ confusion: [Double], width: Int) -> (accuracy: Double, macroF1: Double) {
    var (right, sum, met) = (0.0, 0.0, 0.0)
    for label in 0..<width {
      let hits = confusion[label * width + label]
      let own = (0..<width).reduce(0) { $0 + confusion[label * width + $1] }
      let guessed = (0..<width).reduce(0) { $0 + confusion[$1 * width + label] }
      right += hits
      guard own + guessed > 0 else { continue }
      met += 1
      sum += 2 * hits / (own + guessed)
    }
    return (right / confusion.reduce(0, +), sum / max(1, met))
  }

  private static func calibrationError(_ truth: [Int], _ guesses: [Int], _ probabilities: [[Float]]) -> Double {
    var bins = [(said: Double, right: Double)](repeating: (0, 0), count: 10)
    for place in truth.indices {
      let said = Double(probabilities[place][guesses[place]])
      let bin = min(9, Int(said * 10))
      bins[bin].said += said
      bins[bin].right += truth[place] == guesses[place] ? 1 : 0
    }
    return bins.reduce(0) { $0 + abs($1.said - $1.right) } / Double(truth.count)
  }
}

extension TextClassifier {
  /// How it does on texts that it was not trained on; nil when none has a label that it knows.
  public func validation(on texts: [LabelledText]) -> TextValidation? {
    let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    let known = texts.filter { numbers[$0.label] != nil }
    guard !known.isEmpty else { return nil }
    return TextValidation(
      labels: labels, truth: known.map { numbers[$0.label] ?? 0 },
      probabilities: known.map { Self.probabilities(scores(of: TextFeatures($0.text)), temperature: temperature) })
  }
}
