public import Mathematics
import Models
import Primitives

/// Makes a `PropensityModel`: fits candidates on folds of the training, chooses settings, blend and calibration by the
/// log-loss of what each says of the rows that it has not seen, then fits what was chosen to all rows.
///
/// The blend is greedy: the candidate that lowers the loss most is added, again and again, with replacement.
/// - SeeAlso: Caruana, Niculescu-Mizil, Crew & Ksikes, *Ensemble selection from libraries of models*, ICML 2004.
public struct PropensityTrainer: Sendable {
  /// Rows of each label that a training needs.
  public static let labelsMin = 10
  private static let roundsMax = 1_000
  private static let patience = 40
  /// Candidates that are added to the blend, one after the other.
  private static let picksMax = 20
  /// Different ones among them: each costs time in every prediction.
  private static let membersMax = 5
  /// Settings in a row that have been tried before: then all is tried.
  private static let repeatsMax = 200

  public let seed: UInt64
  public let workers: Int

  public init(seed: UInt64 = 0, workers: Int = 1) {
    precondition(workers > 0)
    (self.seed, self.workers) = (seed, workers)
  }

  /// A candidate with what it says of rows that it has not seen.
  private struct Trial {
    let recipe: PropensityMember.Recipe
    /// Shape `[n]`.
    let logits: [Double]
    let loss: Double
    let parts: [PropensityMember]
  }

  /// - Parameters:
  ///   - features: Shape `[n, features]`; what is missing is not a number.
  ///   - labels: 0 or 1, shape `[n]`.
  ///   - folds: Of each row, 0 ..< the number of folds, at least 2.
  ///   - isOver: Whether the time for more settings is up; a few are always tried.
  ///   - report: Told of each candidate; says whether to go on.
  /// - Complexity: O(candidates · folds · rounds · depth · n · features).
  public func model(
    features: FloatMatrix, labels: [Float], folds: [Int], isOver: () -> Bool = { true },
    report: (String) -> Bool = { _ in true }
  ) throws(PropensityError) -> PropensityModel {
    try Self.check(features, labels, folds)
    let examples = TreeExamples(features: features, labels: labels)
    var trials: [Trial] = []
    for recipe in Self.firstRecipes(seed: seed) {
      trials.append(try trial(recipe, examples, folds, report))
    }
    try search(&trials, examples, folds, isOver, report)
    trials.sort { $0.loss < $1.loss }
    let blend = Self.blend(trials, labels)
    var members: [(member: PropensityMember, weight: Double)] = []
    for (place, weight) in blend.sorted(by: { $0.key < $1.key }) {
      let member = try PropensityMember(trials[place].recipe, examples: examples, workers: workers)
      members.append((member, weight))
    }
    let held = labels.indices.map { row in blend.reduce(0) { $0 + $1.value * trials[$1.key].logits[row] } }
    let choice = Calibrator.choice(
      probabilities: held.map { LogisticRegression.logistic($0) }, labels: labels.map { Double($0) }, folds: folds)
    let kinds = try kinds(of: examples)
    var alike: [Int: PropensityModel.Alike] = [:]
    for (row, label) in labels.enumerated() {
      let leaf = kinds.leaf(of: features[row])
      alike[leaf, default: .init()].rows += 1
      alike[leaf, default: .init()].yes += label > 0.5 ? 1 : 0
    }
    let yes = labels.count { $0 > 0.5 }
    return PropensityModel(
      members: members, calibrator: choice.calibrator, parts: trials[0].parts, kinds: kinds, alike: alike,
      featureCount: features.columnCount, outcomes: [labels.count - yes, yes],
      heldBackLoss: choice.losses.values.min() ?? .nan,
      candidates: trials.enumerated().map { place, trial in
        .init(settings: trial.recipe.text, heldBackLoss: trial.loss, weight: blend[place] ?? 0)
      })
  }

  /// As many folds as asked for, each with about the same share of both labels.
  public static func stratifiedFolds(_ count: Int, labels: [Float], seed: UInt64) -> [Int] {
    precondition(count > 1)
    var generator = SeededGenerator(seed: seed)
    var folds = Array(repeating: 0, count: labels.count)
    var next = 0
    for label in [Float(0), 1] {
      for row in labels.indices.filter({ labels[$0] == label }).shuffled(using: &generator) {
        folds[row] = next % count
        next += 1
      }
    }
    return folds
  }

  // MARK: Candidates

  private static func firstRecipes(seed: UInt64) -> [PropensityMember.Recipe] {
    let trees: [(depth: Int, rate: Float, cover: Float, share: Float, features: Float)] = [
      (3, 0.05, 5, 1, 1), (2, 0.05, 5, 0.7, 0.5), (1, 0.1, 5, 0.7, 0.7), (4, 0.03, 20, 0.7, 0.5),
    ]
    return [.line(penalty: 1), .line(penalty: 30)]
      + trees.map { tree in
        var settings = TreeTrainer.Settings()
        (settings.depth, settings.learningRate, settings.leafCoverMin) = (tree.depth, tree.rate, tree.cover)
        (settings.rowShare, settings.featureShare, settings.seed) = (tree.share, tree.features, seed)
        return .trees(settings)
      }
  }

  /// Changes one or two settings of the best trees until the time is up.
  private func search(
    _ trials: inout [Trial], _ examples: TreeExamples, _ folds: [Int], _ isOver: () -> Bool,
    _ report: (String) -> Bool
  ) throws(PropensityError) {
    var generator = SeededGenerator(seed: seed)
    var known: Set<TreeTrainer.Settings> = []
    var repeats = 0
    while !isOver(), repeats < Self.repeatsMax {
      let best = trials.filter { if case .trees = $0.recipe { true } else { false } }.min { $0.loss < $1.loss }
      guard case .trees(var settings) = best?.recipe else { return }
      for _ in 0...Int(generator.next(upperBound: UInt64(2))) { Self.vary(&settings, using: &generator) }
      settings.rounds = Self.roundsMax
      guard known.insert(settings).inserted else {
        repeats += 1
        continue
      }
      repeats = 0
      do throws(PropensityError) {
        trials.append(try trial(.trees(settings), examples, folds, { report($0) && !isOver() }))
      } catch {
        // The time was up within a trial, or whoever asked wants no more.
        guard error == .stopped, isOver() else { throw error }
        return
      }
    }
  }

  private static func vary(
    _ settings: inout TreeTrainer.Settings, using generator: inout some RandomNumberGenerator
  ) {
    func pick<Value>(_ values: [Value]) -> Value { values[Int(generator.next(upperBound: UInt64(values.count)))] }
    switch Int(generator.next(upperBound: UInt64(6))) {
    case 0: settings.depth = pick([1, 2, 3, 4, 5, 6])
    case 1: settings.learningRate = pick([0.02, 0.03, 0.05, 0.1])
    case 2: settings.leafCoverMin = pick([1, 5, 20, 50])
    case 3: settings.penalty = pick([0.5, 1, 5, 20])
    case 4: settings.rowShare = pick([0.5, 0.7, 0.85, 1])
    default: settings.featureShare = pick([0.3, 0.5, 0.7, 1])
    }
  }

  /// Fits a candidate outside of each fold; of trees, to the round at which the mean loss over the folds is lowest.
  private func trial(
    _ recipe: PropensityMember.Recipe, _ examples: TreeExamples, _ folds: [Int], _ report: (String) -> Bool
  ) throws(PropensityError) -> Trial {
    let foldCount = (folds.max() ?? 0) + 1
    let held = (0..<foldCount).map { fold in folds.indices.filter { folds[$0] == fold } }
    var recipe = recipe
    if case .trees(var settings) = recipe {
      settings.rounds = Self.roundsMax
      recipe = .trees(settings)
    }
    var parts: [PropensityMember] = []
    var curves: [[Double]] = []
    for fold in 0..<foldCount {
      let inside = examples.rows(folds.indices.filter { folds[$0] != fold })
      var curve: [Double] = []
      guard report("\(recipe.text): fold \(fold + 1) of \(foldCount)") else { throw .stopped }
      // All trees are kept: the round is chosen for all folds together.
      let part = try PropensityMember(
        recipe, examples: inside, workers: workers, validation: examples.rows(held[fold])
      ) { progress in
        curve.append(progress.validationLoss ?? .infinity)
        guard report("\(recipe.text): fold \(fold + 1) of \(foldCount), round \(progress.round)") else { return .stop }
        let best = curve.indices.min { curve[$0] < curve[$1] } ?? 0
        return curve.count - best > Self.patience ? .finish : .proceed
      }
      parts.append(part)
      curves.append(curve)
    }
    if case .trees(var settings) = recipe {
      let rounds = curves.map(\.count).min() ?? 1
      let means = (0..<rounds).map { round in
        zip(curves, held).reduce(0) { $0 + $1.0[round] * Double($1.1.count) }
      }
      settings.rounds = (means.indices.min { means[$0] < means[$1] } ?? 0) + 1
      recipe = .trees(settings)
      parts = parts.map { $0.prefix(settings.rounds) }
    }
    var logits = Array(repeating: 0.0, count: folds.count)
    for (part, rows) in zip(parts, held) {
      for (row, logit) in zip(rows, part.logits(of: examples.rows(rows).features)) { logits[row] = logit }
    }
    return Trial(recipe: recipe, logits: logits, loss: Self.loss(logits, examples.labels), parts: parts)
  }

  /// Shares of trials, by their places, that sum to 1.
  private static func blend(_ trials: [Trial], _ labels: [Float]) -> [Int: Double] {
    var counts: [Int: Int] = [:]
    var sums = Array(repeating: 0.0, count: labels.count)
    var best = Double.infinity
    for pick in 0..<picksMax {
      let size = Double(pick + 1)
      var chosen: (place: Int, loss: Double)?
      for (place, trial) in trials.enumerated() where counts[place] != nil || counts.count < membersMax {
        let loss = loss(zip(sums, trial.logits).map { ($0 + $1) / size }, labels)
        if loss < chosen?.loss ?? .infinity { chosen = (place, loss) }
      }
      guard let chosen, chosen.loss < best else { break }
      best = chosen.loss
      counts[chosen.place, default: 0] += 1
      sums = zip(sums, trials[chosen.place].logits).map { $0 + $1 }
    }
    let total = Double(counts.values.reduce(0, +))
    return counts.mapValues { Double($0) / total }
  }

  /// Kinds of people: the leaves of one tree.
  private func kinds(of examples: TreeExamples) throws(PropensityError) -> RegressionTree {
    var settings = TreeTrainer.Settings()
    (settings.depth, settings.rounds, settings.learningRate, settings.leafCoverMin) = (4, 1, 1, 0)
    do {
      let ensemble = try TreeTrainer(settings: settings, workers: workers).fit(examples)
      guard let tree = ensemble.trees.first else { throw PropensityError.refused("no tree was made") }
      return tree
    } catch {
      throw .refused("\(error)")
    }
  }

  private static func loss(_ logits: [Double], _ labels: [Float]) -> Double {
    ProbabilityMetrics(
      probabilities: logits.map { LogisticRegression.logistic($0) }, labels: labels.map { Double($0) }
    ).logLoss
  }

  private static func check(_ features: FloatMatrix, _ labels: [Float], _ folds: [Int]) throws(PropensityError) {
    let rows = features.rowCount
    precondition(labels.count == rows && folds.count == rows)
    guard rows > 0 else { throw .noRows }
    for label in [0, 1] {
      let found = labels.count { $0 == Float(label) }
      guard found >= labelsMin else { throw .fewOutcomes(label: label, found: found, expected: labelsMin) }
    }
    let varies = (0..<features.columnCount).contains { column in
      let first = features.values[column].bitPattern
      return (1..<rows).contains { features.values[$0 * features.columnCount + column].bitPattern != first }
    }
    guard varies else { throw .nothingVaries }
    let foldCount = (folds.max() ?? 0) + 1
    precondition(foldCount > 1 && folds.allSatisfy { $0 >= 0 })
    for fold in 0..<foldCount {
      let outside = Set(folds.indices.lazy.filter { folds[$0] != fold }.map { labels[$0] })
      guard outside.count == 2 else { throw .oneLabel(outsideFold: fold) }
    }
  }
}
