import AttuneTestKit
import Decisions
import Events
import Foundation
import Models
import Primitives
import Testing

@testable import Engine

/// Whatever happens around trainings, state is a fold of the log, and decisions come out the same from it.
@Suite struct TrainedHistoryTests {
  private enum Step {
    case nothing, train, trainOther, refuse
    case activate(Int?)
  }

  /// Model 1, model 2 of another kind, back to 1, none, 2 again, a refused one, 4; with play before, between and after.
  private static func play(
    _ history: inout RandomHistory, in shop: PartitionFixture, plays: Int,
    between: (Int) async throws -> Void = { _ in }
  ) async throws {
    let steps: [Step] = [.nothing, .train, .trainOther, .activate(nil), .activate(0), .activate(2), .refuse, .train]
    for (stage, step) in steps.enumerated() {
      switch step {
      case .nothing: break
      case .train: try await shop.train(seed: UInt64(stage))
      case .trainOther: try await shop.train(seed: UInt64(stage), kind: "ease")
      case .refuse: try await shop.train(seed: UInt64(stage), refusal: "worse")
      case .activate(let version): _ = try await shop.partition.activate(model: version).get()
      }
      try await between(stage)
      try await history.play(plays, in: shop)
    }
    #expect(try await shop.partition.models().serving == 4)
  }

  @Test(arguments: 1...3)
  func `decisions made with each model, and with none, come out the same from the log`(seed: Int) async throws {
    let shop = try await PartitionFixture()
    var history = RandomHistory(seed: UInt64(seed))
    let definitions = [
      "placements: {home: {exploration: 0.3, latency_budget: 1d}}",
      "placements: {home: {eligible: [\"item.price < 30.0\"], latency_budget: 1d}}",
      "features: {looks: {type: count, signals: [view], window: 9d}}\nplacements: {home: {latency_budget: 1d}}",
    ]
    try await Self.play(&history, in: shop, plays: 90) { stage in
      if stage % 3 == 1 { try await shop.activate(definitions[stage / 3]) }
    }
    let ids = history.decisions
    let replayed = try await shop.partition.takeReplayTurn().replay(ids)
    #expect(replayed.count == ids.count)
    var versions: Set<String?> = []
    for id in ids {
      let one = try #require(replayed[id])
      #expect(one.isReproduced, "seed \(seed), \(id): \(one.differences) \(one.reason ?? "")")
      versions.insert(one.recorded.versions.first { ServedTables.names.contains($0.name) }?.version)
    }
    #expect(versions == [nil, "1", "2", "4"])
    await shop.engine.close()
  }

  /// Entries are folded in pages of more than 32, so that models are at the teacher's when another comes into force.
  @Test(arguments: 1...6)
  func `killed, closed or without any saved state, models and newcomers come back as they were`(seed: Int) async throws
  {
    func configure(_ configuration: inout EngineConfiguration) {
      configuration.checkpointEntries = 40
      configuration.checkpointInterval = .seconds(1_000_000)
    }
    var history = RandomHistory(seed: UInt64(seed))
    history.changesItems = false
    let shop = try await PartitionFixture(configure: configure)
    try await shop.activate("holdout: 0\nplacements:\n  home: {exploration: 0, latency_budget: 1d}\n")
    try await Self.play(&history, in: shop, plays: 60)
    try await history.play(80, in: shop)
    try await shop.finishCheckpoint(every: 40)
    let live = try await Answers(of: shop, asking: history)
    let newcomers = try await shop.newcomers()
    #expect(!newcomers.isEmpty)
    let killed = try Image(killing: shop)
    await shop.engine.close()
    let folded = try Image(logOf: shop.folder)
    for (image, word) in [(killed.folder, "killed"), (shop.folder, "closed"), (folded.folder, "folded")] {
      let again = try await PartitionFixture(folder: image, clock: shop.clock, configure: configure)
      #expect(try await again.newcomers() == newcomers, "seed \(seed), \(word)")
      let answers = try await Answers(of: again, asking: history)
      #expect(answers.differences(from: live).prefix(5) == [], "seed \(seed), \(word)")
      await again.engine.close()
    }
  }

  @Test func `newcomers of a model that was left do not come back with it after a restart`() async throws {
    let shop = try await TrainedModelTests.shop { $0.checkpointEntries = 1 }
    func openedAgain() async throws -> PartitionFixture {
      try await PartitionFixture(folder: shop.folder, clock: shop.clock) { $0.checkpointEntries = 1 }
    }
    try await shop.train(seed: 1)
    try await shop.like(30, [2, 3, 1])  // item 1 is not in the model
    let met = try await shop.newcomers()
    #expect(!met.isEmpty)
    await shop.engine.close()

    var again = try await openedAgain()
    #expect(try await again.newcomers() == met)
    #expect(try await again.partition.activate(model: 0) == .success(0))
    #expect(try await again.partition.activate(model: 1) == .success(1))
    #expect(try await again.newcomers().isEmpty, "they are what came since the model is in force")
    await again.engine.close()
    again = try await openedAgain()
    #expect(try await again.newcomers().isEmpty)
    await again.engine.close()
  }

  @Test func `a decision whose model's file is gone says so when it is made again`() async throws {
    let shop = try await TrainedModelTests.shop()
    let fresh = try #require(try await shop.decide("u1").decisionID)
    try await shop.train(seed: 1)
    let first = try #require(try await shop.decide("u1").decisionID)
    try await shop.train(seed: 2)
    let second = try #require(try await shop.decide("u1").decisionID)
    await shop.engine.close()
    try FileManager.default.removeItem(atPath: shop.modelFile(1))

    let again = try await PartitionFixture(folder: shop.folder, clock: shop.clock)
    let replayed = try await again.partition.takeReplayTurn().replay([fresh, first, second])
    #expect(replayed[fresh]?.isReproduced == true)
    #expect(replayed[second]?.isReproduced == true)
    #expect(replayed[first]?.isReproduced == false)
    #expect(replayed[first]?.reason == "it was made with model ials 1, and its file is not there")
    await again.engine.close()
  }

  @Test func `a decision made while no file could be read says so once it can`() async throws {
    let shop = try await TrainedModelTests.shop()
    try await shop.train(seed: 1)
    await shop.engine.close()
    let aside = shop.folder.path + "/aside"
    try FileManager.default.moveItem(atPath: shop.modelFolder, toPath: aside)
    let without = try await PartitionFixture(folder: shop.folder, clock: shop.clock)
    let id = try #require(try await without.decide("u1").decisionID)
    #expect(try await without.partition.takeReplayTurn().replay([id])[id]?.isReproduced == true)
    await without.engine.close()
    try FileManager.default.moveItem(atPath: aside, toPath: shop.modelFolder)
    let again = try await PartitionFixture(folder: shop.folder, clock: shop.clock)
    let replayed = try #require(try await again.partition.takeReplayTurn().replay([id])[id])
    #expect(!replayed.isReproduced)
    #expect(replayed.reason?.contains("made without a trained model") == true, "\(replayed.reason ?? "no reason")")
    await again.engine.close()
  }
}
