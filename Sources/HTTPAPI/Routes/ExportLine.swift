import Engine
import Events
import Primitives

/// One entry of the log as a line of JSON, nil for entries that are not exported.
///
/// An event is written so that `attune import` and `POST /v1/import` read the same event again, wherever: with its own
/// members, its message id also when that was made here, its corrected time, and when it became known.
struct ExportLine {
  private(set) var text: [UInt8]

  /// - Throws: `EngineError.corrupt` when the entry cannot be read.
  init?(_ entry: PositionedEntry, partition: Partition) async throws(EngineError) {
    var writer = JSONWriter(reservingCapacity: entry.entry.payload.count + 256)
    switch entry.entry.kind {
    case .event: try Self.write(entry, parser: partition.parser, into: &writer)
    case .decision:
      guard let key = entry.entry.key, let view = try await partition.decision(DecisionID(key)) else { return nil }
      view.write(into: &writer)
    case .catalogChange, .definitions, .deadLetter, .created, .items, .unmerge, .erased, .erasure, .model,
      .prediction, .cohorts:
      return nil
    }
    // Whatever line breaks stand in what was sent are white space: within texts they are escaped.
    text = writer.bytes.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") } + [UInt8(ascii: "\n")]
  }

  private static func write(
    _ entry: PositionedEntry, parser: EventParser, into writer: inout JSONWriter
  ) throws(EngineError) {
    do {
      var reader = BinaryReader(entry.entry.payload)
      let stored = try StoredEvent(from: &reader)
      let event = try stored.shownEvent(by: parser)
      let root = try JSONDocument(parsing: Array(stored.json)).root
      let names = stored.receipt.shape == .flat ? Names.flat : Names.segment
      writer.object { writer in
        writer.member("position", Int64(clamping: entry.position.rawValue))
        writer.member(names.messageID, event.messageID)
        writer.member("timestamp", event.timestamp)
        writer.member(names.receivedAt, event.knownAt)
        let type = type(of: stored.receipt.shape)
        if let type { writer.member("type", type) }
        if stored.receipt.shape == .consent {
          writeConsent(root, event: event, into: &writer)
        } else {
          let own = context(root, batch: stored.receipt.batchContext)
          if let own { writer.member("context", own) }
          if let integrations = stored.receipt.batchIntegrations, root["integrations" as StaticString] == nil {
            writer.member("integrations", integrations.value)
          }
          for (key, value) in root.members where !names.replaced.contains(key) || key == "type" && type == nil {
            if key == "context", own != nil { continue }
            // It would make a flat event of a Segment call that has it for something else.
            if key == "event_type", stored.receipt.shape != .flat { continue }
            writer.key(key)
            writer.raw(value.rawBytes)
          }
        }
      }
    } catch {
      throw .corrupt("the event at position \(entry.position.rawValue) cannot be read: \(error)")
    }
  }

  /// What a form calls the members that are written anew, and those that count no more.
  private struct Names {
    let messageID: String
    let receivedAt: String
    let replaced: Set<String>

    static let segment = Names(
      messageID: "messageId", receivedAt: "receivedAt",
      replaced: ["position", "messageId", "timestamp", "originalTimestamp", "sentAt", "receivedAt", "type", "writeKey"])
    static let flat = Names(
      messageID: "message_id", receivedAt: "received_at",
      replaced: ["position", "message_id", "timestamp", "sent_at", "received_at"])
  }

  /// The `type` that says what the path said; nil for what says it itself, or is flat.
  private static func type(of shape: EventShape) -> String? {
    switch shape {
    case .track, .consent: "track"
    case .identify: "identify"
    case .page: "page"
    case .screen: "screen"
    case .group: "group"
    case .alias: "alias"
    case .batchItem, .flat: nil
    }
  }

  /// The consent call as the event that tracking clients send for it: its purposes stand in the context, beside what else the
  /// context says.
  private static func writeConsent(_ root: JSONView, event: Event, into writer: inout JSONWriter) {
    writer.member("event", event.name)
    for identifier in event.identifiers {
      if identifier == .user(identifier.value) { writer.member("userId", identifier.value) }
      if identifier == .anonymous(identifier.value) { writer.member("anonymousId", identifier.value) }
    }
    var context = root["context" as StaticString]?.value.object ?? JSONObject(members: [])
    if let purposes = root["purposes" as StaticString]?.value {
      var consent = context["consent"]?.object ?? JSONObject(members: [])
      for member in purposes.object?.members ?? [] { consent[member.key] = member.value }
      context["consent"] = purposes.object == nil ? purposes : .object(consent)
    }
    if !context.members.isEmpty { writer.member("context", .object(context)) }
  }

  /// The event's context over that of its batch; nil when the batch had none.
  private static func context(_ root: JSONView, batch: JSONView?) -> JSONValue? {
    guard var merged = batch?.value.object else { return nil }
    for member in root["context" as StaticString]?.value.object?.members ?? [] where member.value != .null {
      merged[member.key] = member.value
    }
    return .object(merged)
  }
}
