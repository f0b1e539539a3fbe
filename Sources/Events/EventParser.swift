import Governance
public import Primitives

/// Reads events of all shapes from their JSON, checks them, and says what they mean.
///
/// The one way from bytes to an `Event`: what the log keeps is read by the same code as what a client sends, so the
/// same bytes with the same receipt and names are always the same event.
public struct EventParser: Sendable {
  public let names: EventNames
  /// The zones asked for so far; share it between parsers of one process.
  public let zones: ZoneOffsets

  /// Which of a workspace's definitions the names are of; 0 for the standard ones.
  public let version: Int

  public init(names: EventNames = .standard, zones: ZoneOffsets = ZoneOffsets(), version: Int = 0) {
    self.names = names
    self.version = version
    self.zones = zones
  }

  /// - Throws: `EventRejection` for what no event may be; the sender must change it.
  /// - Complexity: O(bytes): one pass over each object that is read.
  public func parse(_ view: JSONView, receipt: EventReceipt) throws(EventRejection) -> Event {
    guard view.isObject else { throw EventRejection(.notAnObject, "found \(view.kindInWords), expected an object") }
    let root = RootFields(view, shape: receipt.shape)
    let kind = try Self.kind(root, receipt.shape)
    let context = ContextFields(try root[.context]?.objectOrNothing("context"), batch: receipt.batchContext)
    let messageID = try Self.messageID(root, receipt)
    let identities = try Identities(root, context, kind: kind)
    let time = try EventTime(root, receipt: receipt)

    var event = Event(
      messageID: messageID.text, kind: kind, name: try Self.name(root, kind, receipt.shape),
      identifiers: identities.identifiers, timestamp: time.happenedAt, receivedAt: receipt.receivedAt,
      context: ContextFacts(
        context, device: root[.device], location: root[.location], at: time.happenedAt, zones: zones))
    event.hasMadeMessageID = messageID.isMade
    event.namesVersion = version
    event.knownAt = time.knownAt
    event.previousID = identities.previousID
    event.groupID = try Self.groupID(root, context, kind)
    event.properties = try root[.properties]?.objectOrNothing("properties")
    if kind == .identify || kind == .group { event.traits = try Self.traits(root, context) }

    let meaning = kind == .track ? names[event.name] : nil
    let acts = try Acts(meaning, properties: event.properties, root)
    event.signals = acts.signals
    event.itemID = acts.itemID
    event.decisionID = acts.decisionID
    // A clock that is fast must not make what was said then stand above what is said until then.
    var consent = ConsentReader(at: min(time.happenedAt, time.knownAt))
    try consent.read(context[.consent], field: "context.consent")
    try consent.read(management: context[.consentManagement], field: "context.consentManagement")
    if kind == .identify { try consent.read(event.traits?["consent" as StaticString], field: "traits.consent") }
    if receipt.shape == .consent { try consent.read(purposes: root[.purposes]) }
    event.consent = consent.statements
    return event
  }

  private static func kind(_ root: borrowing RootFields, _ shape: EventShape) throws(EventRejection) -> EventKind {
    switch shape {
    case .track, .flat, .consent: return .track
    case .identify: return .identify
    case .page: return .page
    case .screen: return .screen
    case .group: return .group
    case .alias: return .alias
    case .batchItem:
      guard let word = root[.type]?.string, let kind = EventKind.allCases.first(where: { $0.name == word }) else {
        throw EventRejection(
          .unknownType,
          "found \(root[.type].map { EventRejection.quoting($0) } ?? "nothing"), expected one of "
            + EventKind.allCases.map(\.name).joined(separator: ", "), field: "type")
      }
      return kind
    }
  }

  struct MessageID {
    let text: String
    let isMade: Bool
  }

  static func messageID(_ root: borrowing RootFields, _ receipt: EventReceipt) throws(EventRejection) -> MessageID {
    let field = root.spelling(of: .messageID)
    if let text = try root[.messageID]?.id(field) {
      guard text.utf8.count <= EventLimits.messageIDBytes else {
        throw .tooLong(text.utf8.count, max: EventLimits.messageIDBytes, field: field)
      }
      return MessageID(text: text, isMade: false)
    }
    guard let made = receipt.madeMessageIDText else {
      throw EventRejection(
        .missingMessageID, "found no message id, expected a string of its own for each event", field: field)
    }
    return MessageID(text: made, isMade: true)
  }

  /// The name of what the consent call records; Segment's libraries send the same.
  static let consentName = "Segment Consent Preference Updated"

  private static func name(
    _ root: borrowing RootFields, _ kind: EventKind, _ shape: EventShape
  ) throws(EventRejection) -> String {
    if shape == .consent { return consentName }
    switch kind {
    case .track:
      let field = root.spelling(of: .event)
      guard let name = try root[.event]?.name(field) else {
        throw EventRejection(.missingEvent, "found nothing, expected the event's name", field: field)
      }
      return name
    case .page, .screen: return try root[.name]?.name("name") ?? kind.name
    case .identify, .group, .alias: return kind.name
    }
  }

  private static func groupID(
    _ root: borrowing RootFields, _ context: borrowing ContextFields, _ kind: EventKind
  ) throws(EventRejection) -> String? {
    if let id = try root[.groupID]?.id("groupId") { return id }
    guard kind != .group else {
      throw EventRejection(.missingGroup, "found no id, expected the group's", field: "groupId")
    }
    return context[.groupID]?.looseID
  }

  /// The root's traits, else the context's: libraries put them in either.
  private static func traits(_ root: borrowing RootFields, _ context: borrowing ContextFields) throws(EventRejection)
    -> JSONView?
  {
    if let traits = try root[.traits]?.objectOrNothing("traits"), traits.count > 0 { return traits }
    guard let traits = try context[.traits]?.objectOrNothing("context.traits"), traits.count > 0 else { return nil }
    return traits
  }
}
