import AttuneTestKit
import Decisions
import Events
import Features
import Foundation
import Models
import Primitives
import Testing

@testable import Engine

/// What was said of people can be said again: by a replay, and by a table.
@Suite struct PredictionHistoryTests {
  private static let rules = """
    placements:
      home:
        exploration: 0.2
        latency_budget: 1d
        eligible: ["!has(person.scores.buys) || person.scores.buys > 0.2 || item.price < 20.0"]
        boosts: ["has(person.scores.leaves) ? 1.0 + person.scores.leaves : 1.0"]

    """

  @Test(arguments: 1...4)
  func `decisions that read scores come out the same, across models, rollbacks, definitions and restarts`(
    seed: Int
  ) async throws {
    var shop = try await PartitionFixture()
    var history = RandomHistory(seed: UInt64(seed))
    try await shop.activate(PredictionTests.predictions + Self.rules)
    try await history.play(60, in: shop)
    let renamed =
      "features:\n  a_first_name: {type: count, signals: [view], window: 7d}\n  views_7d:\n  clicks: {type: count, "
      + "signals: [click], window: 5d}\n"
    let asked = PredictionTests.predictions.replacingOccurrences(of: "person.features.views_7d", with: "1")
    for stage in 0..<9 {
      switch stage {
      case 0, 1: try await shop.learn("buys", seed: UInt64(stage))
      case 2: try await shop.learn("leaves", seed: 7)
      case 3: _ = try await shop.partition.activate(prediction: "buys", version: nil).get()
      case 4: try await shop.activate(PredictionTests.predictions + "  new: {of: view, within: 1d}\n" + Self.rules)
      // Other names of the same state: fields of rules have other places, a model lacks what it reads.
      case 5:
        try await shop.activate(
          "features:\n  a_first_name: {type: count, signals: [view], window: 7d}\n"
            + PredictionTests.predictions + Self.rules)
      case 6: try await shop.learn("buys", seed: 11)
      case 7:
        try await shop.activate(renamed + asked + Self.rules)
        // Until its history is counted, a new feature is another one than the log will say.
        while shop.partition.statistics.refolds == 0 { _ = try await shop.partition.predictions() }
        try await shop.learn("buys", seed: 12)
      default:
        await shop.engine.close()
        shop = try await PartitionFixture(folder: shop.folder, clock: shop.clock)
      }
      try await history.play(70, in: shop)
    }
    let ids = history.decisions
    let replayed = try await shop.partition.takeReplayTurn().replay(ids)
    #expect(replayed.count == ids.count)
    var versions: Set<String?> = []
    for id in ids {
      let one = try #require(replayed[id])
      #expect(one.isReproduced, "seed \(seed), \(id): \(one.differences) \(one.reason ?? "")")
      versions.insert(one.recorded.versions.first { $0.name == "scores.buys" }?.version)
    }
    #expect(versions.count >= 4, "\(versions)")
    await shop.engine.close()
  }

  @Test(arguments: 1...4)
  func `a score that the server showed is that of the table's row at that moment, to the bit`(seed: Int) async throws {
    let shop = try await PartitionFixture()
    try await shop.activate("holdout: 0\n" + PredictionTests.predictions)
    var history = RandomHistory(seed: UInt64(seed))
    // Imported history and live events alike read items as they are: what a row finds of them must not change.
    history.changesItems = false
    try await history.play(150, in: shop)
    try await shop.learn("buys", seed: UInt64(seed))
    let model = try #require(try await shop.partition.propensity("buys"))
    var shown: [(moment: PredictionMoment, score: Double)] = []
    for _ in 0..<60 {
      try await history.play(3, in: shop)
      for identifier in history.identifiers {
        guard let view = try await shop.partition.profile(of: identifier, at: shop.clock.now),
          let score = try await shop.partition.scores(of: view.id, at: shop.clock.now)?.probability("buys")
        else { continue }
        shown.append(
          (PredictionMoment(identifier: identifier, person: view.id, at: shop.clock.now, label: false), score))
      }
      // What comes at the same moment is known at it, too.
      shop.clock.advance(by: .seconds(1))
    }
    #expect(shown.count > 200 && Set(shown.map(\.score)).count > 20, "\(shown.count)")
    let rows = try #require(try await shop.partition.rows(at: shown.map(\.moment)) { _ in true })
    let places = model.columns.places(in: rows.features)
    for (row, shown) in zip(rows.known, shown) {
      let known = try #require(row)
      let score = model.probability(of: model.columns.row(of: known.values, at: places))
      #expect(score == shown.score, "seed \(seed): \(shown.moment)")
    }
    await shop.engine.close()
  }

  // MARK: Labels

  private static func definition(_ text: String) async throws -> PredictionDefinition {
    let shop = try await PartitionFixture()
    try await shop.activate("predictions:\n  it: \(text)\n")
    let found = try await shop.partition.predictions().rows.first?.definition
    await shop.engine.close()
    return try #require(found)
  }

  @Test(
    arguments: [
      "{of: purchase, within: 20h, every: 1h}", "{of: [click, save], within: 3d, on: view}",
      "{none_of: any, within: 1d, every: 6h}",
      "{of: purchase, where: event.value > 15.0, within: 2d, on: clock, every: 12h}",
      "{none_of: view, within: 30h, on: clock, every: 1d}",
    ])
  func `labels are what happened in the time after a moment, and what comes later changes no row`(
    text: String
  ) async throws {
    let definition = try await Self.definition(text)
    let shop = try await PartitionFixture()
    try await shop.activate("holdout: 0\n")
    var generator = SeededGenerator(seed: 5)
    var sent: [(user: String, kind: String, value: Double, at: Timestamp)] = []
    func play(_ count: Int) async throws {
      for _ in 0..<count {
        shop.clock.advance(by: .seconds(Int.random(in: 60...9_000, using: &generator)))
        let user = "u\(Int.random(in: 1...8, using: &generator))"
        let kind = ["view", "view", "click", "save", "purchase", "impression"].randomElement(using: &generator) ?? ""
        let value = Double(Int.random(in: 5...30, using: &generator))
        sent.append((user, kind, value, shop.clock.now))
        try await shop.send([
          "user_id": .string(user), "event_type": .string(kind), "item_id": "mug", "value": .double(value),
          "timestamp": .string(shop.clock.now.description),
        ])
      }
    }
    func truth(_ moment: PredictionMoment) -> Bool {
      let happened = sent.contains { event in
        guard "user_id:\(event.user)" == moment.identifier.description, event.at > moment.at,
          event.at <= moment.at + definition.within
        else { return false }
        switch (text.contains("any"), text.contains("where"), text.contains("[click")) {
        case (true, _, _): return event.kind != "impression"
        case (_, true, _): return event.kind == "purchase" && event.value > 15
        case (_, _, true): return ["click", "save"].contains(event.kind)
        default: return event.kind == (text.contains("view, within") ? "view" : "purchase")
        }
      }
      return happened != definition.isTrueWithout
    }
    try await play(250)
    let first = try #require(try await shop.partition.moments(of: definition, countMax: .max) { _ in true })
    let rows = try #require(try await shop.partition.rows(at: first.moments) { _ in true })
    #expect(first.moments.count > 30 && first.open > 0)
    #expect(Set(first.moments.map(\.label)).count == 2)
    let end = try #require(sent.last?.at)
    for moment in first.moments {
      #expect(moment.label == truth(moment), "\(text): \(moment)")
      #expect(moment.at + definition.within <= end, "its time is over")
    }
    // At most one moment of a person in each stretch.
    let stretches = first.moments.map { "\($0.person) \($0.at.microseconds / definition.every.inMicroseconds)" }
    #expect(Set(stretches).count == stretches.count)
    // The future leaves all of this as it is.
    try await play(120)
    let second = try #require(try await shop.partition.moments(of: definition, countMax: .max) { _ in true })
    let known = Set(second.moments)
    #expect(second.moments.count > first.moments.count)
    #expect(first.moments.filter { !known.contains($0) }.allSatisfy { Self.isLast($0, in: first.moments, definition) })
    let again = try #require(try await shop.partition.rows(at: first.moments) { _ in true })
    for (before, after) in zip(rows.known, again.known) {
      let (before, after) = (try #require(before), try #require(after))
      #expect(before.values.json == after.values.json && before.events == after.events)
    }
    // A sample is some of them.
    let sample = try #require(try await shop.partition.moments(of: definition, countMax: 20) { _ in true })
    #expect(sample.found == second.found && sample.moments.count < second.moments.count)
    #expect(sample.moments.allSatisfy(known.contains))
    #expect(try await shop.partition.moments(of: definition, countMax: 20) { _ in false } == nil)
    await shop.engine.close()
  }

  @Test func `a sample has as many moments of people who come once a day as of those who come often`() async throws {
    let definition = try await Self.definition("{of: purchase, within: 1d, every: 1d}")
    let shop = try await PartitionFixture()
    try await shop.activate("holdout: 0\n")
    func look(_ user: String) async throws {
      shop.clock.advance(by: .seconds(1))
      try await shop.send(["user_id": .string(user), "event_type": "view", "item_id": "mug"])
    }
    for _ in 0..<10 {
      for user in 0..<6 {
        try await look("calm\(user)")
        for _ in 0..<12 { try await look("busy\(user)") }
      }
      shop.clock.advance(by: .seconds(86_400 - 6 * 13))
    }
    shop.clock.advance(by: .seconds(3 * 86_400))
    try await look("last")
    let sample = try #require(try await shop.partition.moments(of: definition, countMax: 40) { _ in true })
    #expect(sample.found == 120)
    // 40 are expected, of each half 20: 20 more or 20 fewer of 120 are four deviations away.
    let busy = sample.moments.count { $0.identifier.value.hasPrefix("busy") }
    #expect((20...60).contains(sample.moments.count), "\(sample.moments.count)")
    #expect((5...35).contains(busy) && (5...35).contains(sample.moments.count - busy), "\(busy)")
    await shop.engine.close()
  }

  /// Only the stretch in which the log ended can get another moment: the one drawn is drawn among more.
  private static func isLast(
    _ moment: PredictionMoment, in all: [PredictionMoment], _ definition: PredictionDefinition
  ) -> Bool {
    !all.contains { $0.person == moment.person && $0.at > moment.at }
  }
}

extension ScoreListing {
  fileprivate func probability(_ name: String) -> Double? {
    guard case .score(let score) = rows.first(where: { $0.prediction == name })?.outcome else { return nil }
    return score.probability
  }
}

extension FeatureValues {
  fileprivate var json: String {
    var writer = JSONWriter()
    writer.object { write(into: &$0) }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
