import Catalog
import Models

/// How the models' scores become one: each rung of the ladder has its models, each model its share of the rung.
///
/// Models measure on scales of their own (a fresh cohort's best item may score .01, a popular one's 1), so within one question a
/// model's scores are taken relative to its best eligible item. A model that likes nothing much is not made to shout: below its
/// floor the best item stays below 1.
struct Blend: Sendable {
  private struct Part: Sendable {
    let stage: Stage
    let share: Float
    /// Best score from which on a model's best item counts fully.
    let floor: Float
  }

  /// Shares sum to 1 within a rung; models that are not named here propose and count nothing.
  private static let parts: [String: Part] = [
    "popularity": Part(stage: .context, share: 0.6, floor: 1e-6),
    "popularity_here": Part(stage: .context, share: 0.4, floor: 0.05),
    "cohort_popularity": Part(stage: .cohort, share: 1, floor: 1e-3),
    "co_visitation": Part(stage: .individual, share: 0.6, floor: 0.1),
    "content": Part(stage: .individual, share: 0.4, floor: 0.1),
  ]

  /// Weight of each model's scores as they are, shape `[models]`.
  let modelWeights: [Float]

  /// - Parameters:
  ///   - columns: Scores of the eligible items, shape `[models][items]`.
  ///   - rungs: By `Stage.allCases`.
  ///   - similarOnly: The question names items to be similar to: what is alike counts, popularity breaks ties.
  init(models: [any CandidateModel], columns: [[Float]], rungs: [Float], similarOnly: Bool) {
    modelWeights = zip(models, columns).map { model, column in
      guard let part = Self.parts[model.name] else { return 0 }
      let rung = rungs[Stage.allCases.firstIndex(of: part.stage) ?? 0]
      let weight = similarOnly ? (part.stage == .individual ? 1 : 0.02) : rung
      return weight * part.share / max(column.max() ?? 0, part.floor)
    }
  }
}
