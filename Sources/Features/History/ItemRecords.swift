import Catalog
import Primitives

/// Whole seconds since 1970 in 32 bits, as packed records keep times; 0 is never. Times outside 1970-2106 are clamped.
struct EpochSeconds: Hashable, Comparable, Sendable {
  let rawValue: UInt32
  static let never = EpochSeconds(rawValue: 0)

  init(rawValue: UInt32) { self.rawValue = rawValue }
  init(_ time: Timestamp) { rawValue = UInt32(clamping: max(1, time.microseconds / 1_000_000)) }

  var timestamp: Timestamp? { rawValue == 0 ? nil : Timestamp(seconds: Int64(rawValue)) }
  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What is remembered of one item in an `ItemTable`. Absorbing must not depend on the order.
protocol ItemRecord: Sendable, Hashable {
  var item: UInt32 { get }
  /// Decides which record goes when the table is full.
  var latest: EpochSeconds { get }
  mutating func absorb(_ other: Self)
  init(item: UInt32, from reader: inout BinaryReader) throws(BinaryError)
  func encodeBody(into writer: inout BinaryWriter)
}

/// Purchases and refunds of one item.
struct PurchaseRecord: ItemRecord {
  let item: UInt32
  /// Purchases less refunds; below 0 when a refund is known and its purchase is not (yet).
  var net: Int32
  var purchasedAt: EpochSeconds
  var refundedAt: EpochSeconds

  var latest: EpochSeconds { max(purchasedAt, refundedAt) }
  /// A purchase after the last refund counts even when the refund's own purchase was never heard of.
  var isBought: Bool { net > 0 || purchasedAt > refundedAt }

  mutating func absorb(_ other: Self) {
    net = net.addingReportingOverflow(other.net).overflow ? net : net + other.net
    purchasedAt = max(purchasedAt, other.purchasedAt)
    refundedAt = max(refundedAt, other.refundedAt)
  }
}

/// A refusal of one item.
struct DismissalRecord: ItemRecord {
  let item: UInt32
  var latest: EpochSeconds
  mutating func absorb(_ other: Self) { latest = max(latest, other.latest) }
}

/// What a person was offered and has looked at, of one item.
struct ExposureRecord: ItemRecord {
  let item: UInt32
  /// Last impression, view, click or dwell.
  var seenAt = EpochSeconds.never
  /// Last decision that showed it.
  var servedAt = EpochSeconds.never
  var views: UInt16 = 0
  var impressions: UInt16 = 0
  var served: UInt16 = 0

  var latest: EpochSeconds { max(seenAt, servedAt) }

  mutating func absorb(_ other: Self) {
    seenAt = max(seenAt, other.seenAt)
    servedAt = max(servedAt, other.servedAt)
    views = views.addingClamped(other.views)
    impressions = impressions.addingClamped(other.impressions)
    served = served.addingClamped(other.served)
  }
}

extension UInt16 {
  fileprivate func addingClamped(_ other: UInt16) -> UInt16 { UInt16(clamping: Int(self) + Int(other)) }
}

/// Records by item, bounded. When it is full the record of the oldest `latest` goes (of two alike the smaller item), so
/// that which items remain does not depend on the order of arrival.
///
/// Insertion is O(log n) for a known item, else O(n) in moved bytes.
struct ItemTable<Record: ItemRecord>: Sendable, Hashable {
  private(set) var records: [Record] = []  // by item, ascending

  subscript(_ item: ItemOrdinal) -> Record? {
    let index = position(of: item.rawValue)
    return index < records.count && records[index].item == item.rawValue ? records[index] : nil
  }

  mutating func absorb(_ record: Record, capacity: Int) {
    let index = position(of: record.item)
    if index < records.count, records[index].item == record.item {
      records[index].absorb(record)
      return
    }
    records.insert(record, at: index)
    if records.count > capacity { records.remove(at: oldest()) }
  }

  mutating func merge(_ other: Self, capacity: Int) {
    for record in other.records { absorb(record, capacity: capacity) }
  }

  private func position(of item: UInt32) -> Int {
    records.withUnsafeBufferPointer { records in
      var (low, high) = (0, records.count)
      while low < high {
        let middle = (low + high) / 2
        if records[middle].item < item { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private func oldest() -> Int {
    records.withUnsafeBufferPointer { records in
      var (index, smallest) = (0, EpochSeconds(rawValue: .max))
      for position in records.indices where records[position].latest < smallest {
        (index, smallest) = (position, records[position].latest)
      }
      return index
    }
  }
}

extension ItemTable: BinaryCodable {
  func encode(into writer: inout BinaryWriter) {
    writer.write(count: records.count)
    var previous: UInt32 = 0
    for record in records {
      writer.write(varint: UInt64(record.item - previous))
      record.encodeBody(into: &writer)
      previous = record.item
    }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    let count = try reader.readCount()
    records.reserveCapacity(count)
    var item: UInt32 = 0
    for index in 0..<count {
      let step = try reader.readVarint()
      guard step <= UInt64(UInt32.max - item), step > 0 || index == 0 else {
        throw BinaryError("item records out of order")
      }
      item += UInt32(step)
      records.append(try Record(item: item, from: &reader))
    }
  }
}

extension EpochSeconds {
  func encode(into writer: inout BinaryWriter) { writer.write(word32: rawValue) }
  init(from reader: inout BinaryReader) throws(BinaryError) { self.init(rawValue: try reader.readWord32()) }
}

extension PurchaseRecord {
  func encodeBody(into writer: inout BinaryWriter) {
    writer.write(signed: Int64(net))
    purchasedAt.encode(into: &writer)
    refundedAt.encode(into: &writer)
  }

  init(item: UInt32, from reader: inout BinaryReader) throws(BinaryError) {
    self.item = item
    net = Int32(clamping: try reader.readSigned())
    purchasedAt = try EpochSeconds(from: &reader)
    refundedAt = try EpochSeconds(from: &reader)
  }
}

extension DismissalRecord {
  func encodeBody(into writer: inout BinaryWriter) { latest.encode(into: &writer) }

  init(item: UInt32, from reader: inout BinaryReader) throws(BinaryError) {
    self.item = item
    latest = try EpochSeconds(from: &reader)
  }
}

extension ExposureRecord {
  func encodeBody(into writer: inout BinaryWriter) {
    seenAt.encode(into: &writer)
    servedAt.encode(into: &writer)
    for count in [views, impressions, served] { writer.write(varint: UInt64(count)) }
  }

  init(item: UInt32, from reader: inout BinaryReader) throws(BinaryError) {
    self.item = item
    seenAt = try EpochSeconds(from: &reader)
    servedAt = try EpochSeconds(from: &reader)
    views = UInt16(clamping: try reader.readVarint())
    impressions = UInt16(clamping: try reader.readVarint())
    served = UInt16(clamping: try reader.readVarint())
  }
}
