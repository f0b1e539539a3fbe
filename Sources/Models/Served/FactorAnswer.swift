import Catalog
import Mathematics

/// `FactorModel` with one question.
struct FactorAnswer: PreparedModel {
  private let model: FactorModel
  /// The items that speak for the person, the latest first.
  private let seeds: [ItemOrdinal]
  /// Shape `[d]`; nil for whom nothing is known that the model knows.
  private let person: [Float]?

  init(model: FactorModel, seeds: [ItemOrdinal]) {
    self.model = model
    self.seeds = seeds
    person = model.table.vector(ofPersonWith: seeds.compactMap { model.table.row(of: $0) }.sorted())
  }

  /// None of the items that the person is known by: the model is sure of these.
  func candidates(limit: Int) -> [ScoredItem] {
    guard let person else { return [] }
    let table = model.table
    let known = Set(seeds)
    let found = table.best(limit + seeds.count, for: person)
    var best = TopScores(reservingCapacity: found.count + model.newcomers.count)
    for row in found where row.score > 0 {
      let item = table.items[row.row]
      if !known.contains(item) { best.append(item.rawValue, min(1, row.score)) }
    }
    for (item, newcomer) in model.newcomers {
      guard let vector = newcomer.vector, !known.contains(ItemOrdinal(item)) else { continue }
      let score = Self.product(person, vector[...])
      if score > 0 { best.append(item, min(1, score)) }
    }
    return best.best(limit)
  }

  func scores(of items: [ItemOrdinal]) -> [Float] {
    guard let person else { return Array(repeating: 0, count: items.count) }
    return items.map { item in
      model.vector(of: item).map { min(1, max(0, Self.product(person, $0))) } ?? 0
    }
  }

  /// The item that speaks most for it: whose vector points most in its direction.
  func reason(for item: ItemOrdinal) -> ModelReason? {
    guard let person, let vector = model.vector(of: item), Self.product(person, vector) > 0 else { return nil }
    var best: (seed: ItemOrdinal, likeness: Float)?
    for seed in seeds where seed != item {
      guard let other = model.vector(of: seed) else { continue }
      let length = Self.product(other, other).squareRoot()
      let likeness = length > 0 ? Self.product(vector, other) / length : 0
      if likeness > best?.likeness ?? 0 { best = (seed, likeness) }
    }
    return ModelReason(code: "similar_taste", because: best?.seed)
  }

  private static func product(_ left: some Collection<Float>, _ right: some Collection<Float>) -> Float {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
