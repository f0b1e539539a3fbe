import Events
import Primitives
import Testing

@Suite struct CommerceTests {
  /// Segment, *V2 E-commerce Events*: the 28 events, with what each says of the product or products that it carries.
  @Test(
    arguments: [
      ("Products Searched", [.search]), ("Product List Viewed", [.impression, .impression]),
      ("Product List Filtered", [.impression, .impression]), ("Promotion Viewed", []), ("Promotion Clicked", []),
      ("Product Clicked", [.click]), ("Product Viewed", [.view]), ("Product Added", [.addToCart]),
      ("Product Removed", [.removeFromCart]), ("Cart Viewed", []), ("Checkout Started", []),
      ("Checkout Step Viewed", []),
      ("Checkout Step Completed", []), ("Payment Info Entered", []), ("Order Updated", []),
      ("Order Completed", [.purchase, .purchase]), ("Order Refunded", [.refund, .refund]),
      ("Order Cancelled", [.refund, .refund]), ("Coupon Entered", []), ("Coupon Applied", []), ("Coupon Denied", []),
      ("Coupon Removed", []), ("Product Added to Wishlist", [.save]), ("Product Removed from Wishlist", []),
      ("Wishlist Product Added to Cart", [.addToCart]), ("Product Shared", [.save]), ("Cart Shared", []),
      ("Product Reviewed", [.rating]),
    ] as [(String, [SignalKind])])
  func `commerce events are understood without configuration`(name: String, signals: [SignalKind]) throws {
    let many = name.hasPrefix("Order ") || name.hasPrefix("Product List ")
    let properties =
      many
      ? #"{"products": [{"product_id": "a", "price": 2}, {"product_id": "b", "price": 3}]}"#
      : #"{"product_id": "a", "query": "mug", "rating": 4}"#
    for spelling in [name, name.uppercased(), name.lowercased().replacing(" ", with: "_")] {
      let event = try track(spelling, properties: properties)
      #expect(event.signals.map(\.kind) == signals)
      #expect(event.name == spelling)
    }
    #expect(EventNames.standard[name] != nil)
  }

  @Test(
    arguments: [
      ("Viewed Product", .view), ("Added Product", .addToCart), ("Removed Product", .removeFromCart),
      ("Completed Order", .purchase), ("Searched Products", .search), ("Clicked Product", .click),
    ] as [(String, SignalKind)])
  func `the act may stand before its object, as in version 1`(name: String, kind: SignalKind) {
    #expect(EventNames.standard[name]?.signal == kind)
  }

  @Test func `an order is one purchase for each line, worth price times quantity`() throws {
    let event = try track(
      "Order Completed",
      properties: #"""
        {"order_id": "o1", "revenue": 99, "currency": "EUR", "products": [
          {"product_id": "a", "sku": "s", "price": 20, "quantity": 2}, {"sku": "b", "price": "5.50"},
          {"id": 3, "quantity": 1},
          {"name": "gift wrap", "price": 2}, {"product_id": "d", "price": 9, "quantity": 0}, "e"]}
        """#)
    #expect(
      event.signals == [
        Signal(kind: .purchase, itemID: "a", value: 40, quantity: 2), Signal(kind: .purchase, itemID: "b", value: 5.5),
        Signal(kind: .purchase, itemID: "3"), Signal(kind: .purchase, itemID: nil, value: 2),
        Signal(kind: .purchase, itemID: "e"),
      ])
    #expect(event.itemID == nil)
  }

  @Test(
    arguments: [
      (#"{"revenue": 30, "total": 36, "products": [{"product_id": "a"}]}"#, [30]),
      (#"{"total": 36, "products": [{"product_id": "a"}]}"#, [36]),
      (#"{"revenue": 30, "products": [{"product_id": "a", "quantity": 2}, {"product_id": "b"}]}"#, [20, 10]),
      (#"{"revenue": 30, "products": [{"product_id": "a", "price": 4}, {"product_id": "b"}]}"#, [4, nil]),
      (#"{"products": [{"product_id": "a"}]}"#, [nil]),
      (#"{"revenue": 30}"#, [30]), (#"{"product_id": "a", "price": 4, "quantity": 2}"#, [8]),
      (#"{"product_id": "a", "quantity": 0}"#, []), (#"{}"#, [nil]), (#"{"products": []}"#, [nil]),
    ] as [(String, [Double?])])
  func `an order whose lines have no prices is worth its revenue all the same`(properties: String, values: [Double?])
    throws
  {
    #expect(try track("Order Completed", properties: properties).signals.map(\.value) == values)
  }

  @Test func `an order's own id is no item`() throws {
    let order = try track(
      "Completed Order", properties: #"{"id": "o1", "total": 5, "products": [{"id": "a", "price": 5}]}"#)
    #expect(order.signals == [Signal(kind: .purchase, itemID: "a", value: 5)])
    #expect(order.itemID == "a")
    let bare = try track("Completed Order", properties: #"{"id": "o1", "total": 5}"#)
    #expect(bare.signals == [Signal(kind: .purchase, itemID: nil, value: 5)])
  }

  @Test func `money is bounded, however many units`() throws {
    let properties = #"{"products": [{"id": "a", "price": 1e12, "quantity": 1000}, {"id": "b", "price": 1e13}]}"#
    #expect(try track("Order Completed", properties: properties).signals.map(\.value) == [1e12, nil])
  }

  @Test func `a list is an impression of each product that has an id`() throws {
    let event = try track(
      "Product List Viewed",
      properties: #"{"id": "hot", "products": [{"product_id": "a"}, {"name": "b"}, {"sku": "c", "quantity": 0}]}"#)
    #expect(event.signals.map(\.itemID) == ["a", "c"])
    #expect(Set(event.signals.map(\.kind)) == [.impression])
  }

  @Test func `a search keeps its query, cut at 512 bytes`() throws {
    func query(_ text: String) throws -> String? {
      try track("Products Searched", properties: #"{"query": "\#(text)"}"#).signals.first?.query
    }
    #expect(try query("blue mug") == "blue mug")
    #expect(try query("") == nil)
    #expect(try query("x" + String(repeating: "é", count: 300)) == "x" + String(repeating: "é", count: 255))
  }

  @Test func `units are whole and bounded`() throws {
    func quantity(_ text: String) throws -> [Int] {
      try track("Product Added", properties: #"{"product_id": "a", "quantity": \#(text)}"#).signals.map(\.quantity)
    }
    #expect(try quantity("3") == [3])
    #expect(try quantity("\"3\"") == [3])
    #expect(try quantity("0.5") == [1])
    #expect(try quantity("null") == [1])
    #expect(try quantity("1e30") == [1_000_000])
    #expect(try track("Product Viewed", properties: #"{"product_id": "a", "quantity": 3}"#).signals[0].quantity == 1)
  }

  @Test func `only track calls are acts`() throws {
    let event = try read(#"{"userId": "u", "name": "Product Viewed", "properties": {"product_id": "a"}}"#, as: .page)
    #expect(event.signals == [])
    #expect(event.itemID == "a")
  }
}
