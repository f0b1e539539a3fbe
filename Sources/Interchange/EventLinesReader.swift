public import Documents
import Primitives

/// Reads events as JSON Lines. Each line is in the flat form (it has an `event_type`), in the Segment form (`type` is one of the
/// six calls), or a line of `attune export`; all may stand in one file. A line without a message id is given one.
public struct EventLinesReader: ImportReader {
  private static let calls: Set<String> = ["track", "identify", "page", "screen", "group", "alias"]
  private var lines: JSONLinesReader
  private let identity: LineIdentity

  /// - Parameter file: The file's name, which goes into the message ids.
  public init(_ source: ByteSource, file: String, at position: TextPosition = .start) {
    lines = JSONLinesReader(source, at: position)
    identity = LineIdentity(file: file)
  }

  public var position: TextPosition { lines.position }

  public mutating func next() throws -> ImportRecord? {
    switch try lines.next() {
    case nil: nil
    case .bad(let bad): ImportRecord(bad)
    case .row(let line): ImportRecord(position: line.position, content: content(of: line))
    }
  }

  private func content(of line: JSONLine) -> ImportContent {
    var root = line.document.root
    guard root.isObject else {
      return .bad(reason: "found \(root.kindInWords), expected an object", line: Array(root.rawBytes))
    }
    var additions = JSONObject()
    if let exported = root["event"], exported.isObject, let shape = root["shape"]?.string {
      additions = Self.additions(toExported: exported, shape: shape, receivedAt: root["received_at"]?.string)
      root = exported
    }
    let isFlat = root["event_type"] != nil
    guard isFlat || (additions["type"] ?? root["type"]?.value)?.string.map(Self.calls.contains) == true else {
      let reason =
        "neither `event_type` (flat form) nor a `type` of track, identify, page, screen, group or alias (Segment form)"
      return .bad(reason: reason, line: Array(root.rawBytes))
    }
    let names = isFlat ? ["message_id", "messageId"] : ["messageId"]
    if !names.contains(where: { root[$0]?.string?.isEmpty == false }) {
      additions[names[0]] = .string(identity.messageID(line: line.position.line, text: root.rawBytes))
    }
    return .event(Self.text(of: root, with: additions))
  }

  /// What an event of `attune export` had from its path or the moment it came, and must now say itself.
  private static func additions(toExported event: JSONView, shape: String, receivedAt: String?) -> JSONObject {
    var additions = JSONObject()
    if shape == "consent" {
      // The body of the consent call says who and `purposes`; as an event it is an `identify` with those in its context.
      additions["type"] = "identify"
      additions["userId"] = event["user_id"]?.value
      additions["anonymousId"] = event["anonymous_id"]?.value
      additions["context"] = ["consent": event["purposes"]?.value ?? [:]]
    } else if calls.contains(shape) {
      additions["type"] = .string(shape)
    }
    if let receivedAt, event["timestamp"] == nil, event["originalTimestamp"] == nil {
      additions["timestamp"] = .string(receivedAt)
    }
    return additions
  }

  /// The event's text with members put in front, in place of those of the same name.
  private static func text(of event: JSONView, with additions: JSONObject) -> [UInt8] {
    if additions.isEmpty { return Array(event.rawBytes) }
    var writer = JSONWriter(reservingCapacity: event.rawBytes.count + 96)
    writer.object { writer in
      for member in additions.members { writer.member(member.key, member.value) }
      for (key, value) in event.members where additions[key] == nil {
        writer.key(key)
        writer.raw(value.rawBytes)
      }
    }
    return writer.bytes
  }
}

/// Reads catalogue items as JSON Lines, in the form of `PUT /v1/catalog/items`.
public struct ItemLinesReader: ImportReader {
  private var lines: JSONLinesReader

  public init(_ source: ByteSource, at position: TextPosition = .start) {
    lines = JSONLinesReader(source, at: position)
  }

  public var position: TextPosition { lines.position }

  public mutating func next() throws -> ImportRecord? {
    switch try lines.next() {
    case nil: return nil
    case .bad(let bad): return ImportRecord(bad)
    case .row(let line):
      let root = line.document.root
      let text = Array(root.rawBytes)
      guard root["item_id"] != nil else {
        return ImportRecord(position: line.position, content: .bad(reason: "an item needs `item_id`", line: text))
      }
      return ImportRecord(position: line.position, content: .item(text))
    }
  }
}
