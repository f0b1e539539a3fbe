import AttuneTestKit
import Decisions
import Events
import Features
import Foundation
import Mathematics
import Models
import Primitives
import Testing

@testable import Engine

/// What scores a person has, and which model they are of.
@Suite struct PredictionTests {
  static let predictions = """
    predictions:
      buys: {of: purchase, within: 7d, min_events: 2}
      leaves: {none_of: any, within: 30d, on: clock, among: person.features.views_7d < 100}

    """
  static let placement = "placements:\n  home: {exploration: 0, latency_budget: 1d}\n"

  static func shop(
    _ more: String = placement, _ configure: (inout EngineConfiguration) -> Void = { _ in }
  ) async throws -> PartitionFixture {
    let shop = try await PartitionFixture(configure: configure)
    try await shop.activate("holdout: 0\n" + predictions + more)
    try await shop.putItems(24, category: "shoe")
    for user in 1...12 { try await shop.like(user, Array(user...(user + user % 5 + 1))) }
    return shop
  }

  // MARK: At once

  @Test func `the event that changes a feature changes the score, and the next decision reads the new one`()
    async throws
  {
    let shop = try await Self.shop(
      "placements:\n  home: {exploration: 0, latency_budget: 1d, eligible: [\"person.scores.buys > 0.0\"]}\n")
    try await shop.learn("buys", seed: 1, reading: "views_7d")
    var seen: Set<Double> = []
    // Who has fewer events than the prediction asks for has no score yet.
    try await shop.like(13, [24])
    for item in 1...8 {
      try await shop.like(13, [item])
      let score = try #require(try await shop.probability("buys", of: "u13"))
      seen.insert(score)
      // What the profile shows and what a rule reads are one number.
      #expect(try await shop.profile("u13")?["scores"]?["buys"]?.double == score)
      let filter = "person.scores.buys == \(score)"
      #expect(try await shop.decide("u13", count: 3, filter: filter).itemIDs.count == 3)
      let other = "person.scores.buys < \(score) || person.scores.buys > \(score)"
      #expect(try await shop.decide("u13", count: 3, filter: other).itemIDs.isEmpty)
    }
    #expect(seen.count > 2, "\(seen)")
    await shop.engine.close()
  }

  @Test func `contributions and the bias sum to the margin, from which the probability is made`() async throws {
    let shop = try await Self.shop()
    try await shop.learn("buys", seed: 2)
    let model = try #require(try await shop.partition.propensity("buys"))
    for user in 1...12 {
      let score = try #require(try await shop.score("buys", of: "u\(user)"))
      let contributions = score["contributions"]?.array ?? []
      #expect(!contributions.isEmpty && contributions.allSatisfy { $0["feature"]?.string != nil })
      let sum = contributions.reduce(score["bias"]?.double ?? 0) { $0 + ($1["contribution"]?.double ?? 0) }
      let margin = try #require(score["margin"]?.double)
      #expect(abs(sum + (score["rest"]?.double ?? 0) - margin) < 1e-9)
      let probability = model.calibration.calibrated(Double(model.trees.prediction(ofMargin: Float(margin))))
      #expect(abs(probability - (score["probability"]?.double ?? 0)) < 1e-6)
      #expect(score["base_rate"]?.double == 0.3 && score["version"]?.int == 1)
    }
    await shop.engine.close()
  }

  // MARK: No score

  @Test func `whoever is held out or refused consent has no score, anywhere`() async throws {
    let shop = try await PartitionFixture()
    let rule = "placements:\n  home: {latency_budget: 1d, eligible: [\"!has(person.scores.buys)\"]}\n"
    try await shop.activate("holdout: 0.5\n" + Self.predictions + rule)
    try await shop.putItems(24, category: "shoe")
    for user in 1...40 { try await shop.like(user, [user, user + 1, user + 2]) }
    try await shop.learn("buys", seed: 1)
    try await shop.send(
      [["type": "identify", "userId": "u1", "traits": ["consent": ["personalization": false]]]], shape: .batchItem)
    var counts = [true: 0, false: 0]
    for user in 1...40 {
      let answer = try await shop.decide("u\(user)", count: 3)
      let mayScore = !answer.isHoldout && user > 1
      counts[mayScore, default: 0] += 1
      let score = try #require(try await shop.score("buys", of: "u\(user)"))
      #expect((score["probability"]?.double != nil) == mayScore)
      #expect((try await shop.profile("u\(user)")?["scores"]?["buys"] != nil) == mayScore)
      // Without a score the rule holds; with one nothing is eligible.
      #expect(answer.itemIDs.isEmpty == mayScore)
      #expect(shop.scoreVersions(of: answer) == (mayScore ? ["buys": "1"] : [:]))
      if !mayScore {
        let words = user == 1 ? "no consent" : "held out"
        #expect(score["absent"]?.string?.contains(words) == true || answer.isHoldout, "\(score)")
      }
    }
    #expect(counts[true] ?? 0 > 5 && counts[false] ?? 0 > 5, "\(counts)")
    await shop.engine.close()
  }

  @Test func `why there is no score is said in words, and each lack ends when its cause does`() async throws {
    let shop = try await Self.shop()
    func absent(_ prediction: String = "buys", of user: String = "u1") async throws -> String {
      try await shop.score(prediction, of: user)?["absent"]?.string ?? ""
    }
    #expect(try await absent().contains("no model was trained"))
    try await shop.learn("buys", seed: 1)
    #expect(try await absent() == "")
    try await shop.like(90, [1])
    #expect(try await absent(of: "u90").contains("1 events, expected at least 2"))
    try await shop.like(90, [2])
    #expect(try await absent(of: "u90") == "")
    // Another question has not been learnt; the old one still is.
    let other = Self.predictions.replacingOccurrences(of: "within: 7d", with: "within: 8d")
    try await shop.activate("holdout: 0\n" + other + Self.placement)
    #expect(try await absent().contains("definition has changed since model 1"))
    #expect(try await shop.profile("u1")?["scores"] == nil)
    try await shop.activate("holdout: 0\n" + Self.predictions + Self.placement)
    #expect(try await absent() == "")
    // A feature of this name means something else now.
    let features = "features:\n  views_7d: {type: count, signals: [click], window: 13d}\n"
    let narrow = Self.predictions.replacingOccurrences(of: "views_7d < 100", with: "views_7d < 0")
    try await shop.activate("holdout: 0\n" + features + narrow + Self.placement)
    let model = try await shop.randomModel(of: "buys", seed: 1)
    let names = model.usedFeatures.map { model.columns.features[$0].name }
    #expect(try await absent().contains("'views_7d'") == names.contains("views_7d"), "\(names)")
    try await shop.learn("leaves", seed: 3)
    #expect(try await absent("leaves").contains("is not asked: person.features.views_7d < 0 does not hold"))
    await shop.engine.close()
  }

  // MARK: Models

  @Test func `only decisions whose rules read a score name its model`() async throws {
    let shop = try await Self.shop()
    try await shop.learn("buys", seed: 1)
    try await shop.learn("leaves", seed: 2)
    #expect(shop.scoreVersions(of: try await shop.decide("u1")) == [:])
    let asked = try await shop.decide("u1", filter: "!has(person.scores.leaves) || person.scores.leaves >= 0.0")
    #expect(shop.scoreVersions(of: asked) == ["leaves": "2"])
    let unknown = await #expect(throws: DecisionRefusal.self) {
      try await shop.decide("u1", filter: "person.scores.buy > 0.5")
    }
    #expect(unknown?.message.contains("buys") == true, "\(unknown?.message ?? "")")
    await shop.engine.close()
  }

  @Test func `a rollback brings the one before back, at last none, and what was refused never serves`() async throws {
    let shop = try await Self.shop()
    var scores: [Int: Double] = [:]
    for version in 1...2 {
      #expect(try await shop.learn("buys", seed: UInt64(version)).version == version)
      scores[version] = try await shop.probability("buys", of: "u3")
    }
    #expect(scores[1] != scores[2])
    #expect(try await shop.learn("buys", seed: 9, refusal: "worse").version == 3)
    #expect(try await shop.probability("buys", of: "u3") == scores[2])
    #expect(try await shop.partition.activate(prediction: "buys", version: nil).get() == 1)
    #expect(try await shop.probability("buys", of: "u3") == scores[1])
    #expect(try await shop.partition.activate(prediction: "buys", version: nil).get() == 0)
    #expect(try await shop.probability("buys", of: "u3") == nil)
    #expect(try await shop.partition.activate(prediction: "buys", version: 2).get() == 2)
    #expect(try await shop.probability("buys", of: "u3") == scores[2])
    try await shop.learn("leaves", seed: 4)
    let refusals: [(String, Int?, PredictionRefusal)] = [
      ("buys", 3, .failedGate(3, reason: "worse")), ("buys", 4, .unknown("buys", 4)),
      ("buy", nil, .unknownPrediction("buy")),
    ]
    for (prediction, version, refusal) in refusals {
      #expect(try await shop.partition.activate(prediction: prediction, version: version) == .failure(refusal))
    }
    await shop.engine.close()
  }

  enum Damage: CaseIterable { case missing, cut, flipped, newer, other }

  @Test(arguments: Damage.allCases)
  func `a file that cannot be read leaves the model before it, and says why`(damage: Damage) async throws {
    let shop = try await Self.shop()
    try await shop.learn("buys", seed: 1)
    let old = try await shop.probability("buys", of: "u3")
    try await shop.learn("buys", seed: 2)
    await shop.engine.close()
    let url = URL(filePath: shop.predictionFile(2))
    var bytes = [UInt8](try Data(contentsOf: url))
    switch damage {
    case .missing: try FileManager.default.removeItem(at: url)
    case .cut: bytes = Array(bytes.prefix(bytes.count / 2))
    case .flipped: bytes[bytes.count / 2] ^= 4
    case .newer: bytes = ModelSnapshot(kind: "prediction", contentVersion: 99, content: []).bytes
    case .other: bytes = [UInt8](try Data(contentsOf: URL(filePath: shop.predictionFile(1))))
    }
    if damage != .missing { try Data(bytes).write(to: url) }
    let again = try await PartitionFixture(folder: shop.folder, clock: shop.clock)
    #expect(try await again.probability("buys", of: "u3") == old)
    let listing = try await again.partition.predictions()
    let words = [
      Damage.missing: "not there", .cut: "cut short", .flipped: "damaged", .newer: "format 99",
      .other: "another training",
    ]
    #expect(listing.faults[2]?.contains(words[damage] ?? "") == true, "\(listing.faults)")
    #expect(listing.registry.champion(of: "buys") == 2 && listing.rows.first?.serving == 1)
    await again.engine.close()
  }

  @Test func `killed, closed or without any saved state, everybody has the same scores`() async throws {
    let shop = try await Self.shop { $0.checkpointEntries = 5 }
    for seed in 1...3 { try await shop.learn(seed == 2 ? "leaves" : "buys", seed: UInt64(seed)) }
    try await shop.like(20, [1, 5, 9])
    try await shop.finishCheckpoint(every: 5)
    func scores(of shop: PartitionFixture) async throws -> [JSONValue?] {
      var scores: [JSONValue?] = []
      for user in 1...20 {
        for name in ["buys", "leaves"] { scores.append(try await shop.score(name, of: "u\(user)")) }
      }
      return scores
    }
    let live = try await scores(of: shop)
    let registry = try await shop.partition.predictions().registry
    let killed = try Image(killing: shop)
    await shop.engine.close()
    let folded = try Image(logOf: shop.folder)
    for folder in [killed.folder, shop.folder, folded.folder] {
      let again = try await PartitionFixture(folder: folder, clock: shop.clock)
      #expect(try await scores(of: again) == live)
      #expect(try await again.partition.predictions().registry == registry)
      await again.engine.close()
    }
  }

  @Test func `a model that was trained while somebody was erased is refused`() async throws {
    let shop = try await Self.shop()
    let begun = shop.partition.statistics.logEnd
    let erased = try #require(try await shop.partition.profile(of: .user("u2"), at: shop.clock.now)?.id)
    _ = try await shop.partition.erase(.profile(erased))
    let run = try await shop.learn("buys", seed: 1, end: begun)
    #expect(run.refusal?.contains("erased while it was trained") == true)
    #expect(try await shop.probability("buys", of: "u1") == nil)
    #expect(try await shop.learn("buys", seed: 1).refusal == nil)
    await shop.engine.close()
  }

  @Test func `another workspace has neither the prediction nor its model`() async throws {
    let shop = try await Self.shop()
    try await shop.learn("buys", seed: 1)
    let id = try #require(try await shop.partition.profile(of: .user("u1"), at: shop.clock.now)?.id)
    let other = try await PartitionFixture(clock: shop.clock)
    #expect(try await other.partition.scores(of: id, at: shop.clock.now) == nil)
    try await other.like(1, [1, 2, 3])
    #expect(try await other.profile("u1")?["scores"] == nil)
    try await other.activate(Self.predictions)
    #expect(try await other.score("buys", of: "u1")?["absent"]?.string?.contains("no model was trained") == true)
    await other.engine.close()
    await shop.engine.close()
  }
}
