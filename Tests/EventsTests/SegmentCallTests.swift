import Events
import Primitives
import Testing

@Suite struct SegmentCallTests {
  @Test(
    arguments: [
      (.track, .track, "Song Played"), (.identify, .identify, "identify"), (.page, .page, "Home"),
      (.screen, .screen, "Home"), (.group, .group, "group"), (.alias, .alias, "alias"),
    ] as [(EventShape, EventKind, String)])
  func `a call's kind is its path, and its name is its own or the kind's`(
    shape: EventShape, kind: EventKind, name: String
  ) throws {
    let text = #"""
      {"messageId": "m1", "userId": "u1", "event": "Song Played", "name": "Home", "groupId": "g1", "previousId": "a1",
       "type": "whatever"}
      """#
    let event = try read(text, as: shape)
    #expect(event.kind == kind)
    #expect(event.name == name)
    #expect(event.messageID == "m1")
    #expect(!event.hasMadeMessageID)
    #expect(event.identifiers == [.user("u1")])
    let item = try read(text.replacing(#""whatever""#, with: "\"\(kind.name)\""))
    #expect(item.kind == kind)
    #expect(item.name == name)
  }

  @Test func `a page without a name is called page`() throws {
    #expect(try read(#"{"userId": "u", "name": null}"#, as: .page).name == "page")
    #expect(try read(#"{"userId": "u", "name": ""}"#, as: .screen).name == "screen")
  }

  @Test(
    arguments: [
      (#""userId": "u1""#, ["user_id:u1"]),
      (#""userId": 42"#, ["user_id:42"]),
      (#""userId": 4.20"#, ["user_id:4.20"]),
      (#""userId": null, "anonymousId": "a1""#, ["anonymous_id:a1"]),
      (#""userId": "", "anonymousId": "a1""#, ["anonymous_id:a1"]),
      (#""anonymousId": "a1", "userId": "u1""#, ["user_id:u1", "anonymous_id:a1"]),
      (#""userId": "first", "userId": "last""#, ["user_id:last"]),
      (#""user\u0049d": "u1""#, ["user_id:u1"]),
      (#""userId": "\u00e9""#, ["user_id:é"]),
      (
        #""userId": "u1", "context": {"externalIds": [{"id": "a@b.example", "type": "email", "collection": "users"},"#
          + #"{"id": 7, "type": "crm_id"}, {"id": "a@b.example", "type": "email"}, {"id": null, "type": "phone"}]}"#,
        ["user_id:u1", "email:a@b.example", "crm_id:7"]
      ),
      (
        #""anonymousId": "a1", "context": {"externalIds": [{"id": "u1", "type": "user_id"}]}"#,
        ["user_id:u1", "anonymous_id:a1"]
      ),
      (#""context": {"externalIds": [{"id": "a@b.example", "type": "email"}]}"#, ["email:a@b.example"]),
    ] as [(String, [String])])
  func `ids are text or numbers, and null and empty are absent`(members: String, identifiers: [String]) throws {
    let event = try read(#"{"event": "e", \#(members)}"#, as: .track)
    #expect(event.identifiers.map(\.description) == identifiers)
  }

  @Test func `an alias is its user's, and names the earlier id`() throws {
    let event = try read(#"{"userId": "u1", "previousId": 17, "anonymousId": "a1"}"#, as: .alias)
    #expect(event.identifiers == [.user("u1")])
    #expect(event.previousID == "17")
  }

  @Test func `traits stand at the root, else in the context, and are those of identify and group only`() throws {
    let atRoot =
      #"{"userId": "u", "groupId": "g", "traits": {"plan": "pro"}, "context": {"traits": {"plan": "free"}}}"#
    let inContext =
      #"{"userId": "u", "groupId": "g", "event": "e", "traits": {}, "context": {"traits": {"plan": "free"}}}"#
    #expect(try read(atRoot, as: .identify).traits?.value == ["plan": "pro"])
    #expect(try read(inContext, as: .identify).traits?.value == ["plan": "free"])
    let group = try read(inContext, as: .group)
    #expect(group.traits?.value == ["plan": "free"])
    #expect(group.groupID == "g")
    #expect(try read(inContext, as: .track).traits == nil)
  }

  @Test func `an empty array is an object without members, as PHP writes it`() throws {
    let event = try read(
      #"{"userId": "u", "event": "e", "properties": [], "context": [ ], "traits": []}"#, as: .identify)
    #expect(event.properties == nil)
    #expect(event.traits == nil)
  }

  @Test func `a batch's context counts where the item's has nothing to say`() throws {
    let body = try JSONDocument(
      parsing: Array(
        #"""
        {"sentAt": "2026-03-01T11:59:50Z", "context": {"region": "DE", "locale": "de-DE", "os": {"name": "iOS"},
          "traits": {"plan": "free"}}, "integrations": {"All": false},
         "batch": [{"type": "identify", "messageId": "m1", "userId": "u1", "timestamp": "2026-03-01T11:59:40Z",
           "context": {"region": "AT", "locale": null, "traits": {"plan": "pro"}}},
          {"type": "identify", "messageId": "m2", "userId": "u1"}]}
        """#.utf8)
    ).root
    let receipt = EventReceipt(batch: body, receivedAt: noon)
    #expect(receipt.shape == .batchItem)
    #expect(receipt.batchIntegrations?.value == ["All": false])
    let items = try #require(body["batch"]).elements.map { try EventParser().parse($0, receipt: receipt) }
    #expect(items.map(\.context.region) == ["AT", "DE"])
    #expect(items.map(\.context.locale) == ["de-DE", "de-DE"])
    #expect(items.map(\.context.os) == ["iOS", "iOS"])
    #expect(items.map(\.traits?.value) == [["plan": "pro"], ["plan": "free"]])
    // Sent ten seconds after it happened, by any clock.
    #expect(items.map(\.timestamp) == [noon - .seconds(10), noon])
  }

  @Test func `an id is made where the sender gave none`() throws {
    let event = try read(#"{"event": "e", "userId": "u", "messageId": ""}"#, as: .track)
    #expect(event.hasMadeMessageID)
    #expect(event.messageID == "m_\(SortableID(high: 1, low: 2))")
    let view = try JSONDocument(parsing: Array(#"{"event": "e", "userId": "u"}"#.utf8)).root
    let rejection = try #require(throws: EventRejection.self) {
      try EventParser().parse(view, receipt: EventReceipt(receivedAt: noon, shape: .track))
    }
    #expect(rejection.code == "missing_message_id")
  }

  @Test(
    arguments: [
      (#"{"event_type": "view", "type": "track"}"#, .flat), (#"{"type": "track"}"#, .batchItem), ("{}", nil),
      ("[]", nil),
    ] as [(String, EventShape?)])
  func `the two forms of a line are told apart by their type`(text: String, shape: EventShape?) throws {
    #expect(EventShape.detected(in: try JSONDocument(parsing: Array(text.utf8)).root) == shape)
  }
}
