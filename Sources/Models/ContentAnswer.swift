import Catalog
import Primitives

/// One person's vector, and what it makes of items.
struct ContentAnswer: PreparedModel {
  struct Seed: Sendable {
    let item: UInt32
    private(set) var liking: Float
    private let fade: Float

    init(item: UInt32, weight: Float) { self.init(item: item, liking: weight, fade: 1) }

    init(item: UInt32, liking: Float, fade: Float) {
      self.item = item
      self.liking = liking
      self.fade = fade
    }

    /// In the person's vector.
    var weight: Float { liking * fade }
    mutating func strengthen(to liking: Float) { self.liking = liking }
  }

  private static let termsAsked = 12
  private static let itemsPerTerm = 64

  private let index: ContentIndex
  private let catalog: ItemCatalog
  private let seeds: [Seed]
  /// What each seed adds to its own product.
  private var ownParts: [Float] = []
  /// The person's vector by term.
  private var wishes: OrdinalMap<Float>
  /// Length of the person's vector.
  private var length: Float = 0

  init(index: ContentIndex, seeds: [Seed], catalog: ItemCatalog) {
    self.index = index
    self.catalog = catalog
    self.seeds = seeds.filter { !index.vector(of: $0.item).isEmpty }
    // Mostly empty, so that the many terms that nobody wishes for are found missing at the first look.
    wishes = OrdinalMap(capacity: self.seeds.reduce(0) { $0 + index.vector(of: $1.item).count } * 5)
    for seed in self.seeds {
      var ownPart: Float = 0
      for entry in index.vector(of: seed.item) {
        let weight = entry.weight * index.rarity(of: entry.term) * seed.weight
        wishes.add(weight, to: entry.term)
        ownPart += weight * entry.weight
      }
      ownParts.append(ownPart)
    }
    // |q|² as the sum of the seeds' products with q: one order of summing, whatever numbers the terms have.
    var squares: Float = 0
    for seed in self.seeds {
      for entry in index.vector(of: seed.item) {
        squares += entry.weight * index.rarity(of: entry.term) * seed.weight * (wishes[entry.term] ?? 0)
      }
    }
    length = max(0, squares).squareRoot()
  }

  func scores(of items: [ItemOrdinal]) -> [Float] { scores(of: items.map(\.rawValue)) }

  private func scores(of items: [UInt32]) -> [Float] {
    guard length > 0 else { return Array(repeating: 0, count: items.count) }
    var scores = index.products(of: items, with: wishes)
    for place in scores.indices {
      if let seed = seeds.firstIndex(where: { $0.item == items[place] }) { scores[place] -= ownParts[seed] }
      scores[place] = max(0, min(1, scores[place] / length))
    }
    return scores
  }

  func candidates(limit: Int) -> [ScoredItem] {
    guard length > 0, limit > 0 else { return [] }
    var found = OrdinalMap<Float>(capacity: Self.termsAsked * Self.itemsPerTerm)
    for wish in strongestWishes() {
      found.add(to: index.items(with: wish.term).suffix(Self.itemsPerTerm)) { _ in wish.weight }
    }
    for seed in seeds { found.remove(seed.item) }
    var likely = TopScores(reservingCapacity: found.count)
    found.forEach { item, score in likely.append(item, score) }
    let best = positive(likely.best(limit)).best(limit)
    // Dislikes may have taken some of the likeliest away: then all that share a term are looked at.
    return best.count < limit && likely.count > limit ? positive(likely.best(likely.count)).best(limit) : best
  }

  /// Exact scores of those that score above 0.
  private func positive(_ likely: [ScoredItem]) -> TopScores {
    let chosen = likely.map(\.item.rawValue)
    var top = TopScores(reservingCapacity: chosen.count)
    for (item, score) in zip(chosen, scores(of: chosen)) where score > 0 { top.append(item, score) }
    return top
  }

  private struct Wish {
    let term: UInt32
    let weight: Float
  }

  /// The person's weightiest terms, ties by hash.
  private func strongestWishes() -> [Wish] {
    var best: [Wish] = []
    wishes.forEach { term, weight in
      guard weight > 0 else { return }
      func precedes(_ other: Wish) -> Bool {
        weight > other.weight || (weight == other.weight && index.hash(of: term) < index.hash(of: other.term))
      }
      if best.count == Self.termsAsked {
        guard let last = best.last, precedes(last) else { return }
        best.removeLast()
      }
      best.insert(Wish(term: term, weight: weight), at: best.firstIndex(where: precedes) ?? best.count)
    }
    return best
  }

  func reason(for item: ItemOrdinal) -> ModelReason? {
    guard scores(of: [item.rawValue])[0] > 0 else { return nil }
    let vector = index.vector(of: item.rawValue)
    var own = OrdinalMap<Float>(capacity: vector.count)
    for entry in vector { own.set(entry.term, to: entry.weight * index.rarity(of: entry.term)) }
    let speaking = seeds.filter { $0.weight > 0 && $0.item != item.rawValue }
    var best: (part: Float, seed: UInt32)?
    for (seed, product) in zip(speaking, index.products(of: speaking.map(\.item), with: own)) {
      if seed.weight * product > best?.part ?? 0 { best = (seed.weight * product, seed.item) }
    }
    guard let best else { return nil }
    let because = ItemOrdinal(best.seed)
    return ModelReason(code: "similar_content", because: because, detail: shared(item, because))
  }

  /// What both items have: `category Running`, `tag blue`, `brand Acme`; nil when only words bind them.
  private func shared(_ one: ItemOrdinal, _ other: ItemOrdinal) -> String? {
    // Categories are at hand; the rest of an item has to be unpacked.
    let categories = catalog.categories(of: other)
    if let category = catalog.categories(of: one).first(where: categories.contains) {
      return "category \(catalog.categoryName(category))"
    }
    guard let one = catalog.labels(of: one), let other = catalog.labels(of: other) else { return nil }
    if let tag = one.tags.first(where: other.tags.contains) { return "tag \(tag)" }
    for member in one.attributes.members {
      if let text = member.value.string, other.attributes[member.key]?.string == text { return "\(member.key) \(text)" }
    }
    return nil
  }
}
