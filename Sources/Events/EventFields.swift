import Primitives

/// Members at the top of an event that are read; all others are the sender's own.
enum RootField: UInt8 {
  case messageID, type, event, name, userID, anonymousID, previousID, groupID
  case timestamp, originalTimestamp, sentAt, receivedAt, context, properties, traits
  case itemID, productID, value, device, location, decisionID, purposes
}

/// The top of an event in one pass, spelled as its shape spells it.
struct RootFields: ~Copyable {
  private let fields: JSONFields
  private let isFlat: Bool

  init(_ view: JSONView, shape: EventShape) {
    isFlat = shape == .flat || shape == .consent
    fields = JSONFields(view, isFlat ? Self.flatNames : Self.segmentNames)
  }

  /// nil when absent or null.
  subscript(_ field: RootField) -> JSONView? { fields[field.rawValue] }

  /// The field's name as the sender spells it, for messages.
  func spelling(of field: RootField) -> String {
    let names = isFlat ? Self.flat : Self.segment
    return names.first { $0.1 == field }?.0.description ?? "\(field)"
  }

  private static let segment: [(StaticString, RootField)] = [
    ("messageId", .messageID), ("type", .type), ("event", .event), ("name", .name), ("userId", .userID),
    ("anonymousId", .anonymousID), ("previousId", .previousID), ("groupId", .groupID), ("timestamp", .timestamp),
    ("originalTimestamp", .originalTimestamp), ("sentAt", .sentAt), ("receivedAt", .receivedAt), ("context", .context),
    ("properties", .properties), ("traits", .traits),
  ]

  private static let flat: [(StaticString, RootField)] = [
    ("message_id", .messageID), ("event_type", .event), ("user_id", .userID), ("anonymous_id", .anonymousID),
    ("timestamp", .timestamp), ("sent_at", .sentAt), ("received_at", .receivedAt), ("context", .context),
    ("properties", .properties), ("item_id", .itemID), ("product_id", .productID), ("value", .value),
    ("device", .device), ("location", .location), ("decision_id", .decisionID), ("purposes", .purposes),
  ]

  private static let segmentNames = JSONFieldNames(segment.map { ($0, $1.rawValue) })
  private static let flatNames = JSONFieldNames(flat.map { ($0, $1.rawValue) })
}

/// Members of `context` that are read.
enum ContextField: UInt8 {
  case device, os, userAgent, locale, timezone, region, location, referrer, page, campaign
  case consent, consentManagement, traits, externalIDs, groupID
}

/// An event's context over that of its batch: a member of the item wins, null counts as absent.
struct ContextFields: ~Copyable {
  private let own: JSONFields
  private let batch: JSONFields

  init(_ own: JSONView?, batch: JSONView? = nil) {
    self.own = JSONFields(own, Self.names)
    self.batch = JSONFields(batch, Self.names)
  }

  subscript(_ field: ContextField) -> JSONView? { own[field.rawValue] ?? batch[field.rawValue] }

  private static let spellings: [(StaticString, ContextField)] = [
    ("device", .device), ("os", .os), ("userAgent", .userAgent), ("user_agent", .userAgent), ("locale", .locale),
    ("timezone", .timezone), ("region", .region), ("location", .location), ("referrer", .referrer), ("page", .page),
    ("campaign", .campaign), ("consent", .consent), ("consentManagement", .consentManagement), ("traits", .traits),
    ("externalIds", .externalIDs),
    ("groupId", .groupID),
  ]
  private static let names = JSONFieldNames(spellings.map { ($0, $1.rawValue) })
}

/// Members of `properties`, and of one of its `products`, that say what was done to which item.
enum ActField: UInt8 {
  case itemID, productID, sku, id, value, price, quantity, revenue, total, subtotal, rating, query, products, decisionID
}

struct ActFields: ~Copyable {
  private let fields: JSONFields

  init(_ view: JSONView?) { fields = JSONFields(view, Self.names) }

  subscript(_ field: ActField) -> JSONView? { fields[field.rawValue] }

  private static let spellings: [(StaticString, ActField)] = [
    ("item_id", .itemID), ("product_id", .productID), ("sku", .sku), ("id", .id), ("value", .value), ("price", .price),
    ("quantity", .quantity), ("revenue", .revenue), ("total", .total), ("subtotal", .subtotal), ("rating", .rating),
    ("query", .query), ("products", .products), ("decision_id", .decisionID),
  ]
  private static let names = JSONFieldNames(spellings.map { ($0, $1.rawValue) })
}
