import AttuneTestKit
import Decisions
import Events
import Features
import Foundation
import Models
import Primitives
import Testing

@testable import Engine

/// Who belongs to which cohort, and what follows of it.
@Suite struct CohortTests {
  /// Sixty people who like one of three categories, and have come five times each.
  private static func shop(
    definitions: String = "holdout: 0\nplacements:\n  home: {exploration: 0, latency_budget: 1d}\n"
  ) async throws
    -> PartitionFixture
  {
    let shop = try await PartitionFixture()
    try await shop.activate(definitions)
    for category in ["shoe", "book", "lamp"] { try await shop.putItems(8, category: category) }
    for user in 0..<75 { try await shop.visit(user, category: ["shoe", "book", "lamp"][user % 3]) }
    return shop
  }

  @Test func `a person's cohort stands in profile, decision and record, from the fifth act on`() async throws {
    let shop = try await Self.shop()
    #expect(try await shop.profile("u1")?["cohort"] == nil)
    let run = try await shop.findCohorts()
    #expect(run.version == 1 && run.set?.cohorts.count == 3, "\(run.outcome)")
    #expect(try await shop.profile("u1")?["cohort"]?["name"] == "book")
    for number in 1...5 {
      try await shop.send(["user_id": "new", "event_type": "view", "item_id": .string("lamp-\(number)")])
      #expect(try await shop.profile("new")?["cohort"]?["name"]?.string == (number < 5 ? nil : "lamp"))
    }
    let answer = try await shop.decide("new", filter: "person.cohort == 'lamp'")
    #expect(!answer.items.isEmpty && answer.versions.contains(VersionStamp(name: "cohorts", version: "1")))
    #expect(try await shop.decision(answer.decisionID)["cohort"]?["name"] == "lamp")
    #expect(try await shop.decide("new", filter: "person.cohort == 'shoe'").items.isEmpty)
    let stranger = try await shop.decide("nobody")
    #expect(try await shop.decision(stranger.decisionID)["cohort"] == .null)
    await shop.engine.close()
  }

  @Test func `the cohort rung answers with what is liked in the cohort`() async throws {
    let shop = try await Self.shop()
    try await shop.findCohorts()
    for number in 1...6 {
      try await shop.send(["user_id": "new", "event_type": "view", "item_id": .string("lamp-\(number)")])
    }
    let request = DecisionRequest(identifiers: [.user("new")], placement: "home", count: 3)
    let answer = try #require(try await shop.partition.decide([request]).first).get()
    let record = try await shop.record(of: answer)
    let column = try #require(record.models.firstIndex(of: "cohort_popularity"))
    for shown in record.shown { #expect(shown.candidate.modelScores[column] > 0) }
    // The item that the cohort likes most, though nothing else speaks for it, says why.
    let query = ModelQuery(
      history: try await shop.acts(of: "new"), context: ContextFacts(), now: shop.clock.now)
    let reason = try await shop.partition.read { state -> ModelReason? in
      let model = try #require(state.models.first { $0.name == "cohort_popularity" })
      let best = try #require(model.candidates(for: query, catalog: state.catalog, limit: 1).first)
      return model.reason(for: best.item, query: query, catalog: state.catalog)
    }
    #expect(reason == ModelReason(code: "popular_in_cohort", detail: "lamp"))
    await shop.engine.close()
  }

  @Test func `who is held out or has refused has no cohort, in rules as in records`() async throws {
    let shop = try await Self.shop(definitions: "holdout: 0.5\nplacements:\n  home: {latency_budget: 1d}\n")
    try await shop.findCohorts()
    var heldOut = 0
    for user in 0..<30 {
      let (name, known) = (["shoe", "book", "lamp"][user % 3], try await shop.profile("u\(user)")?["cohort"])
      let answer = try await shop.decide("u\(user)", filter: "person.cohort == '\(name)'")
      heldOut += answer.isHoldout ? 1 : 0
      #expect(answer.items.isEmpty == answer.isHoldout)
      #expect((known == nil) == answer.isHoldout)
      #expect((try await shop.decision(answer.decisionID)["cohort"] == .null) == answer.isHoldout)
    }
    #expect((5...25).contains(heldOut))
    try await shop.activate("holdout: 0\nplacements:\n  home: {latency_budget: 1d}\n")
    #expect(try await shop.profile("u1")?["cohort"]?["name"] == "book")
    try await shop.send([
      "user_id": "u1", "event_type": "view", "item_id": "book-1", "context": ["consent": ["personalization": false]],
    ])
    let refused = try await shop.decide("u1", filter: "person.cohort == 'book'")
    #expect(refused.fallback == .noConsent && refused.items.isEmpty)
    #expect(try await shop.profile("u1")?["cohort"] == nil)
    await shop.engine.close()
  }

  @Test func `decisions of two versions of cohorts come out the same again, also after restarts`() async throws {
    let shop = try await Self.shop()
    var ids: [DecisionID] = []
    func ask(_ shop: PartitionFixture) async throws {
      for user in 0..<9 { ids.append(try #require(try await shop.decide("u\(user)").decisionID)) }
    }
    try await ask(shop)
    try await shop.findCohorts()
    try await ask(shop)
    for user in 80..<170 { try await shop.visit(user, category: ["shoe", "lamp", "book"][user % 3]) }
    try await ask(shop)
    #expect(try await shop.findCohorts(seed: 5).version == 2)
    try await ask(shop)
    let live = try await shop.decide("u4")
    let killed = try Image(killing: shop)
    await shop.engine.close()
    let folded = try Image(logOf: shop.folder)
    for folder in [killed.folder, shop.folder, folded.folder] {
      let again = try await PartitionFixture(folder: folder, clock: shop.clock)
      #expect(try await again.profile("u4")?["cohort"]?["name"] == "book")
      #expect(try await again.decide("u4").items.map(\.score) == live.items.map(\.score))
      let replayed = try again.partition.takeReplayTurn().replay(ids)
      #expect(replayed.count == ids.count)
      for id in ids {
        let one = try #require(replayed[id])
        #expect(one.isReproduced, "\(one.differences) \(one.reason ?? "")")
      }
      await again.engine.close()
    }
  }

  @Test func `decisions that name cohorts count for the fresh models, where no trained one answers`() async throws {
    let shop = try await Self.shop()
    for _ in 1...2 { try await shop.findCohorts() }
    for user in 0..<9 {
      let answer = try await shop.decide("u\(user)")
      #expect(answer.versions.contains { $0.name == "cohorts" })
      _ = try await shop.decision(answer.decisionID)
    }
    shop.clock.advance(by: .seconds(8 * 86_400))
    var versions: [Int] = []
    _ = try await shop.partition.forEachFinalDecision(from: .start, at: shop.clock.now) { versions.append($0.version) }
    #expect(versions == Array(repeating: 0, count: 9))
    await shop.engine.close()
  }

  @Test func `a category that the catalogue first meets later tells people apart from then on`() async throws {
    let other = try await Self.shop()
    let set = try #require(try await other.findCohorts().set)
    await other.engine.close()
    let shop = try await PartitionFixture()
    try await shop.activate("holdout: 0\n")
    for category in ["shoe", "book", "vase"] { try await shop.putItems(8, category: category) }
    _ = try await shop.partition.record(
      CohortRun(
        version: 0, startedAt: shop.clock.now, finishedAt: shop.clock.now, end: shop.partition.statistics.logEnd,
        heldBack: 0, heldBackPlaced: 0, outcome: .found(set)))
    try await shop.putItems(8, category: "lamp")
    for number in 1...5 {
      try await shop.send(["user_id": "new", "event_type": "view", "item_id": .string("lamp-\(number)")])
    }
    #expect(try await shop.profile("new")?["cohort"]?["name"] == "lamp")
    await shop.engine.close()
  }

  @Test func `a search that finds nothing leaves those in force, and the same reason is kept once`() async throws {
    let shop = try await Self.shop()
    try await shop.findCohorts()
    let begun = shop.partition.statistics.logEnd
    for _ in 0..<3 { try await shop.refuseCohorts("too few") }
    #expect(shop.partition.statistics.logEnd.rawValue == begun.rawValue + 1)
    let listing = try await shop.partition.cohorts()
    #expect(listing.registry.inForce?.version == 1 && listing.registry.last?.refusal == "too few")
    var writer = JSONWriter()
    listing.write(into: &writer)
    let json = try JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self))
    #expect(json["reason"] == "too few" && json["cohorts"]?.array?.count == 3)
    await shop.engine.close()
  }

  @Test func `cohorts that may be made of somebody who was erased meanwhile do not come into force`() async throws {
    let shop = try await Self.shop()
    let begun = shop.partition.statistics.logEnd
    _ = try #require(try await shop.partition.erase(.identifier(.user("u3"))))
    let run = try await shop.findCohorts(end: begun)
    #expect(run.refusal?.contains("erased") == true)
    #expect(try await shop.partition.cohorts().registry.inForce == nil)
    #expect(try await shop.findCohorts().set != nil)
    await shop.engine.close()
  }
}

extension PartitionFixture {
  fileprivate func acts(of user: String) async throws -> [Interaction] {
    let key = partition.key(of: .user(user))
    return try await partition.read { state in
      let id = try #require(try state.profile(of: [key]))
      return try state.persons.inspect(id, state.read) { $0.history.recent } ?? []
    }
  }

  /// Five visits to items of a category, an hour apart.
  fileprivate func visit(_ user: Int, category: String) async throws {
    for number in 0..<5 {
      try await send([
        "user_id": .string("u\(user)"), "event_type": "view",
        "item_id": .string("\(category)-\((user / 3 + number * 3) % 8 + 1)"),
        "timestamp": .string((clock.now - .seconds((5 - number) * 3_600)).description),
      ])
    }
  }

  @discardableResult
  fileprivate func findCohorts(seed: UInt64 = 1, end: LogPosition? = nil) async throws -> CohortRun {
    let people = try await partition.peoplesActs(atMost: 1_000) { _ in true }
    let catalog = try await partition.trainingCatalog()
    var finder = CohortFinder()
    finder.seed = seed
    let set = try finder.cohorts(
      in: people.map(\.acts), catalog: catalog, previous: try await partition.cohorts().registry.inForce?.set)
    return try await record(.found(set), end: end)
  }

  fileprivate func refuseCohorts(_ reason: String) async throws { _ = try await record(.refused(reason), end: nil) }

  private func record(_ outcome: CohortRun.Outcome, end: LogPosition?) async throws -> CohortRun {
    try await partition.record(
      CohortRun(
        version: 0, startedAt: clock.now, finishedAt: clock.now, end: end ?? partition.statistics.logEnd, heldBack: 0,
        heldBackPlaced: 0, outcome: outcome))
  }
}
