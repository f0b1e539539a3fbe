import AttuneTestKit
import Decisions
import Engine
import Events
import Primitives
import Testing

@testable import Learning

/// A desk that looks at the model in force.
@Suite struct ModelWatchTests {
  private static let rules =
    "training: {every: 300d, at_least: 1s, changed: 10, dimensions: 8, memory_mb: 512, drift: DRIFT, "
    + "degradation: {false_alarms: 0.05}}"

  /// Every person asks once, and some of them click what they are shown.
  private static func day(_ shop: TrainingShop, people: Int, clicks: (Int) -> Bool) async throws {
    var events: [JSONValue] = []
    for person in 0..<people {
      let request = DecisionRequest(identifiers: [.user("u\(person)")], count: 1)
      guard case .success(let answer) = try await shop.partition.decide([request]).first,
        let id = answer.decisionID, let item = answer.items.first, clicks(person)
      else { continue }
      events.append([
        "user_id": .string("u\(person)"), "event_type": "click", "item_id": .string(item.itemID),
        "decision_id": .string(id.description),
      ])
    }
    if !events.isEmpty { try await shop.send(events) }
    shop.clock.advance(by: .seconds(86_400))
  }

  private static func desk(_ shop: TrainingShop) -> TrainingDesk {
    TrainingDesk(memoryMax: .max, logger: TrainingShop.logger, now: { shop.clock.now })
  }

  @Test func `a model whose answers nobody wants is withdrawn, with the reason, and is not let in again`() async throws
  {
    let shop = try await TrainingShop.planted(people: 90)
    try await shop.activate(Self.rules.replacing("DRIFT", with: "false"))
    for _ in 0..<4 { try await Self.day(shop, people: 90) { $0 % 2 == 0 } }
    let run = try await shop.train()
    #expect(run.refusal == nil)
    let desk = Self.desk(shop)
    await desk.beginDue(in: shop.engine)
    #expect(try await shop.partition.models().serving == 1)
    for _ in 0..<8 { try await Self.day(shop, people: 90) { $0 % 30 == 0 } }
    // The last day's windows are over a day later.
    shop.clock.advance(by: .seconds(2 * 86_400))
    await desk.beginDue(in: shop.engine)
    let registry = try await shop.partition.models().registry
    let withdrawal = try #require(registry.withdrawals.first)
    #expect(registry.champion == nil && withdrawal.version == 1 && withdrawal.successor == 0)
    #expect(withdrawal.reason.contains("the fresh models"), "\(withdrawal.reason)")
    #expect(registry.withdrawalReason(ofDigest: run.digest) != nil)
    let health = try await desk.outcomes(of: shop.partition, shop.workspace)
    #expect(health.live(of: 1).total > 300 && health.live(of: 1).rewarded * 10 < health.live(of: 1).total)
    #expect(health.live(of: 0).rewarded * 3 > health.live(of: 0).total)
    await shop.engine.close()
  }

  @Test func `a model whose answers are wanted as before stays`() async throws {
    let shop = try await TrainingShop.planted(people: 90)
    try await shop.activate(Self.rules.replacing("DRIFT", with: "false"))
    for _ in 0..<4 { try await Self.day(shop, people: 90) { $0 % 3 == 0 } }
    #expect(try await shop.train().refusal == nil)
    for day in 0..<8 { try await Self.day(shop, people: 90) { ($0 + day) % 3 == 0 } }
    shop.clock.advance(by: .seconds(2 * 86_400))
    await Self.desk(shop).beginDue(in: shop.engine)
    let registry = try await shop.partition.models().registry
    #expect(registry.champion == 1 && registry.withdrawals.isEmpty && registry.runs.count == 1)
    await shop.engine.close()
  }

  @Test func `people who turn to other items bring on a training, with what was measured`() async throws {
    let shop = try await TrainingShop.planted(people: 240)
    try await shop.activate(Self.rules.replacing("DRIFT", with: "true"))
    #expect(try await shop.train().refusal == nil)
    let desk = Self.desk(shop)
    shop.clock.advance(by: .seconds(60))
    await desk.beginDue(in: shop.engine)
    #expect(try await shop.runs().count == 1, "nothing has happened")
    try await shop.like((0..<480).map { ("u\($0 % 240)", "new\($0 % 7)") })
    await desk.beginDue(in: shop.engine)
    let listing = try await shop.partition.models()
    #expect(listing.registry.runs.map(\.cause) == [.asked, .drift])
    let note = try #require(listing.registry.notes[2])
    #expect(note.evidence.first?.contains("items: population stability index") == true, "\(note.evidence)")
    #expect(note.rival == 1 && note.definitions == 1)
    #expect(listing.registry.notes[1]?.parts.isEmpty == false)
    await desk.beginDue(in: shop.engine)
    #expect(try await shop.runs().count == 2, "once")
    await shop.engine.close()
  }
}
