import Events
import Primitives
import Testing

@Suite struct FlatEventTests {
  @Test func `the flat form says in one object what was done to which item`() throws {
    let event = try read(
      #"""
      {"message_id": "m1", "user_id": 7, "anonymous_id": "a1", "event_type": "purchase", "item_id": "mug",
       "timestamp": "2026-03-01T11:59:00Z", "value": 24.5, "device": "desktop",
       "location": {"region": "BY", "country": "DE"},
       "context": {"locale": "de"}, "properties": {"quantity": 2, "decision_id": "d_01KJMVT2DN0000000000000000"}}
      """#, as: .flat)
    #expect(event.messageID == "m1")
    #expect(event.kind == .track)
    #expect(event.name == "purchase")
    #expect(event.identifiers == [.user("7"), .anonymous("a1")])
    #expect(event.timestamp == noon - .seconds(60))
    #expect(event.signals == [Signal(kind: .purchase, itemID: "mug", value: 24.5, quantity: 2)])
    #expect(event.itemID == "mug")
    #expect(event.decisionID == DecisionID("d_01KJMVT2DN0000000000000000"))
    #expect(event.context.device == "desktop")
    #expect(event.context.region == "BY")
    #expect(event.context.locale == "de")
    #expect(event.properties?["quantity"]?.int == 2)
  }

  @Test(arguments: SignalKind.allCases)
  func `every signal has a flat name`(kind: SignalKind) throws {
    let event = try flat(kind.name, #""item_id": "mug", "value": 3, "properties": {"query": "mug"}"#)
    let value: Double? = [.purchase, .refund, .rating, .dwell].contains(kind) ? 3 : nil
    #expect(event.signals == [Signal(kind: kind, itemID: "mug", value: value, query: kind == .search ? "mug" : nil)])
  }

  @Test(arguments: [
    (#""item_id": "a", "product_id": "b""#, "a"), (#""product_id": "b""#, "b"), (#""product_id": 17"#, "17"),
    (#""properties": {"item_id": "c", "product_id": "d", "sku": "e", "id": "f"}"#, "c"),
    (#""properties": {"product_id": "d", "sku": "e", "id": "f"}"#, "d"),
    (#""properties": {"sku": "e", "id": "f"}"#, "e"),
    (#""properties": {"id": "f"}"#, "f"), (#""item_id": "a", "properties": {"product_id": "d"}"#, "a"),
    (#""item_id": null, "properties": {"product_id": "d"}"#, "d"), (#""item_id": "", "product_id": "b""#, "b"),
  ])
  func `the item is the first that is named, the top before the properties`(members: String, item: String) throws {
    let event = try flat("view", members)
    #expect(event.signals == [Signal(kind: .view, itemID: item)])
    #expect(event.itemID == item)
  }

  @Test(
    arguments: [
      ("rating", #""item_id": "a", "value": "4.5""#, 4.5),
      ("rating", #""item_id": "a", "properties": {"rating": 3}"#, 3),
      ("rating", #""item_id": "a", "properties": {"value": 2}"#, 2), ("dwell", #""item_id": "a", "value": 12.5"#, 12.5),
      ("dwell", #""item_id": "a", "value": 86400"#, 1_800), ("purchase", #""item_id": "a", "value": 0"#, 0),
      ("purchase", #""item_id": "a", "properties": {"price": 5, "quantity": 3}"#, 15),
      ("purchase", #""item_id": "a", "properties": {"price": 5, "quantity": 3, "value": 99}"#, 15),
      ("purchase", #""item_id": "a", "properties": {"revenue": 20}"#, 20), ("purchase", #""item_id": "a""#, nil),
      ("purchase", #""item_id": "a", "properties": {"price": "cheap"}"#, nil),
    ] as [(String, String, Double?)])
  func `the value is a rating, money or seconds up to half an hour`(type: String, members: String, value: Double?)
    throws
  {
    #expect(try flat(type, members).signals.map(\.value) == [value])
  }

  @Test(arguments: ["view", "click", "impression", "dwell", "add_to_cart", "rating", "save", "dismiss"])
  func `an act upon no item says nothing of items, and the event stands`(type: String) throws {
    #expect(try flat(type, #""value": 3"#).signals == [])
  }

  @Test func `a purchase of no named item still counts as money`() throws {
    #expect(try flat("purchase", #""value": 12"#).signals == [Signal(kind: .purchase, itemID: nil, value: 12)])
  }

  @Test(arguments: ["signup", "identify", "page"])
  func `other event types are kept under their own name, with the item they name`(type: String) throws {
    let event = try flat(type, #""properties": {"item_id": "mug", "id": "order-9"}"#)
    #expect(event.kind == .track)
    #expect(event.name == type)
    #expect(event.signals == [])
    #expect(event.itemID == "mug")
    #expect(try flat(type, #""properties": {"item_id": {"a": 1}, "id": "order-9"}"#).itemID == nil)
  }

  @Test(arguments: ["mug", "d_", "d_01KJMVT2DN000000000000000", "p_01KJMVT2DN0000000000000000"])
  func `a decision id that is none is passed over, and the event stands`(id: String) throws {
    let event = try flat("click", #""item_id": "a", "properties": {"decision_id": "\#(id)"}"#)
    #expect(event.decisionID == nil)
    #expect(event.signals.count == 1)
  }

  @Test func `members that nobody asked for change nothing`() throws {
    #expect(try flat("view", #""item_id": "a", "x": {"item_id": "b", "timestamp": "never"}"#).itemID == "a")
  }
}
