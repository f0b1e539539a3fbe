import AttuneTestKit
import Decisions
import Events
import Primitives
import Profiles
import Testing

@testable import Engine

/// The guard rails of merges, from the definitions to the profile.
@Suite struct IdentityGuardTests {
  private static let family: JSONValue = ["externalIds": [["type": "email", "id": "family@example.com"]]]
  private static let rules = """
    identity:
      blocked: [family@example.com]
      namespaces: {anonymous_id: {limit: 2}}
    """

  @Test func `definitions that cannot be meant are refused with their place, and nothing changes`() async throws {
    let shop = try await PartitionFixture()
    let file = DefinitionFile(path: "identity.yaml", text: "identity:\n  namespaces:\n    email: {limit: many}\n")
    let errors = Partition.check([file])
    #expect(errors.count == 1 && errors.first.map { "\($0)".hasPrefix("identity.yaml:3:20") } == true, "\(errors)")
    await #expect(throws: EngineError.self) { try await shop.partition.activate([file]) }
    #expect(try await shop.partition.definitions().version == 0)
  }

  @Test func `a shared family address joins nobody once it is blocked, and both profiles say why`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate(Self.rules)
    for device in ["a1", "a2"] {
      try await shop.send([
        "anonymous_id": .string(device), "context": Self.family, "event_type": "view", "item_id": "a",
      ])
    }
    let (one, two) = (try await shop.view(.anonymous("a1")), try await shop.view(.anonymous("a2")))
    #expect(one?["profile_id"] != two?["profile_id"])
    #expect(one?["refused_merges"]?.array?.first?["reason"]?.string == "blocked_value")
    #expect(try await shop.view(Identifier(namespace: "email", value: "family@example.com")) == nil)
  }

  @Test func `without the block a family address of two users stays with the first, and the refusal is recorded`()
    async throws
  {
    let shop = try await PartitionFixture()
    for user in ["ada", "bob"] {
      try await shop.send(["user_id": .string(user), "context": Self.family, "event_type": "view", "item_id": "a"])
    }
    #expect(try await shop.view(.user("ada"))?["identifiers"]?.array?.count == 2)
    #expect(try await shop.view(.user("bob"))?["refused_merges"]?.array?.first?["reason"]?.string == "another_user")
  }

  @Test func `what is blocked later leads nowhere from then on, and keeps its past`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(["anonymous_id": "a1", "context": Self.family, "event_type": "view", "item_id": "a"])
    try await shop.activate(Self.rules)
    try await shop.send(["anonymous_id": "a1", "context": Self.family, "event_type": "view", "item_id": "a"])
    try await shop.send(["anonymous_id": "a2", "context": Self.family, "event_type": "view", "item_id": "a"])
    #expect(try await shop.view(.anonymous("a1"))?["event_count"]?.int == 2)
    #expect(try await shop.view(.anonymous("a2"))?["event_count"]?.int == 1)
    #expect(try await shop.view(.anonymous("a1"))?["identifiers"]?.array?.count == 2)
  }

  @Test func `a kiosk that is blocked later has nobody's events from then on, and nobody's decisions`() async throws {
    let shop = try await PartitionFixture()
    func view() async throws {
      try await shop.send(["anonymous_id": "kiosk-7", "event_type": "view", "item_id": "a"])
    }
    try await view()
    try await shop.activate("identity: {blocked: ['kiosk-*']}")
    try await view()
    #expect(try await shop.view(.anonymous("kiosk-7"))?["event_count"]?.int == 1)
    let request = DecisionRequest(identifiers: [.anonymous("kiosk-7")], placement: "home")
    let answer = try #require(try await shop.partition.decide([request]).first).get()
    #expect(try await shop.decision(answer.decisionID)["profile_id"]?.string == nil)
  }

  @Test func `an event of nobody is stored and counted, and makes no profile`() async throws {
    let shop = try await PartitionFixture()
    let accepted = try await shop.send([
      "user_id": "null", "anonymous_id": "undefined", "event_type": "view", "item_id": "a",
    ])
    #expect(accepted.count == 1)
    let counts = try await shop.partition.read { $0.counts }
    #expect(counts.events == 1 && counts.profiles == 0)
    #expect(try await shop.view(.user("null")) == nil)
  }

  @Test func `two people whose first identifier is blocked are two`() async throws {
    let shop = try await PartitionFixture()
    for device in ["a1", "a2"] {
      try await shop.send(["user_id": "null", "anonymous_id": .string(device), "event_type": "view", "item_id": "a"])
    }
    #expect(
      try await shop.view(.anonymous("a1"))?["profile_id"] != (try await shop.view(.anonymous("a2")))?["profile_id"])
  }

  @Test func `a limit of a namespace holds, also after a restart`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate(Self.rules)
    for device in 1...3 {
      try await shop.send([
        "user_id": "ada", "anonymous_id": .string("a\(device)"), "event_type": "view", "item_id": "a",
      ])
    }
    let before = try #require(try await shop.view(.user("ada")))
    #expect(before["identifiers"]?.array?.count == 3 && before["event_count"]?.int == 3)
    #expect(before["refused_merges"]?.array?.map { $0["reason"]?.string } == ["namespace_limit"])
    await shop.engine.close()
    let image = try Image(logOf: shop.folder)
    let again = try await PartitionFixture(folder: image.folder, clock: shop.clock)
    #expect(try await again.view(.user("ada")) == before)
  }

  @Test func `an alias loop and an alias of oneself make no more than one person of one user`() async throws {
    let shop = try await PartitionFixture()
    func alias(_ user: String, _ previous: String) async throws {
      try await shop.send(
        [
          [
            "type": "alias", "messageId": .string("\(user)-\(previous)"), "userId": .string(user),
            "previousId": .string(previous),
          ]
        ],
        shape: .batchItem)
    }
    try await alias("ada", "ada")
    try await alias("ada", "bob")
    try await alias("bob", "ada")
    try await alias("ada", "bob2")
    try await alias("bob2", "ada")
    let (ada, bob) = (try await shop.view(.user("ada")), try await shop.view(.user("bob")))
    #expect(ada?["profile_id"] != bob?["profile_id"] && ada != nil && bob != nil)
    #expect(bob?["refused_merges"]?.array?.first?["reason"]?.string == "previous_is_user")
    #expect(ada?["identifiers"]?.array?.count { $0["namespace"]?.string == "user_id" } == 1)
  }

  @Test func `a merge keeps the older profile's id and holdout arm, and the more restrictive consent`() async throws {
    let shop = try await PartitionFixture()
    func consent(_ person: JSONValue, _ granted: Bool) -> JSONValue {
      guard case .object(var object) = person else { return person }
      object["type"] = "identify"
      object["traits"] = ["consent": ["personalization": .bool(granted)]]
      return .object(object)
    }
    for pair in 1...40 {
      let (user, device) = (JSONValue.string("u\(pair)"), JSONValue.string("d\(pair)"))
      try await shop.send([consent(["anonymousId": device], pair % 2 == 0)], shape: .batchItem)
      shop.clock.advance(by: .seconds(1))
      try await shop.send([consent(["userId": user], pair % 2 == 1)], shape: .batchItem)
      let older = try #require(try await shop.view(.anonymous("d\(pair)"))?["profile_id"])
      let arm = try await shop.decide(anonymous: "d\(pair)")
      shop.clock.advance(by: .seconds(1))
      try await shop.send(["user_id": user, "anonymous_id": device, "event_type": "view", "item_id": "a"])
      let merged = try #require(try await shop.view(.user("u\(pair)")))
      #expect(merged["profile_id"] == older)
      #expect(merged["consent"]?["personalization"]?["granted"]?.bool == false)
      #expect(try await shop.decide("u\(pair)").isHoldout == arm)
    }
  }
}

extension PartitionFixture {
  /// Whether a visitor is in the holdout.
  fileprivate func decide(anonymous id: String) async throws -> Bool {
    let request = DecisionRequest(identifiers: [.anonymous(id)], placement: "home")
    return try #require(try await partition.decide([request]).first).get().isHoldout
  }
}
