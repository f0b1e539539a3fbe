import Mathematics

/// Boosted trees as the part of an uplift learner that can be exchanged: shallow and few, since effects are small beside the noise.
public struct TreeLearner: OutcomeLearner {
  public var name: String { "trees" }
  public let rounds: Int
  public let depth: Int
  /// Whether outcomes are 0 and 1, so that a probability is learnt.
  public let isBinary: Bool

  public init(isBinary: Bool, rounds: Int = 100, depth: Int = 2) {
    precondition(rounds > 0 && depth > 0)
    self.isBinary = isBinary
    self.rounds = rounds
    self.depth = depth
  }

  /// - Throws: `UpliftRefusal` with what `TreeTrainer` says.
  /// - Complexity: O(rounds · depth · rows · columns).
  public func fit(
    _ table: FeatureTable, outcomes: [Double], seed: UInt64
  ) throws(UpliftRefusal) -> any OutcomeModel {
    var settings = TreeTrainer.Settings()
    settings.objective = isBinary ? .logistic : .squaredError
    settings.rounds = rounds
    settings.depth = depth
    settings.seed = seed
    let mean = outcomes.reduce(0, +) / Double(max(1, outcomes.count))
    // A leaf holds at least a twenty-fifth of what the labels tell (the sum of p (1 − p), or the rows), at most 100 of it.
    let information = Double(outcomes.count) * (isBinary ? mean * (1 - mean) : 1)
    settings.leafCoverMin = Float(min(100, max(1, information / 25)))
    do {
      let trees = try TreeTrainer(settings: settings).fit(
        TreeExamples(features: Self.matrix(table), labels: outcomes.map { Float($0) }))
      return TreePredictor(trees: trees)
    } catch {
      throw .learnerFailed("\(error)")
    }
  }

  static func matrix(_ table: FeatureTable) -> FloatMatrix {
    FloatMatrix(rowCount: table.rowCount, columnCount: table.names.count, values: table.values.map { Float($0) })
  }
}

struct TreePredictor: OutcomeModel {
  let trees: TreeEnsemble

  func predict(_ table: FeatureTable) -> [Double] {
    trees.predictions(of: TreeLearner.matrix(table)).map { Double($0) }
  }
}

/// One model of both arms that has the treatment as a column among the others; the uplift is what changing it changes.
///
/// - SeeAlso: Künzel et al. 2019, as for `TLearner`.
public struct ColumnLearner: UpliftLearner {
  public let name: String
  public let base: any OutcomeLearner

  public init(name: String, base: any OutcomeLearner) {
    self.name = name
    self.base = base
  }

  public func fit(_ data: UpliftData, seed: UInt64) throws(UpliftRefusal) -> any UpliftModel {
    try data.check()
    let table = data.features.adding("treated", data.treated.map { $0 ? 1 : 0 })
    return ColumnModel(model: try base.fit(table, outcomes: data.outcomes, seed: seed))
  }
}

struct ColumnModel: UpliftModel {
  let model: any OutcomeModel

  func uplift(_ table: FeatureTable) -> [Double] {
    func outcomes(_ treated: Double) -> [Double] {
      model.predict(table.adding("treated", Array(repeating: treated, count: table.rowCount)))
    }
    return zip(outcomes(1), outcomes(0)).map { $0 - $1 }
  }
}
