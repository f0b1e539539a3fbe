import Catalog
import Engine
import Mathematics
import Models
import Primitives

/// Compares what people came to like since a training with the last part of what it was trained on.
///
/// Each person counts as one, divided among their acts, since what one person does hangs together. Something has drifted when the
/// population stability index reaches the threshold and the shift is no chance (p < 0.001).
struct DriftWatch: Sendable {
  struct Finding: Sendable, Hashable {
    /// `items`, `categories`, or a feature's name.
    let subject: String
    let shift: DistributionShift
    let isDrift: Bool

    var text: String {
      "\(subject): population stability index \(shift.stabilityIndex.fourDigits), divergence "
        + "\(shift.divergence.fourDigits) bits, p \(shift.chance.fourDigits)"
    }
  }

  /// People without whom nothing is compared.
  private static let peopleMin = 100
  /// Acts of the training that are compared: its last quarter, at most.
  private static let referenceShare = 0.25
  private static let binsMax = 50
  private static let chanceMax = 0.001

  let rules: WatchRules.Drift

  /// - Parameters:
  ///   - sequences: Everything that people came to like; items are ordinals.
  ///   - end: Of the training's acts.
  ///   - categories: Of an item.
  func acts(_ sequences: [ActSequence], end: Timestamp, categories: (UInt32) -> [UInt32]) -> [Finding] {
    let times = sequences.flatMap { $0.times.filter { $0 <= end } }.sorted()
    guard !times.isEmpty else { return [] }
    let start = times[Int(Double(times.count) * (1 - Self.referenceShare))]
    let before = Sample(sequences) { (start...end).contains($0) }
    let now = Sample(sequences) { $0 > end }
    guard before.people >= Self.peopleMin, now.people >= Self.peopleMin else { return [] }
    return [
      finding("items", before.weights { [$0] }, now.weights { [$0] }, threshold: rules.items),
      finding("categories", before.weights(categories), now.weights(categories), threshold: rules.categories),
    ].compactMap(\.self)
  }

  /// - Parameter now: With the bins of `before`.
  func features(before: [ModelNote.Spread], now: [ModelNote.Spread]) -> [Finding] {
    let earlier = Dictionary(before.map { ($0.feature, $0) }) { first, _ in first }
    return now.compactMap { spread in
      guard let old = earlier[spread.feature], old.counts.count == spread.counts.count,
        min(old.counts.reduce(0, +), spread.counts.reduce(0, +)) >= Double(Self.peopleMin)
      else { return nil }
      let shift = DistributionShift(before: old.counts, now: spread.counts)
      return shift.map { Finding(subject: spread.feature, shift: $0, isDrift: isDrift($0, rules.features)) }
    }
  }

  private func isDrift(_ shift: DistributionShift, _ threshold: Double) -> Bool {
    shift.stabilityIndex >= threshold && shift.chance < Self.chanceMax
  }

  /// The bins are the values that weigh most before, and all others together.
  private func finding(
    _ subject: String, _ before: [UInt32: Double], _ now: [UInt32: Double], threshold: Double
  ) -> Finding? {
    let bins = before.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.binsMax).map(\.key)
    func counts(_ weights: [UInt32: Double]) -> [Double] {
      let named = bins.map { weights[$0] ?? 0 }
      // In a fixed order, so that the sum is the same every time.
      let all = weights.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
      return named + [max(0, all - named.reduce(0, +))]
    }
    let shift = DistributionShift(before: counts(before), now: counts(now))
    return shift.map { Finding(subject: subject, shift: $0, isDrift: isDrift($0, threshold)) }
  }

  /// What each person did in a stretch of time.
  private struct Sample {
    private let items: [[UInt32]]
    var people: Int { items.count }

    init(_ sequences: [ActSequence], where counts: (Timestamp) -> Bool) {
      items = sequences.map { sequence in
        zip(sequence.items, sequence.times).filter { counts($0.1) }.map(\.0)
      }.filter { !$0.isEmpty }
    }

    func weights(_ bins: (UInt32) -> [UInt32]) -> [UInt32: Double] {
      var weights: [UInt32: Double] = [:]
      for own in items {
        for item in own {
          let found = bins(item)
          // Items of no category are one of their own.
          for bin in found.isEmpty ? [.max] : found {
            weights[bin, default: 0] += 1 / Double(own.count * max(1, found.count))
          }
        }
      }
      return weights
    }
  }
}
