import AttuneTestKit
import Engine
import Events
import Features
import Foundation
import Mathematics
import Models
import Primitives
import Synchronization
import Testing

@testable import Learning

/// A whole training of a prediction on a workspace's log.
@Suite struct PredictionTrainerTests {
  static let definition = "holdout: 0\npredictions:\n  buys: {of: purchase, within: 2d, on: view, min_events: 1}\n"

  /// People who look every day; whoever put something into the cart that day mostly buys the day after.
  static func shop(
    people: Int = 150, days: Int = 14, buying: Double = 0.9, seed: UInt64 = 1, _ text: String = definition
  ) async throws -> TrainingShop {
    let shop = try await TrainingShop()
    try await shop.activate(text)
    try await play(shop, people: people, days: days, buying: buying, seed: seed)
    return shop
  }

  static func play(
    _ shop: TrainingShop, people: Int, days: Int, buying: Double = 0.9, seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: seed)
    var wants = [Bool](repeating: false, count: people)
    for _ in 0..<days {
      var events: [JSONValue] = []
      func add(_ person: Int, _ kind: String) {
        events.append(["user_id": .string("u\(person)"), "event_type": .string(kind), "item_id": "mug"])
      }
      for person in 0..<people {
        if wants[person], Double.random(in: 0..<1, using: &generator) < buying { add(person, "purchase") }
        if Bool.random(using: &generator) { add(person, "save") }
        wants[person] = Int.random(in: 0..<6, using: &generator) == 0
        if wants[person] { add(person, "add_to_cart") }
        add(person, "view")
      }
      try await shop.send(events)
      shop.clock.advance(by: .seconds(86_400))
    }
  }

  static func trainer(
    _ shop: TrainingShop, seed: UInt64 = 1, report: @escaping @Sendable (TrainingProgress) -> Bool = { _ in true }
  ) -> PredictionTrainer {
    PredictionTrainer(
      partition: shop.partition, request: TrainingShop.request(seed: seed), now: { [clock = shop.clock] in clock.now },
      report: report)
  }

  private static func train(_ shop: TrainingShop, seed: UInt64 = 1) async throws -> PredictionRun {
    try #require(try await trainer(shop, seed: seed).run().first)
  }

  @Test func `what was planted is found, the probabilities are true, and the model goes live`() async throws {
    let shop = try await Self.shop()
    let run = try await Self.train(shop)
    #expect(run.refusal == nil && run.version == 1, "\(run.refusal ?? "")")
    #expect(try #require(run.metric("auc")) > 0.85)
    #expect(try #require(run.metric("log_loss")) < 0.75 * (run.metric("log_loss", "base") ?? 0))
    #expect(try #require(run.metric("brier")) < 0.75 * (run.metric("brier", "base") ?? 0))
    #expect(run.metrics.allSatisfy { $0.low <= $0.value && $0.value <= $0.high || $0.name == "ece" })
    #expect(
      run.drivers.first.map { ["carts_7d", "purchase_funnel", "session_goal"].contains($0.feature) } == true,
      "\(run.drivers)")
    let window = run.window
    #expect(window.training > 0 && window.test > 0 && window.validation > 0 && window.heldBack < window.people)
    // The last two days of views are not over.
    #expect(window.people == 150 && (1...3).contains(window.open / 150), "\(window)")
    #expect(run.bins.reduce(0) { $0 + $1.count } == window.test)
    let listing = try await shop.partition.predictions()
    #expect(listing.rows.first?.serving == 1 && listing.registry.runs == [run])
    await shop.engine.close()
  }

  @Test func `the same log and seed give the same model and figures`() async throws {
    var runs: [PredictionRun] = []
    for _ in 0..<2 {
      let shop = try await Self.shop(people: 80)
      runs.append(try await Self.train(shop))
      await shop.engine.close()
    }
    #expect(runs[0].digest == runs[1].digest && runs[0].metrics == runs[1].metrics && runs[0].bins == runs[1].bins)
  }

  // MARK: The gate

  @Test func `a model that learnt less is refused, and the champion serves on`() async throws {
    let shop = try await Self.shop()
    #expect(try await Self.train(shop).refusal == nil)
    let champion = try #require(try await shop.partition.propensity("buys"))
    let definition = try #require(try await shop.partition.predictions().rows.first).definition
    let moments = try #require(try await shop.partition.moments(of: definition, countMax: .max) { _ in true })
    let rows = try #require(try await shop.partition.rows(at: moments.moments) { _ in true })
    let set = PredictionSet(definition, moments.moments, rows.known)
    let judge = PredictionJudge(rows: set.test, seed: 1)
    let good = judge.probabilities(of: champion, in: rows.features)
    let worse = good.map { 0.9 * $0 + 0.05 }
    let base = Array(repeating: champion.baseRate, count: good.count)
    func refusal(_ candidate: [Double], against rival: [Double], _ name: String) -> String? {
      PredictionJudge.refusal(
        judge.metrics([("candidate", candidate), (name, rival)]), isFirst: name == "base")
    }
    #expect(refusal(worse, against: good, "champion")?.contains("worse than the champion") == true)
    #expect(refusal(good, against: good, "champion") == nil, "who is as good is not worse")
    #expect(refusal(good, against: worse, "champion") == nil)
    #expect(refusal(base, against: base, "base")?.contains("no better than the base rate") == true)
    #expect(refusal(good, against: base, "base") == nil)
    await shop.engine.close()
  }

  @Test func `chance is not learnt: what is no better than the base rate is refused`() async throws {
    // Whoever buys does so whatever they did.
    let shop = try await TrainingShop()
    try await shop.activate("predictions:\n  buys: {of: refund, within: 2d, on: view, min_events: 1}\n")
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<12 {
      var events: [JSONValue] = []
      for person in 0..<60 {
        let user = JSONValue.string("u\(person)")
        if Int.random(in: 0..<5, using: &generator) == 0 {
          events.append(["user_id": user, "event_type": "refund", "item_id": "mug"])
        }
        events.append(["user_id": user, "event_type": "view", "item_id": "mug"])
      }
      try await shop.send(events)
      shop.clock.advance(by: .seconds(86_400))
    }
    let run = try await Self.train(shop)
    if let refusal = run.refusal {
      #expect(refusal.contains("no better than the base rate"), "\(refusal)")
      #expect(try await shop.partition.predictions().rows.first?.serving == nil)
    } else {
      #expect(abs((run.metric("log_loss") ?? 0) - (run.metric("log_loss", "base") ?? 0)) < 0.02)
    }
    await shop.engine.close()
  }

  // MARK: Sets that teach nothing

  enum Poor: String, CaseIterable { case empty, few, noneTrue, allTrue, notOver, rare }

  @Test(arguments: Poor.allCases)
  func `a log that teaches nothing leaves a refused run with the reason, and nothing goes live`(poor: Poor) async throws
  {
    let text =
      switch poor {
      case .noneTrue: Self.definition.replacingOccurrences(of: "purchase", with: "refund")
      case .allTrue: Self.definition.replacingOccurrences(of: "purchase", with: "view")
      case .notOver: Self.definition.replacingOccurrences(of: "2d", with: "300d")
      default: Self.definition
      }
    let shop = try await TrainingShop()
    try await shop.activate(text)
    switch poor {
    case .empty: break
    case .few: try await Self.play(shop, people: 6, days: 5, seed: 1)
    case .rare: try await Self.play(shop, people: 40, days: 12, buying: 0.15, seed: 1)
    default: try await Self.play(shop, people: 40, days: 12, seed: 1)
    }
    let run = try await Self.train(shop)
    let words =
      switch poor {
      case .empty, .few, .notOver: "too few moments to learn from"
      case .noneTrue: "every label is false"
      case .allTrue: "every label is true"
      case .rare: "are true; expected at least 20 true and 20 false"
      }
    #expect(run.refusal?.contains(words) == true, "\(poor): \(run.refusal ?? "")")
    #expect(run.digest == nil && run.metrics.isEmpty)
    let listing = try await shop.partition.predictions()
    #expect(listing.registry.runs == [run] && listing.rows.first?.serving == nil)
    await shop.engine.close()
  }

  @Test(arguments: [TrainingProgress.Phase.reading, .fitting, .comparing, .saving])
  func `a training that is stopped in any phase leaves nothing behind`(phase: TrainingProgress.Phase) async throws {
    let shop = try await Self.shop(people: 60, days: 10)
    let failure = await #expect(throws: TrainingFailure.self) {
      _ = try await Self.trainer(shop, report: { $0.phase != phase }).run()
    }
    guard case .stopped = failure else {
      Issue.record("\(phase): \(failure.map { "\($0)" } ?? "it went on")")
      return
    }
    #expect(try await shop.partition.predictions().registry.runs.isEmpty)
    #expect(try await Self.train(shop).version == 1)
    await shop.engine.close()
  }

  // MARK: Who is learnt from

  @Test func `nobody is learnt from who is held back, and nothing that was not known before the judging begins`()
    async throws
  {
    let shop = try await Self.shop(people: 300, days: 16)
    let definition = try #require(try await shop.partition.predictions().rows.first).definition
    let moments = try #require(try await shop.partition.moments(of: definition, countMax: .max) { _ in true })
    let rows = try #require(try await shop.partition.rows(at: moments.moments) { _ in true })
    let set = PredictionSet(definition, moments.moments, rows.known)
    #expect(set.isTimed && set.refusal == nil)
    let people = [set.training, set.validation, set.test].map { Set($0.map(\.person)) }
    #expect(people[0].isDisjoint(with: people[1].union(people[2])) && people[1].isDisjoint(with: people[2]))
    #expect(people[1].union(people[2]).count == set.heldBack && set.heldBack > 5)
    let judged = try #require((set.validation + set.test).map(\.at).min())
    #expect(set.training.allSatisfy { $0.at + definition.within <= judged })
    // With more people nobody who was learnt from is held back.
    let learnt = people[0].filter { TrainingSet.half(of: $0, people: 300) == nil }
    #expect(learnt.count == people[0].count)
    for more in [301, 800, 20_000] { #expect(learnt.allSatisfy { TrainingSet.half(of: $0, people: more) == nil }) }
    await shop.engine.close()
  }
}

extension PredictionRun {
  func metric(_ name: String, _ subject: String = "candidate") -> Double? {
    metrics.first { $0.name == name && $0.subject == subject }?.value
  }
}
