import Foundation

/// Says which of several labels a short text has: sentiment, intent, or whatever the labelled texts tell apart.
///
/// Multinomial logistic regression over the features x of `TextFeatures`, with a temperature T learnt on texts that were left
/// out:
///
///     p(label c) = exp(z_c / T) / Σ exp(z_k / T),   z_c = b_c + Σ_f W_fc · x_f
///
/// - SeeAlso: Wang & Manning, *Baselines and bigrams*, ACL 2012, for what such models reach; Guo, Pleiss, Sun & Weinberger,
///   *On calibration of modern neural networks*, ICML 2017, for the temperature.
public struct TextClassifier: Sendable, Hashable {
  /// Bytes of a text, at most.
  public static let textBytesMax = 1 << 20
  public static let labelsMax = 200

  public let labels: [String]
  /// Row of each known feature's weights, by its hash.
  let rows: [UInt64: Int]
  /// Shape `[rows, labels]`.
  let weights: [Float]
  /// Shape `[labels]`.
  let biases: [Float]
  let temperature: Float
  /// Texts it was trained on.
  public let texts: Int

  init(labels: [String], rows: [UInt64: Int], weights: [Float], biases: [Float], temperature: Float, texts: Int) {
    precondition(weights.count == rows.count * labels.count && biases.count == labels.count)
    (self.labels, self.rows, self.weights, self.biases) = (labels, rows, weights, biases)
    (self.temperature, self.texts) = (temperature, texts)
  }

  /// A piece of the text, and how much it speaks for the label.
  public struct Reason: Sendable, Hashable {
    public let text: String
    /// Part of the label's log-odds against the mean of the others; below 0 it speaks against it.
    public let weight: Float
  }

  public struct Answer: Sendable, Hashable {
    /// The likeliest; nil when there is too little to tell: the text has no feature that training has met, or no label is
    /// likely enough.
    public let label: String?
    /// Of each label, in the order of `labels`; they sum to 1.
    public let probabilities: [Float]
    /// Why there is no label; nil when there is one.
    public let doubt: String?
    /// The pieces that count most for the likeliest label, at most five.
    public let reasons: [Reason]
  }

  /// The probability from which on a label is given: the likeliest of two labels is at least 0.5 anyway.
  public var sureMin: Float { labels.count == 2 ? 0.6 : 0.5 }

  /// - Complexity: O(characters · labels).
  public func answer(to text: String) -> Answer {
    let found = TextFeatures(text)
    let scores = scores(of: found)
    let probabilities = Self.probabilities(scores, temperature: temperature)
    let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
    guard found.features.contains(where: { rows[$0.hash] != nil }) else {
      let doubt = found.pieces.isEmpty ? "the text is empty" : "nothing in the text was seen in training"
      return Answer(label: nil, probabilities: probabilities, doubt: doubt, reasons: [])
    }
    let isSure = probabilities[best] >= sureMin
    return Answer(
      label: isSure ? labels[best] : nil, probabilities: probabilities,
      doubt: isSure ? nil : "no label is likely enough", reasons: reasons(for: best, in: found))
  }

  /// Before the temperature, shape `[labels]`.
  func scores(of found: TextFeatures) -> [Float] {
    var scores = biases
    for feature in found.features {
      guard let row = rows[feature.hash] else { continue }
      for label in labels.indices { scores[label] += feature.value * weights[row * labels.count + label] }
    }
    return scores
  }

  private func reasons(for label: Int, in found: TextFeatures) -> [Reason] {
    var parts = [Float](repeating: 0, count: found.pieces.count)
    for feature in found.features {
      guard let row = rows[feature.hash] else { continue }
      let of = weights[row * labels.count..<(row + 1) * labels.count]
      let own = of[of.startIndex + label]
      let others = (of.reduce(0, +) - own) / Float(max(1, labels.count - 1))
      parts[feature.piece] += feature.value * (own - others) / temperature
    }
    return parts.indices.sorted { (abs(parts[$1]), $0) < (abs(parts[$0]), $1) }.prefix(5).filter { parts[$0] != 0 }
      .map { Reason(text: String(found.pieces[$0].prefix(TextFeatures.pieceCharactersMax)), weight: parts[$0]) }
  }

  static func probabilities(_ scores: [Float], temperature: Float) -> [Float] {
    let most = scores.max() ?? 0
    let powers = scores.map { exp(($0 - most) / temperature) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
