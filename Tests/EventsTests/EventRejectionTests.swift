import Events
import Primitives
import Testing

@Suite struct EventRejectionTests {
  private static let long = String(repeating: "x", count: 513)

  @Test(
    arguments: [
      ("[]", .track, "not_an_object", nil), ("\"track\"", .flat, "not_an_object", nil),
      ("null", .batchItem, "not_an_object", nil),
      (#"{"event": "e"}"#, .track, "missing_identity", "userId"),
      (#"{"event": "e", "userId": null, "anonymousId": ""}"#, .track, "missing_identity", "userId"),
      (#"{"event_type": "view"}"#, .flat, "missing_identity", "user_id"),
      (#"{"userId": "u"}"#, .batchItem, "unknown_type", "type"),
      (#"{"userId": "u", "type": "merge"}"#, .batchItem, "unknown_type", "type"),
      (#"{"userId": "u", "type": 1}"#, .batchItem, "unknown_type", "type"),
      (#"{"userId": "u"}"#, .track, "missing_event", "event"),
      (#"{"userId": "u", "event": ""}"#, .track, "missing_event", "event"),
      (#"{"user_id": "u", "item_id": "i"}"#, .flat, "missing_event", "event_type"),
      (#"{"userId": "u"}"#, .group, "missing_group", "groupId"),
      (#"{"userId": "u"}"#, .alias, "missing_previous_id", "previousId"),
      (#"{"anonymousId": "a", "previousId": "b"}"#, .alias, "missing_identity", "userId"),
      (#"{"user_id": "u", "purposes": {}}"#, .consent, "missing_purposes", "purposes"),
      (#"{"user_id": "u"}"#, .consent, "missing_purposes", "purposes"),
      (#"{"userId": true, "event": "e"}"#, .track, "wrong_type", "userId"),
      (#"{"userId": {"id": 1}, "event": "e"}"#, .track, "wrong_type", "userId"),
      (#"{"user_id": ["u"], "event_type": "e"}"#, .flat, "wrong_type", "user_id"),
      (#"{"userId": "u", "event": 5}"#, .track, "wrong_type", "event"),
      (#"{"userId": "u", "event": "e", "properties": "none"}"#, .track, "wrong_type", "properties"),
      (#"{"userId": "u", "event": "e", "properties": [1]}"#, .track, "wrong_type", "properties"),
      (#"{"userId": "u", "event": "e", "context": 3}"#, .track, "wrong_type", "context"),
      (#"{"userId": "u", "traits": "pro"}"#, .identify, "wrong_type", "traits"),
      (#"{"userId": "u", "event": "e", "context": {"externalIds": {}}}"#, .track, "wrong_type", "context.externalIds"),
      (
        #"{"userId": "u", "event": "e", "context": {"externalIds": [4]}}"#, .track, "wrong_type",
        "context.externalIds[0]"
      ),
      (
        #"{"userId": "u", "event": "Order Completed", "properties": {"products": {"sku": 1}}}"#, .track, "wrong_type",
        "properties.products"
      ),
      (
        #"{"userId": "u", "event": "Product Viewed", "properties": {"product_id": false}}"#, .track, "wrong_type",
        "properties.product_id"
      ),
      (#"{"user_id": "u", "event_type": "rating", "item_id": "i", "value": "good"}"#, .flat, "wrong_type", "value"),
      (#"{"user_id": "u", "event_type": "purchase", "item_id": "i", "value": 1e13}"#, .flat, "out_of_range", "value"),
      (#"{"user_id": "u", "event_type": "dwell", "item_id": "i", "value": -1}"#, .flat, "out_of_range", "value"),
      (#"{"userId": "\#(long)", "event": "e"}"#, .track, "too_long", "userId"),
      (#"{"userId": "u", "event": "\#(long)"}"#, .track, "too_long", "event"),
      (#"{"userId": "u", "event": "e", "messageId": "\#(long.prefix(257))"}"#, .track, "too_long", "messageId"),
      (#"{"user_id": "u", "event_type": "view", "item_id": "\#(long)"}"#, .flat, "too_long", "item_id"),
      (
        #"{"user_id": "u", "event_type": "view", "item_id": "i", "product_id": {}}"#, .flat, "wrong_type", "product_id"
      ),
      (#"{"userId": "u", "event": "e", "timestamp": "yesterday"}"#, .track, "invalid_timestamp", "timestamp"),
      (#"{"userId": "u", "event": "e", "timestamp": true}"#, .track, "invalid_timestamp", "timestamp"),
    ] as [(String, EventShape, String, String?)])
  func `what is no event is refused with a code, a field and a message`(
    text: String, shape: EventShape, code: String, field: String?
  ) throws {
    let rejection = try rejection(text, as: shape)
    #expect(rejection.code == code)
    #expect(rejection.field == field)
    #expect(rejection.message.contains("expected"))
    #expect(EventRejection.Code(rawValue: code) != nil)
  }

  @Test func `ids and names are taken up to their bounds`() throws {
    let id = String(repeating: "é", count: 256)
    let event = try read(
      #"{"userId": "\#(id)", "event": "\#(id)", "messageId": "\#(id.prefix(128))"}"#, as: .track)
    #expect(event.identifiers == [.user(id)])
    #expect(event.name == id)
    #expect(event.messageID == id.prefix(128))
  }

  @Test func `an event has at most 200 products and 50 further ids`() throws {
    func order(_ count: Int) -> String {
      let products = repeatElement(#"{"product_id": "p", "price": 1}"#, count: count).joined(separator: ",")
      return #"{"userId": "u", "event": "Order Completed", "properties": {"products": [\#(products)]}}"#
    }
    #expect(try read(order(200), as: .track).signals.count == 200)
    #expect(try rejection(order(201), as: .track).code == "too_many")
    func identified(_ count: Int) -> String {
      let ids = (0..<count).map { #"{"id": "\#($0)", "type": "crm"}"# }.joined(separator: ",")
      return #"{"userId": "u", "event": "e", "context": {"externalIds": [\#(ids)]}}"#
    }
    #expect(try read(identified(50), as: .track).identifiers.count == 51)
    #expect(try rejection(identified(51), as: .track).field == "context.externalIds")
  }

  @Test func `a message shows what was found, but not at any length`() throws {
    #expect(
      try rejection(#"{"userId": "u", "type": "merge"}"#).message.hasPrefix(#"found "merge", expected one of track,"#))
    let long = try rejection(#"{"userId": "u", "event": "e", "timestamp": "\#(Self.long)"}"#, as: .track)
    #expect(long.message.hasPrefix("found a string, expected ISO 8601"))
  }
}
