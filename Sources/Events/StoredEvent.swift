public import Primitives

/// An event as the log keeps it: its own text and its receipt, from which it can be read again exactly.
public struct StoredEvent: Sendable {
  public let receipt: EventReceipt
  /// The sender's text of this event alone, known to be JSON.
  public let json: ArraySlice<UInt8>

  public enum Failure: Error, Equatable {
    case unreadable(JSONError)
    case rejected(EventRejection)
  }

  /// Keeps what `event` was read from.
  /// - Parameters:
  ///   - event: What the parser made of `view`; an id that was made for it is kept only if it was needed.
  ///   - view: The text of the event.
  public init(_ event: Event, from view: JSONView, receipt: EventReceipt) {
    var receipt = receipt
    if !event.hasMadeMessageID { receipt.madeMessageID = nil }
    self.receipt = receipt
    json = view.rawBytes
  }

  /// The event again, the same as when it was received as long as the names are the same.
  public func event(by parser: EventParser) throws(Failure) -> Event {
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(parsing: Array(json))
    } catch {
      throw .unreadable(error)
    }
    do throws(EventRejection) {
      return try parser.parse(document.root, receipt: receipt)
    } catch {
      throw .rejected(error)
    }
  }

  /// The event to be shown: where the names of today would refuse it, without what they say of items.
  public func shownEvent(by parser: EventParser) throws(Failure) -> Event {
    do throws(Failure) {
      return try event(by: parser)
    } catch .rejected {
      return try event(by: EventParser(names: EventNames([]), zones: parser.zones))
    }
  }

  /// The message id, read without judging the rest; nil when there is none.
  public var messageID: String? {
    guard let document = try? JSONDocument(parsing: Array(json)) else { return nil }
    return try? EventParser.messageID(RootFields(document.root, shape: receipt.shape), receipt).text
  }

  public func event(names: EventNames) throws(Failure) -> Event { try event(by: EventParser(names: names)) }
}

extension StoredEvent: BinaryCodable {
  private static let format: UInt8 = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    receipt.encode(into: &writer)
    writer.write(bytes: json)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let format = try reader.readByte()
    guard format == Self.format else { throw BinaryError("an event in the unknown format \(format)") }
    receipt = try EventReceipt(from: &reader)
    json = try reader.readBytes()
  }

  /// The payload of a log entry.
  public var payload: [UInt8] {
    var writer = BinaryWriter(reservingCapacity: json.count + 48)
    encode(into: &writer)
    return writer.bytes
  }
}
