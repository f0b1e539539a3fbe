public import Primitives

/// What was sent as an event and could not be taken, kept so that its sender can see it, mend it and send it again.
public struct DeadLetter: Sendable, Equatable {
  /// Bytes kept of what was sent.
  public static let rawBytesMax = 8_192

  public let receivedAt: Timestamp
  public let code: String
  public let message: String
  public let field: String?
  /// What was sent, up to `rawBytesMax`; need not be JSON nor UTF-8.
  public let raw: [UInt8]
  /// Bytes that were sent; more than are kept when it was cut.
  public let sentBytes: Int

  public init(
    code: String, message: String, field: String? = nil, raw: some Collection<UInt8>, receivedAt: Timestamp
  ) {
    self.receivedAt = receivedAt
    self.code = code
    self.message = message
    self.field = field
    self.raw = Array(raw.prefix(Self.rawBytesMax))
    sentBytes = raw.count
  }

  public init(_ rejection: EventRejection, raw: some Collection<UInt8>, receivedAt: Timestamp) {
    self.init(
      code: rejection.code, message: rejection.message, field: rejection.field, raw: raw, receivedAt: receivedAt)
  }

  /// `{"received_at", "code", "message", "field", "raw", "sent_bytes"}`; bytes that are no UTF-8 show as U+FFFD.
  public func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("received_at", receivedAt)
      $0.member("code", code)
      $0.member("message", message)
      $0.member("field", field)
      $0.member("raw", String(decoding: raw, as: UTF8.self))
      $0.member("sent_bytes", sentBytes)
    }
  }
}

extension DeadLetter: BinaryCodable {
  private static let format: UInt8 = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    writer.write(time: receivedAt)
    writer.write(string: code)
    writer.write(string: message)
    writer.write(optional: field) { $0.write(string: $1) }
    writer.write(count: sentBytes)
    writer.write(bytes: raw)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let format = try reader.readByte()
    guard format == Self.format else { throw BinaryError("a dead letter in the unknown format \(format)") }
    receivedAt = try reader.readTime()
    code = try reader.readString()
    message = try reader.readString()
    field = try reader.readOptional { reader throws(BinaryError) in try reader.readString() }
    sentBytes = Int(clamping: try reader.readVarint())
    raw = Array(try reader.readBytes())
  }
}
