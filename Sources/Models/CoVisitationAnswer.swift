import Catalog

/// The scores of one question, worked out once.
struct CoVisitationAnswer: PreparedModel {
  struct Seed: Sendable {
    let item: UInt32
    let weight: Float
  }

  private let rows: NeighbourRows
  private let seeds: [Seed]
  private let unit: Double
  private let settings: CoVisitation.Settings
  private var scores: OrdinalMap<Float>
  private var scale: Float = 0

  /// - Parameter unit: What a pair of now weighs.
  init(rows: NeighbourRows, seeds: [Seed], unit: Double, settings: CoVisitation.Settings) {
    self.rows = rows
    self.seeds = seeds
    self.unit = unit
    self.settings = settings
    scores = OrdinalMap(capacity: seeds.reduce(0) { $0 + (rows[$1.item]?.items.count ?? 0) })
    var weight: Float = 0
    var evidence: Float = 0
    for seed in seeds {
      weight += seed.weight
      guard let row = rows[seed.item], row.sum > 0 else { continue }
      let share = part(of: row, seed: seed)
      evidence += Float(share * row.sum)
      row.weights.withUnsafeBufferPointer { weights in
        scores.add(to: row.items[...]) { Float(weights[$0] * share) }
      }
    }
    finish(confidence: weight > 0 ? min(1, evidence / weight) : 0)
  }

  /// What a seed's row is multiplied by: its weight and evidence over its sum.
  private func part(of row: NeighbourRows.Row, seed: Seed) -> Double {
    let pairs = rows.pairs[Int(seed.item)]
    return Double(seed.weight) * pairs / (pairs + settings.shrinkage * unit) / row.sum
  }

  /// Applies the popularity penalty, and finds the scale at which the best has `confidence`.
  private mutating func finish(confidence: Float) {
    let perUnit = unit > 0 ? 1 / unit : 0
    let roots = settings.penaltyRoots
    var best: Float = 0
    rows.pairs.withUnsafeBufferPointer { pairs in
      scores.mapInPlace { item, score in
        guard roots > 0 else {
          best = max(best, score)
          return score
        }
        var penalty = Float(min(pairs[Int(item)] * perUnit, 1e30)) + 1
        for _ in 0..<roots { penalty.formSquareRoot() }
        let result = score / penalty
        best = max(best, result)
        return result
      }
    }
    scale = best > 0 && best.isFinite ? confidence / best : 0
  }

  @inline(__always)
  private func scaled(_ score: Float) -> Float { min(1, score * scale) }

  func candidates(limit: Int) -> [ScoredItem] {
    var top = TopScores(reservingCapacity: scores.count)
    scores.forEach { item, score in if score > 0 { top.append(item, scaled(score)) } }
    return top.best(limit)
  }

  func scores(of items: [ItemOrdinal]) -> [Float] { items.map { scaled(scores[$0.rawValue] ?? 0) } }

  func reason(for item: ItemOrdinal) -> ModelReason? {
    guard scores[item.rawValue].map({ scaled($0) > 0 }) ?? false else { return nil }
    return Self.reason(for: item.rawValue, rows: rows, seeds: seeds, evidence: settings.shrinkage * unit)
  }

  /// The seed whose row speaks most for the item; the first in a tie.
  static func reason(for item: UInt32, rows: NeighbourRows, seeds: [Seed], evidence: Double) -> ModelReason? {
    var best: (part: Double, seed: UInt32)?
    for seed in seeds {
      guard let row = rows[seed.item], let place = row.items.place(of: item) else { continue }
      let pairs = rows.pairs[Int(seed.item)]
      let part = Double(seed.weight) * pairs / (pairs + evidence) / row.sum * row.weights[place]
      if part > best?.part ?? 0 { best = (part, seed.item) }
    }
    return best.map { ModelReason(code: "often_together", because: ItemOrdinal($0.seed)) }
  }
}
