public import Catalog
import Decisions
public import Primitives

/// What came of one shown item: the first of its type.
public struct Outcome: Sendable, Hashable, BinaryCodable {
  public let item: ItemOrdinal
  /// `impression`, `click`, `purchase` …, or the event's own name.
  public let type: String
  public let at: Timestamp
  /// Money for purchases, the rating for ratings, else 0.
  public let value: Double
  public let messageID: String

  public init(item: ItemOrdinal, type: String, at: Timestamp, value: Double, messageID: String) {
    self.item = item
    self.type = type
    self.at = at
    self.value = value
    self.messageID = messageID
  }

  public func encode(into writer: inout BinaryWriter) {
    writer.write(word32: item.rawValue)
    writer.write(string: type)
    writer.write(time: at)
    writer.write(double: value)
    writer.write(string: messageID)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    item = ItemOrdinal(try reader.readWord32())
    type = try reader.readString()
    at = try reader.readTime()
    value = try reader.readDouble()
    messageID = try reader.readString()
  }
}

/// The outcomes of one decision, joined once each: of several events of one type on one item the earliest counts,
/// whatever the order in which they arrive.
struct DecisionOutcomes: Sendable, BinaryCodable {
  /// After this an event is no outcome of the decision any more.
  static let window = Placement.outcomeWindowMax
  /// More than any answer has items and an event has types; a bound against nonsense.
  static let countMax = 2_000

  /// What the decision showed; nothing else has outcomes.
  let shown: [ItemOrdinal]
  private(set) var outcomes: [Outcome] = []

  init(of record: DecisionRecord) { shown = record.shown.map(\.item) }

  enum Joining { case new, replacedLater, ignored }

  mutating func join(_ outcome: Outcome) -> Joining {
    guard shown.contains(outcome.item) else { return .ignored }
    if let index = outcomes.firstIndex(where: { $0.item == outcome.item && $0.type == outcome.type }) {
      let known = outcomes[index]
      guard (outcome.at, outcome.messageID) < (known.at, known.messageID) else { return .ignored }
      outcomes[index] = outcome
      return .replacedLater
    }
    guard outcomes.count < Self.countMax else { return .ignored }
    outcomes.append(outcome)
    return .new
  }

  func encode(into writer: inout BinaryWriter) {
    writer.write(count: shown.count)
    for item in shown { writer.write(varint: UInt64(item.rawValue)) }
    writer.write(list: outcomes)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    var shown: [ItemOrdinal] = []
    for _ in 0..<(try reader.readCount()) {
      shown.append(ItemOrdinal(UInt32(truncatingIfNeeded: try reader.readVarint())))
    }
    self.shown = shown
    outcomes = try reader.readList(of: Outcome.self)
  }
}
