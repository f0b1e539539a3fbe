import Catalog
import Models

/// Eligible candidates in the order of their scores, with where each score came from.
struct ScoredCandidates {
  /// What is sorted: numbers only.
  struct Scored {
    /// The order in one number: higher scores first, then lower ordinals. The bits of floats above 0 order as they do.
    private let order: UInt64
    let boost: Float
    /// Its row in the models' columns.
    let row: UInt32

    /// - Precondition: `score` is at least 0.
    init(item: ItemOrdinal, score: Float, boost: Float, row: Int) {
      order = UInt64((score + 0).bitPattern) << 32 | UInt64(~item.rawValue)
      self.boost = boost
      self.row = UInt32(row)
    }

    var item: ItemOrdinal { ItemOrdinal(~UInt32(truncatingIfNeeded: order)) }
    var score: Float { Float(bitPattern: UInt32(truncatingIfNeeded: order >> 32)) }
    @inline(__always) func precedes(_ other: Self) -> Bool { order > other.order }
  }

  let contenders: [Contender]
  /// Weights for exploration: popularity with a floor, so that everything may be tried.
  let popularity: [Float]
  private let scored: [Scored]
  private let columns: [[Float]]

  /// - Parameters:
  ///   - columns: Model scores, shape `[models][rows]`.
  ///   - contender: Makes the contender of one.
  init(
    _ unordered: [Scored], columns: [[Float]], models: [any CandidateModel], contender: (Scored) -> Contender
  ) {
    var ordered = unordered
    ordered.sort { $0.precedes($1) }
    scored = ordered
    contenders = ordered.map(contender)
    self.columns = columns
    let popular = models.firstIndex { $0.name == "popularity" }
    popularity = ordered.map { scored in (popular.map { columns[$0][Int(scored.row)] } ?? 0) + 0.05 }
  }

  func modelScores(_ index: Int) -> ModelScores {
    var scores = ModelScores()
    for column in columns { scores.append(column[Int(scored[index].row)]) }
    return scores
  }

  func boost(_ index: Int) -> Float { scored[index].boost }

  func candidate(_ index: Int) -> RecordedCandidate {
    RecordedCandidate(
      item: scored[index].item, score: scored[index].score, boost: scored[index].boost,
      modelScores: modelScores(index))
  }
}
