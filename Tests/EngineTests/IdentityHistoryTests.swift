import AttuneTestKit
import Catalog
import Engine
import Events
import Features
import Primitives
import Profiles
import Rules
import Testing

@testable import Engine

/// Who is whom, after random histories of people who share devices, change names and take each other's.
@Suite struct IdentityHistoryTests {
  private func played(_ history: inout RandomHistory) async throws -> PartitionFixture {
    let shop = try await PartitionFixture()
    try await shop.putItems(24, category: "item")
    try await history.play(250, in: shop)
    return shop
  }

  @Test(arguments: 21...26)
  func `every event is listed under one person, every identifier leads to the one that lists it`(seed: Int) async throws
  {
    var history = RandomHistory(seed: UInt64(seed))
    let shop = try await played(&history)
    var people: Set<ProfileID> = []
    for identifier in history.identifiers {
      guard let view = try await shop.partition.profile(of: identifier, at: shop.clock.now) else { continue }
      people.insert(view.id)
      let listed = try await shop.partition.read { try $0.persons.value(view.id, $0.read)?.profile.identifiers }
      #expect(listed?.contains(identifier) == true, "seed \(seed): \(identifier)")
    }
    var listed: [LogPosition] = []
    for person in people {
      listed += try await shop.partition.events(of: person, limit: 500, cursor: nil)?.rows.map(\.position) ?? []
    }
    #expect(listed.count == Set(listed).count, "seed \(seed): an event is listed twice")
    #expect(listed.sorted() == history.accepted.sorted(), "seed \(seed)")
    let (ids, identifiers) = (people, history.identifiers.count)
    let counted = try await shop.partition.read { state in
      (
        profiles: state.counts.profiles,
        events: try ids.map { try state.persons.value($0, state.read)?.profile.eventCount }
      )
    }
    #expect(counted.profiles == ids.count && ids.count <= identifiers, "seed \(seed)")
    #expect(counted.events.reduce(0) { $0 + ($1 ?? 0) } == history.accepted.count, "seed \(seed)")
  }

  @Test(arguments: 31...36)
  func `a person's features are those of their own events, folded in order`(seed: Int) async throws {
    var history = RandomHistory(seed: UInt64(seed))
    history.changesItems = false
    let shop = try await played(&history)
    for identifier in history.identifiers {
      guard let view = try await shop.partition.profile(of: identifier, at: shop.clock.now) else { continue }
      let rows = try await shop.partition.events(of: view.id, limit: 500, cursor: nil)?.rows ?? []
      let now = shop.clock.now
      let differences = try await shop.partition.read { state in
        let person = try #require(try state.persons.value(view.id, state.read))
        var fresh = FeatureState()
        for row in rows.reversed() { fresh.fold(state.featureEvent(row.event), in: state.active.features) }
        let set = state.active.features
        let kept = set.values(of: person.features, history: person.history, dwell: state.dwell, at: now)
        let expected = set.values(of: fresh, history: person.history, dwell: state.dwell, at: now)
        return set.definitions.compactMap { definition in
          kept[definition.name].isAlike(expected[definition.name])
            ? nil
            : "\(definition.name): \(String(describing: kept[definition.name])), \(String(describing: expected[definition.name]))"
        }
      }
      #expect(differences == [], "seed \(seed): \(identifier)")
    }
  }

  @Test func `a merge that is refused leaves both profiles as they were, but for the event and the refusal`()
    async throws
  {
    let shop = try await PartitionFixture()
    try await shop.send(["user_id": "ada", "anonymous_id": "laptop", "event_type": "view", "item_id": "a"])
    try await shop.send(["user_id": "bob", "anonymous_id": "phone", "event_type": "view", "item_id": "b"])
    let (ada, bob) = (try #require(try await shop.profile("ada")), try #require(try await shop.profile("bob")))
    try await shop.send(["user_id": "bob", "anonymous_id": "laptop", "event_type": "view", "item_id": "b"])
    #expect(try await shop.profile("ada") == ada)
    let after = try #require(try await shop.profile("bob"))
    #expect(after["profile_id"] == bob["profile_id"])
    #expect(after["event_count"]?.int == 2)
    let refused = try await shop.partition.read { $0.counts.refusedMerges }
    #expect(refused == 1)
  }

  @Test func `an event that came first under an identifier its person may not have is listed all the same`()
    async throws
  {
    let shop = try await PartitionFixture()
    // As many identifiers as a person may have, all of one anonymous visitor.
    let most = Profile.identifiersMax
    for start in stride(from: 1, to: most, by: 10) {
      let names = (start..<min(start + 10, most)).map {
        JSONValue.object([("type", "card"), ("id", .string("c\($0)"))])
      }
      try await shop.send([
        "anonymous_id": "full", "event_type": "view", "item_id": "a", "context": ["externalIds": .array(names)],
      ])
    }
    let full = try #require(try await shop.partition.profile(of: .anonymous("full"), at: shop.clock.now)?.id)
    // One too many, named before one that the person has.
    let accepted = try await shop.send([
      "anonymous_id": "new", "event_type": "view", "item_id": "b",
      "context": ["externalIds": [["type": "card", "id": "c1"]]],
    ])
    guard case .accepted(let position) = accepted.first else { return #expect(Bool(false), "not accepted") }
    let page = try await shop.partition.events(of: full, limit: 3, cursor: nil)
    #expect(page?.rows.first?.position == position)
    #expect(try await shop.partition.profile(of: .anonymous("new"), at: shop.clock.now) == nil)

    try await shop.send(["anonymous_id": "new", "event_type": "view", "item_id": "b"])
    let other = try await shop.partition.profile(of: .anonymous("new"), at: shop.clock.now)?.id
    #expect(other != nil && other != full, "the refused identifier is a stranger's, and free for them")
  }
}

extension PartitionState {
  fileprivate func featureEvent(_ event: Event) -> FeatureEvent {
    let set = active.features
    func facts(_ id: String?) -> ItemFacts? {
      id.flatMap { catalog.ordinal(of: $0) }.map {
        ItemFacts($0, id: catalog.id(of: $0), item: catalog.item($0), in: set)
      }
    }
    let items = event.signals.isEmpty ? [facts(event.itemID)] : event.signals.map { facts($0.itemID) }
    return FeatureEvent(event, items: items, in: set)
  }
}

extension RuleValue? {
  /// Decayed sums depend on the order of adding by rounding.
  fileprivate func isAlike(_ other: RuleValue?) -> Bool {
    guard case .double(let mine) = self, case .double(let theirs) = other else { return self == other }
    return abs(mine - theirs) <= 1e-9 * max(1, abs(mine))
  }
}

extension JSONValue {
  fileprivate static func object(_ members: [(String, JSONValue)]) -> JSONValue {
    .object(JSONObject(members: members.map { .init(key: $0.0, value: $0.1) }))
  }
}
