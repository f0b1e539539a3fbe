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
    case .row(let line):
      ImportRecord(position: line.position, content: content(of: line), raw: Array(line.document.root.rawBytes))
    }
  }

  private func content(of line: JSONLine) -> ImportContent {
    let root = line.document.root
    guard root.isObject else {
      return .bad(reason: "found \(root.kindInWords), expected an object", line: Array(root.rawBytes))
    }
    let isFlat = root["event_type"] != nil
    guard isFlat || root["type"]?.string.map(Self.calls.contains) == true else {
      let reason =
        "neither `event_type` (flat form) nor a `type` of track, identify, page, screen, group or alias (Segment form)"
      return .bad(reason: reason, line: Array(root.rawBytes))
    }
    let names = isFlat ? ["message_id", "messageId"] : ["messageId"]
    if names.contains(where: { root[$0]?.string?.isEmpty == false }) { return .event(Array(root.rawBytes)) }
    var writer = JSONWriter(reservingCapacity: root.rawBytes.count + 96)
    writer.object { writer in
      writer.member(names[0], identity.messageID(line: line.position.line, text: root.rawBytes))
      for (key, value) in root.members where key != names[0] {
        writer.key(key)
        writer.raw(value.rawBytes)
      }
    }
    return .event(writer.bytes)
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
