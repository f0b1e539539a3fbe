public import Governance
public import Primitives

/// The six calls of the Segment specification; the flat form is a `track`.
public enum EventKind: UInt8, Sendable, CaseIterable {
  case track = 1
  case identify = 2
  case page = 3
  case screen = 4
  case group = 5
  case alias = 6

  public var name: String {
    switch self {
    case .track: "track"
    case .identify: "identify"
    case .page: "page"
    case .screen: "screen"
    case .group: "group"
    case .alias: "alias"
    }
  }
}

/// Something a person did or is, checked and ready to be folded. Made by `EventParser` only, from the bytes that the
/// log keeps, so that a replay sees what the first reading saw.
public struct Event: Sendable {
  public var messageID: String
  public var kind: EventKind
  /// The event's name for `track` (`Product Viewed`, `view`), the page's or screen's name, else the call's name.
  public var name: String
  /// Who: `user_id` first when present, then `anonymous_id`, then others (externalIds, e-mail where configured). Never
  /// empty.
  public var identifiers: [Identifier]
  /// The earlier id of an `alias`.
  public var previousID: String?
  public var groupID: String?
  /// When it happened, corrected for the sender's clock.
  public var timestamp: Timestamp
  /// When it was received by this engine.
  public var receivedAt: Timestamp
  /// Since when it counts as known: its receipt; of trusted history the receipt that it states, else when it happened.
  public var knownAt: Timestamp
  /// Whether the message id was made by the receiver, because the sender gave none.
  public var hasMadeMessageID = false
  /// The `EventParser.version` that it was read with.
  public var namesVersion = 0
  /// What the event says of items; empty for most calls.
  public var signals: [Signal]
  /// The one item that the event is about, whatever its name: `item_id` or `product_id`, for known names also `sku` or
  /// `id`.
  public var itemID: String?
  public var consent: [ConsentStatement]
  /// The decision that this is an outcome of, from the properties.
  public var decisionID: DecisionID?
  public var context: ContextFacts
  /// Trait members of `identify` (the person's) and `group` (the group's): root `traits`, else `context.traits`; nil
  /// when there are none. An object.
  public var traits: JSONView?
  /// `properties`, nil when there are none. An object.
  public var properties: JSONView?

  public init(
    messageID: String, kind: EventKind, name: String, identifiers: [Identifier], timestamp: Timestamp,
    receivedAt: Timestamp, signals: [Signal] = [], context: ContextFacts = ContextFacts()
  ) {
    self.messageID = messageID
    self.kind = kind
    self.name = name
    self.identifiers = identifiers
    self.timestamp = timestamp
    self.receivedAt = receivedAt
    knownAt = receivedAt
    self.signals = signals
    self.context = context
    consent = []
  }
}
