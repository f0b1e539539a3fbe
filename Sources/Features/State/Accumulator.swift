/// One way in which events change one slot: the compiled form of an arm of a feature. Plain numbers only, since the
/// fold walks these for each event; texts stand in tables of the `FeatureSet`.
struct Accumulator: Sendable {
  /// What the slot holds.
  enum Shape: UInt8, Sendable {
    case count, amount, least, greatest, distinct, affinity, first, last, days, funnel, sessions

    /// Words of one bucket, for shapes that have buckets.
    var bucketWords: Int { self == .count || self == .funnel ? 1 : 2 }
  }

  /// Where a number is read.
  enum NumberSource: Sendable {
    case one, value, quantity, price, margin, hour, weekday
    case attribute(Int)
    case property(Int)
  }

  /// Where keys are read.
  enum KeySource: Sendable {
    case none, item, categories, tags, query, name, device, os, region, locale, referrer, campaign, hour, weekday,
      channel
    case attribute(Int)
    case property(Int)
    case label(Int)
  }

  /// Hash of the definition, 28 bits; arms of one feature share it, and so do features that keep the same state.
  var id: UInt32
  var shape: Shape
  /// Once for each act that qualifies, instead of once for the event.
  var isPerAct = false
  /// Signals whose acts qualify.
  var signals: UInt32 = 0
  var number = NumberSource.one
  var key = KeySource.none
  var weight = 1.0
  var scalesByRating = false
  /// Index of the rule that must hold, -1 for none.
  var condition = -1
  /// Bucket width in microseconds; 0 is one bucket for all time.
  var width: Int64 = 0
  /// Buckets kept before the newest; for sessions seconds.
  var kept: UInt32 = 0
  var halfLife: Int64 = 0
  /// Seconds of pause within a session.
  var gap: UInt32 = 0
  /// Most keys of a distinct count.
  var limit = 0
  /// Bit of a funnel's step.
  var step: UInt32 = 0

  init(id: UInt32, shape: Shape) {
    self.id = id
    self.shape = shape
  }

  func bucket(at microseconds: Int64) -> UInt32 {
    width == 0 ? 0 : UInt32(clamping: max(0, microseconds) / width)
  }

  /// The buckets that a window overlaps: an event counts at least as long as it lies within.
  func buckets(window: Int64, now microseconds: Int64) -> ClosedRange<UInt32> {
    guard width > 0 else { return 0...UInt32.max }
    let newest = bucket(at: microseconds)
    return min(bucket(at: max(0, microseconds - window)), newest)...newest
  }
}
