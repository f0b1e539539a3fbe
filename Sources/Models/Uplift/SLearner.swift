import Foundation
import Primitives

/// One model of both arms in which the treatment and its products with every feature are columns; the uplift is what they change.
///
///     ln odds(y) = β₀ + xᵀβ + (w − ē)(γ₀ + xᵀγ),   penalty |β|²/(2C) + |γ|²/(2C_γ), γ₀ free
///
/// A T-learner learns γ as the difference of two models, with the noise of both. Here γ is held back on its own, as strongly as
/// predicts best within the training: with little to be found, people stand by their chance of a yes, which is where
/// an effect that multiplies odds is greatest. For outcomes that are numbers the same with least squares.
/// - SeeAlso: Künzel et al. 2019 (S-learner); Imai & Ratkovic, Annals of Applied Statistics 7(1), 2013, for the penalty of its own.
public struct SLearner: UpliftLearner {
  public let name: String
  public let c: Double
  /// C_γ to choose from, by held-back likelihood.
  public let interactions: [Double]
  public let folds: Int

  public init(name: String = "s", c: Double = 1, interactions: [Double] = [1e-5, 3e-4, 3e-3, 3e-2, 1], folds: Int = 5) {
    precondition(c > 0 && interactions.allSatisfy { $0 > 0 } && !interactions.isEmpty && folds > 1)
    self.name = name
    self.c = c
    self.interactions = interactions
    self.folds = folds
  }

  public func fit(_ data: UpliftData, seed: UInt64) throws(UpliftRefusal) -> any UpliftModel {
    try data.check()
    var best = (c: interactions[0], loss: Double.infinity)
    if interactions.count > 1 {
      let parts = stratifiedFolds(data, count: folds, seed: seed)
      let splits = (0..<folds).map { fold in
        (
          training: data.rows(parts.indices.filter { parts[$0] != fold }),
          held: data.rows(parts.indices.filter { parts[$0] == fold })
        )
      }
      for split in splits { try split.training.check() }
      for candidate in interactions {
        var loss = 0.0
        for split in splits {
          loss += try model(split.training, interactions: candidate).loss(split.held)
        }
        if loss < best.loss { best = (candidate, loss) }
      }
    }
    return try model(data, interactions: best.c)
  }

  func model(_ data: UpliftData, interactions cGamma: Double) throws(UpliftRefusal) -> JointModel {
    let columns = StandardisedColumns(data.features)
    let width = data.features.names.count
    let share = Double(data.treated.count { $0 }) / Double(data.count)
    let own = columns.design(data.features)
    let n = 2 * (width + 1)
    var design: [Double] = []
    design.reserveCapacity(data.count * n)
    for row in 0..<data.count {
      let x = own[row * (width + 1)..<(row + 1) * (width + 1)]
      let w = (data.treated[row] ? 1 : 0) - share
      design += x
      for value in x { design.append(w * value) }
    }
    // The average effect γ₀ is free, but for what keeps the system regular.
    let penalties =
      Array(repeating: 1 / c, count: width) + [1e-6] + Array(repeating: 1 / cGamma, count: width)
    let coefficients: [Double]
    if data.isBinary {
      coefficients = try LogisticLearner.coefficients(design, data.outcomes, width: n, penalties: penalties)
    } else {
      coefficients = try LinearLearner.coefficients(design, data.outcomes, width: n, penalties: penalties)
    }
    return JointModel(columns: columns, coefficients: coefficients, share: share, isBinary: data.isBinary)
  }
}

struct JointModel: UpliftModel {
  let columns: StandardisedColumns
  /// β₀, β, γ₀, γ.
  let coefficients: [Double]
  let share: Double
  let isBinary: Bool

  private func scores(_ table: FeatureTable) -> (own: [Double], effect: [Double]) {
    let design = columns.design(table)
    let n = coefficients.count / 2
    var (own, effect) = ([Double](), [Double]())
    for row in 0..<table.rowCount {
      var (base, added) = (0.0, 0.0)
      for i in 0..<n {
        base += design[row * n + i] * coefficients[i]
        added += design[row * n + i] * coefficients[n + i]
      }
      own.append(base)
      effect.append(added)
    }
    return (own, effect)
  }

  func uplift(_ table: FeatureTable) -> [Double] {
    let (own, effect) = scores(table)
    return zip(own, effect).map { own, effect in
      if !isBinary { return effect }
      return 1 / (1 + exp(-(own + (1 - share) * effect))) - 1 / (1 + exp(-(own - share * effect)))
    }
  }

  /// −ln likelihood of people, or the sum of squares.
  func loss(_ data: UpliftData) -> Double {
    let (own, effect) = scores(data.features)
    var sum = 0.0
    for row in 0..<data.count {
      let score = own[row] + ((data.treated[row] ? 1 : 0) - share) * effect[row]
      if isBinary {
        sum -= data.outcomes[row] * score - (score > 0 ? score + log1p(exp(-score)) : log1p(exp(score)))
      } else {
        sum += (data.outcomes[row] - score) * (data.outcomes[row] - score)
      }
    }
    return sum
  }
}
