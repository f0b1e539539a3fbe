import Events
import Governance
import Primitives
import Testing

let noon = Timestamp(seconds: 1_772_366_400)  // 2026-03-01T12:00:00Z, a Sunday

/// Reads one event as the given shape, received at noon.
func read(
  _ text: String, as shape: EventShape = .batchItem, sentAt: Timestamp? = nil, isImport: Bool = false,
  isTrusted: Bool = false, names: EventNames = .standard
) throws -> Event {
  let view = try JSONDocument(parsing: Array(text.utf8)).root
  let receipt = EventReceipt(
    receivedAt: noon, shape: shape, sentAt: sentAt, isImport: isImport, isTrusted: isTrusted,
    madeMessageID: SortableID(high: 1, low: 2))
  return try EventParser(names: names).parse(view, receipt: receipt)
}

/// Reads a track call with these members, beside those that every event needs.
func track(_ event: String, properties: String, names: EventNames = .standard) throws -> Event {
  try read(
    #"{"type": "track", "messageId": "m", "userId": "u", "event": "\#(event)", "properties": \#(properties)}"#,
    names: names)
}

/// Reads a flat event with these members, beside those that every event needs.
func flat(_ type: String, _ members: String = "") throws -> Event {
  try read(
    #"{"message_id": "m", "user_id": "u", "event_type": "\#(type)"\#(members.isEmpty ? "" : ", " + members)}"#,
    as: .flat)
}

/// The rejection of an event that must be refused.
func rejection(_ text: String, as shape: EventShape = .batchItem) throws -> EventRejection {
  try #require(throws: EventRejection.self) { try read(text, as: shape) }
}

extension Event {
  /// Everything the event says, so that two can be compared.
  var whole: String {
    var writer = JSONWriter()
    write(to: &writer)
    return """
      \(String(decoding: writer.bytes, as: UTF8.self))
      \(kind) \(identifiers) \(previousID ?? "-") \(groupID ?? "-") \(timestamp) \(receivedAt) \(knownAt)
      \(hasMadeMessageID)
      \(signals) \(itemID ?? "-") \(consent) \(decisionID.map(\.description) ?? "-") \(context)
      """
  }
}
