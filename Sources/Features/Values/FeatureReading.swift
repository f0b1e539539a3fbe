import Foundation
import Primitives
import Rules

/// How a feature's value is read: from the slot of the accumulator at an index, or from other features.
enum FeatureReading: Sendable {
  case count(Int, window: Int64)
  case sum(Int, window: Int64)
  case average(Int, window: Int64)
  case extreme(Int, window: Int64)
  case distinct(Int, window: Int64)
  case moment(Int)
  case since(Int, unit: Int64)
  case affinity(Int, limit: Int)
  case preference(Int, within: Int64?)
  case decayed(Int)
  case funnelStep(Int, window: Int64)
  case activeDays(Int, days: Int)
  case streak(Int, days: Int)
  case sessions(Int, window: Int64)
  case sessionDepth(Int)
  case engagement(window: Int64)
  case ratio(Int, Int)
  case cases([Case], otherwise: String?)

  struct Case: Sendable {
    let value: String
    let rule: Rule
  }

  /// Index of the accumulator whose slot is read, nil for features made of others.
  var accumulator: Int? {
    switch self {
    case .count(let index, _), .sum(let index, _), .average(let index, _), .extreme(let index, _),
      .distinct(let index, _), .moment(let index), .since(let index, _), .affinity(let index, _),
      .preference(let index, _), .decayed(let index), .funnelStep(let index, _), .activeDays(let index, _),
      .streak(let index, _), .sessions(let index, _), .sessionDepth(let index):
      index
    case .engagement, .ratio, .cases: nil
    }
  }
}

/// Reads one slot at a moment.
struct SlotReader {
  let table: SlotTable
  let accumulator: Accumulator
  let slot: SlotTable.Slot?
  /// Microseconds since 1970.
  let now: Int64
  let minEvents: Int

  /// nil: too few events for a value.
  func value(_ reading: FeatureReading) -> RuleValue? {
    switch reading {
    case .count(_, let window): fact(slot.map { totals($0, window).count } ?? 0)
    case .sum(_, let window):
      amount(slot.map { totals($0, window) } ?? WindowTotals(), needing: minEvents) { $0.amount }
    case .average(_, let window):
      slot.flatMap { amount(totals($0, window), needing: 1) { $0.amount / Double($0.count) } }
    case .extreme(_, let window): slot.flatMap { amount(totals($0, window), needing: 1) { $0.extreme } }
    case .distinct(_, let window):
      fact(slot.map { table.distinctCount(accumulator.buckets(window: window, now: now), of: $0) } ?? 0)
    case .moment: slot.flatMap { moment($0) }
    case .since(_, let unit):
      slot.flatMap { table.moment(of: $0) }.map { .double(Double(max(0, now - $0.time.microseconds)) / Double(unit)) }
    case .affinity(_, let limit): slot.flatMap { shares($0, limit: limit) }
    case .preference(_, let within): slot.flatMap { heaviest($0, within: within) }
    case .decayed: decayed()
    case .funnelStep(_, let window):
      .int(Int64(slot.map { table.stepsReached(accumulator.buckets(window: window, now: now), of: $0) } ?? 0))
    case .activeDays(_, let days): fact((recentDays() & Self.lowest(days)).nonzeroBitCount)
    case .streak(_, let days): fact(streak(days))
    case .sessions(_, let window):
      fact(slot.map { table.sessionCount(seconds(max(0, now - window))...seconds(now), of: $0) } ?? 0)
    case .sessionDepth:
      .int(
        Int64(slot.flatMap { table.currentSession(at: seconds(now), gap: accumulator.gap, of: $0)?.events } ?? 0))
    case .engagement, .ratio, .cases: nil
    }
  }

  private func fact(_ count: Int) -> RuleValue? { count >= minEvents ? .int(Int64(count)) : nil }

  private func totals(_ slot: SlotTable.Slot, _ window: Int64) -> WindowTotals {
    table.window(accumulator.buckets(window: window, now: now), shape: accumulator.shape, of: slot)
  }

  private func amount(_ totals: WindowTotals, needing least: Int, _ value: (WindowTotals) -> Double?) -> RuleValue? {
    totals.count >= max(minEvents, least) ? value(totals).map { .double($0) } : nil
  }

  private func moment(_ slot: SlotTable.Slot) -> RuleValue? {
    switch table.moment(of: slot)?.value {
    case .number(let number): .double(number)
    case .key(let key): .string(key.text)
    case .nothing, nil: nil
    }
  }

  private func seconds(_ microseconds: Int64) -> UInt32 { UInt32(clamping: microseconds / 1_000_000) }

  // MARK: - Weights

  /// The keys of positive weight, the heaviest `limit`, with their shares of all positive weight.
  private func shares(_ slot: SlotTable.Slot, limit: Int) -> RuleValue? {
    guard table.eventCount(ofAffinity: slot) >= max(1, minEvents) else { return nil }
    var keys: [(key: FeatureKey, weight: Double)] = []
    var sum = 0.0
    table.forEachWeight(of: slot) { key, weight in
      guard weight > 0 else { return }
      keys.append((key, weight))
      sum += weight
    }
    guard sum > 0 else { return nil }
    if keys.count > limit {
      // What differs by rounding only must not depend on the order of arrival: billionths decide, then the keys' own
      // order.
      keys = keys.map { ($0.key, ($0.weight / sum * 1e9).rounded()) }.enumerated()
        .sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }
        .prefix(limit).map { ($0.element.0, keys[$0.offset].weight) }
    }
    var shares: [String: RuleValue] = [:]
    shares.reserveCapacity(keys.count)
    for (key, weight) in keys { shares[key.text] = .double(weight / sum) }
    return .map(shares)
  }

  private func heaviest(_ slot: SlotTable.Slot, within: Int64?) -> RuleValue? {
    guard table.eventCount(ofAffinity: slot) >= max(1, minEvents) else { return nil }
    if let within, now / 60_000_000 - Int64(table.minute(of: slot)) > within / 60_000_000 { return nil }
    var best: (key: FeatureKey, weight: Double)?
    table.forEachWeight(of: slot) { key, weight in
      // Of two that differ by rounding only, the first: keys stand in their own order.
      if weight > 0, weight > (best?.weight ?? 0) * (1 + 1e-9) { best = (key, weight) }
    }
    return best.map { .string($0.key.text) }
  }

  private func decayed() -> RuleValue? {
    guard let slot else { return minEvents == 0 ? .double(0) : nil }
    guard table.eventCount(ofAffinity: slot) >= minEvents else { return nil }
    var sum = 0.0
    table.forEachWeight(of: slot) { sum += $1 }
    let landmark = Int64(table.landmark(ofAffinity: slot)) * accumulator.halfLife
    return .double(sum * exp2(Double(landmark - now) / Double(accumulator.halfLife)))
  }

  // MARK: - Days

  private func recentDays() -> UInt64 {
    slot.map { table.days(of: $0, today: UInt32(clamping: now / 86_400_000_000)) } ?? 0
  }

  private func streak(_ days: Int) -> Int {
    var bits = recentDays() & Self.lowest(days)
    if bits & 1 == 0 { bits >>= 1 }  // today is not over
    return (~bits).trailingZeroBitCount
  }

  private static func lowest(_ count: Int) -> UInt64 { count >= 64 ? .max : (1 << UInt64(count)) - 1 }
}
