import Catalog
import Events
import Features
import Primitives
import Testing

@testable import Models

@Suite struct CohortCellTests {
  private let catalog: ItemCatalog
  private let set: CohortSet

  init() throws {
    catalog = try shop()
    var finder = CohortFinder()
    finder.groups = 2...2
    set = try finder.cohorts(in: Planted.people(100, groups: [[0, 1], [2, 3]]), catalog: catalog)
  }

  /// Acts of a person of the first group.
  private func history(_ count: Int) -> [Interaction] {
    Array(Planted.people(1, groups: [[0, 1]], seed: 3)[0].prefix(count))
  }

  @Test func `cohorts that come into force begin with what their people liked, and say so`() throws {
    var model = CohortPopularity()
    let asked = query(history(6), atMinutes: 60 * 24 * 7)
    #expect(model.candidates(for: asked, catalog: catalog, limit: 5).isEmpty)
    model.install(set, catalog: catalog, isNew: true)
    let found = model.candidates(for: asked, catalog: catalog, limit: 5)
    #expect(found.count == 5)
    for scored in found {
      let category = catalog.leadingCategory(of: scored.item).map { catalog.categoryName($0) }
      #expect(category == "c0" || category == "c1")
      let reason = try #require(model.reason(for: scored.item, query: asked, catalog: catalog))
      #expect(reason.code == "popular_in_cohort" && set.cohorts.contains { $0.name == reason.detail })
    }
    #expect(model.scores(of: found.map(\.item), for: asked, catalog: catalog) == found.map(\.score))
  }

  @Test func `without cohorts, or with too few acts to be placed, the leading interest answers as before`() throws {
    var (plain, grouped) = (CohortPopularity(), CohortPopularity())
    grouped.install(set, catalog: catalog, isNew: true)
    let few = history(3)
    for number in 0..<30 {
      let act = act(7 * (number % 5), .purchase, at: 60 * 24 * 8 + Double(number))
      plain.fold(act, history: few, context: context(), catalog: catalog)
      grouped.fold(act, history: few, context: context(), catalog: catalog)
    }
    let asked = query(few, atMinutes: 60 * 24 * 8 + 40)
    #expect(!plain.candidates(for: asked, catalog: catalog, limit: 9).isEmpty)
    let (one, other) = (
      plain.candidates(for: asked, catalog: catalog, limit: 9),
      grouped.candidates(for: asked, catalog: catalog, limit: 9)
    )
    #expect(one.map(\.item) == other.map(\.item))
    // Sums are kept in units of another moment.
    for (left, right) in zip(one, other) { #expect(abs(left.score - right.score) < 1e-5) }
  }

  @Test func `what a cohort has learnt stays when it is found again, and is saved`() throws {
    var model = CohortPopularity()
    model.install(set, catalog: catalog, isNew: true)
    for number in 0..<200 {
      let act = act(21, .purchase, at: 60 * 24 * 7 + Double(number))
      model.fold(act, history: history(10), context: context(), catalog: catalog)
    }
    let asked = query(history(10), atMinutes: 60 * 24 * 8)
    let learnt = model.candidates(for: asked, catalog: catalog, limit: 3)
    #expect(learnt.first?.item.rawValue == 21)
    model.install(set, catalog: catalog, isNew: true)
    #expect(model.candidates(for: asked, catalog: catalog, limit: 3) == learnt)
    var restored = CohortPopularity()
    for change in model.takeChanges() {
      if let value = change.value { try restored.restore(key: change.key, value: value) }
    }
    restored.install(set, catalog: catalog, isNew: false)
    #expect(restored.candidates(for: asked, catalog: catalog, limit: 3) == learnt)
  }
}
