import Foundation
public import Mathematics
import Primitives

/// Items that the same people deal with (item-kNN): the cosine of who dealt with them, shrunk where few people say so.
///
///     s(i, j) = C_ij / (C_ii^α C_jj^(1−α) + h)        C = XᵀX for the interactions X, people × items
///     score(i) = Σ s(i, j) over the items j of the history that are among the K nearest of i
///
/// α = ½ is the cosine; h shrinks similarities that few people support. Ties among the nearest go to the lower item.
/// - SeeAlso: Sarwar, Karypis, Konstan & Riedl, *Item-based collaborative filtering recommendation algorithms*, WWW 2001;
///   Aiolli, *Efficient top-n recommendation for very large scale binary rated datasets*, RecSys 2013 (the asymmetric
///   cosine).
public struct ItemNeighbours: Sendable, Hashable, HistoryScorer {
  public struct Settings: Sendable, Hashable {
    /// K ≥ 1.
    public var neighbours = 100
    /// h ≥ 0, in people.
    public var shrinkage = 20.0
    /// α in [0, 1].
    public var asymmetry = 0.5

    public init() {}
  }

  public let settings: Settings
  /// By the item that was dealt with: which ones have it among their nearest.
  public let weights: ItemWeights

  public var itemCount: Int { weights.itemCount }

  /// - Parameters:
  ///   - training: People × items; weights ≥ 0, 1 for a plain interaction.
  ///   - workers: Threads; the result does not depend on it.
  /// - Throws: `TrainingRefusal`.
  /// - Complexity: O(Σ_people n²) for people with n items.
  public init(
    training: SparseRows, settings: Settings = Settings(), workers: Int = 2
  ) throws(TrainingRefusal) {
    try Self.check(settings)
    try TrainingRefusal.check(training)
    let byItem = training.transposed()
    let sizes = (0..<byItem.rowCount).map { Double(byItem.squareSum(ofRow: $0)) }
    let own = sizes.map { pow($0, settings.asymmetry) }
    let other = sizes.map { pow($0, 1 - settings.asymmetry) }
    let nearest = SparseRows.built(rowCount: byItem.rowCount, columnCount: byItem.rowCount, workers: workers) {
      (sums: ColumnSums(columnCount: byItem.rowCount), strongest: StrongestCells(limit: settings.neighbours))
    } fill: { item, room, row in
      training.addProducts(ofColumn: item, in: byItem, to: &room.sums)
      room.sums.drain { column, sum in
        guard column != UInt32(item), sum > 0 else { return }
        let similarity = Float(Double(sum) / (own[item] * other[Int(column)] + settings.shrinkage))
        room.strongest.offer(column, similarity, rank: similarity)
      }
      room.strongest.drain(into: &row)
    }
    self.init(settings: settings, weights: ItemWeights(.sparse(nearest.transposed())))
  }

  init(settings: Settings, weights: ItemWeights) {
    self.settings = settings
    self.weights = weights
  }

  public func scores(after history: [UInt32]) -> [Float] {
    var scores = Array(repeating: Float(0), count: itemCount)
    for item in Set(history).sorted() { weights.add(1, of: item, to: &scores) }
    return scores
  }

  static func check(_ settings: Settings) throws(TrainingRefusal) {
    guard settings.neighbours > 0 else {
      throw .settings("found \(settings.neighbours) neighbours, expected at least 1")
    }
    try TrainingRefusal.check(settings.shrinkage, in: .from(0), "shrinkage")
    try TrainingRefusal.check(settings.asymmetry, in: 0...1, "asymmetry")
  }

  /// Bytes that a fit takes at most, the training set included.
  public static func memoryBytes(
    people: Int, items: Int, interactions: Int, settings: Settings = Settings(), workers: Int = 2
  ) -> Int {
    let sets = 2 * (interactions * 8 + (people + items) * 16)
    // The rows as they are found, joined, and turned round.
    let neighbours = 4 * 8 * items * min(items, settings.neighbours)
    return sets + neighbours + workers * items * 16
  }
}

extension SparseRows {
  /// Σ of the squares of a row's weights.
  func squareSum(ofRow row: Int) -> Float {
    guard let weights else { return Float(count(inRow: row)) }
    return weights[offsets[row]..<offsets[row + 1]].reduce(0) { $0 + $1 * $1 }
  }

  /// Adds a row of XᵀX.
  /// - Parameter byColumn: Xᵀ.
  func addProducts(ofColumn item: Int, in byColumn: SparseRows, to sums: inout ColumnSums) {
    for place in byColumn.offsets[item]..<byColumn.offsets[item + 1] {
      let person = Int(byColumn.columns[place])
      let weight = byColumn.weights?[place] ?? 1
      for cell in offsets[person]..<offsets[person + 1] {
        sums.add(weight * (weights?[cell] ?? 1), to: columns[cell])
      }
    }
  }
}
