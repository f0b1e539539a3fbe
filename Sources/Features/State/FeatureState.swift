public import Primitives

/// What is kept of one person's events for the features of a `FeatureSet`: packed, a few hundred bytes.
///
/// A fold that does not depend on the order of arrival: counts and money are the same exactly, decayed sums up to
/// rounding; `merge` gives what folding both persons' events would have given. (Where a bound is hit — 32 keys of an
/// affinity, 256 of a distinct count, 64 sessions — see there.) Values are read by `FeatureSet.values`.
///
/// A slot belongs to the definition that it was made for: when features change, the unchanged keep their state, changed
/// ones begin anew, and removed ones are dropped.
public struct FeatureState: Sendable, Hashable {
  private(set) var table = SlotTable()

  public init() {}

  /// Whether nothing has been folded.
  public var isEmpty: Bool { table.isEmpty }
  /// Size of the packed state.
  public var byteCount: Int { table.byteCount }

  /// Counts an event.
  ///
  /// - Complexity: O(features that the event concerns), some 50 ns each.
  public mutating func fold(_ event: FeatureEvent, in set: FeatureSet) {
    if table.stamp != set.stamp { table.adopt(stamp: set.stamp) { set.accumulator($0) != nil } }
    var fold = EventFold(event: event, set: set)
    for row in 0..<set.rowCount {
      let whole = set.wholeBits(of: event, row: row)
      var bits = whole | set.actBits(of: event.signals, row: row)
      while bits != 0 {
        let bit = bits.trailingZeroBitCount
        bits &= bits - 1
        fold.apply(row * 64 + bit, isWhole: whole >> UInt64(bit) & 1 == 1, to: &table)
      }
    }
  }

  /// Joins the state of another profile of the same person.
  public mutating func merge(_ other: FeatureState, in set: FeatureSet) {
    if table.stamp != set.stamp { table.adopt(stamp: set.stamp) { set.accumulator($0) != nil } }
    other.table.forEachSlot { id, theirs in
      guard let accumulator = set.accumulator(id) else { return }
      var slot = table.open(id, minute: other.table.minute(of: theirs))
      switch accumulator.shape {
      case .count, .amount, .least, .greatest, .funnel:
        table.mergeBuckets(other.table, theirs, shape: accumulator.shape, kept: accumulator.kept, into: &slot)
      case .distinct:
        table.mergeDistinct(other.table, theirs, kept: accumulator.kept, limit: accumulator.limit, into: &slot)
      case .affinity: table.mergeAffinity(other.table, theirs, into: &slot)
      case .first, .last:
        guard let moment = other.table.moment(of: theirs) else { return }
        table.addMoment(moment.time, moment.value, isLast: accumulator.shape == .last, in: &slot)
      case .days:
        guard theirs.count == 2 else { return }
        table.addDays(
          other.table[theirs.start + 1], newest: UInt32(truncatingIfNeeded: other.table[theirs.start]), in: &slot)
      case .sessions:
        table.mergeSessions(other.table, theirs, gap: accumulator.gap, kept: accumulator.kept, into: &slot)
      }
    }
  }
}

extension FeatureState: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) { table.encode(into: &writer) }
  public init(from reader: inout BinaryReader) throws(BinaryError) { table = try SlotTable(from: &reader) }
}
