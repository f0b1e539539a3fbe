import Primitives

/// What the properties of an event say was done to which items.
struct Acts {
  var signals: [Signal] = []
  /// The one item that the event is about, if any.
  var itemID: String?
  var decisionID: DecisionID?

  /// - Parameters:
  ///   - meaning: What the event's name means; nil for a name that nobody mapped, of which only the item is read.
  ///   - root: The top of the event; in the flat form its members go before the properties.
  init(_ meaning: EventMeaning?, properties: JSONView?, _ root: borrowing RootFields) throws(EventRejection) {
    let fields = ActFields(properties)
    decisionID = (root[.decisionID] ?? fields[.decisionID])?.string.flatMap { DecisionID($0) }
    let stated = try Self.statedItem(root)
    guard let meaning, let signal = meaning.signal else {
      itemID = stated ?? (fields[.itemID] ?? fields[.productID])?.looseID
      return
    }
    let lines = try Self.lines(fields[.products])
    itemID = stated
    if stated == nil { itemID = try Self.item(of: meaning, properties: properties, fields, beside: lines) }
    // The flat form's own value is a contract; what stands in properties is taken if it can be.
    let statedValue = try root[.value]?.number("value")
    let value = statedValue ?? Self.value(of: meaning, properties: properties)

    switch signal {
    case .search:
      signals = [Signal(kind: .search, itemID: itemID, query: Self.query(fields[.query]))]
    case .purchase, .refund:
      signals = Self.sales(signal, itemID: itemID, value: value, fields, lines)
    case _ where itemID == nil && !lines.isEmpty:
      signals = lines.compactMap { line in
        line.itemID.map { Signal(kind: signal, itemID: $0, quantity: Self.isCart(signal) ? line.quantity ?? 1 : 1) }
      }
    case .rating:
      guard let itemID, let rating = value ?? (fields[.rating] ?? fields[.value])?.amount else { break }
      signals = [Signal(kind: .rating, itemID: itemID, value: rating)]
    case .dwell:
      guard let itemID, let seconds = value ?? fields[.value]?.amount else { break }
      guard seconds >= 0 else {
        throw EventRejection(.outOfRange, "found \(seconds) seconds, expected 0 or more", field: "value")
      }
      signals = [Signal(kind: .dwell, itemID: itemID, value: min(seconds, EventLimits.dwellSeconds))]
    case .view, .click, .impression, .addToCart, .removeFromCart, .save, .dismiss:
      guard let itemID else { break }
      let quantity = Self.isCart(signal) ? Self.quantity(fields[.quantity]) : 1
      signals = [Signal(kind: signal, itemID: itemID, quantity: quantity ?? 1)]
    }
    if itemID == nil, signals.count == 1 { itemID = signals[0].itemID }
  }

  private static func isCart(_ signal: SignalKind) -> Bool { signal == .addToCart || signal == .removeFromCart }

  /// One line of an order or a list.
  private struct Line {
    let itemID: String?
    let price: Double?
    /// nil for no units.
    let quantity: Int?
  }

  private static func statedItem(_ root: borrowing RootFields) throws(EventRejection) -> String? {
    // Both are read, so that what is wrong is refused whatever stands beside it.
    let product = try root[.productID]?.id("product_id")
    return try root[.itemID]?.id("item_id") ?? product
  }

  /// Where there are lines, they name the items. An order's `id` is the order's.
  private static func item(
    of meaning: EventMeaning, properties: JSONView?, _ fields: borrowing ActFields, beside lines: [Line]
  ) throws(EventRejection) -> String? {
    if let name = meaning.itemProperty { return properties?[name]?.looseID }
    guard lines.isEmpty else { return nil }
    let isSale = meaning.signal == .purchase || meaning.signal == .refund
    return try item(fields, "properties", orID: !isSale)
  }

  /// The first id that is given: `item_id`, `product_id`, `sku`, and `id` where that is the item's.
  private static func item(
    _ fields: borrowing ActFields, _ place: @autoclosure () -> String, orID: Bool = true
  ) throws(EventRejection)
    -> String?
  {
    if let id = try fields[.itemID]?.id(place() + ".item_id") { return id }
    if let id = try fields[.productID]?.id(place() + ".product_id") { return id }
    if let id = try fields[.sku]?.id(place() + ".sku") { return id }
    return orID ? try fields[.id]?.id(place() + ".id") : nil
  }

  private static func value(of meaning: EventMeaning, properties: JSONView?) -> Double? {
    meaning.valueProperty.flatMap { properties?[$0]?.amount }
  }

  private static func lines(_ products: JSONView?) throws(EventRejection) -> [Line] {
    guard let products else { return [] }
    guard products.isArray else { throw .wrongType(products, expected: "an array", field: "properties.products") }
    var lines: [Line] = []
    for (index, product) in products.elements.enumerated() {
      guard index < EventLimits.products else {
        throw EventRejection(
          .tooMany, "found \(products.count) products, expected at most \(EventLimits.products)",
          field: "properties.products")
      }
      guard product.isObject else {
        lines.append(Line(itemID: try product.id("properties.products[\(index)]"), price: nil, quantity: 1))
        continue
      }
      let fields = ActFields(product)
      lines.append(
        Line(
          itemID: try item(fields, "properties.products[\(index)]"), price: fields[.price]?.amount,
          quantity: quantity(fields[.quantity])))
    }
    return lines
  }

  /// Whole units, a part of one counted as one: 1 when nothing is said, nil for none or fewer.
  private static func quantity(_ view: JSONView?) -> Int? {
    guard let number = view?.anyNumber else { return 1 }
    guard number > 0 else { return nil }
    return Int(min(number.rounded(.up), Double(EventLimits.quantity)))
  }

  /// One signal for each line, worth price × quantity. Where no line has a price, the order's revenue (else total, else
  /// subtotal) is shared out by units, so that the sum is right. An order without lines is one signal, of no item if
  /// none is named.
  private static func sales(
    _ kind: SignalKind, itemID: String?, value: Double?, _ fields: borrowing ActFields, _ lines: [Line]
  ) -> [Signal] {
    let stated = (fields[.value] ?? fields[.revenue] ?? fields[.total] ?? fields[.subtotal])?.amount
    let order = (fields[.revenue] ?? fields[.total] ?? fields[.subtotal] ?? fields[.value])?.amount
    guard lines.isEmpty || itemID != nil else {
      let units = lines.reduce(0) { $0 + ($1.quantity ?? 0) }
      let share = lines.contains { $0.price != nil } ? nil : (value ?? order).map { $0 / Double(units) }
      return lines.compactMap { line in
        guard let quantity = line.quantity else { return nil }  // nothing was sold
        let money = (line.price ?? share).map { bounded($0 * Double(quantity)) }
        return Signal(kind: kind, itemID: line.itemID, value: money, quantity: quantity)
      }
    }
    guard let quantity = quantity(fields[.quantity]) else { return [] }
    let money = value ?? fields[.price]?.amount.map { bounded($0 * Double(quantity)) } ?? stated
    return [Signal(kind: kind, itemID: itemID, value: money, quantity: quantity)]
  }

  private static func bounded(_ money: Double) -> Double {
    max(-EventLimits.magnitude, min(money, EventLimits.magnitude))
  }

  private static func query(_ view: JSONView?) -> String? {
    guard let text = view?.string, !text.isEmpty else { return nil }
    guard text.utf8.count > EventLimits.queryBytes else { return text }
    // Cut at a character's edge.
    var end = text.utf8.index(text.startIndex, offsetBy: EventLimits.queryBytes)
    while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }
}
