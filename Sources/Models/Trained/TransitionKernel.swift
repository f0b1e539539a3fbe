import Foundation
import Mathematics
import Primitives

/// What comes after an item, and soon after it: a Markov chain over a window of steps.
///
///     W[a, b] = Σ d^(g−1)  over the places where b came g ≤ w steps after a, and β times that where it came before
///     T[a, b] = W[a, b] / (Σ_b W[a, b])^r / (Σ_a W[a, b])^p
///     score(b) = Σ_k q^k T[i_k, b]        i_0 the newest item of the history, k < L
///
/// With r = 1 the rows are shares; p holds back what comes after everything. β = 0 looks forward alone, 1 both ways alike.
/// `CoVisitation` is the form that learns act by act: there gaps are times, pairs are forgotten and rows are cut short.
/// - SeeAlso: Rendle, Freudenthaler & Schmidt-Thieme, *Factorizing personalized Markov chains for next-basket
///   recommendation*, WWW 2010 (§3, the chain that is counted here).
public struct TransitionKernel: Sendable, Hashable, HistoryScorer {
  public struct Settings: Sendable, Hashable {
    /// w ≥ 1.
    public var window = 10
    /// d in (0, 1].
    public var gapDecay = 0.8
    /// β in [0, 1].
    public var backward = 0.0
    /// r in [0, 2].
    public var rowExponent = 1.0
    /// p in [0, 2].
    public var columnExponent = 0.15
    /// L ≥ 1.
    public var seeds = 20
    /// q in (0, 1].
    public var recency = 0.8

    public init() {}
  }

  public let settings: Settings
  /// T.
  public let weights: ItemWeights

  public var itemCount: Int { weights.itemCount }

  /// - Parameters:
  ///   - sequences: Of people or sessions, oldest item first.
  ///   - workers: Threads; the result does not depend on it.
  /// - Throws: `TrainingRefusal`.
  /// - Complexity: O(items of all sequences · w).
  public init(
    training sequences: [[UInt32]], itemCount: Int, settings: Settings = Settings(), workers: Int = 2
  ) throws(TrainingRefusal) {
    try Self.check(settings)
    try TrainingRefusal.check(sequences, itemCount: itemCount)
    let places = ItemPlaces(sequences, itemCount: itemCount)
    let gaps = (0..<settings.window).map { Float(pow(settings.gapDecay, Double($0))) }
    let backward = Float(settings.backward)
    let counted = SparseRows.built(rowCount: itemCount, columnCount: itemCount, workers: workers) {
      ColumnSums(columnCount: itemCount)
    } fill: { item, sums, row in
      for place in places.of(item) {
        let sequence = sequences[Int(place.sequence)]
        let position = Int(place.position)
        for gap in 1...gaps.count {
          if position + gap < sequence.count { sums.add(gaps[gap - 1], to: sequence[position + gap]) }
          if backward > 0, position >= gap { sums.add(backward * gaps[gap - 1], to: sequence[position - gap]) }
        }
      }
      sums.drain { if $0 != UInt32(item) { row.append($0, $1) } }
    }
    self.init(settings: settings, weights: ItemWeights(.sparse(counted.normalized(settings))))
  }

  init(settings: Settings, weights: ItemWeights) {
    self.settings = settings
    self.weights = weights
  }

  public func scores(after history: [UInt32]) -> [Float] {
    var scores = Array(repeating: Float(0), count: itemCount)
    var factor: Float = 1
    for item in history.suffix(settings.seeds).reversed() {
      weights.add(factor, of: item, to: &scores)
      factor *= Float(settings.recency)
    }
    return scores
  }

  static func check(_ settings: Settings) throws(TrainingRefusal) {
    guard settings.window > 0, settings.seeds > 0 else {
      throw .settings("found a window of \(settings.window) and \(settings.seeds) seeds, expected at least 1")
    }
    let least = Double.leastNonzeroMagnitude
    try TrainingRefusal.check(settings.gapDecay, in: least...1, "gap decay")
    try TrainingRefusal.check(settings.backward, in: 0...1, "backward weight")
    try TrainingRefusal.check(settings.rowExponent, in: 0...2, "row exponent")
    try TrainingRefusal.check(settings.columnExponent, in: 0...2, "column exponent")
    try TrainingRefusal.check(settings.recency, in: least...1, "recency")
  }

  /// Bytes that a fit takes at most, the sequences included.
  public static func memoryBytes(
    sequences: Int, items: Int, acts: Int, settings: Settings = Settings(), workers: Int = 2
  ) -> Int {
    let ways = settings.backward > 0 ? 2 : 1
    let pairs = min(items.multipliedClamping(by: items), acts.multipliedClamping(by: ways * settings.window))
    // The rows as they are found, and joined, whose arrays may have grown to twice their size.
    return (acts * 12 + sequences * 48 + items * 40 + workers * items * 16)
      .addingClamping(pairs.multipliedClamping(by: 8 * 3))
  }
}

extension SparseRows {
  /// Weights divided by powers of the sums of their row and column.
  fileprivate func normalized(_ settings: TransitionKernel.Settings) -> SparseRows {
    let cells = weights ?? Array(repeating: 1, count: cellCount)
    var columnSums = Array(repeating: 0.0, count: columnCount)
    for (column, weight) in zip(columns, cells) { columnSums[Int(column)] += Double(weight) }
    let columnFactors = columnSums.map { $0 > 0 ? pow($0, -settings.columnExponent) : 0 }
    var scaled = cells
    for row in 0..<rowCount {
      let sum = (offsets[row]..<offsets[row + 1]).reduce(0) { $0 + Double(cells[$1]) }
      let factor = sum > 0 ? pow(sum, -settings.rowExponent) : 0
      for place in offsets[row]..<offsets[row + 1] {
        scaled[place] = Float(Double(cells[place]) * factor * columnFactors[Int(columns[place])])
      }
    }
    return with(weights: scaled)
  }
}
