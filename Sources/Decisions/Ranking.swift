public import Catalog

/// An eligible item on its way to a rank.
public struct Contender: Sendable, Hashable {
  public let item: ItemOrdinal
  /// At least 0.
  public let score: Float
  /// Interned categories, the main one first.
  public let categories: [UInt32]
  /// Published within the placement's period for new items.
  public let isNew: Bool

  public init(item: ItemOrdinal, score: Float, categories: [UInt32], isNew: Bool) {
    self.item = item
    self.score = score
    self.categories = categories
    self.isNew = isNew
  }

  /// Share of common categories (Jaccard), in [0, 1]; 0 when either has none.
  @inline(__always)
  static func similarity(_ one: [UInt32], _ other: [UInt32]) -> Float {
    guard !one.isEmpty, !other.isEmpty else { return 0 }
    var common = 0
    for category in one where other.contains(category) { common += 1 }
    return Float(common) / Float(one.count + other.count - common)
  }
}

/// What a list must be like as a whole.
public struct ListRules: Sendable, Hashable {
  /// In [0, 1]: 0 ranks by score alone; at 1 an item just like a chosen one counts nothing.
  public var diversity: Float
  /// Most items of one main category; nil for no limit.
  public var categoryMax: Int?
  /// Fewest new items, as long as there are any.
  public var newMin: Int

  public init(diversity: Float = 0, categoryMax: Int? = nil, newMin: Int = 0) {
    self.diversity = diversity
    self.categoryMax = categoryMax
    self.newMin = newMin
  }
}

/// Orders contenders into a list: greedy maximal marginal relevance, within the quotas, with the promised new items.
public struct Ranking: Sendable {
  public let contenders: [Contender]
  public let rules: ListRules
  /// Indices into `contenders`, rank by rank.
  public private(set) var chosen: [Int] = []

  /// - Parameters:
  ///   - contenders: Best score first; ties stay in this order.
  ///   - count: Ranks to fill; fewer are filled when quotas or the contenders do not allow more.
  /// - Complexity: O(count × contenders).
  /// - SeeAlso: Carbonell & Goldstein, *The use of MMR*, SIGIR 1998; similarity discounts the score here instead of being
  ///   subtracted from it, so that the trade-off does not depend on the scores' scale.
  public init(contenders: [Contender], count: Int, rules: ListRules) {
    self.contenders = contenders
    self.rules = rules
    chooseByMarginalRelevance(count: count)
    keepPromiseOfNewItems()
  }

  private mutating func chooseByMarginalRelevance(count: Int) {
    var mostSimilar = [Float](repeating: 0, count: contenders.count)
    var isChosen = [Bool](repeating: false, count: contenders.count)
    while chosen.count < count {
      var best: Int?
      var bestValue = -Float.infinity
      for index in contenders.indices where !isChosen[index] {
        // Scores only fall along the list: nothing after this can beat the best any more.
        if contenders[index].score < bestValue { break }
        let value = contenders[index].score * (1 - rules.diversity * mostSimilar[index])
        if value > bestValue, fitsQuota(index, insteadOf: nil) { (best, bestValue) = (index, value) }
      }
      guard let best else { return }
      isChosen[best] = true
      chosen.append(best)
      guard rules.diversity > 0 else { continue }
      let chosenCategories = contenders[best].categories
      contenders.withUnsafeBufferPointer { contenders in
        for index in contenders.indices where !isChosen[index] {
          let similarity = Contender.similarity(contenders[index].categories, chosenCategories)
          mostSimilar[index] = max(mostSimilar[index], similarity)
        }
      }
    }
  }

  private mutating func keepPromiseOfNewItems() {
    guard rules.newMin > 0 else { return }
    var missing = rules.newMin - newCount(in: chosen)
    guard missing > 0 else { return }
    let spares = contenders.indices.filter { contenders[$0].isNew && !chosen.contains($0) }
    for spare in spares where missing > 0 {
      // The last place that is not new itself gives way.
      guard
        let place = chosen.indices.last(where: { place in
          !contenders[chosen[place]].isNew && fitsQuota(spare, insteadOf: place)
        })
      else { continue }
      chosen[place] = spare
      missing -= 1
    }
  }

  /// Whether `contender` may stand at `place` of the list instead of what stands there, all rules kept as well as now.
  func mayReplace(place: Int, by contender: Int) -> Bool {
    guard fitsQuota(contender, insteadOf: place) else { return false }
    let new = newCount(in: chosen)
    let left = new - (contenders[chosen[place]].isNew ? 1 : 0) + (contenders[contender].isNew ? 1 : 0)
    return left >= min(rules.newMin, new)
  }

  private func newCount(in list: [Int]) -> Int { list.count { contenders[$0].isNew } }

  /// - Parameter place: Left out of the count; nil when the contender comes on top.
  private func fitsQuota(_ contender: Int, insteadOf place: Int?) -> Bool {
    guard let categoryMax = rules.categoryMax, let category = contenders[contender].categories.first else {
      return true
    }
    var count = 0
    for other in chosen.indices where other != place && contenders[chosen[other]].categories.first == category {
      count += 1
    }
    return count < categoryMax
  }
}
