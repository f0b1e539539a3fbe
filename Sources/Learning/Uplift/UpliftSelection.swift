import Foundation
import Mathematics
public import Models

/// The learners by name, and the choice among them.
public enum UpliftLearners {
  public static let names = ["s", "t-logit", "x", "dr", "t-trees", "s-trees", "dr-trees"]
  /// What `best` chooses among, the safest first.
  public static let candidates = ["s", "t-logit", "x", "dr", "t-trees", "s-trees"]

  /// - Parameter isBinary: Whether probabilities are learnt; else sums of squares.
  public static func named(_ name: String, isBinary: Bool) -> (any UpliftLearner)? {
    let base: any OutcomeLearner = isBinary ? LogisticLearner() : LinearLearner()
    switch name {
    case "s": return SLearner()
    case "t-logit": return TLearner(name: name, base: base)
    case "x": return XLearner(base: base, effects: LinearLearner())
    case "t-trees": return TLearner(name: name, base: TreeLearner(isBinary: isBinary))
    case "s-trees": return ColumnLearner(name: name, base: TreeLearner(isBinary: isBinary, rounds: 200))
    case "dr-trees": return DRLearner(name: name, base: base, effects: TreeLearner(isBinary: false))
    case "dr": return DRLearner(base: base, effects: LinearLearner())
    default: return nil
    }
  }
}

/// Chooses a learner on training data alone, by the Qini coefficient on parts that were held back from each.
///
/// Coefficients of learners on one part move together, so it is their difference from the first learner that is judged: another is
/// taken when it is ahead by more than one standard error of that difference over the parts, and the one furthest ahead of these.
/// Without such a lead the first stays, which is the safest one: choosing the highest of noisy figures would choose noise.
/// - SeeAlso: Breiman, Friedman, Olshen & Stone, *Classification and Regression Trees*, 1984, section 3.4.3 (one standard error).
public struct UpliftSelection: Sendable {
  public struct Trial: Sendable {
    public let name: String
    /// Mean coefficient over the parts; nil when it could not be fitted, or predicted what is no number.
    public let qini: Double?
    /// Mean lead over the first learner, and its standard error.
    public let lead: Double
    public let leadError: Double
  }

  public let trials: [Trial]
  public let chosen: any UpliftLearner

  /// - Parameter learners: The first one is the safest.
  /// - Throws: `UpliftRefusal` when none can be fitted.
  public init(
    among learners: [any UpliftLearner], on data: UpliftData, folds: Int = 5, seed: UInt64,
    progress: (String) -> Void = { _ in }
  ) throws(UpliftRefusal) {
    precondition(!learners.isEmpty)
    let parts = stratifiedFolds(data, count: folds, seed: seed &+ 17)
    var coefficients = Array(repeating: [Double?](), count: learners.count)
    for fold in 0..<folds {
      let training = data.rows(parts.indices.filter { parts[$0] != fold })
      let held = data.rows(parts.indices.filter { parts[$0] == fold })
      for (place, learner) in learners.enumerated() {
        progress("\(learner.name), part \(fold + 1) of \(folds)")
        let model = try? learner.fit(training, seed: seed)
        let qini = model.flatMap { model -> Double? in
          let scores = model.uplift(held.features)
          // Who predicts what is no number is not chosen.
          guard scores.allSatisfy(\.isFinite) else { return nil }
          return UpliftCurve(scores: scores, treated: held.treated, outcomes: held.outcomes).coefficient(.qini)
        }
        coefficients[place].append(qini)
      }
    }
    var trials: [Trial] = []
    var best: (place: Int, lead: Double)?
    let firstUsable = coefficients.firstIndex { !$0.contains(nil) }
    for (place, learner) in learners.enumerated() {
      guard let firstUsable, !coefficients[place].contains(nil) else {
        trials.append(Trial(name: learner.name, qini: nil, lead: 0, leadError: 0))
        continue
      }
      let own = coefficients[place].compactMap(\.self)
      var (leads, level) = (RunningMoments(), RunningMoments())
      for (value, first) in zip(own, coefficients[firstUsable].compactMap(\.self)) {
        leads.add(value - first)
        level.add(value)
      }
      let error = ((leads.variance ?? 0) / Double(folds)).squareRoot()
      trials.append(Trial(name: learner.name, qini: level.mean, lead: leads.mean, leadError: error))
      let isAhead = place == firstUsable || leads.mean > max(error, 1e-12)
      if isAhead, best.map({ leads.mean > $0.lead }) ?? true { best = (place, leads.mean) }
    }
    guard let best else {
      // Says why: the refusal of the first learner on everything.
      _ = try learners[0].fit(data, seed: seed)
      throw .learnerFailed("the training is too small to hold parts of it back")
    }
    self.trials = trials
    chosen = learners[best.place]
  }
}
