import Foundation
import Mathematics

/// Fits boosted trees through XGBoost's C library: the one door to it.
///
/// The same examples, settings and seed give the same trees with the same number of workers; with another number the sums
/// of gradients may differ in their last digits.
/// - SeeAlso: Chen & Guestrin, *XGBoost: a scalable tree boosting system*, KDD 2016; Burges, *From RankNet to LambdaRank to
///   LambdaMART*, 2010.
public struct TreeTrainer: Sendable, Hashable {
  /// By the names of the literature; XGBoost's own beside them.
  public struct Settings: Sendable, Hashable {
    public var objective = TreeEnsemble.Objective.logistic
    /// Trees, at least 1.
    public var rounds = 200
    /// Levels of splits (max_depth), 1 to 16.
    public var depth = 3
    /// How much of each tree counts (eta), in (0, 1].
    public var learningRate: Float = 0.05
    /// The least cover of a leaf (min_child_weight), at least 0.
    public var leafCoverMin: Float = 5
    /// L2 penalty of a leaf's number (lambda), at least 0.
    public var penalty: Float = 1
    /// What a split has to gain at least (gamma).
    public var gainMin: Float = 0
    /// Share of the rows that each tree sees (subsample), in (0, 1].
    public var rowShare: Float = 1
    /// Share of the features that each tree sees (colsample_bytree), in (0, 1].
    public var featureShare: Float = 1
    /// Values that a feature is cut into (max_bin), 2 to 65,536.
    public var bins = 256
    /// Where all rows begin (base_score): a probability, or a number. nil is the labels' mean, or 0 in a ranking.
    public var baseScore: Float?
    /// For each feature 1 (the margin may only rise with it), -1 or 0; empty for no such demand.
    public var monotone: [Int] = []
    /// Ends when the validation loss has not fallen for so many rounds; the trees up to its lowest are kept.
    public var patience: Int?
    public var seed: UInt64 = 0

    public init() {}
  }

  /// How far a fit has come.
  public struct Progress: Sendable, Hashable {
    /// Rounds that are done.
    public let round: Int
    public let rounds: Int
    /// The mean loss on the validation part, if there is one: log-loss, squared error, or 1 − NDCG of a ranking.
    public let validationLoss: Double?
  }

  public enum Step: Sendable {
    case proceed
    /// Keeps the trees there are.
    case finish
    /// Keeps nothing.
    case stop
  }

  public let settings: Settings
  public let workers: Int

  public init(settings: Settings = Settings(), workers: Int = 1) {
    precondition(workers > 0)
    self.settings = settings
    self.workers = workers
  }

  /// - Parameters:
  ///   - validation: Watched for `patience`; nothing is learnt from it.
  ///   - progress: Told after each round; says whether to go on.
  /// - Throws: `TreeTrainingError` when nothing can be learnt from the examples, or `progress` said stop.
  /// - Complexity: O(rounds · depth · n · features).
  public func fit(
    _ examples: TreeExamples, validation: TreeExamples? = nil, progress: (Progress) -> Step = { _ in .proceed }
  ) throws(TreeTrainingError) -> TreeEnsemble {
    let (booster, rounds) = try boost(examples, validation: validation, progress: progress)
    do {
      return try TreeEnsemble(xgboostModel: try booster.model(as: .ubj)).prefix(rounds)
    } catch let error as TreeTrainingError {
      throw error
    } catch {
      throw .library("a model was made that cannot be read: \(error)")
    }
  }

  /// - Returns: The library's model, and how many of its rounds count.
  func boost(
    _ examples: TreeExamples, validation: TreeExamples? = nil, progress: (Progress) -> Step = { _ in .proceed }
  ) throws(TreeTrainingError) -> (booster: LibraryBooster, rounds: Int) {
    try settings.check(featureCount: examples.features.columnCount)
    try examples.check(for: settings.objective)
    let training = try LibraryMatrix(examples, workers: workers)
    var watched: (examples: TreeExamples, matrix: LibraryMatrix)?
    if let validation {
      guard validation.features.columnCount == examples.features.columnCount else {
        throw .count(
          of: "features of the validation part", found: validation.features.columnCount,
          expected: examples.features.columnCount)
      }
      watched = (validation, try LibraryMatrix(validation, workers: workers))
    } else if settings.patience != nil {
      throw .settings("to stop early needs a validation part")
    }
    let booster = try LibraryBooster(
      [training] + (watched.map { [$0.matrix] } ?? []),
      parameters: settings.parameters(base: settings.base(of: examples), workers: workers))
    var best = (round: settings.rounds, loss: Double.infinity)
    for round in 0..<settings.rounds {
      try booster.update(round: round, on: training)
      var loss: Double?
      if let watched {
        let margins = try booster.output(.margin, of: watched.matrix)
        let found = settings.objective.loss(ofMargins: margins, on: watched.examples)
        loss = found
        if settings.patience != nil, found < best.loss { best = (round + 1, found) }
      }
      let report = Progress(round: round + 1, rounds: settings.rounds, validationLoss: loss)
      let step = progress(report)
      if case .stop = step { throw .stopped }
      if case .finish = step { break }
      if let patience = settings.patience, round + 1 - best.round >= patience { break }
    }
    return (booster, best.round)
  }
}

extension TreeTrainer.Settings {
  func check(featureCount: Int) throws(TreeTrainingError) {
    guard rounds > 0, rounds <= 100_000 else { throw .settings("found \(rounds) rounds, expected 1 to 100,000") }
    guard (1...16).contains(depth) else { throw .settings("found a depth of \(depth), expected 1 to 16") }
    guard (2...65_536).contains(bins) else { throw .settings("found \(bins) bins, expected 2 to 65,536") }
    for (name, value) in [
      ("learning rate", learningRate), ("share of rows", rowShare), ("share of features", featureShare),
    ] where !(value > 0 && value <= 1) {
      throw .settings("found a \(name) of \(value), expected more than 0 and at most 1")
    }
    for (name, value) in [("least cover", leafCoverMin), ("penalty", penalty), ("least gain", gainMin)]
    where !(value >= 0 && value.isFinite) {
      throw .settings("found a \(name) of \(value), expected at least 0")
    }
    if let patience, patience < 1 { throw .settings("found a patience of \(patience) rounds, expected at least 1") }
    if let baseScore, !(baseScore.isFinite && (objective != .logistic || (baseScore > 0 && baseScore < 1))) {
      throw .settings("found a base score of \(baseScore), expected a number, of a yes or no between 0 and 1")
    }
    guard monotone.isEmpty || monotone.count == featureCount else {
      throw .count(of: "directions of features", found: monotone.count, expected: featureCount)
    }
    guard monotone.allSatisfy({ (-1...1).contains($0) }) else {
      throw .settings("a direction of a feature is none of -1, 0 and 1")
    }
  }

  /// Where all rows begin.
  func base(of examples: TreeExamples) -> Float {
    if let baseScore { return baseScore }
    guard !objective.isRanking else { return 0 }
    let weights = examples.weights ?? Array(repeating: 1, count: examples.labels.count)
    let (sum, total) = zip(examples.labels, weights).reduce((0.0, 0.0)) {
      ($0.0 + Double($1.0) * Double($1.1), $0.1 + Double($1.1))
    }
    let mean = Float(sum / total)
    return objective == .logistic ? min(max(mean, 1e-6), 1 - 1e-6) : mean
  }

  func parameters(base: Float, workers: Int) -> [(name: String, value: String)] {
    var parameters: [(name: String, value: String)] = [
      ("verbosity", "0"), ("objective", objective.rawValue), ("booster", "gbtree"), ("tree_method", "hist"),
      ("max_depth", "\(depth)"), ("eta", "\(learningRate)"), ("min_child_weight", "\(leafCoverMin)"),
      ("lambda", "\(penalty)"), ("gamma", "\(gainMin)"), ("subsample", "\(rowShare)"),
      ("colsample_bytree", "\(featureShare)"), ("max_bin", "\(bins)"), ("base_score", "\(base)"),
      // The library keeps 31 bits of it.
      ("seed", "\(seed % 0x7FFF_FFFF)"), ("nthread", "\(workers)"),
    ]
    if !monotone.isEmpty {
      parameters.append(("monotone_constraints", "(\(monotone.map { String($0) }.joined(separator: ",")))"))
    }
    return parameters
  }
}

extension TreeEnsemble.Objective {
  /// The weighted mean loss: log-loss, squared error, or 1 − NDCG over all of a group (groups whose rows are all alike
  /// count for nothing).
  func loss(ofMargins margins: [Float], on examples: TreeExamples) -> Double {
    if isRanking { return rankingLoss(ofMargins: margins, on: examples) }
    var (sum, total) = (0.0, 0.0)
    for (row, margin) in margins.enumerated() {
      let (margin, label) = (Double(margin), Double(examples.labels[row]))
      let weight = examples.weights.map { Double($0[row]) } ?? 1
      // log(1 + e^m) − y m, without overflow.
      let loss =
        self == .logistic
        ? max(margin, 0) + log1p(exp(-abs(margin))) - label * margin : (margin - label) * (margin - label)
      sum += weight * loss
      total += weight
    }
    return total > 0 ? sum / total : 0
  }

  private func rankingLoss(ofMargins margins: [Float], on examples: TreeExamples) -> Double {
    var (sum, total, start) = (0.0, 0.0, 0)
    for (group, size) in (examples.groupSizes ?? []).enumerated() {
      let rows = start..<start + size
      start += size
      let ideal = gain(of: rows.map { examples.labels[$0] }.sorted(by: >))
      // Ties stand in the order of the rows from the last: they are no merit.
      let ranked = rows.reversed().sorted { margins[$0] > margins[$1] }.map { examples.labels[$0] }
      guard ideal > 0, rows.contains(where: { examples.labels[$0] != examples.labels[rows.lowerBound] }) else {
        continue
      }
      let weight = examples.weights.map { Double($0[group]) } ?? 1
      sum += weight * (1 - gain(of: ranked) / ideal)
      total += weight
    }
    return total > 0 ? sum / total : 0
  }

  private func gain(of grades: [Float]) -> Double {
    grades.enumerated().reduce(0) { $0 + (exp2(Double($1.element)) - 1) / log2(Double($1.offset) + 2) }
  }
}
