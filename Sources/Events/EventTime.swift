public import Primitives

extension Timestamp {
  /// Reads any form of time that tracking clients send: ISO 8601 text (see `init(iso8601:)`), or a number since 1970,
  /// also as text, in the unit that its size tells: below 10¹¹ seconds, below 10¹⁴ milliseconds, below 10¹⁷
  /// microseconds. Fractions are kept to the microsecond. Eight digits that begin with 19 or 20, as text, are a date.
  ///
  /// - Returns: nil for anything else. The moment may be before 1970 or far ahead; that is the caller's to judge.
  public init?(sent view: JSONView) {
    if let whole = view.int {
      self.init(sinceEpoch: whole)
    } else if let number = view.double {
      self.init(sinceEpoch: number)
    } else if let text = view.string {
      self.init(sent: text)
    } else {
      return nil
    }
  }

  /// The same for text, such as a column of a CSV file.
  public init?(sent text: String) {
    if let timestamp = Timestamp(iso8601: text) {
      self = timestamp
    } else if text.utf8.count == 8, text.hasPrefix("19") || text.hasPrefix("20"), Int64(text) != nil {
      self.init(iso8601: "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))")
    } else if let whole = Int64(text) {
      self.init(sinceEpoch: whole)
    } else if text.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == 0x2E || $0 == 0x2D }), let number = Double(text) {
      self.init(sinceEpoch: number)
    } else {
      return nil
    }
  }

  private init?(sinceEpoch whole: Int64) {
    switch whole.magnitude {
    case 0..<100_000_000_000: self.init(seconds: whole)
    case 0..<100_000_000_000_000: self.init(milliseconds: whole)
    case 0..<100_000_000_000_000_000: self.init(microseconds: whole)
    default: return nil
    }
  }

  private init?(sinceEpoch number: Double) {
    switch number.magnitude {
    case 0..<1e11: self.init(microseconds: Int64((number * 1e6).rounded()))
    case 0..<1e14: self.init(microseconds: Int64((number * 1e3).rounded()))
    case 0..<1e17: self.init(microseconds: Int64(number.rounded()))
    default: return nil
    }
  }
}

/// When an event happened and since when it is known.
struct EventTime {
  let happenedAt: Timestamp
  let knownAt: Timestamp

  /// How far ahead of its receipt an event may lie: senders' clocks and zones are off, but not by more than a day.
  static let aheadMax: Duration = .seconds(24 * 3_600)

  /// Live, an event that says when it was sent is moved by the difference between the two clocks:
  ///
  ///     timestamp = receivedAt − (sentAt − originalTimestamp)
  ///
  /// - SeeAlso: Segment, *Spec: Common fields*, Timestamps.
  init(_ root: borrowing RootFields, receipt: EventReceipt) throws(EventRejection) {
    let receivedAt = receipt.receivedAt
    if receipt.isImport {
      let statedReceipt = root[.receivedAt].flatMap { Timestamp(sent: $0) }
      let stated = try Self.time(root, .timestamp, .originalTimestamp)
      happenedAt = stated ?? statedReceipt ?? receivedAt
      knownAt = receipt.isTrusted ? min(statedReceipt ?? happenedAt, receivedAt) : receivedAt
    } else if let sentAt = root[.sentAt].flatMap({ Timestamp(sent: $0) }) ?? receipt.sentAt {
      let original = try Self.time(root, .originalTimestamp, .timestamp)
      happenedAt = original.map { receivedAt - (sentAt - $0) } ?? receivedAt
      knownAt = receivedAt
    } else {
      happenedAt = try Self.time(root, .timestamp, .originalTimestamp) ?? receivedAt
      knownAt = receivedAt
    }
    guard happenedAt.microseconds >= 0, happenedAt <= receivedAt + Self.aheadMax else {
      let side = happenedAt.microseconds < 0 ? "before 1970" : "more than 24 hours after its receipt at \(receivedAt)"
      throw EventRejection(
        .invalidTimestamp, "found \(happenedAt), which is \(side); expected a time between the two", field: "timestamp")
    }
  }

  private static func time(
    _ root: borrowing RootFields, _ first: RootField, _ second: RootField
  ) throws(EventRejection) -> Timestamp? {
    guard let view = root[first] ?? root[second] else { return nil }
    guard let time = Timestamp(sent: view) else {
      throw EventRejection(
        .invalidTimestamp,
        "found \(EventRejection.quoting(view)), expected ISO 8601 text, or a number of seconds, milliseconds or "
          + "microseconds since 1970", field: "timestamp")
    }
    return time
  }
}
