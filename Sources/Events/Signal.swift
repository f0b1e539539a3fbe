/// What an act says about an item or an interest, whatever the event was called. Raw values are stored: never reuse
/// one.
public enum SignalKind: UInt8, Sendable, CaseIterable {
  case view = 1
  case click = 2
  case impression = 3
  case dwell = 4
  case addToCart = 5
  case removeFromCart = 6
  case purchase = 7
  case search = 8
  case rating = 9
  case save = 10
  case dismiss = 11
  case refund = 12

  /// The event type of the flat form: `view`, `add_to_cart` …
  public var name: String {
    switch self {
    case .view: "view"
    case .click: "click"
    case .impression: "impression"
    case .dwell: "dwell"
    case .addToCart: "add_to_cart"
    case .removeFromCart: "remove_from_cart"
    case .purchase: "purchase"
    case .search: "search"
    case .rating: "rating"
    case .save: "save"
    case .dismiss: "dismiss"
    case .refund: "refund"
    }
  }
}

/// One act upon at most one item. An order of three products is three signals of one event.
public struct Signal: Sendable, Hashable {
  public let kind: SignalKind
  public let itemID: String?
  /// Money of the line for purchases (price × quantity), the rating for ratings, seconds for dwell, else nil.
  public let value: Double?
  /// Units bought or put into the cart; at least 1.
  public let quantity: Int
  /// What was searched for.
  public let query: String?

  public init(kind: SignalKind, itemID: String?, value: Double? = nil, quantity: Int = 1, query: String? = nil) {
    self.kind = kind
    self.itemID = itemID
    self.value = value
    self.quantity = quantity
    self.query = query
  }
}
