import AttuneTestKit
import Decisions
import Events
import Foundation
import Models
import Primitives
import Testing

@testable import Engine

/// Which model answers: from the next decision on, after a restart, after a rollback, when a file is damaged.
@Suite struct TrainedModelTests {
  static let definitions = "holdout: 0\nplacements:\n  home: {exploration: 0, latency_budget: 1d}\n"

  /// A partition with 24 items and people who like some.
  static func shop(_ configure: (inout EngineConfiguration) -> Void = { _ in }) async throws -> PartitionFixture {
    let shop = try await PartitionFixture(configure: configure)
    try await shop.activate(definitions)
    try await shop.putItems(24, category: "shoe")
    for user in 1...12 { try await shop.like(user, [user, user + 3, user + 6]) }
    return shop
  }

  private static func reopened(_ folder: TemporaryFolder, _ shop: PartitionFixture) async throws -> PartitionFixture {
    try await PartitionFixture(folder: folder, clock: shop.clock)
  }

  @Test func `a model answers in the very next decision, with its name and version in the record`() async throws {
    let shop = try await Self.shop()
    #expect(shop.version(of: try await shop.decide("u1")) == nil)
    #expect(try await shop.partition.models().serving == nil)
    for version in 1...2 {
      #expect(try await shop.train(seed: UInt64(version)).version == version)
      let answer = try await shop.decide("u1")
      #expect(shop.version(of: answer) == "\(version)")
      let record = try await shop.record(of: answer)
      #expect(record.versions.contains(VersionStamp(name: "ials", version: "\(version)")))
      #expect(record.models.contains("ials"))
    }
    let listing = try await shop.partition.models()
    #expect(listing.serving == 2 && listing.registry.champion == 2 && listing.faults.isEmpty)
    await shop.engine.close()
  }

  @Test func `killed, closed or without any saved state, the same model gives the same answers`() async throws {
    let shop = try await Self.shop { $0.checkpointEntries = 5 }
    try await shop.train(seed: 1)
    try await shop.train(seed: 2)
    try await shop.like(20, [1, 5, 9])
    try await shop.finishCheckpoint(every: 5)
    let live = try await shop.decide("u1")
    let killed = try Image(killing: shop)
    await shop.engine.close()
    let folded = try Image(logOf: shop.folder)
    for folder in [killed.folder, shop.folder, folded.folder] {
      let again = try await Self.reopened(folder, shop)
      let answer = try await again.decide("u1")
      #expect(again.version(of: answer) == "2")
      #expect(answer.itemIDs == live.itemIDs)
      #expect(answer.items.map(\.score) == live.items.map(\.score))
      await again.engine.close()
    }
  }

  @Test func `a rollback brings the one before back, at last none, and any that was let in can be activated`()
    async throws
  {
    let shop = try await Self.shop()
    var answers: [String?: [Float]] = [nil: try await shop.decide("u1").items.map(\.score)]
    for version in 1...2 {
      try await shop.train(seed: UInt64(version))
      answers["\(version)"] = try await shop.decide("u1").items.map(\.score)
    }
    try await shop.train(seed: 3, refusal: "worse")
    #expect(Set(answers.values).count == 3)
    for (asked, expected) in [(nil, 1), (nil, 0), (2, 2), (0, 0), (1, 1), (1, 1)] as [(Int?, Int)] {
      #expect(try await shop.partition.activate(model: asked) == .success(expected))
      let answer = try await shop.decide("u1")
      #expect(shop.version(of: answer) == (expected == 0 ? nil : "\(expected)"))
      #expect(answer.items.map(\.score) == answers[shop.version(of: answer)])
    }
    #expect(try await shop.partition.activate(model: 0) == .success(0))
    #expect(try await shop.partition.activate(model: nil) == .failure(.nothingToLeave))
    #expect(try await shop.partition.activate(model: 9) == .failure(.unknown(9)))
    #expect(try await shop.partition.activate(model: 3) == .failure(.failedGate(3, reason: "worse")))
    await shop.engine.close()
  }

  @Test func `a model that may have learnt from somebody who was erased meanwhile does not go live`() async throws {
    let shop = try await Self.shop()
    _ = try #require(try await shop.partition.erase(.identifier(.user("u2"))))
    let begun = shop.partition.statistics.logEnd
    #expect(try await shop.train(seed: 1, end: begun).refusal == nil, "the erasure came before")
    _ = try #require(try await shop.partition.erase(.identifier(.user("u3"))))
    let run = try await shop.train(seed: 2, end: begun)
    #expect(run.refusal?.contains("erased while it was trained") == true)
    #expect(try await shop.partition.models().serving == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: shop.modelFolder) == ["00000001.model"])
    await shop.engine.close()
  }

  @Test func `a refused run changes no answer, and stands in the registry with its reason`() async throws {
    let shop = try await Self.shop()
    try await shop.train(seed: 1)
    let before = try await shop.decide("u1")
    let run = try await shop.train(seed: 2, refusal: "it is worse")
    #expect(run.version == 2)
    let after = try await shop.decide("u1")
    #expect(after.items.map(\.score) == before.items.map(\.score))
    #expect(shop.version(of: after) == "1")
    let listing = try await shop.partition.models()
    #expect(listing.registry.runs.map(\.refusal) == [nil, "it is worse"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: shop.modelFolder) == ["00000001.model"])
    await shop.engine.close()
  }

  @Test func `models that were left keep their files through later trainings, as many as there is room for`()
    async throws
  {
    let shop = try await Self.shop()
    try await shop.train(seed: 1)
    #expect(try await shop.partition.activate(model: 0) == .success(0))
    try await shop.train(seed: 2, refusal: "worse")
    #expect(try await shop.partition.activate(model: 1) == .success(1))
    let (room, last) = (ModelRegistry.filesMax, ModelRegistry.filesMax + 3)
    for seed in 3...last { try await shop.train(seed: UInt64(seed)) }
    #expect(try await shop.partition.models().registry.wantedFiles == Array((4...last).reversed()))
    #expect(try FileManager.default.contentsOfDirectory(atPath: shop.modelFolder).count == room)
    await shop.engine.close()
  }

  // MARK: Damage

  enum Harm: CaseIterable {
    case cut, changed, newer, missing, another
  }

  private static func harm(_ path: String, _ harm: Harm, other: String) throws {
    let url = URL(fileURLWithPath: path)
    var bytes = [UInt8](try Data(contentsOf: url))
    switch harm {
    case .cut: bytes.removeLast(bytes.count / 2)
    case .changed: bytes[bytes.count / 2] ^= 4
    case .newer: bytes[12] = 9
    case .missing: return try FileManager.default.removeItem(at: url)
    case .another: bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: other)))
    }
    try Data(bytes).write(to: url)
  }

  @Test(arguments: Harm.allCases, [true, false])
  func `when the champion's file cannot be read, the one before serves and the fault is told`(
    harm: Harm, isSaved: Bool
  ) async throws {
    let shop = try await Self.shop()
    try await shop.train(seed: 1)
    let first = try await shop.decide("u1")
    try await shop.train(seed: 2)
    await shop.engine.close()
    let whole = try Data(contentsOf: URL(fileURLWithPath: shop.modelFile(2)))
    try Self.harm(shop.modelFile(2), harm, other: shop.modelFile(1))
    let folder = isSaved ? shop.folder : try Image(logOf: shop.folder).folder

    let again = try await Self.reopened(folder, shop)
    let answer = try await again.decide("u1")
    #expect(again.version(of: answer) == "1")
    #expect(answer.items.map(\.score) == first.items.map(\.score))
    let listing = try await again.partition.models()
    #expect(listing.registry.champion == 2 && listing.serving == 1)
    let words: [Harm: String] = [
      .cut: "cut short", .changed: "damaged", .newer: "format 9", .missing: "not there", .another: "another training",
    ]
    #expect(listing.faults.keys.sorted() == [2])
    #expect(listing.faults[2]?.contains(words[harm] ?? "?") == true, "\(listing.faults)")
    guard case .failure(.unreadable(2, let reason)) = try await again.partition.activate(model: 2) else {
      Issue.record("a file that cannot be read was activated")
      return
    }
    #expect(reason == listing.faults[2])

    // Mended, it is activated without a restart, and the fault is over.
    try whole.write(to: URL(fileURLWithPath: again.modelFile(2)))
    #expect(try await again.partition.activate(model: 2) == .success(2))
    let mended = try await again.partition.models()
    #expect(mended.serving == 2 && mended.faults.isEmpty)
    #expect(again.version(of: try await again.decide("u1")) == "2")
    await again.engine.close()
  }

  @Test func `without any file that can be read the fresh models serve, and a new training ends the fault`()
    async throws
  {
    let shop = try await Self.shop()
    let fresh = try await shop.decide("u1")
    for seed in 1...2 { try await shop.train(seed: UInt64(seed)) }
    await shop.engine.close()
    try FileManager.default.removeItem(atPath: shop.modelFolder)
    let again = try await Self.reopened(shop.folder, shop)
    let answer = try await again.decide("u1")
    #expect(again.version(of: answer) == nil)
    #expect(answer.items.map(\.score) == fresh.items.map(\.score))
    #expect(try await again.partition.models().faults.keys.sorted() == [1, 2])
    #expect(try await again.train(seed: 3).version == 3)
    let listing = try await again.partition.models()
    #expect(listing.serving == 3 && listing.faults.isEmpty)
    await again.engine.close()
  }

  // MARK: Who it never answers

  @Test func `holdout and refused consent never have a trained model`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate(Self.definitions.replacingOccurrences(of: "holdout: 0", with: "holdout: 0.5"))
    try await shop.putItems(24, category: "shoe")
    for user in 1...30 { try await shop.like(user, [user % 24 + 1, user % 20 + 4]) }
    for user in 21...30 {
      try await shop.send([
        "user_id": .string("u\(user)"), "event_type": "x", "context": ["consent": ["personalization": false]],
      ])
    }
    func ask() async throws -> [DecisionAnswer] {
      var answers: [DecisionAnswer] = []
      for user in 1...30 { answers.append(try await shop.decide("u\(user)")) }
      return answers
    }
    let before = try await ask()
    try await shop.train(seed: 1)
    let after = try await ask()
    var personal = 0
    for (first, second) in zip(before, after) {
      let isPlain = second.isHoldout || second.fallback == .noConsent
      let isSame = first.itemIDs == second.itemIDs && first.items.map(\.score) == second.items.map(\.score)
      if isPlain {
        #expect(isSame)
        #expect(try await !shop.record(of: second).models.contains("ials"))
      } else if !isSame {
        personal += 1
      }
    }
    #expect(personal > 3)
    #expect(after[20...].allSatisfy { $0.fallback == .noConsent || $0.isHoldout })
    #expect(after.contains { $0.isHoldout })
    await shop.engine.close()
  }
}

extension PartitionFixture {
  func record(of answer: DecisionAnswer) async throws -> DecisionRecord {
    let id = try #require(answer.decisionID)
    return try #require(try await partition.decision(id)).record
  }

  /// Views of `shoe-n`.
  func like(_ user: Int, _ items: [Int]) async throws {
    for item in items {
      clock.advance(by: .seconds(1))
      try await send([
        "user_id": .string("u\(user)"), "event_type": "view", "item_id": .string("shoe-\((item - 1) % 24 + 1)"),
        "timestamp": .string(clock.now.description),
      ])
    }
  }
}
