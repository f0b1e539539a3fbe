import Catalog
import Decisions
import Engine
import Mathematics
import Models
import Primitives

/// How the model in force does on what held-back people came to like since it was trained: nobody has learnt from them.
struct HeldBackTrial: Sendable {
  /// People without whom nothing is said.
  static let peopleMin = 30
  private static let peopleMax = 500

  enum Verdict: Sendable, Hashable {
    case well
    case worseThanBefore(String)
    case worseThanItWas(String)
  }

  let partition: Partition
  let catalog: ItemCatalog
  let champion: ModelRun
  /// Version of the model before; 0 for the fresh models alone.
  let before: Int

  /// - Parameter falseAlarms: The chance of a wrong alarm that this look may have, among all its comparisons.
  func verdict(
    on split: TrainingSet.Split, tolerance: Double, falseAlarms: Double, report: @escaping @Sendable (Double) -> Bool
  ) async throws -> Verdict {
    guard let model = try await partition.trainedModel(champion.version) else { return .well }
    let earlier = try await partition.trainedModel(before)
    let coVisitation = try FreshFit.taught(
      CoVisitation(), split.training(byOrdinal: catalog.ordinalCount), catalog: catalog
    ) { _ in report(0) }
    var content = ContentSimilarity()
    for item in split.items where catalog.isListed(item) { content.fold(changed: item, catalog: catalog) }
    let models: [any CandidateModel] = [model, coVisitation, content] + [earlier].compactMap(\.self)
    let trial = BlendTrial(
      models: models, catalog: catalog, items: split.items, workers: 1, since: champion.window.to)
    let names = [coVisitation.name, content.name]
    let fresh: BlendTrial.Shares = [0] + names.map { Blend.freshShares[$0] ?? 0 }
    var subjects = [[champion.shares[model.name] ?? 0] + names.map { champion.shares[$0] ?? 0 }, fresh]
    if let earlier {
      let shares = try await partition.models().registry.run(before)?.shares ?? [:]
      subjects.append([0] + names.map { shares[$0] ?? 0 } + [shares[earlier.name] ?? 0])
    }
    let asked = subjects.map { $0 + Array(repeating: 0, count: models.count - $0.count) }
    let people = (split.test + split.validation).filter(trial.isAsked).prefix(Self.peopleMax)
    let answers = trial.answers(of: Array(people), to: asked, report: report)
    guard report(1) else { throw TrainingFailure.stopped }
    // The file lacks the newcomers that the serving model has folded in and the fresh ones know: being worse than
    // those calls for a training, and is no harm. The file of a model before lacks them alike.
    return Self.verdict(
      answers, rival: earlier == nil ? nil : 2, rivalName: "model \(before)", trained: champion, tolerance: tolerance,
      level: falseAlarms / 3)
  }

  /// - Parameters:
  ///   - rival: The place of what was there before among the answers; nil when it cannot be asked.
  ///   - level: Of each of three one-sided tests.
  static func verdict(
    _ answers: [BlendTrial.Answer], rival: Int?, rivalName: String, trained: ModelRun, tolerance: Double, level: Double
  ) -> Verdict {
    guard answers.count >= peopleMin else { return .well }
    func moments(_ value: (BlendTrial.Answer) -> Double) -> RunningMoments {
      answers.reduce(into: RunningMoments()) { $0.add(value($1)) }
    }
    let figure = moments { $0.ndcg[0] }
    let text =
      "NDCG@\(BlendTrial.k) \(figure.mean.fourDigits) on what \(answers.count) held-back people came to since its training"
    func isWorse(than place: Int) -> Bool { isBelowZero(moments { $0.ndcg[0] - $0.ndcg[place] }, level: level) }
    if let rival, isWorse(than: rival) {
      return .worseThanBefore("\(text), against \(moments { $0.ndcg[rival] }.mean.fourDigits) with \(rivalName)")
    }
    if isWorse(than: 1) {
      return .worseThanItWas("\(text), against \(moments { $0.ndcg[1] }.mean.fourDigits) with the fresh models alone")
    }
    guard let gate = trained.metrics.first(where: { $0.subject == "candidate" && $0.name == "ndcg" }) else {
      return .well
    }
    // The gate's interval holds 95 %.
    let gateError = (gate.high - gate.low) / (2 * NormalDistribution.quantile(0.975))
    let error = ((figure.variance ?? 0) / Double(figure.count) + gateError * gateError).squareRoot()
    let fall = gate.value * (1 - tolerance) - figure.mean
    guard error > 0, NormalDistribution.cumulative(-fall / error) < level else { return .well }
    return .worseThanItWas("\(text), against \(gate.value.fourDigits) when it was let in")
  }

  /// One-sided t-test of a mean.
  static func isBelowZero(_ moments: RunningMoments, level: Double) -> Bool {
    guard let variance = moments.variance, variance > 0 else { return moments.count > 1 && moments.mean < -1e-9 }
    let t = moments.mean / (variance / Double(moments.count)).squareRoot()
    return StudentDistribution(degreesOfFreedom: Double(moments.count - 1)).cumulative(t) < level
  }
}
