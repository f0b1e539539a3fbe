public import Catalog
public import Events
public import Features
public import Primitives

/// What everybody likes lately: each act adds its weight, which halves with every half-life.
///
/// A purchase weighs 1, cart and save .5, click .2, view .1; dismissals and refunds count against the item (`ActStrength`).
/// With forward decay the weight of an act is 2^((t − L) / H) and never changes, so the ranking does not drift with time
/// and late acts give the same sums as punctual ones. Score: weight over the best item's.
///
/// The best 512 items are always exact. Memory: 8 bytes an item, 12 KB for the ranking.
/// - Complexity: a fold is O(log k) comparisons; candidates O(limit); scores O(1) an item.
/// - SeeAlso: `ForwardDecay`.
public struct Popularity: CandidateModel {
  /// How many of the best are exact; the ranking keeps twice as many, so that some can fall out.
  public static let rankedMin = 512
  private static let pageItems = 256

  public let name = "popularity"
  public let version = "1"
  public let isPersonal = false

  private var decay: ForwardDecay
  /// By ordinal.
  private var weights: [Double] = []
  private var ranking = RankedList(capacity: 2 * rankedMin)
  /// No item outside the ranking weighs more.
  private var outsideMax = 0.0
  private var changedPages = ChangedSet()

  public init(halfLife: Duration = .seconds(7 * 86_400)) { decay = ForwardDecay(halfLife: halfLife) }

  public mutating func fold(
    _ interaction: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog
  ) {
    let liking = ActStrength.liking(interaction)
    guard liking != 0 else { return }
    if let factor = decay.admit(interaction.at) { scale(by: factor) }
    add(liking * decay.weight(at: interaction.at), to: interaction.item.rawValue)
    changedPages.insert(interaction.item.rawValue / UInt32(Self.pageItems))
  }

  public mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {}

  public func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] {
    guard let best = ranking.best else { return [] }
    var found: [ScoredItem] = []
    for place in 0..<ranking.count where found.count < limit {
      let item = ItemOrdinal(ranking.items[place])
      // What went out of the catalogue stays ranked, in case it comes back, and takes nobody's place.
      guard catalog.isEmpty || catalog.isListed(item) else { continue }
      found.append(ScoredItem(item: item, score: Float(ranking.weights[place] / best)))
    }
    return found
  }

  public func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
    guard let best = ranking.best else { return Array(repeating: 0, count: items.count) }
    return items.map { $0.index < weights.count ? Float(max(0, weights[$0.index]) / best) : 0 }
  }

  public func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? {
    item.index < weights.count && weights[item.index] > 0 ? ModelReason(code: "popular") : nil
  }

  // MARK: Ranking

  private mutating func add(_ weight: Double, to item: UInt32) {
    let index = Int(item)
    if index >= weights.count { weights.append(contentsOf: repeatElement(0, count: index + 1 - weights.count)) }
    let old = weights[index]
    weights[index] += weight
    rank(item, from: old, to: weights[index])
  }

  private mutating func rank(_ item: UInt32, from old: Double, to new: Double) {
    if old > 0, ranking.contains(item, weight: old) {
      if new > outsideMax {
        ranking.move(item, from: old, to: new)
      } else {
        // Others outside may be better now.
        ranking.remove(item, weight: old)
        if ranking.count < Self.rankedMin, outsideMax > 0 { rankAll() }
      }
    } else if new > 0 {
      if !ranking.isFull && new > outsideMax {
        ranking.insert(item, weight: new)
      } else if let last = ranking.last, new > last.weight, ranking.isFull {
        ranking.removeLast()
        outsideMax = max(outsideMax, last.weight)
        ranking.insert(item, weight: new)
      } else {
        outsideMax = max(outsideMax, new)
      }
    }
  }

  /// Ranks from all weights; needed once in hundreds of falls, and when the landmark moves.
  /// - Complexity: O(items + k · log k).
  private mutating func rankAll() {
    ranking = RankedList(capacity: ranking.capacity)
    outsideMax = 0
    var order: [UInt32] = []
    for (item, weight) in weights.enumerated() where weight > 0 { order.append(UInt32(item)) }
    order.sort { (weights[Int($1)], $0) < (weights[Int($0)], $1) }
    for item in order.prefix(ranking.capacity) { ranking.insert(item, weight: weights[Int(item)]) }
    if order.count > ranking.capacity { outsideMax = weights[Int(order[ranking.capacity])] }
  }

  private mutating func scale(by factor: Double) {
    for index in weights.indices { weights[index] *= factor }
    rankAll()  // what became 0 leaves the ranking
  }

  // MARK: Checkpoint

  /// A record for each page of 256 items: the landmark that its weights refer to, and the weights.
  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] {
    changedPages.takeAll().map { page in
      let start = Int(page) * Self.pageItems
      var writer = BinaryWriter(reservingCapacity: 16 + 8 * Self.pageItems)
      decay.encode(into: &writer)
      writer.write(packed: Array(weights[start..<min(start + Self.pageItems, weights.count)]))
      return (RecordKey.bytes(page), writer.bytes)
    }
  }

  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    guard let page = RecordKey.number(key) else { throw BinaryError("a popularity record with an odd key") }
    var reader = BinaryReader(value)
    let restored = try decay.restore(from: &reader)
    if let factor = restored.others { scale(by: factor) }
    let start = UInt32(page) * UInt32(Self.pageItems)
    for (offset, weight) in try reader.readPackedDoubles().enumerated() {
      add(weight * restored.own, to: start + UInt32(offset))
    }
  }
}
