/// The cold-start ladder: how much each way of knowing a person counts, by how much there is to know.
///
/// With n acts on items, what is known of the person's own taste takes the share n / (n + 20); of what is left the cohort
/// (people alike) takes n / (n + 5); of what is then left stated interests take 0.6 if there are any; the context has the
/// rest. So the cohort leads from about 5 acts and the individual from 20, and nothing ever switches.
public enum Ladder {
  /// Acts at which own taste counts one half.
  static let individualHalf: Float = 20
  /// Acts at which the cohort takes half of the rest.
  static let cohortHalf: Float = 5
  static let statedShare: Float = 0.6

  /// - Parameters:
  ///   - evidenceCount: Acts on items that a personal model may use; 0 for strangers.
  ///   - hasStatedInterests: Whether the person said what interests them.
  /// - Returns: Weights by `Stage.allCases`, each in [0, 1], summing to 1.
  public static func weights(evidenceCount: Int, hasStatedInterests: Bool) -> [Float] {
    let acts = Float(max(0, evidenceCount))
    let individual = acts / (acts + individualHalf)
    let cohort = (1 - individual) * acts / (acts + cohortHalf)
    let rest = 1 - individual - cohort
    let onboarding = hasStatedInterests ? rest * statedShare : 0
    return Stage.allCases.map { stage in
      switch stage {
      case .context: rest - onboarding
      case .onboarding: onboarding
      case .cohort: cohort
      case .individual: individual
      }
    }
  }

  /// The rung that counts most; of equal ones the more personal.
  public static func stage(of weights: [Float]) -> Stage {
    var best = Stage.context
    var most = -Float.infinity
    for (stage, weight) in zip(Stage.allCases, weights) where weight >= most && weight > 0 {
      (best, most) = (stage, weight)
    }
    return best
  }
}
