public import Catalog
import Events
import Foundation
public import Primitives

/// How long each item is looked at, by everybody: what a person's dwell is judged against, since a minute is long for a
/// product and short for an essay.
///
/// Kept are count, sum and sum of squares of ln(1 + seconds), in integers, so that the order of arrival does not
/// matter. A dwell is long when it is at least the item's geometric mean (of 1 + seconds); items with fewer than
/// `dwellsMin` dwells are judged by all items together, and with fewer than that of all, nothing is judged.
public struct ItemDwell: Sendable {
  /// Dwells below which a distribution says nothing.
  public static let dwellsMin = 5
  /// Longer dwells count as this long: the person went away. Seconds.
  public static let secondsMax = 1_800.0

  /// Moments of a distribution of ln(1 + seconds).
  public struct Statistics: Sendable, Hashable {
    public private(set) var count: Int64 = 0
    private var sum: Int64 = 0
    private var squares: Int64 = 0
    /// Fine enough for a deviation of 1e-3, coarse enough for 10^9 dwells.
    private static let unit = 67_108_864.0

    init() {}

    mutating func add(_ seconds: Double) {
      let logarithm = log1p(seconds)
      count += 1
      sum += Int64((logarithm * Self.unit).rounded())
      squares += Int64((logarithm * logarithm * Self.unit).rounded())
    }

    public var mean: Double { Double(sum) / Double(count) / Self.unit }
    public var deviation: Double {
      let variance = Double(squares) / Double(count) / Self.unit - mean * mean
      return Swift.max(0, variance).squareRoot()
    }
  }

  public private(set) var all = Statistics()
  private var items: [UInt32: Statistics] = [:]
  private var changed: Set<UInt32> = []

  public init() {}

  /// Counts a dwell; what is below 0 or no number is left out.
  public mutating func fold(_ item: ItemOrdinal, seconds: Double) {
    guard seconds >= 0 else { return }
    let seconds = min(seconds, Self.secondsMax)
    all.add(seconds)
    items[item.rawValue, default: Statistics()].add(seconds)
    changed.insert(item.rawValue)
  }

  public func statistics(of item: ItemOrdinal) -> Statistics? { items[item.rawValue] }

  /// How many standard deviations the dwell lies above its item's mean; nil when too little is known to say.
  public func standing(of item: ItemOrdinal, seconds: Double) -> Double? {
    let own = items[item.rawValue]
    let judge = (own?.count ?? 0) >= Int64(Self.dwellsMin) ? own : all
    guard let judge, judge.count >= Int64(Self.dwellsMin), seconds >= 0 else { return nil }
    let excess = log1p(min(seconds, Self.secondsMax)) - judge.mean
    // Where all dwelt alike, those who did too are not below them by rounding.
    guard judge.deviation > 1e-3 else { return excess < -1e-3 ? -1 : excess > 1e-3 ? 1 : 0 }
    return excess / judge.deviation
  }

  /// Share of long dwells among those between two moments (microseconds), and how many could be judged; nil for none.
  func engagedShare(
    of history: [Interaction], from start: Int64, through end: Int64
  ) -> (value: Double, judged: Int)? {
    var (judged, engaged) = (0, 0)
    for act in history where act.kind == .dwell && act.at.microseconds > start && act.at.microseconds <= end {
      guard let standing = standing(of: act.item, seconds: Double(act.value)) else { continue }
      judged += 1
      if standing >= 0 { engaged += 1 }
    }
    return judged == 0 ? nil : (Double(engaged) / Double(judged), judged)
  }
}

// MARK: - Checkpoints

extension ItemDwell {
  /// What changed since the last call: four bytes of ordinal (none for all items together), and the moments.
  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] {
    guard !changed.isEmpty else { return [] }
    var changes: [(key: [UInt8], value: [UInt8]?)] = [([], all.bytes)]
    for item in changed.sorted() {
      var writer = BinaryWriter()
      writer.write(word32: item)
      changes.append((writer.bytes, items[item]?.bytes))
    }
    changed = []
    return changes
  }

  /// Puts back what `takeChanges` gave.
  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    var reader = BinaryReader(value)
    let statistics = try Statistics(from: &reader)
    guard !key.isEmpty else { return all = statistics }
    var keyReader = BinaryReader(key)
    items[try keyReader.readWord32()] = statistics
  }
}

extension ItemDwell.Statistics: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    for value in [count, sum, squares] { writer.write(signed: value) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    count = try reader.readSigned()
    sum = try reader.readSigned()
    squares = try reader.readSigned()
  }

  fileprivate var bytes: [UInt8] {
    var writer = BinaryWriter()
    encode(into: &writer)
    return writer.bytes
  }
}
