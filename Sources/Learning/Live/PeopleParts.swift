import Catalog
import Engine
import Mathematics
import Primitives

/// The people that a model was judged on, parted by how much is known of them and by how popular their items are. No
/// protected attribute is looked at.
///
/// - SeeAlso: Abdollahpouri et al., *User-centered evaluation of popularity bias in recommender systems*, UMAP 2021, for people
///   with mainstream, mixed and niche tastes.
struct PeopleParts {
  private struct Group {
    let grouping: String
    let name: String
    let members: [Int]
  }

  private let groups: [Group]

  /// - Parameters:
  ///   - people: In the order of their answers.
  ///   - popular: All items, most popular first: the first fifth is the head.
  init(_ people: some Sequence<ActSequence>, popular: [ItemOrdinal]) {
    let people = Array(people)
    let head = Set(popular.prefix(max(1, popular.count / 5)).map(\.rawValue))
    let leaning = people.map { person in
      Double(person.items.count { head.contains($0) }) / Double(max(1, person.items.count))
    }
    func members(_ belongs: (Int) -> Bool) -> [Int] { people.indices.filter(belongs) }
    let edges = [2, 5, 10, 20, 50, .max]
    let byHistory = zip(edges, edges.dropFirst()).map { from, until in
      Group(
        grouping: "history", name: until == .max ? "\(from) or more items" : "\(from)-\(until - 1) items",
        members: members { (from..<until).contains(people[$0].items.count) })
    }
    groups =
      byHistory + [
        Group(grouping: "popularity", name: "mainstream tastes", members: members { leaning[$0] >= 0.6 }),
        Group(grouping: "popularity", name: "mixed tastes", members: members { (0.2..<0.6).contains(leaning[$0]) }),
        Group(grouping: "popularity", name: "niche tastes", members: members { leaning[$0] < 0.2 }),
      ]
  }

  /// NDCG of the first mixture for each part that anybody is in; intervals by a bootstrap with a seed of its own.
  func parts(of answers: [BlendTrial.Answer]) -> [ModelNote.Part] {
    groups.compactMap { group in
      let chosen = group.members.filter { $0 < answers.count }.map { answers[$0].ndcg[0] }
      var generator = SeededGenerator(seed: 0)
      let found = Bootstrap().estimates(
        of: chosen.map { Bootstrap.Group(observations: 1, sums: [$0]) }, using: &generator)
      guard let estimate = found.first else { return nil }
      return ModelNote.Part(
        grouping: group.grouping, name: group.name, count: chosen.count, value: estimate.value, low: estimate.low,
        high: estimate.high)
    }
  }
}
