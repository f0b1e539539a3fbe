import Foundation
import Mathematics
import Primitives

/// Last acts that are held back from a training, to judge it by.
struct SequenceTrial {
  private static let questionsMax = 2_000
  private static let top = 10
  /// Questions whose scores are in memory at once.
  private static let tileRows = 256

  /// The sequences without what is held back.
  let training: [[UInt32]]
  private let histories: [[UInt32]]
  private let targets: [UInt32]

  /// - Parameter settings: `validationShare` of the sequences with three acts or more lose their last one.
  init(
    _ sequences: [[UInt32]], _ settings: SelfAttention.Settings, using generator: inout SeededGenerator
  ) {
    let long = sequences.indices.filter { sequences[$0].count > 2 }
    let count = min(Self.questionsMax, Int((Double(long.count) * Double(settings.validationShare)).rounded()))
    let held = long.shuffled(using: &generator).prefix(count).sorted()
    var training = sequences
    for place in held { training[place].removeLast() }
    self.training = training
    histories = held.map { training[$0] }
    targets = held.map { sequences[$0][sequences[$0].count - 1] }
  }

  /// Mean NDCG@10 of the acts held back among all items that the history has not, ties against them; nil without any.
  func score(_ shape: AttentionShape, _ weights: [Float], workers: Int) -> Double? {
    guard !targets.isEmpty else { return nil }
    let vectors = weights.withUnsafeBufferPointer {
      AttentionNetwork.vectors(of: histories, shape, weights: $0, workers: workers)
    }
    let items = FloatMatrix(
      rowCount: shape.items, columnCount: shape.dimensions, values: Array(weights[..<shape.itemCount]))
    var sum = 0.0
    for first in stride(from: 0, to: targets.count, by: Self.tileRows) {
      let rows = first..<min(targets.count, first + Self.tileRows)
      let d = shape.dimensions
      let part = FloatMatrix(
        rowCount: rows.count, columnCount: d, values: Array(vectors.values[rows.lowerBound * d..<rows.upperBound * d]))
      let scores = part.multiplied(byTransposed: items, workers: workers)
      for row in rows {
        let rank = rank(of: targets[row], history: histories[row], scores[row - first])
        if rank <= Self.top { sum += 1 / log2(Double(rank) + 1) }
      }
    }
    return sum / Double(targets.count)
  }

  /// Bytes that `score` takes at most: a copy of the items' vectors, the scores of a tile, the questions' vectors twice.
  static func memoryBytes(_ shape: AttentionShape) -> Int {
    let questions = (2 * questionsMax).multipliedClamping(by: shape.dimensions)
    return shape.items.multipliedClamping(by: shape.dimensions + tileRows).addingClamping(questions)
      .multipliedClamping(by: 4)
  }

  private func rank(of target: UInt32, history: [UInt32], _ scores: ArraySlice<Float>) -> Int {
    let own = scores[scores.startIndex + Int(target)]
    let isAsGood = { (item: UInt32) in !(scores[scores.startIndex + Int(item)] < own) }
    let seen = Set(history).subtracting([target]).count(where: isAsGood)
    return max(1, scores.count { !($0 < own) } - seen)
  }
}
