import Catalog
import Models

/// Eligible candidates in the order of their scores, with where each score came from.
struct ScoredCandidates {
  struct Candidate {
    let contender: Contender
    /// Its row in the models' columns.
    let row: Int
    let boost: Float
  }

  let contenders: [Contender]
  /// Weights for exploration: popularity with a floor, so that everything may be tried.
  let popularity: [Float]
  private let candidates: [Candidate]
  private let columns: [[Float]]

  /// - Parameters:
  ///   - columns: Model scores, shape `[models][rows]`.
  ///   - max: The best that stay.
  init(_ unordered: [Candidate], columns: [[Float]], models: [any CandidateModel], max: Int) {
    let ordered = unordered.sorted {
      $0.contender.score != $1.contender.score
        ? $0.contender.score > $1.contender.score : $0.contender.item < $1.contender.item
    }
    candidates = Array(ordered.prefix(max))
    contenders = candidates.map(\.contender)
    self.columns = columns
    let popular = models.firstIndex { $0.name == "popularity" }
    popularity = candidates.map { candidate in (popular.map { columns[$0][candidate.row] } ?? 0) + 0.05 }
  }

  func modelScores(_ index: Int) -> [Float] { columns.map { $0[candidates[index].row] } }
  func boost(_ index: Int) -> Float { candidates[index].boost }

  func record(_ index: Int, propensity: Float, reasons: [RecordedReason]) -> RecordedItem {
    RecordedItem(
      item: contenders[index].item, score: contenders[index].score, boost: candidates[index].boost,
      modelScores: modelScores(index), propensity: propensity, reasons: reasons)
  }
}
