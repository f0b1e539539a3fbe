import Catalog
import Events
import Features
import Mathematics
import Primitives
import Testing

@testable import Models
@testable import attune

/// Cohorts of the demo's people, from the strolls that `attune demo` begins with.
@Suite struct DemoCohortTests {
  private let shop = Shop(seed: 1)
  private let catalog: ItemCatalog
  /// Acts of each person who comes often, and what nobody is told: the department that they like most, nil where two are liked alike.
  private let people: [(acts: [Interaction], favourite: Int?)]

  init() throws {
    var catalog = ItemCatalog()
    for (number, item) in shop.items.enumerated() {
      let item = CatalogItem(id: item.id, categories: [Shop.departments[item.department].name])
      try catalog.apply(.upsert(item), revision: UInt64(number) + 1)
    }
    self.catalog = catalog
    let shoppers = (0..<DemoCommand.peopleCount).map { Shopper(number: $0, seed: 1) }
    var generator = SeededGenerator(seed: 1)
    var acts = [[Interaction]](repeating: [], count: shoppers.count)
    let weights = shoppers.map(\.activity)
    let total = weights.reduce(0, +)
    for stroll in 0..<8_000 {
      var rest = generator.nextUnit() * total
      let number = weights.firstIndex { weight in
        rest -= weight
        return rest < 0
      }
      guard let number else { continue }
      // A stroll each 75 seconds makes the demo's week.
      let begin = Timestamp(seconds: 1_767_225_600 + Int64(stroll) * 75)
      for (place, reaction) in shoppers[number].stroll(in: shop, using: &generator).enumerated() {
        let kind: SignalKind =
          switch reaction.act {
          case .saw: .impression
          case .clicked: .view
          case .addedToCart: .addToCart
          case .bought: .purchase
          }
        let item = try #require(catalog.ordinal(of: shop.items[reaction.item].id))
        acts[number].append(Interaction(item: item, kind: kind, at: begin + .seconds(place * 20)))
      }
    }
    let regulars = zip(acts, shoppers).filter { $0.0.count >= 12 }
    people = regulars.map { acts, shopper in
      let ordered = shopper.tastes.sorted(by: >)
      return (acts, ordered[0] == ordered[1] ? nil : shopper.tastes.firstIndex(of: ordered[0]))
    }
  }

  private func finder(seed: UInt64) -> CohortFinder {
    var finder = CohortFinder()
    finder.seed = seed
    // All numbers up to 24, with as many beginnings as a training takes, would take minutes without optimization.
    finder.groups = 14...14
    (finder.stability.splits, finder.stability.clustering.starts, finder.clustering.starts) = (1, 4, 12)
    return finder
  }

  @Test func `five seeds find the same cohorts, and name them alike`() throws {
    let sets = try (1...5).map { try finder(seed: $0).cohorts(in: people.map(\.acts), catalog: catalog) }
    let placings = sets.map { set in
      let placing = CohortPlacing(set, catalog: catalog)
      return people.map { placing.place($0.acts, catalog: catalog) ?? -1 }
    }
    for (place, one) in placings.enumerated() {
      for other in placings[..<place] { #expect(adjustedRandIndex(one, other) >= 0.9) }
    }
    for set in sets {
      #expect(set.stability >= 0.6 && set.cohorts.count == Shop.departments.count, "\(set.stability)")
      let shared = Set(set.cohorts.map(\.name)).intersection(sets[0].cohorts.map(\.name))
      #expect(shared.count >= 12, "\(set.cohorts.map(\.name))")
    }
  }

  @Test func `cohorts are named after what their people like, and a person is placed by five to ten acts`() throws {
    let set = try finder(seed: 1).cohorts(in: people.map(\.acts), catalog: catalog)
    let placing = CohortPlacing(set, catalog: catalog)
    let departments = Shop.departments.map(\.name)
    #expect(set.cohorts.allSatisfy { cohort in departments.contains { cohort.name.contains($0) } })
    var (right, asked) = (0, 0)
    for person in people {
      #expect(placing.place(Array(person.acts.prefix(4)), catalog: catalog) == nil)
      let cohort = try #require(placing.cohort(Array(person.acts.prefix(10)), catalog: catalog))
      guard let favourite = person.favourite else { continue }
      asked += 1
      right += cohort.drivers.first?.feature == departments[favourite] ? 1 : 0
    }
    // Two departments are liked nearly alike, so that ten acts do not always tell which is first.
    #expect(asked > 300 && Double(right) / Double(asked) > 0.55, "\(right) of \(asked)")
  }
}
