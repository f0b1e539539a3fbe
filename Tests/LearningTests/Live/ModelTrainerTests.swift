import AttuneTestKit
import Catalog
import Engine
import Events
import Features
import Models
import Primitives
import Synchronization
import Testing

@testable import Learning

/// A whole training on a workspace's log.
@Suite struct ModelTrainerTests {
  @Test func `planted tastes are found, and the model goes live`() async throws {
    let shop = try await TrainingShop.planted()
    let run = try await shop.train()
    #expect(run.refusal == nil && run.version == 1)
    // Who knows the group has the target among the 9, 8 … 3 items of it that are left: about 0.47 to 0.71. Chance gets 0.08.
    let model = try #require(run.ndcg("model"))
    let fresh = try #require(run.ndcg("fresh"))
    let candidate = try #require(run.ndcg("candidate"))
    #expect(model > 0.45, "the model alone reached \(model)")
    #expect(fresh < 0.2, "without the model there is nothing to go by: \(fresh)")
    #expect(candidate > fresh + 0.2, "\(candidate) against \(fresh)")
    // Any share of it does as well, since the others know nothing: the nearest to what was in force is taken.
    #expect(abs(run.shares.values.reduce(0, +) - 1) < 1e-5 && run.shares["ials"] ?? 0 > 0, "\(run.shares)")
    #expect(run.metrics.allSatisfy { $0.low <= $0.value && $0.value <= $0.high })
    #expect(run.window.acts == 360 * 8 && run.window.items == 60)
    #expect(run.window.people + run.window.heldBack == 360 && (15...60).contains(run.window.heldBack))
    #expect(try await shop.partition.models().serving == 1)

    let served = try #require(try await shop.partition.trainedModel())
    for group in 0..<6 {
      let catalog = try await shop.partition.trainingCatalog()
      let known = try (0..<3).map { try #require(catalog.ordinal(of: "i\(10 * group + $0)")) }
      let history = known.map { Interaction(item: $0, kind: .view, at: shop.clock.now, value: 0) }
      let answers = served.candidates(
        for: ModelQuery(history: history, context: .init(), now: shop.clock.now), catalog: catalog, limit: 5)
      let groups = answers.map { (catalog.id(of: $0.item) ?? "").dropFirst() }.map { (Int($0) ?? -1) / 10 }
      #expect(groups == Array(repeating: group, count: 5))
    }
    await shop.engine.close()
  }

  @Test func `the same log, settings and seed give the same model and figures, another seed another model`()
    async throws
  {
    var runs: [ModelRun] = []
    for seed in [3, 3, 4] as [UInt64] {
      let shop = try await TrainingShop.planted(people: 90, noise: 2)
      runs.append(try await shop.train(seed: seed))
      await shop.engine.close()
    }
    #expect(runs[0].digest == runs[1].digest && runs[0].metrics == runs[1].metrics && runs[0].shares == runs[1].shares)
    #expect(runs[0].digest != runs[2].digest)
  }

  // MARK: The gate

  @Test func `a candidate that learnt noise does not take a good champion's place`() async throws {
    let shop = try await TrainingShop.planted()
    #expect(try await shop.train().refusal == nil)
    var set = TrainingSet()
    try await shop.partition.forEachAct { acts, _ in
      set.add(acts)
      return true
    }
    let split = set.split()
    var generator = SeededGenerator(seed: 4)
    let factors = try EvaluableALS().fitted(split.training, seed: 1, workers: 1) { _ in true }
    let noise = try FactorTable(factors, items: split.items.shuffled(using: &generator))
    let judge = Judge(
      partition: shop.partition, request: TrainingShop.request(), catalog: try await shop.partition.trainingCatalog(),
      report: { _ in true })
    let judgement = try await judge.judge(noise, split)
    #expect(judgement.refusal?.contains("it is worse than the champion") == true, "\(judgement)")
    let champion = try #require(try await shop.partition.trainedModel())
    #expect(try await judge.judge(champion.table, split).refusal == nil, "who is as good is not worse")
    await shop.engine.close()
  }

  // MARK: Sets that teach nothing

  enum Poor: CaseIterable {
    case empty, onePerson, oneItem, dislikes
  }

  @Test(arguments: Poor.allCases)
  func `a log that teaches nothing leaves a refused run with the reason, and nothing goes live`(poor: Poor) async throws
  {
    let shop = try await TrainingShop()
    switch poor {
    case .empty: break
    case .onePerson: try await shop.like((0..<20).map { ("ada", "i\($0)") })
    case .oneItem: try await shop.like((0..<30).map { ("u\($0)", "mug") })
    case .dislikes:
      try await shop.send(
        (0..<30).map { ["user_id": .string("u\($0)"), "event_type": "dismiss", "item_id": .string("i\($0 % 5)")] })
    }
    let run = try await shop.train()
    let words =
      switch poor {
      case .empty, .dislikes: "no interactions"
      case .onePerson: "one person only"
      case .oneItem: "one item only"
      }
    #expect(run.refusal?.contains(words) == true, "\(run.refusal ?? "")")
    #expect(run.digest == nil && run.metrics.isEmpty)
    let listing = try await shop.partition.models()
    #expect(listing.registry.runs == [run] && listing.serving == nil && listing.registry.champion == nil)
    await shop.engine.close()
  }

  @Test(arguments: ["ada", "bob", "eve", "ian", "zoe", "lea"])
  func `somebody alone is told as such, held back or not`(name: String) async throws {
    let shop = try await TrainingShop()
    try await shop.like((0..<20).map { (name, "i\($0)") })
    let refusal = try await shop.train().refusal
    #expect(refusal?.contains("one person only") == true, "\(refusal ?? "")")
    await shop.engine.close()
  }

  @Test func `people who all like the same have no tastes, and figures that are numbers`() async throws {
    let shop = try await TrainingShop()
    try await shop.like((0..<40).flatMap { user in (0..<6).map { ("u\(user)", "i\($0)") } })
    let run = try await shop.train()
    #expect(run.metrics.count >= 6)
    #expect(run.metrics.allSatisfy { $0.value.isFinite && $0.low.isFinite && $0.high.isFinite })
    #expect(run.shares.values.allSatisfy { $0.isFinite })
    await shop.engine.close()
  }

  // MARK: Bounds

  @Test func `a training that would take more memory than it may is refused before anything is read`() async throws {
    let shop = try await TrainingShop.planted(people: 30)
    var request = TrainingShop.request(dimensions: 1_024)
    request.memoryBytes = 1 << 20
    let phases = Mutex<[TrainingProgress.Phase]>([])
    let trainer = shop.trainer(request) { progress in
      phases.withLock { $0.append(progress.phase) }
      return true
    }
    let failure = await #expect(throws: TrainingFailure.self) { _ = try await trainer.run() }
    #expect(failure?.description.contains("may take 1 MB") == true, "\(failure.map { "\($0)" } ?? "")")
    #expect(phases.withLock { $0.isEmpty })
    #expect(try await shop.runs().isEmpty)
    await shop.engine.close()
  }

  @Test(arguments: [TrainingProgress.Phase.reading, .fitting, .comparing, .saving])
  func `a training that is stopped in any phase leaves nothing behind`(phase: TrainingProgress.Phase) async throws {
    let shop = try await TrainingShop.planted(people: 60)
    let failure = await #expect(throws: TrainingFailure.self) {
      _ = try await shop.trainer(TrainingShop.request(), report: { $0.phase != phase }).run()
    }
    guard case .stopped = failure else {
      Issue.record("\(phase): \(failure.map { "\($0)" } ?? "it went on")")
      return
    }
    #expect(try await shop.runs().isEmpty)
    await shop.engine.close()
  }
}
