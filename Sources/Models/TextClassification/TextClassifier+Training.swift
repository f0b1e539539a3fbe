import Foundation
import Primitives

/// A text with the label that somebody gave it.
public struct LabelledText: Sendable, Hashable {
  public let text: String
  public let label: String

  public init(text: String, label: String) { (self.text, self.label) = (text, label) }
}

/// Why labelled texts teach nothing.
public enum TextRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  case noTexts
  case oneLabel(String)
  case manyLabels(Int)
  /// Of a label.
  case fewTexts(label: String, count: Int)
  case stopped

  public var description: String {
    switch self {
    case .noTexts: "found no labelled texts; every row needs a text and a label"
    case .oneLabel(let label): "all texts have the label '\(label)'; a classifier needs at least two labels"
    case .manyLabels(let count):
      "found \(count) labels, expected at most \(TextClassifier.labelsMax); is the right column given as --label?"
    case .fewTexts(let label, let count):
      "the label '\(label)' has \(count) texts, expected at least \(TextTraining.textsEachMin) of each label"
    case .stopped: "training was stopped"
    }
  }
}

/// How a text classifier is trained: AdaGrad steps text by text, with features weighed by how unevenly labels use them
/// (log-count ratios, as in NB-SVM), which goes into the weights in the end.
///
/// Deterministic: the same texts, settings and seed give the same weights on one machine.
/// - SeeAlso: Wang & Manning, ACL 2012; Duchi, Hazan & Singer, *Adaptive subgradient methods*, JMLR 2011.
public struct TextTraining: Sendable {
  public static let textsEachMin = 3
  /// Weights in memory.
  private static let weightsMax = 20_000_000

  public var epochs = 6
  var rate: Float = 0.5
  /// Shrinks weights at each step that touches them.
  var shrinkage: Float = 1e-4
  /// Imaginary counts of each feature for each label.
  var smoothing: Float = 1
  /// Parts that texts are cut into to learn the temperature and to measure.
  public var folds = 5
  public var seed: UInt64 = 0
  /// Most features that are kept, those that come to most over all texts, in each fold too; nil for all.
  public var featuresMax: Int?
  public var isOver: @Sendable () -> Bool = { false }

  public init() {}

  /// A classifier of all texts, and how it did on texts that were left out.
  public struct Outcome: Sendable {
    public let classifier: TextClassifier
    public let validation: TextValidation
  }

  /// - Complexity: O(folds · epochs · features of all texts · labels).
  public func train(_ texts: [LabelledText]) throws(TextRefusal) -> Outcome {
    let labels = try Self.labels(of: texts)
    let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    let examples = texts.map { Example(TextFeatures($0.text).features, numbers[$0.label] ?? 0) }
    // Each label is dealt out evenly.
    var generator = SeededGenerator(seed: seed)
    var fold = [Int](repeating: 0, count: texts.count)
    var next = 0
    for label in labels.indices {
      for place in examples.indices.filter({ examples[$0].label == label }).shuffled(using: &generator) {
        fold[place] = next % folds
        next += 1
      }
    }
    var scores = [[Float]](repeating: [], count: texts.count)
    for left in 0..<folds {
      // Cut as the whole one is, so that temperature and figures are those of the model that is written.
      let fitted = try fit(examples.indices.filter { fold[$0] != left }.map { examples[$0] }, labels: labels)
        .cut(to: featuresMax)
      for place in examples.indices where fold[place] == left { scores[place] = fitted.scores(examples[place]) }
    }
    let truth = examples.map(\.label)
    let temperature = Self.temperature(scores, truth)
    let validation = TextValidation(
      labels: labels, truth: truth,
      probabilities: scores.map { TextClassifier.probabilities($0, temperature: temperature) }, seed: seed)
    let whole = try fit(examples, labels: labels).cut(to: featuresMax)
    return Outcome(
      classifier: whole.classifier(labels: labels, temperature: temperature, texts: texts.count),
      validation: validation)
  }

  private static func labels(of texts: [LabelledText]) throws(TextRefusal) -> [String] {
    guard !texts.isEmpty else { throw .noTexts }
    var counts: [String: Int] = [:]
    for text in texts { counts[text.label, default: 0] += 1 }
    let labels = counts.keys.sorted()
    guard labels.count > 1 else { throw .oneLabel(labels[0]) }
    guard labels.count <= TextClassifier.labelsMax else { throw .manyLabels(labels.count) }
    for label in labels where counts[label] ?? 0 < textsEachMin {
      throw .fewTexts(label: label, count: counts[label] ?? 0)
    }
    return labels
  }

  // MARK: Fitting

  private struct Example {
    let features: [TextFeatures.Feature]
    let label: Int
    init(_ features: [TextFeatures.Feature], _ label: Int) { (self.features, self.label) = (features, label) }
  }

  private struct Fitted {
    let rows: [UInt64: Int]
    let weights: [Float]
    let biases: [Float]
    /// Texts that have the feature of each row.
    let counts: [Int]

    func scores(_ example: Example) -> [Float] {
      var scores = biases
      for feature in example.features {
        guard let row = rows[feature.hash] else { continue }
        for label in biases.indices { scores[label] += feature.value * weights[row * biases.count + label] }
      }
      return scores
    }

    /// With the features alone that come to most; as it is where there are no more than `most`.
    func cut(to most: Int?) -> Fitted {
      guard let most, most < rows.count else { return self }
      let width = biases.count
      // What it comes to over all texts: a rare feature may weigh much and matter little.
      func size(_ row: Int) -> Float {
        weights[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 } * Float(counts[row])
      }
      var kept = rows.map { (hash: $0.key, row: $0.value, size: size($0.value)) }
      kept.sort { ($1.size, $0.hash) < ($0.size, $1.hash) }
      kept = Array(kept.prefix(most))
      return Fitted(
        rows: Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.hash, $0) }),
        weights: kept.flatMap { weights[$0.row * width..<($0.row + 1) * width] }, biases: biases,
        counts: kept.map { counts[$0.row] })
    }

    func classifier(labels: [String], temperature: Float, texts: Int) -> TextClassifier {
      let width = labels.count
      let sorted = rows.sorted { $0.key < $1.key }
      return TextClassifier(
        labels: labels, rows: Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.key, $0) }),
        weights: sorted.flatMap { weights[$0.value * width..<($0.value + 1) * width] }, biases: biases,
        temperature: temperature, texts: texts)
    }
  }

  private func fit(_ examples: [Example], labels: [String]) throws(TextRefusal) -> Fitted {
    let width = labels.count
    let rows = Self.rows(of: examples, most: Self.weightsMax / width)
    let coded = examples.map { example in
      example.features.compactMap { feature in rows[feature.hash].map { (row: $0, value: feature.value) } }
    }
    let ratios = ratios(coded, examples.map(\.label), rowCount: rows.count, width: width)
    var weights = [Float](repeating: 0, count: rows.count * width)
    var squares = [Float](repeating: 1e-6, count: rows.count * width)
    var biases = [Float](repeating: 0, count: width)
    var biasSquares = [Float](repeating: 1e-6, count: width)
    var generator = SeededGenerator(seed: seed &+ 1)
    for _ in 0..<epochs {
      if isOver() { throw .stopped }
      for place in examples.indices.shuffled(using: &generator) {
        var errors = biases
        for (row, value) in coded[place] {
          for label in 0..<width {
            errors[label] += value * weights[row * width + label] * ratios[row * width + label]
          }
        }
        errors = TextClassifier.probabilities(errors, temperature: 1)
        errors[examples[place].label] -= 1
        for (row, value) in coded[place] {
          for label in 0..<width {
            let at = row * width + label
            let gradient = value * errors[label] * ratios[at] + shrinkage * weights[at]
            squares[at] += gradient * gradient
            weights[at] -= rate * gradient / squares[at].squareRoot()
          }
        }
        for label in 0..<width {
          biasSquares[label] += errors[label] * errors[label]
          biases[label] -= rate * errors[label] / biasSquares[label].squareRoot()
        }
      }
    }
    for at in weights.indices { weights[at] *= ratios[at] }
    var counts = [Int](repeating: 0, count: rows.count)
    for feature in coded.joined() { counts[feature.row] += 1 }
    return Fitted(rows: rows, weights: weights, biases: biases, counts: counts)
  }

  /// Features that at least two texts have, all of them where texts are few; those of most texts when there are too many.
  private static func rows(of examples: [Example], most: Int) -> [UInt64: Int] {
    var counts: [UInt64: Int] = [:]
    for example in examples { for feature in example.features { counts[feature.hash, default: 0] += 1 } }
    let least = examples.count < 200 ? 1 : 2
    let kept = counts.filter { $0.value >= least }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(most)
    return Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.key, $0) })
  }

  /// |ln of the share of texts of a label that have the feature over that of the others|, shape `[rows, labels]`.
  private func ratios(
    _ coded: [[(row: Int, value: Float)]], _ truth: [Int], rowCount: Int, width: Int
  ) -> [Float] {
    var counts = [Float](repeating: 0, count: rowCount * width)
    var totals = [Float](repeating: 0, count: width)
    for (features, label) in zip(coded, truth) {
      totals[label] += 1
      for feature in features { counts[feature.row * width + label] += 1 }
    }
    let all = totals.reduce(0, +)
    return counts.indices.map { at in
      let (row, label) = (at / width, at % width)
      let with = counts[row * width..<(row + 1) * width].reduce(0, +)
      let own = (counts[at] + smoothing) / (totals[label] + 2 * smoothing)
      let others = (with - counts[at] + smoothing) / (all - totals[label] + 2 * smoothing)
      return max(0.1, abs(log(own / others)))
    }
  }

  /// The temperature under which the labels of texts that were left out are likeliest, by golden section on its logarithm.
  private static func temperature(_ scores: [[Float]], _ truth: [Int]) -> Float {
    func loss(_ logarithm: Double) -> Double {
      let temperature = Float(exp(logarithm))
      return zip(scores, truth).reduce(0) { sum, text in
        sum - log(Double(max(1e-7, TextClassifier.probabilities(text.0, temperature: temperature)[text.1])))
      }
    }
    let golden = (5.0.squareRoot() - 1) / 2
    var (low, high) = (log(0.1), log(10.0))
    for _ in 0..<24 {
      let (left, right) = (high - golden * (high - low), low + golden * (high - low))
      if loss(left) < loss(right) { high = right } else { low = left }
    }
    return Float(exp((low + high) / 2))
  }
}
