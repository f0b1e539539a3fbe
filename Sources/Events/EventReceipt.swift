public import Primitives

/// How an event was sent, which says where its parts stand. Raw values are stored: never reuse one.
public enum EventShape: UInt8, Sendable, CaseIterable {
  /// The body of `/v1/track` and so on: a Segment call whose type is the path.
  case track = 1
  case identify = 2
  case page = 3
  case screen = 4
  case group = 5
  case alias = 6
  /// A Segment call that names its `type`: an item of `/v1/batch` or a line of an export.
  case batchItem = 7
  /// The flat event of `/v1/events`.
  case flat = 8
  /// The body of `/v1/consent`: who, and `purposes`.
  case consent = 9

  /// Which of the two forms a line of a file has: what has an `event_type` is flat, what has a `type` is a Segment
  /// call.
  public static func detected(in view: JSONView) -> EventShape? {
    if view["event_type" as StaticString] != nil { return .flat }
    return view["type" as StaticString] != nil ? .batchItem : nil
  }
}

/// What is known of an event beside its own text: all that reading it again later needs.
public struct EventReceipt: Sendable {
  public var receivedAt: Timestamp
  /// When the sender's clock said it sent the batch; an item's own `sentAt` goes before.
  public var sentAt: Timestamp?
  public var shape: EventShape
  /// History, read from a file or sent to `/v1/import`: clocks are not corrected.
  public var isImport: Bool
  /// Whether history is believed in since when it was known: its stated receipt, else when it happened. Else it is known
  /// since it came, which whoever may only send events cannot change.
  public var isTrusted: Bool
  /// Stands in when the event has no message id. Without it such an event is refused.
  public var madeMessageID: SortableID?
  /// `context` of the batch: its members count where the item's context lacks them.
  public var batchContext: JSONView?
  /// `integrations` of the batch; kept for whoever forwards the event, and read by nothing here.
  public var batchIntegrations: JSONView?

  public init(
    receivedAt: Timestamp, shape: EventShape, sentAt: Timestamp? = nil, isImport: Bool = false,
    isTrusted: Bool = false, madeMessageID: SortableID? = nil
  ) {
    self.receivedAt = receivedAt
    self.shape = shape
    self.sentAt = sentAt
    self.isImport = isImport
    self.isTrusted = isTrusted
    self.madeMessageID = madeMessageID
  }

  /// The receipt that the items of a batch share: `sentAt`, `context` and `integrations` stand beside `batch`.
  ///
  /// A `sentAt` that cannot be read corrects nothing; it is no reason to refuse a hundred events.
  public init(batch body: JSONView, receivedAt: Timestamp, isImport: Bool = false, isTrusted: Bool = false) {
    self.init(receivedAt: receivedAt, shape: .batchItem, isImport: isImport, isTrusted: isTrusted)
    sentAt = body["sentAt" as StaticString].flatMap { Timestamp(sent: $0) }
    batchContext = body["context" as StaticString].flatMap { $0.isObject ? $0 : nil }
    batchIntegrations = body["integrations" as StaticString].flatMap { $0.isObject ? $0 : nil }
  }

  /// What stands in for a message id that the sender left out.
  var madeMessageIDText: String? { madeMessageID.map { "m_\($0)" } }
}

extension EventReceipt: BinaryCodable {
  private struct Parts: OptionSet {
    let rawValue: UInt8
    static let isImport = Parts(rawValue: 1)
    static let sentAt = Parts(rawValue: 2)
    static let madeMessageID = Parts(rawValue: 4)
    static let batchContext = Parts(rawValue: 8)
    static let batchIntegrations = Parts(rawValue: 16)
    static let isTrusted = Parts(rawValue: 32)
  }

  public func encode(into writer: inout BinaryWriter) {
    var parts: Parts = isImport ? .isImport : []
    if isTrusted { parts.insert(.isTrusted) }
    if sentAt != nil { parts.insert(.sentAt) }
    if madeMessageID != nil { parts.insert(.madeMessageID) }
    if batchContext != nil { parts.insert(.batchContext) }
    if batchIntegrations != nil { parts.insert(.batchIntegrations) }
    writer.write(byte: shape.rawValue)
    writer.write(byte: parts.rawValue)
    writer.write(time: receivedAt)
    if let sentAt { writer.write(time: sentAt) }
    if let madeMessageID { writer.write(id: madeMessageID) }
    if let batchContext { writer.write(bytes: batchContext.rawBytes) }
    if let batchIntegrations { writer.write(bytes: batchIntegrations.rawBytes) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let code = try reader.readByte()
    guard let shape = EventShape(rawValue: code) else { throw BinaryError("an event of the unknown shape \(code)") }
    let parts = Parts(rawValue: try reader.readByte())
    self.init(
      receivedAt: try reader.readTime(), shape: shape, isImport: parts.contains(.isImport),
      isTrusted: parts.contains(.isTrusted))
    if parts.contains(.sentAt) { sentAt = try reader.readTime() }
    if parts.contains(.madeMessageID) { madeMessageID = try reader.readID() }
    if parts.contains(.batchContext) { batchContext = try Self.readJSON(&reader) }
    if parts.contains(.batchIntegrations) { batchIntegrations = try Self.readJSON(&reader) }
  }

  private static func readJSON(_ reader: inout BinaryReader) throws(BinaryError) -> JSONView {
    let bytes = Array(try reader.readBytes())
    do throws(JSONError) { return try JSONDocument(parsing: bytes).root } catch {
      throw BinaryError("the defaults of a batch are not JSON: \(error)")
    }
  }
}
