import Primitives

/// The decayed weights of the items of one cell: a device, a part of the day, a region, a category's followers.
///
/// Keeps at most 1,024 items by the space-saving rule: a newcomer takes the place and the weight of the least. So a weight
/// is exact until the first eviction, afterwards too high by at most the least weight kept, and every item with more than
/// 1/1024 of the cell's weight is kept. About 24 KB when full.
///
/// - SeeAlso: Metwally, Agrawal & El Abbadi, *Efficient computation of frequent and top-k elements in data streams*, ICDT
///   2005; with decayed weights: `ForwardDecay`.
struct PopularityCell: Sendable {
  static let capacity = 1_024

  private var weights = OrdinalMap<Double>()
  private(set) var ranking = RankedList(capacity: capacity)
  /// Sum of all weights that were added.
  private(set) var mass = 0.0

  /// - Complexity: O(log k).
  mutating func add(_ weight: Double, to item: UInt32) {
    mass += max(0, weight)
    if let old = weights[item] {
      weights.set(item, to: old + weight)
      ranking.move(item, from: old, to: old + weight)
    } else if !ranking.isFull {
      weights.set(item, to: weight)
      ranking.insert(item, weight: weight)
    } else if weight > 0, let least = ranking.last {
      weights.remove(least.item)
      ranking.removeLast()
      let inherited = max(0, least.weight) + weight
      weights.set(item, to: inherited)
      ranking.insert(item, weight: inherited)
    }
  }

  /// Weight over the best item's, in [0, 1]; 0 for items that are not kept.
  @inline(__always)
  func score(of item: UInt32) -> Float {
    guard let best = ranking.best, best > 0, let weight = weights[item] else { return 0 }
    return Float(max(0, weight) / best)
  }

  mutating func scale(by factor: Double) {
    weights.mapInPlace { _, weight in weight * factor }
    ranking.scale(by: factor)
    mass *= factor
  }
}

extension PopularityCell: BinaryCodable {
  func encode(into writer: inout BinaryWriter) {
    writer.write(double: mass)
    writer.write(packed: ranking.items)
    writer.write(packed: ranking.weights)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    mass = try reader.readDouble()
    let items = try reader.readPackedWords()
    let values = try reader.readPackedDoubles()
    guard items.count == values.count, items.count <= Self.capacity else {
      throw BinaryError("a cell of \(items.count) items and \(values.count) weights")
    }
    for (item, weight) in zip(items, values) {
      guard weights[item] == nil else { throw BinaryError("item \(item) twice in a cell") }
      weights.set(item, to: weight)
      ranking.insert(item, weight: weight)
    }
  }
}
