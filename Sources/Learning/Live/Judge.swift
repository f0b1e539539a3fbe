import Catalog
import Decisions
import Engine
import Foundation
import Mathematics
import Models
import Primitives

/// What became of a candidate.
struct Judgement: Sendable {
  /// By model, with which it answers; sums to 1.
  var shares: [String: Float] = [:]
  var metrics: [ModelRun.Metric] = []
  /// How the candidate did for whom.
  var parts: [ModelNote.Part] = []
  /// The champion that it was compared with; 0 for none.
  var rival = 0
  /// Why it may not go live; nil when it may.
  var refusal: String?
}

/// Learns the shares of a candidate on one half of the held-back people, and judges it on the other.
struct Judge {
  /// The validation people that the fresh shares count as: with few of them chance must not decide.
  private static let priorPeople: Float = 20
  /// Items × questions × mixtures that are looked at, about; and people at least.
  private static let visitsMax = 2e10
  private static let peopleMin = 50

  /// Beside the candidate: the training by ordinal, the fresh models that are taught, and the champion.
  static func memoryBytes(items: Int, acts: Int, dimensions: Int) -> Int {
    acts * 16 + items * (1_300 + 300 + 5 * dimensions + 16)
  }

  let partition: Partition
  let request: TrainingRequest
  let catalog: ItemCatalog
  /// Told the share that is done; false stops it.
  let report: @Sendable (Double) -> Bool

  func judge(_ table: FactorTable, _ split: TrainingSet.Split) async throws -> Judgement {
    let coVisitation = try FreshFit.taught(
      CoVisitation(), split.training(byOrdinal: catalog.ordinalCount), catalog: catalog
    ) { _ in report(0) }
    var content = ContentSimilarity()
    for item in split.items where catalog.isListed(item) { content.fold(changed: item, catalog: catalog) }
    let champion = try await partition.trainedModel()
    let models: [any CandidateModel] = [FactorModel(table, version: "candidate"), coVisitation, content]
    let names = models.map(\.name)
    let trial = BlendTrial(
      models: models + [champion].compactMap(\.self), catalog: catalog, items: split.items, workers: request.workers)

    let mixtures = trial.mixtures(ofFirst: models.count)
    let visits = Double(max(1, split.items.count) * mixtures.count * BlendTrial.targetsMax)
    let peopleMax = max(Self.peopleMin, Int(Self.visitsMax / visits))
    let learnt = trial.answers(of: Array(split.validation.prefix(peopleMax)), to: mixtures) { report($0 / 2) }
    let fresh = names.map { Blend.freshShares[$0] ?? 0 }
    let shares = Self.shares(of: learnt, among: mixtures, prior: fresh)

    var subjects: [(name: String, shares: BlendTrial.Shares)] = [
      ("candidate", shares), ("fresh", fresh), ("model", [1]),
    ]
    if let champion {
      let own = try await partition.models().registry.run(Int(champion.version) ?? 0)?.shares ?? [:]
      subjects.append(("champion", [0] + names.dropFirst().map { own[$0] ?? 0 } + [own[champion.name] ?? 0]))
    }
    let asked = subjects.map { $0.shares + Array(repeating: 0, count: trial.models.count - $0.shares.count) }
    let answers = trial.answers(of: Array(split.test.prefix(peopleMax)), to: asked) { report(0.5 + $0 / 2) }
    guard report(1) else { throw TrainingFailure.stopped }
    return Judgement(
      shares: Dictionary(uniqueKeysWithValues: zip(names, shares)),
      metrics: Self.metrics(answers, of: subjects.map(\.name), seed: request.seed),
      parts: PeopleParts(split.test.prefix(peopleMax).filter(trial.isAsked), popular: split.items).parts(of: answers),
      rival: champion.flatMap { Int($0.version) } ?? 0,
      refusal: Self.refusal(answers, rival: champion == nil ? 1 : 3))
  }

  /// The mixture with the best mean NDCG, of equal ones the nearest to the prior; drawn to the prior when there were few
  /// people.
  static func shares(
    of answers: [BlendTrial.Answer], among mixtures: [BlendTrial.Shares], prior: BlendTrial.Shares
  ) -> BlendTrial.Shares {
    func distance(_ mixture: BlendTrial.Shares) -> Float {
      zip(mixture, prior).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let gains = mixtures.indices.map { mixture in answers.reduce(0) { $0 + $1.ndcg[mixture] } }
    let best = mixtures.indices.max {
      (gains[$0], -distance(mixtures[$0])) < (gains[$1], -distance(mixtures[$1]))
    }
    guard let best else { return prior }
    let weight = Float(answers.count) / (Float(answers.count) + priorPeople)
    return zip(mixtures[best], prior).map { weight * $0 + (1 - weight) * $1 }
  }

  /// NDCG and hit rate of each subject with its interval over people.
  private static func metrics(
    _ answers: [BlendTrial.Answer], of subjects: [String], seed: UInt64
  ) -> [ModelRun.Metric] {
    let groups = answers.map { answer in
      Bootstrap.Group(observations: 1, sums: zip(answer.ndcg, answer.hr).flatMap { [$0, $1] })
    }
    var generator = SeededGenerator(seed: seed)
    let estimates = Bootstrap().estimates(of: groups, using: &generator)
    return zip(subjects.flatMap { [($0, "ndcg"), ($0, "hr")] }, estimates).map { named, estimate in
      ModelRun.Metric(
        subject: named.0, name: named.1, k: BlendTrial.k, value: estimate.value, low: estimate.low, high: estimate.high)
    }
  }

  /// Share of the champion's figure that a candidate may be worse by when it is sure to be worse by no more.
  static let margin = 0.02

  /// Why the first mixture may not go live. Against the champion it has to pass the test of `NonInferiority` with a margin of
  /// 2 % of the champion's figure; where there is none, it may be worse than the fresh models by the standard error of the
  /// difference. Differences are taken person by person.
  /// - Parameter rival: 1 for the fresh models, 3 for the champion.
  static func refusal(_ answers: [BlendTrial.Answer], rival: Int) -> String? {
    guard !answers.isEmpty else {
      return "there is nobody to judge it by: no held-back person has come to like two items"
    }
    func mean(_ subject: Int) -> Double {
      answers.reduce(0) { $0 + $1.ndcg[subject] } / Double(answers.count)
    }
    let differences = answers.map { $0.ndcg[0] - $0.ndcg[rival] }
    let test = NonInferiority(differences, margin: rival == 1 ? 0 : margin * mean(rival))
    let passes = rival == 1 ? test.difference >= -max(test.standardError, 1e-12) : test.passes
    guard !passes else { return nil }
    return
      "it is worse than \(rival == 1 ? "the fresh models" : "the champion") on the same \(answers.count) held-back "
      + "people: NDCG@\(BlendTrial.k) \(mean(0).fourDigits) against \(mean(rival).fourDigits), with a standard error of "
      + "\(test.standardError.fourDigits)"
      + (rival == 1 ? "" : "; at least \(test.lower.fourDigits) is sure, more than 2 % worse")
  }
}

extension Double {
  /// With four decimals.
  var fourDigits: String { String(format: "%.4f", self) }
}
