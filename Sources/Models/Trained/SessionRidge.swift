import Foundation
import Mathematics
import Primitives

/// A linear model from what was done last to what comes next: for every moment t of every sequence, with the items before
/// it faded (y, shape `[items]`) and those after it faded (z),
///
///     y_t = Σ_{k < L} q^k e(k steps before the newest)        z_t = Σ_g d^g e(g steps after the next)
///     B = argmin Σ_t |z_t − Bᵀy_t|² + λ |B|²  =  (YᵀY + λI)⁻¹ YᵀZ
///     score(b) = Σ_a y_a B_ab / n_b^p
///
/// Where the Markov chain (`TransitionKernel`) counts every item of the window as if it stood alone, the inverse takes out
/// what the others explain. Reversed sequences count β. A regression is on the `neighbours` items that a target follows
/// most, so that catalogues of any size are fitted.
/// - SeeAlso: Choi, Kim, Lee, Shim & Lee, *Session-aware linear item-item models for session-based recommendation*, WWW 2021
///   (SLIT, with items before and after a moment faded alike); `NeighbourhoodRidge`.
public struct SessionRidge: Sendable, Hashable, HistoryScorer {
  public struct Settings: Sendable, Hashable {
    /// λ > 0.
    public var regularization = 100.0
    /// Items that a regression is on; ≥ 1.
    public var neighbours = 60
    /// L ≥ 1.
    public var seeds = 20
    /// q in (0, 1].
    public var recency = 0.7
    /// d in [0, 1].
    public var future = 0.6
    /// β in [0, 1].
    public var backward = 1.0
    /// p in [0, 2].
    public var columnExponent = 0.2

    public init() {}
  }

  public let settings: Settings
  /// B / n^p.
  public let weights: ItemWeights

  public var itemCount: Int { weights.itemCount }

  /// - Parameters:
  ///   - sequences: Of people or sessions, oldest item first.
  ///   - workers: Threads; the result does not depend on it.
  ///   - progress: Told in words what is to be done next; says whether to go on.
  /// - Throws: `TrainingRefusal`.
  /// - Complexity: O(items of all sequences · L + items · neighbours³).
  public init(
    training sequences: [[UInt32]], itemCount: Int, settings: Settings = Settings(), workers: Int = 2,
    progress: (String) -> ImplicitALS.Step = { _ in .proceed }
  ) throws(TrainingRefusal) {
    try Self.check(settings)
    try TrainingRefusal.check(sequences, itemCount: itemCount)
    guard case .proceed = progress("counting") else { throw .stopped }
    let places = ItemPlaces(sequences, itemCount: itemCount)
    let series = FadedSeries(settings)
    let gram = SparseRows.built(rowCount: itemCount, columnCount: itemCount, workers: workers) {
      ColumnSums(columnCount: itemCount)
    } fill: { item, sums, row in
      for place in places.of(item) {
        series.addPairs(sequences[Int(place.sequence)], at: Int(place.position), to: &sums)
      }
      sums.drain { row.append($0, $1) }
    }
    // Rows by target, as the regressions go.
    let targets = SparseRows.built(rowCount: itemCount, columnCount: itemCount, workers: workers) {
      ColumnSums(columnCount: itemCount)
    } fill: { item, sums, row in
      for place in places.of(item) {
        series.addSources(sequences[Int(place.sequence)], at: Int(place.position), to: &sums)
      }
      sums.drain { row.append($0, $1) }
    }
    guard case .proceed = progress("solving") else { throw .stopped }
    let solved = NeighbourhoodRidge(
      gram: gram, penalty: Float(settings.regularization), limit: settings.neighbours
    ).solve(targets, workers: workers)
    var scaled = solved.weights ?? Array(repeating: 1, count: solved.cellCount)
    for item in 0..<itemCount where solved.count(inRow: item) > 0 {
      let factor = Float(pow(Double(places.of(item).count), -settings.columnExponent))
      for cell in solved.offsets[item]..<solved.offsets[item + 1] { scaled[cell] *= factor }
    }
    self.init(settings: settings, weights: ItemWeights(.sparse(solved.with(weights: scaled).transposed())))
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
    guard settings.neighbours > 0, settings.seeds > 0 else {
      throw .settings("found \(settings.neighbours) neighbours and \(settings.seeds) seeds, expected at least 1")
    }
    let least = Double.leastNonzeroMagnitude
    try TrainingRefusal.check(settings.regularization, in: .from(least), "regularization")
    try TrainingRefusal.check(settings.recency, in: least...1, "recency")
    try TrainingRefusal.check(settings.future, in: 0...1, "future decay")
    try TrainingRefusal.check(settings.backward, in: 0...1, "backward weight")
    try TrainingRefusal.check(settings.columnExponent, in: 0...2, "column exponent")
  }

  /// Bytes that a fit takes at most, the sequences included.
  public static func memoryBytes(
    sequences: Int, items: Int, acts: Int, settings: Settings = Settings(), workers: Int = 2
  ) -> Int {
    let pairs = min(
      items.multipliedClamping(by: items), acts.multipliedClamping(by: 2 * settings.seeds))
    let kept = items.multipliedClamping(by: 8 * 4 * settings.neighbours)
    let system = workers * 4 * settings.neighbours.multipliedClamping(by: settings.neighbours)
    // Gram and targets, each as it is found and joined.
    return (acts * 12 + sequences * 48 + items * 40 + workers * items * 24 + system).addingClamping(kept)
      .addingClamping(pairs.multipliedClamping(by: 8 * 2 * 2))
  }
}

/// What pairs of items of one sequence add to YᵀY and YᵀZ, summed over the moments that see both.
private struct FadedSeries: Sendable {
  private let length: Int
  private let backward: Float
  /// q^g.
  private let gaps: [Float]
  /// Σ_{k < m} q^2k, by m.
  private let sums: [Float]
  /// Σ_{k < min(g, L)} q^k d^(g − 1 − k), by g − 1.
  private let steps: [Float]

  init(_ settings: SessionRidge.Settings) {
    length = settings.seeds
    backward = Float(settings.backward)
    let (q, d) = (settings.recency, settings.future)
    gaps = (0..<length).map { Float(pow(q, Double($0))) }
    sums = (0...length).map { count in Float((0..<count).reduce(0) { $0 + pow(q, Double(2 * $1)) }) }
    steps = (1...length).map { gap in
      Float((0..<gap).reduce(0) { $0 + pow(q, Double($1)) * pow(d, Double(gap - 1 - $1)) })
    }
  }

  /// A row of YᵀY: y_t sees both when t is after the later and within L of the earlier.
  func addPairs(_ sequence: [UInt32], at position: Int, to row: inout ColumnSums) {
    for other in max(0, position - length + 1)..<min(sequence.count, position + length) {
      let (first, last) = (min(position, other), max(position, other))
      let gap = last - first
      let forward = sums[min(sequence.count - 1 - last, length - gap)]
      let back = sums[min(first, length - gap)]
      let weight = gaps[gap] * (forward + backward * back)
      if weight > 0 { row.add(weight, to: sequence[other]) }
    }
  }

  /// A column of YᵀZ: what came before, and for the way back after.
  func addSources(_ sequence: [UInt32], at position: Int, to row: inout ColumnSums) {
    for gap in 1...length {
      if position >= gap { row.add(steps[gap - 1], to: sequence[position - gap]) }
      if backward > 0, position + gap < sequence.count {
        row.add(backward * steps[gap - 1], to: sequence[position + gap])
      }
    }
  }
}
