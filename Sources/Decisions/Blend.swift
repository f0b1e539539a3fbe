import Models

/// How the models' scores become one: each rung of the ladder has its models, each model its share of the rung.
///
/// Models measure on scales of their own (a fresh cohort's best item may score .01, a popular one's 1), so within one question a
/// model's scores are taken relative to its best eligible item. A model that likes nothing much is not made to shout: below its
/// floor the best item stays below 1.
public struct Blend: Sendable {
  private struct Part: Sendable {
    let stage: Stage
    let share: Float
    /// Best score from which on a model's best item counts fully.
    let floor: Float
  }

  /// Shares sum to 1 within a rung, as long as no trained model serves; models that are not named here propose and count
  /// nothing.
  private static let parts = freshParts.merging(
    ServedTables.names.map { ($0, Part(stage: .individual, share: 0, floor: 0.1)) }, uniquingKeysWith: { $1 })

  private static let freshParts: [String: Part] = [
    "popularity": Part(stage: .context, share: 0.6, floor: 1e-6),
    "popularity_here": Part(stage: .context, share: 0.4, floor: 0.05),
    "cohort_popularity": Part(stage: .cohort, share: 1, floor: 1e-3),
    "co_visitation": Part(stage: .individual, share: 0.6, floor: 0.1),
    "content": Part(stage: .individual, share: 0.4, floor: 0.1),
  ]

  /// Shares of the models in what is known of a person's own taste while no trained one serves, by name.
  public static let freshShares: [String: Float] = parts.filter { $0.value.stage == .individual && $0.value.share > 0 }
    .mapValues(\.share)

  /// What a model's scores are divided by within one question.
  /// - Parameter column: Its scores of the eligible items.
  public static func scale(of column: [Float], model: String) -> Float {
    max(column.max() ?? 0, parts[model]?.floor ?? 1)
  }

  /// Weight of each model's scores as they are, shape `[models]`.
  let modelWeights: [Float]

  /// - Parameters:
  ///   - columns: Scores of the eligible items, shape `[models][items]`.
  ///   - rungs: By `Stage.allCases`.
  ///   - individualShares: In place of the fixed shares of the individual rung, by name.
  ///   - similarOnly: The question names items to be similar to: what is alike counts, popularity breaks ties.
  init(
    models: [any CandidateModel], columns: [[Float]], rungs: [Float], individualShares: [String: Float]? = nil,
    similarOnly: Bool
  ) {
    modelWeights = zip(models, columns).map { model, column in
      guard let part = Self.parts[model.name] else { return 0 }
      let rung = rungs[Stage.allCases.firstIndex(of: part.stage) ?? 0]
      let weight = similarOnly ? (part.stage == .individual ? 1 : 0.02) : rung
      let isLearnt = part.stage == .individual && individualShares != nil
      let share = isLearnt ? individualShares?[model.name] ?? 0 : part.share
      return weight * share / Self.scale(of: column, model: model.name)
    }
  }
}
