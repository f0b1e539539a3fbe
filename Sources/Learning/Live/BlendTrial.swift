import Catalog
import Decisions
import Events
import Features
import Foundation
import Mathematics
import Models
import Primitives
import Synchronization

/// Measures how well models answer together, as `Blend` mixes them: asked for each of the last `targetsMax` items that
/// held-back people came to like, with all their items before it, among all that they had not had until then.
struct BlendTrial: Sendable {
  /// Shares are tried in steps of one fifth.
  private static let steps = 5
  static let k = 10
  static let targetsMax = 10

  /// Model and share by its place in `models`.
  typealias Shares = [Float]

  /// The same models in every trial of one training.
  let models: [any CandidateModel]
  let catalog: ItemCatalog
  let items: [ItemOrdinal]
  let workers: Int
  /// Only what people came to like after this is asked for; nil for everything.
  var since: Timestamp?

  /// The mean over one person's questions, of each mixture.
  struct Answer: Sendable {
    var ndcg: [Double]
    var hr: [Double]
  }

  /// Every way to share 1 among the first `count` models in fifths.
  func mixtures(ofFirst count: Int) -> [Shares] {
    func rest(_ left: Int, _ count: Int) -> [[Int]] {
      if count == 1 { return [[left]] }
      return (0...left).flatMap { first in rest(left - first, count - 1).map { [first] + $0 } }
    }
    let unused = Shares(repeating: 0, count: models.count - count)
    return rest(Self.steps, count).map { $0.map { Float($0) / Float(Self.steps) } + unused }
  }

  /// - Returns: For each of `people` with two items or more, in order.
  /// - Complexity: O(people · items · mixtures).
  func answers(of people: [ActSequence], to mixtures: [Shares], report: @escaping @Sendable (Double) -> Bool)
    -> [Answer]
  {
    let places = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.rawValue, $0) })
    let asked = people.filter(isAsked)
    let collected = Collected()
    WorkQueue.share(asked.count, chunk: 8, workers: workers) { queue in
      while let range = queue.next(), report(Double(range.lowerBound) / Double(max(1, asked.count))) {
        for number in range {
          let answer = answer(asked[number], mixtures, places: places)
          collected.answers.withLock { $0[number] = answer }
        }
      }
    }
    return collected.answers.withLock { answers in answers.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Whether there is anything to ask of a person: whose answer is among those of `answers`.
  func isAsked(_ person: ActSequence) -> Bool {
    guard person.items.count > 1, let last = person.times.last else { return false }
    return since.map { last > $0 } ?? true
  }

  private final class Collected: Sendable {
    let answers = Mutex<[Int: Answer]>([:])
  }

  private func answer(_ person: ActSequence, _ mixtures: [Shares], places: [UInt32: Int]) -> Answer {
    let none = [Double](repeating: 0, count: mixtures.count)
    var mean = Answer(ndcg: none, hr: none)
    let fresh = since.flatMap { since in person.times.firstIndex { $0 > since } } ?? 0
    let asked = max(1, fresh, person.items.count - Self.targetsMax)..<person.items.count
    for known in asked {
      for (mixture, metrics) in self.metrics(of: person, known: known, mixtures, places: places).enumerated() {
        mean.ndcg[mixture] += metrics.ndcg / Double(asked.count)
        mean.hr[mixture] += metrics.hr / Double(asked.count)
      }
    }
    return mean
  }

  /// - Parameter known: How many items the models may look at; the next one is the target.
  private func metrics(
    of person: ActSequence, known: Int, _ mixtures: [Shares], places: [UInt32: Int]
  ) -> [RankingMetrics] {
    let target = places[person.items[known]]
    let acts = (0..<known).map { Interaction(item: ItemOrdinal(person.items[$0]), kind: .view, at: person.times[$0]) }
    let query = ModelQuery(
      history: Array(acts.suffix(ItemHistory.recentMax)), context: ContextFacts(), now: person.times[known])
    var columns = models.map { model in
      let column = model.prepare(query, catalog: catalog).scores(of: items)
      let scale = Blend.scale(of: column, model: model.name)
      return column.map { $0 / scale }
    }
    // What the person has had is no candidate.
    for item in person.items.prefix(known) {
      if let place = places[item] { for model in columns.indices { columns[model][place] = -1 } }
    }
    return mixtures.map { shares in
      RankingMetrics(places: place(of: target, columns, shares).map { [$0] } ?? [], targetCount: 1, k: Self.k)
    }
  }

  /// From 1, ties counted against the target; nil when no model knows it.
  private func place(of target: Int?, _ columns: [[Float]], _ shares: Shares) -> Int? {
    guard let target else { return nil }
    func score(_ item: Int) -> Float {
      var sum: Float = 0
      for model in columns.indices { sum += shares[model] * columns[model][item] }
      return sum
    }
    let reached = score(target)
    guard reached > 0 else { return nil }
    var ahead = 0
    for item in items.indices where item != target && score(item) >= reached { ahead += 1 }
    return ahead + 1
  }
}
