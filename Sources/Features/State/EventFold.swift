import Catalog
import Events
import Primitives
import Rules

/// The folding of one event into one table.
struct EventFold {
  let event: FeatureEvent
  let set: FeatureSet
  private let microseconds: Int64
  private let minute: UInt32
  /// The event's moment in the half-life asked for last; features mostly share one.
  private var decay: (halfLife: Int64, time: SlotTable.DecayTime)?

  init(event: FeatureEvent, set: FeatureSet) {
    self.event = event
    self.set = set
    microseconds = max(0, event.event.timestamp.microseconds)
    minute = UInt32(min(microseconds / 60_000_000, 0x3FF_FFFF))
  }

  /// - Parameter isWhole: The event concerns the accumulator as a whole, not for some signals only.
  @inline(__always)
  mutating func apply(_ index: Int, isWhole: Bool, to table: inout SlotTable) {
    let accumulator = set.accumulators[index]
    guard accumulator.isPerAct else {
      if holds(accumulator.condition, act: nil) { add(accumulator, act: nil, to: &table) }
      return
    }
    let signals = event.event.signals
    for act in event.items.indices {
      let qualifies = isWhole || accumulator.signals & FeatureTrigger.bit(signals[act].kind) != 0
      guard qualifies, holds(accumulator.condition, act: act) else { continue }
      add(accumulator, act: act, to: &table)
      if accumulator.shape == .count { return }  // events are counted, not acts
    }
  }

  private mutating func add(_ accumulator: Accumulator, act: Int?, to table: inout SlotTable) {
    switch accumulator.shape {
    case .count:
      var slot = table.open(accumulator.id, minute: minute)
      table.addCount(bucket: accumulator.bucket(at: microseconds), kept: accumulator.kept, in: &slot)
    case .amount:
      guard let number = number(accumulator.number, act: act) else { return }
      var slot = table.open(accumulator.id, minute: minute)
      let millionths = Int64((max(-1e10, min(number * accumulator.weight, 1e10)) * 1e6).rounded())
      table.addAmount(
        millionths, bucket: accumulator.bucket(at: microseconds), kept: accumulator.kept, in: &slot)
    case .least, .greatest:
      guard let number = number(accumulator.number, act: act) else { return }
      var slot = table.open(accumulator.id, minute: minute)
      table.addExtreme(
        number, isGreatest: accumulator.shape == .greatest, bucket: accumulator.bucket(at: microseconds),
        kept: accumulator.kept, in: &slot)
    case .distinct: addDistinct(accumulator, act: act, to: &table)
    case .affinity: addAffinity(accumulator, act: act, to: &table)
    case .first, .last: addMoment(accumulator, act: act, to: &table)
    case .days:
      var slot = table.open(accumulator.id, minute: minute)
      table.addDays(1, newest: UInt32(clamping: microseconds / 86_400_000_000), in: &slot)
    case .funnel:
      var slot = table.open(accumulator.id, minute: minute)
      table.addSteps(
        accumulator.step, bucket: accumulator.bucket(at: microseconds), kept: accumulator.kept, in: &slot)
    case .sessions:
      var slot = table.open(accumulator.id, minute: minute)
      let session = SlotTable.Session(start: UInt32(clamping: microseconds / 1_000_000))
      table.addSession(session, gap: accumulator.gap, kept: accumulator.kept, in: &slot)
    }
  }

  private func addDistinct(_ accumulator: Accumulator, act: Int?, to table: inout SlotTable) {
    let bucket = accumulator.bucket(at: microseconds)
    if case .item = accumulator.key, let act, let item = event.items[act] {
      var slot = table.open(accumulator.id, minute: minute)
      table.addDistinct(
        item.ordinal.rawValue, bucket: bucket, kept: accumulator.kept, limit: accumulator.limit, in: &slot)
      return
    }
    forEachKey(accumulator.key, act: act) { key, _ in
      var slot = table.open(accumulator.id, minute: minute)
      table.addDistinct(key.hash32, bucket: bucket, kept: accumulator.kept, limit: accumulator.limit, in: &slot)
    }
  }

  /// An act counts once: its weight is shared by its keys.
  private mutating func addAffinity(_ accumulator: Accumulator, act: Int?, to table: inout SlotTable) {
    var weight = accumulator.weight
    if accumulator.scalesByRating, let act {
      guard let rating = number(.value, act: act) else { return }
      weight *= max(-1, min((rating - 2.5) / 2.5, 1))
    }
    switch accumulator.number {
    case .one: break
    default:
      guard let number = number(accumulator.number, act: act), number.isFinite else { return }
      weight *= number
    }
    let time = decayTime(accumulator.halfLife)
    if case .none = accumulator.key {
      var slot = table.open(accumulator.id, minute: minute)
      table.addWeight(weight, key: FeatureKey(words: .zero), at: time, in: &slot)
      return
    }
    var isFirst = true
    forEachKey(accumulator.key, act: act) { key, count in
      var slot = table.open(accumulator.id, minute: minute)
      table.addWeight(weight / Double(count), key: key, at: time, counts: isFirst, in: &slot)
      isFirst = false
    }
  }

  private func addMoment(_ accumulator: Accumulator, act: Int?, to table: inout SlotTable) {
    let isLast = accumulator.shape == .last
    let time = Timestamp(microseconds: microseconds)
    if case .none = accumulator.key {
      var value = SlotTable.MomentValue.nothing
      if case .one = accumulator.number {
      } else {
        guard let number = number(accumulator.number, act: act) else { return }
        value = .number(number)
      }
      var slot = table.open(accumulator.id, minute: minute)
      return table.addMoment(time, value, isLast: isLast, in: &slot)
    }
    var isFirst = true
    forEachKey(accumulator.key, act: act) { key, _ in
      guard isFirst else { return }
      isFirst = false
      var slot = table.open(accumulator.id, minute: minute)
      table.addMoment(time, .key(key), isLast: isLast, in: &slot)
    }
  }

  private mutating func decayTime(_ halfLife: Int64) -> SlotTable.DecayTime {
    if let decay, decay.halfLife == halfLife { return decay.time }
    let time = SlotTable.DecayTime(microseconds: microseconds, halfLife: halfLife)
    decay = (halfLife, time)
    return time
  }

  private func holds(_ condition: Int, act: Int?) -> Bool {
    guard condition >= 0 else { return true }
    return set.conditions[condition].holds(in: EventSituation(event: event, act: act)) == .yes
  }
}
