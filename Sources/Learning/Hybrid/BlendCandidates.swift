import Foundation
import Mathematics

/// What a blend is made of: for one question the candidates that come into question, and what its members say of each, in
/// numbers that mean the same for every question and every kind of model.
///
/// For the scores s that a member gives the candidates of a question, three features:
///
///     (s − mean) / deviation        log(u + ε), u = (s − min) / (max − min)        − log(place)
///
/// then, of the item whatever the question: the log of how often the training has it; and where items of the history may be
/// answers, whether it is one of them and how far back.
struct BlendCandidates: Sendable {
  /// Of each member, the best come into question, at most as many in all; where items are given, all of these.
  static let limit = 300
  static let perMember = 3
  private static let epsilon: Float = 0.01

  /// Candidates by item, ascending.
  let items: [UInt32]
  /// Shape `[items.count, width]`.
  let features: [Float]

  /// Features of a candidate.
  static func width(members: Int) -> Int { perMember * members + 3 }

  /// - Parameters:
  ///   - question: Its targets are candidates where candidates are given, and are not looked at otherwise.
  ///   - scores: Of each member, of every item.
  ///   - frequencies: log(1 + how often the training has an item).
  init(_ question: EvaluationQuestion, scores: [ArraySlice<Float>], frequencies: [Float]) {
    let items = Self.items(question, scores)
    let width = Self.width(members: scores.count)
    var features = Array(repeating: Float(0), count: items.count * width)
    for (member, scores) in scores.enumerated() {
      let own = items.map { item in
        let score = scores[scores.startIndex + Int(item)]
        return score.isFinite ? score : 0
      }
      Self.describe(own, from: member * Self.perMember, width: width, into: &features)
    }
    var back: [UInt32: Int] = [:]
    if case .all = question.candidates {
      for (step, item) in question.history.items.reversed().enumerated() where back[item] == nil { back[item] = step }
    }
    for (place, item) in items.enumerated() {
      let start = place * width + scores.count * Self.perMember
      features[start] = frequencies[Int(item)] / 4
      if let step = back[item] {
        features[start + 1] = 1
        features[start + 2] = -log(Float(1 + step))
      }
    }
    self.items = items
    self.features = features
  }

  /// t: 1, and how long the history is.
  static func situation(_ question: EvaluationQuestion) -> [Float] {
    [1, log(Float(1 + question.history.items.count)) / 2 - 1]
  }

  private static func items(_ question: EvaluationQuestion, _ scores: [ArraySlice<Float>]) -> [UInt32] {
    if case .given(let others) = question.candidates { return Set(others + question.targets).sorted() }
    var seen: Set<UInt32> = []
    if case .unseen = question.candidates { seen = Set(question.history.items) }
    let each = max(1, limit / max(1, scores.count))
    var items: Set<UInt32> = []
    for scores in scores {
      var strongest = StrongestCells(limit: each + seen.count)
      scores.withUnsafeBufferPointer { scores in
        // What a member is silent on is no candidate of its own.
        var bound = -Float.infinity
        for item in 0..<scores.count where scores[item] > bound && scores[item] != 0 {
          strongest.offer(UInt32(item), scores[item], rank: scores[item])
          if let weakest = strongest.weakest { bound = weakest }
        }
      }
      var own = RowCells()
      strongest.drain(into: &own)
      let best = zip(own.columns, own.weights).filter { !seen.contains($0.0) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
      items.formUnion(best.prefix(each).map(\.0))
    }
    return items.sorted()
  }

  /// Writes the three features of one member.
  private static func describe(_ scores: [Float], from start: Int, width: Int, into features: inout [Float]) {
    guard let low = scores.min(), let high = scores.max() else { return }
    let mean = scores.reduce(0, +) / Float(scores.count)
    let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(scores.count)
    let deviation = variance.squareRoot()
    // A member that says the same of all says nothing.
    guard high > low, deviation > 0 else { return }
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    var place = 0
    for (rank, candidate) in order.enumerated() {
      // Ties share the first place.
      if rank == 0 || scores[candidate] != scores[order[rank - 1]] { place = rank }
      features[candidate * width + start] = (scores[candidate] - mean) / deviation / 2
      features[candidate * width + start + 1] = log((scores[candidate] - low) / (high - low) + epsilon) / 2
      features[candidate * width + start + 2] = -log(Float(1 + place)) / 2
    }
  }

  /// The features of some members alone.
  static func keeping(_ members: [Int], of all: Int, in features: [Float]) -> [Float] {
    let width = width(members: all)
    let kept = members.flatMap { $0 * perMember..<($0 + 1) * perMember } + Array(all * perMember..<width)
    var some: [Float] = []
    some.reserveCapacity(features.count / width * kept.count)
    for start in stride(from: 0, to: features.count, by: width) {
      for place in kept { some.append(features[start + place]) }
    }
    return some
  }
}
