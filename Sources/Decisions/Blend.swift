import Catalog
import Models

/// How the models' scores become one: each rung of the ladder has its models, each model its share of the rung.
struct Blend: Sendable {
  private struct Part: Sendable {
    let stage: Stage
    let share: Float
  }

  /// Shares sum to 1 within a rung; models that are not named here propose and count nothing.
  private static let parts: [String: Part] = [
    "popularity": Part(stage: .context, share: 0.6),
    "popularity_here": Part(stage: .context, share: 0.4),
    "cohort_popularity": Part(stage: .cohort, share: 1),
    "co_visitation": Part(stage: .individual, share: 0.6),
    "content": Part(stage: .individual, share: 0.4),
  ]

  /// Weight of each model, shape `[models]`.
  let modelWeights: [Float]

  /// - Parameters:
  ///   - rungs: By `Stage.allCases`.
  ///   - similarOnly: The question names items to be similar to: what is alike counts, popularity breaks ties.
  init(models: [any CandidateModel], rungs: [Float], similarOnly: Bool) {
    modelWeights = models.map { model in
      guard let part = Self.parts[model.name] else { return 0 }
      if similarOnly { return part.stage == .individual ? part.share : 0.02 * part.share }
      return part.share * rungs[Stage.allCases.firstIndex(of: part.stage) ?? 0]
    }
  }
}
