import Foundation
public import Primitives

/// An entry of the log as one object of JSON, for whole logs that move to another place:
///
///     {"position": 7, "kind": "event", "known_at_us": 1772445600000000, "key": "01M7…", "payload": "…"}
///
/// The payload is the entry's own bytes in base64; entries without a key have none here.
extension PositionedEntry {
  public func write(into writer: inout JSONWriter) {
    writer.object {
      $0.member("position", Int64(clamping: position.rawValue))
      $0.member("kind", "\(entry.kind)")
      $0.member("known_at_us", entry.knownAt.microseconds)
      if let key = entry.key { $0.member("key", key.description) }
      $0.member("payload", Data(entry.payload).base64EncodedString())
    }
  }

  /// - Throws: `LogLineFault` in the words of what is missing or wrong.
  public init(line: JSONView) throws(LogLineFault) {
    func wrong(_ name: String, _ expected: String) -> LogLineFault {
      LogLineFault(reason: "'\(name)' is \(line[name] == nil ? "missing" : "something else"), expected \(expected)")
    }
    guard let position = line["position"]?.int, position > 0 else { throw wrong("position", "a number above 0") }
    guard let name = line["kind"]?.string, let kind = LogEntryKind.allCases.first(where: { "\($0)" == name }) else {
      throw wrong("kind", "one of \(LogEntryKind.allCases.map { "\($0)" }.joined(separator: ", "))")
    }
    guard let microseconds = line["known_at_us"]?.int else { throw wrong("known_at_us", "a whole number") }
    guard let text = line["payload"]?.string, let payload = Data(base64Encoded: text) else {
      throw wrong("payload", "base64")
    }
    var key: SortableID?
    if let member = line["key"] {
      guard let id = member.string.flatMap({ SortableID($0) }) else { throw wrong("key", "an id of 26 characters") }
      key = id
    }
    self.init(
      position: LogPosition(UInt64(position)),
      entry: LogEntry(
        kind: kind, knownAt: Timestamp(microseconds: microseconds), key: key, payload: [UInt8](payload)))
  }
}

/// Why a line is no entry of a log.
public struct LogLineFault: Error, Sendable, Hashable, CustomStringConvertible {
  public let reason: String
  public var description: String { reason }
}
