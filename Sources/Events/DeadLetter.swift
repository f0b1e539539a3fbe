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
  /// How it was sent, packed; nil when that is not known.
  private let packedReceipt: [UInt8]?

  /// - Parameter receipt: What reading it again needs.
  public init(
    code: String, message: String, field: String? = nil, raw: some Collection<UInt8>, receivedAt: Timestamp,
    receipt: EventReceipt? = nil
  ) {
    self.receivedAt = receivedAt
    self.code = code
    self.message = message
    self.field = field
    self.raw = Array(raw.prefix(Self.rawBytesMax))
    sentBytes = raw.count
    packedReceipt = receipt.map { receipt in
      var writer = BinaryWriter()
      receipt.encode(into: &writer)
      return writer.bytes
    }
  }

  public init(_ rejection: EventRejection, raw: some Collection<UInt8>, receipt: EventReceipt) {
    self.init(
      code: rejection.code, message: rejection.message, field: rejection.field, raw: raw,
      receivedAt: receipt.receivedAt, receipt: receipt)
  }

  /// The event and how it was sent, to be read again; nil when only a part was kept, or it is no JSON.
  ///
  /// A message id that had to be made is the same each time: taken twice, the event counts once.
  public var sent: (view: JSONView, receipt: EventReceipt)? {
    guard raw.count == sentBytes, let packedReceipt, let document = try? JSONDocument(parsing: raw) else { return nil }
    var reader = BinaryReader(packedReceipt)
    guard let receipt = try? EventReceipt(from: &reader) else { return nil }
    return (document.root, receipt)
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
  private static let format: UInt8 = 2

  public func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    writer.write(time: receivedAt)
    writer.write(string: code)
    writer.write(string: message)
    writer.write(optional: field) { $0.write(string: $1) }
    writer.write(count: sentBytes)
    writer.write(bytes: raw)
    writer.write(optional: packedReceipt) { $0.write(bytes: $1) }
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
    packedReceipt = try reader.readOptional { reader throws(BinaryError) in Array(try reader.readBytes()) }
  }
}
