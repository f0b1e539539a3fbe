public import Catalog
import Events
public import Primitives

/// What one person did with items, and what was shown to them: recent acts in time order, what was bought, dismissed,
/// seen and served. Bounded everywhere.
///
/// A fold that does not depend on the order of arrival: late acts land in their place, and what falls out of a bound is
/// always the oldest. Folding one interaction twice counts it twice; the log's message ids see to it that this does not
/// happen.
///
/// Where a bound is hit, the counts (not the times) of an item that fell out and came back begin anew.
public struct ItemHistory: Sendable, Hashable {
  /// Most acts in `recent`.
  public static let recentMax = 256
  /// Most items in the bought set, and in the dismissed set.
  public static let settledMax = 4_096
  /// Most items whose exposure (seen, served) is remembered.
  public static let exposureMax = 4_096

  /// The latest acts, oldest first; of one moment by item, kind and value. Impressions are not among them.
  public private(set) var recent: [Interaction] = []
  private var purchases = ItemTable<PurchaseRecord>()
  private var dismissals = ItemTable<DismissalRecord>()
  private var exposures = ItemTable<ExposureRecord>()

  public init() {}

  /// Counts an act of the person.
  ///
  /// - Complexity: O(log n) and an append for acts that arrive in order; late ones move what is later, at most
  ///   `recentMax`.
  public mutating func fold(_ interaction: Interaction) {
    let item = interaction.item.rawValue
    let time = EpochSeconds(interaction.at)
    switch interaction.kind {
    case .purchase:
      purchases.absorb(
        PurchaseRecord(item: item, net: 1, purchasedAt: time, refundedAt: .never), capacity: Self.settledMax)
    case .refund:
      purchases.absorb(
        PurchaseRecord(item: item, net: -1, purchasedAt: .never, refundedAt: time), capacity: Self.settledMax)
    case .dismiss:
      dismissals.absorb(DismissalRecord(item: item, latest: time), capacity: Self.settledMax)
    case .view:
      exposures.absorb(ExposureRecord(item: item, seenAt: time, views: 1), capacity: Self.exposureMax)
    case .click, .dwell:
      exposures.absorb(ExposureRecord(item: item, seenAt: time), capacity: Self.exposureMax)
    case .impression:
      exposures.absorb(ExposureRecord(item: item, seenAt: time, impressions: 1), capacity: Self.exposureMax)
      return
    case .addToCart, .removeFromCart, .search, .rating, .save: break
    }
    insert(interaction)
  }

  /// Counts an item that a decision showed.
  public mutating func fold(served item: ItemOrdinal, at time: Timestamp) {
    let record = ExposureRecord(item: item.rawValue, servedAt: EpochSeconds(time), served: 1)
    exposures.absorb(record, capacity: Self.exposureMax)
  }

  /// Joins the history of another profile of the same person: the same as folding both profiles' acts into one.
  public mutating func merge(_ other: ItemHistory) {
    recent = Self.latest(Self.recentMax, of: recent, and: other.recent)
    purchases.merge(other.purchases, capacity: Self.settledMax)
    dismissals.merge(other.dismissals, capacity: Self.settledMax)
    exposures.merge(other.exposures, capacity: Self.exposureMax)
  }

  private mutating func insert(_ interaction: Interaction) {
    if let last = recent.last, interaction.precedes(last) {
      var (low, high) = (0, recent.count)
      while low < high {
        let middle = (low + high) / 2
        if interaction.precedes(recent[middle]) { high = middle } else { low = middle + 1 }
      }
      if low == 0, recent.count == Self.recentMax { return }
      recent.insert(interaction, at: low)
    } else {
      recent.append(interaction)
    }
    if recent.count > Self.recentMax { recent.removeFirst() }
  }

  private static func latest(_ count: Int, of left: [Interaction], and right: [Interaction]) -> [Interaction] {
    guard !right.isEmpty else { return left }
    guard !left.isEmpty else { return right }
    var merged: [Interaction] = []
    merged.reserveCapacity(left.count + right.count)
    var (fromLeft, fromRight) = (left[...], right[...])
    while let ours = fromLeft.first, let theirs = fromRight.first {
      if theirs.precedes(ours) {
        merged.append(theirs)
        fromRight.removeFirst()
      } else {
        merged.append(ours)
        fromLeft.removeFirst()
      }
    }
    merged += fromLeft
    merged += fromRight
    return Array(merged.suffix(count))
  }
}

// MARK: - Questions

extension ItemHistory {
  /// Acts before and after a moment that models may look at.
  public static let actsBeforeMax = 20
  public static let actsAfterMax = 10

  /// The nearest acts around a moment, oldest first; those of the moment itself stand before.
  /// - Complexity: O(acts), as a rule of the last `actsBeforeMax`.
  public func acts(around time: Timestamp) -> (before: ArraySlice<Interaction>, after: ArraySlice<Interaction>) {
    let split = recent.lastIndex { $0.at <= time }.map { $0 + 1 } ?? 0
    return (recent[..<split].suffix(Self.actsBeforeMax), recent[split...].prefix(Self.actsAfterMax))
  }
}

extension ItemHistory {
  public var isEmpty: Bool { recent.isEmpty && exposures.records.isEmpty && purchases.records.isEmpty }

  /// Whether the person owns the item: bought, and not refunded since (of two purchases one refund leaves one).
  /// - Complexity: O(log n), as all questions about one item.
  public func hasBought(_ item: ItemOrdinal) -> Bool { purchases[item]?.isBought ?? false }

  public func hasDismissed(_ item: ItemOrdinal) -> Bool { dismissals[item] != nil }

  /// Whether the person saw the item (impression, view, click or dwell) in the `period` that ends with `now`; a time
  /// after `now` counts. The period's far edge is open. Whole seconds.
  public func hasSeen(_ item: ItemOrdinal, within period: Duration, now: Timestamp) -> Bool {
    Self.isRecent(exposures[item]?.seenAt, within: period, now: now)
  }

  /// Whether a decision showed the item to the person in the `period` that ends with `now`.
  public func wasServed(_ item: ItemOrdinal, within period: Duration, now: Timestamp) -> Bool {
    Self.isRecent(exposures[item]?.servedAt, within: period, now: now)
  }

  /// Views of the item, as long as it is among the `exposureMax` items last seen or served; at most 65,535.
  public func viewCount(of item: ItemOrdinal) -> Int { Int(exposures[item]?.views ?? 0) }

  /// Impressions of the item that the client reported, with the same bounds.
  public func impressionCount(of item: ItemOrdinal) -> Int { Int(exposures[item]?.impressions ?? 0) }

  /// Decisions that showed the item, with the same bounds.
  public func servedCount(of item: ItemOrdinal) -> Int { Int(exposures[item]?.served ?? 0) }

  /// Items the person owns, by ordinal.
  /// - Complexity: O(n).
  public var bought: [ItemOrdinal] { purchases.records.lazy.filter(\.isBought).map { ItemOrdinal($0.item) } }

  /// Items the person refused, by ordinal.
  public var dismissed: [ItemOrdinal] { dismissals.records.map { ItemOrdinal($0.item) } }

  /// Items that decisions showed, latest first, of one second by ordinal.
  /// - Complexity: O(n log n).
  public var served: [(item: ItemOrdinal, at: Timestamp)] {
    exposures.records
      .compactMap { record in record.servedAt.timestamp.map { (item: ItemOrdinal(record.item), at: $0) } }
      .sorted { ($1.at, $0.item) < ($0.at, $1.item) }
  }

  private static func isRecent(_ time: EpochSeconds?, within period: Duration, now: Timestamp) -> Bool {
    guard let time = time?.timestamp else { return false }
    return time.microseconds > now.microseconds - period.inMicroseconds
  }
}

extension Interaction {
  /// The order of histories: by time, then by what makes two acts of one moment the same in every order of arrival.
  func precedes(_ other: Interaction) -> Bool {
    if at != other.at { return at < other.at }
    if item != other.item { return item < other.item }
    if kind != other.kind { return kind.rawValue < other.kind.rawValue }
    return value < other.value
  }
}

extension ItemHistory: BinaryCodable {
  private static let format: UInt8 = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    writer.write(count: recent.count)
    var previous = Timestamp(microseconds: 0)
    for act in recent {
      writer.write(signed: act.at.microseconds &- previous.microseconds)
      writer.write(varint: UInt64(act.item.rawValue))
      writer.write(byte: act.kind.rawValue | (act.value == 0 ? 0 : 0x80))
      if act.value != 0 { writer.write(float: act.value) }
      previous = act.at
    }
    purchases.encode(into: &writer)
    dismissals.encode(into: &writer)
    exposures.encode(into: &writer)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let format = try reader.readByte()
    guard format == Self.format else { throw BinaryError("item history of format \(format), expected \(Self.format)") }
    let count = try reader.readCount()
    recent.reserveCapacity(count)
    var previous: Int64 = 0
    for _ in 0..<count {
      previous &+= try reader.readSigned()
      guard let item = UInt32(exactly: try reader.readVarint()) else { throw BinaryError("an item beyond 32 bits") }
      let tag = try reader.readByte()
      guard let kind = SignalKind(rawValue: tag & 0x7F) else { throw BinaryError("unknown signal \(tag & 0x7F)") }
      let value = tag & 0x80 == 0 ? 0 : try reader.readFloat()
      recent.append(
        Interaction(item: ItemOrdinal(item), kind: kind, at: Timestamp(microseconds: previous), value: value))
    }
    purchases = try ItemTable(from: &reader)
    dismissals = try ItemTable(from: &reader)
    exposures = try ItemTable(from: &reader)
  }
}
