import Catalog
import Models

/// Eligible candidates in the order of their scores, with where each score came from.
struct ScoredCandidates {
  /// What is sorted: numbers only.
  struct Scored {
    let item: ItemOrdinal
    let score: Float
    let boost: Float
    /// Its row in the models' columns.
    let row: Int
  }

  let contenders: [Contender]
  /// Weights for exploration: popularity with a floor, so that everything may be tried.
  let popularity: [Float]
  private let scored: [Scored]
  private let columns: [[Float]]

  /// - Parameters:
  ///   - columns: Model scores, shape `[models][rows]`.
  ///   - max: The best that stay.
  ///   - contender: Makes the contender of one that stays.
  init(
    _ unordered: [Scored], columns: [[Float]], models: [any CandidateModel], max: Int,
    contender: (Scored) -> Contender
  ) {
    var ordered = unordered
    ordered.sort { $0.score != $1.score ? $0.score > $1.score : $0.item < $1.item }
    if ordered.count > max { ordered.removeLast(ordered.count - max) }
    scored = ordered
    contenders = ordered.map(contender)
    self.columns = columns
    let popular = models.firstIndex { $0.name == "popularity" }
    popularity = ordered.map { scored in (popular.map { columns[$0][scored.row] } ?? 0) + 0.05 }
  }

  func modelScores(_ index: Int) -> ModelScores {
    var scores = ModelScores()
    for column in columns { scores.append(column[scored[index].row]) }
    return scores
  }

  func boost(_ index: Int) -> Float { scored[index].boost }

  func record(_ index: Int, propensity: Float, reasons: [RecordedReason]) -> RecordedItem {
    RecordedItem(
      item: scored[index].item, score: scored[index].score, boost: scored[index].boost,
      modelScores: modelScores(index), propensity: propensity, reasons: reasons)
  }
}
