/// How evenly lists of recommendations show a catalogue.
///
/// With x_i the times that item i of n was shown, ascending:
///
///     coverage = |x_i > 0| / n        gini = Σ (2i − n − 1) x_i / (n Σ x_i)
///
/// Gini is 0 when all items are shown alike and 1 − 1/n when one item takes every place.
/// - SeeAlso: Ge, Delgado-Battenfeld & Jannach, *Beyond accuracy: evaluating recommender systems by coverage and
///   serendipity*, RecSys 2010; Fleder & Hosanagar, *Blockbuster culture's next rise or fall*, Management Science 2009.
public struct Exposure: Sendable, Hashable {
  public let coverage: Double
  public let gini: Double

  /// - Parameter counts: Of every item of the catalogue. Both figures are 0 when nothing was shown.
  /// - Complexity: O(items + most shown).
  public init(counts: [Int]) {
    let (total, most) = counts.reduce(into: (0, 0)) { ($0.0, $0.1) = ($0.0 + $1, max($0.1, $1)) }
    guard total > 0 else {
      (coverage, gini) = (0, 0)
      return
    }
    // Counts are small whole numbers: how many items have each of them sorts them.
    var items = Array(repeating: 0, count: most + 1)
    for count in counts { items[count] += 1 }
    let size = Double(counts.count)
    var (before, sum) = (0.0, 0.0)
    for (count, equals) in items.enumerated() where equals > 0 {
      // Σ (2i − n − 1) over the places before + 1 … before + equals.
      let places = Double(equals)
      sum += Double(count) * places * (2 * before + places - size)
      before += places
    }
    coverage = Double(counts.count - items[0]) / size
    gini = sum / (size * Double(total))
  }
}

/// The figures of an `Exposure` with their intervals.
public struct ExposureEstimate: Sendable, Hashable {
  public let coverage: Bootstrap.Estimate
  public let gini: Bootstrap.Estimate
}

extension Bootstrap {
  /// Draws at most: each looks at the whole catalogue.
  private static let exposureDrawsMax = 200

  /// Draws the groups anew with all their lists. A draw lacks a third of the groups, so that it always shows less of the
  /// catalogue: the interval is that of the draws moved to stand around the figure itself, within [0, 1].
  /// - Parameter lists: Of items, by group.
  /// - Returns: nil without groups or items.
  /// - Complexity: O(200 · (shown + items)).
  public func exposure(
    of lists: [[UInt32]], itemCount: Int, using generator: inout some RandomNumberGenerator
  ) -> ExposureEstimate? {
    guard !lists.isEmpty, itemCount > 0 else { return nil }
    func exposure(_ order: some Sequence<Int>) -> Exposure {
      var counts = Array(repeating: 0, count: itemCount)
      for group in order { for item in lists[group] { counts[Int(item)] += 1 } }
      return Exposure(counts: counts)
    }
    let whole = exposure(lists.indices)
    let drawn = (0..<min(draws, Self.exposureDrawsMax)).map { _ in
      exposure(lists.indices.map { _ in Int(generator.next(upperBound: UInt64(lists.count))) })
    }
    return ExposureEstimate(
      coverage: Self.centred(whole.coverage, drawn: drawn.map(\.coverage), level: level),
      gini: Self.centred(whole.gini, drawn: drawn.map(\.gini), level: level))
  }

  /// An estimate of a share whose draws lie to one side of it, as those of coverage and of a calibration error do: the
  /// quantiles of the draws, moved by value − mean of the draws to stand around the value, within [0, 1].
  public static func centred(_ value: Double, drawn: [Double], level: Double = 0.95) -> Estimate {
    let sorted = drawn.sorted()
    let mean = drawn.reduce(0, +) / Double(max(1, drawn.count))
    func end(_ share: Double) -> Double {
      min(1, max(0, value + (quantile(share, of: sorted) ?? value) - (drawn.isEmpty ? value : mean)))
    }
    return Estimate(value: value, low: min(value, end((1 - level) / 2)), high: max(value, end((1 + level) / 2)))
  }
}
