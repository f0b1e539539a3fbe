import Primitives

/// A line that was set aside, and why.
public struct RejectedLine: Sendable, Hashable {
  /// From 1.
  public let line: Int
  public let reason: String
  public let text: [UInt8]

  public init(line: Int, reason: String, text: [UInt8]) {
    self.line = line
    self.reason = reason
    self.text = text
  }

  /// One line of JSON Lines: `{"line": 7, "reason": …, "text": …}`. Bytes that are not UTF-8 stand as U+FFFD.
  public var jsonLine: [UInt8] {
    var writer = JSONWriter(reservingCapacity: text.count + 128)
    writer.object {
      $0.member("line", line)
      $0.member("reason", reason)
      $0.member("text", String(decoding: text, as: UTF8.self))
    }
    return writer.bytes + [UInt8(ascii: "\n")]
  }
}
