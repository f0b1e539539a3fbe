import Catalog
import Events
import Features
import Models
import Primitives
import Testing

@Suite struct PopularityTests {
  let catalog = ItemCatalog()
  let day = 1_440.0

  func ranking(_ model: some CandidateModel, limit: Int = 512, atDays: Double = 0) -> [Int] {
    model.candidates(for: query(atMinutes: atDays * day), catalog: catalog, limit: limit).map { Int($0.item.rawValue) }
  }

  func model(_ acts: [Interaction]) -> Popularity {
    var model = Popularity()
    for act in acts { model.fold(act, history: [], context: ContextFacts(), catalog: catalog) }
    return model
  }

  @Test(
    arguments: [
      // Left is liked more than right.
      ([act(1, .purchase)], [act(2, .addToCart)]),
      ([act(1, .addToCart)], [act(2, .click)]),
      ([act(1, .rating, value: 5)], [act(2, .rating, value: 3)]),
      ([act(1, .click)], [act(2, .view)]),
      ([act(1, .dwell, value: 60)], [act(2, .dwell, value: 20)]),
      ([act(1), act(1)], [act(2)]),
      ([act(1)], [act(2), act(2), act(2, .rating, value: 1)]),
      ([act(1)], [act(2, .purchase), act(2, .refund)]),
      ([act(1)], [act(2, .impression), act(2, .impression), act(2, .search)]),
      // A purchase a half-life ago is as much as two carts now less a little.
      ([act(1, .addToCart, at: 1)], [act(2, .purchase, at: -7 * 1_440)]),
    ] as [([Interaction], [Interaction])])
  func `what is liked more ranks higher`(more: [Interaction], less: [Interaction]) {
    #expect(ranking(model(more + less)).first == 1)
    #expect(ranking(model(less + more)).first == 1)
  }

  @Test func `a half-life halves a lead`() throws {
    let model = model([act(1, .purchase, at: 0), act(2, .purchase, at: -7 * day), act(3, .purchase, at: -14 * day)])
    let scores = model.scores(of: items(0...4), for: query(), catalog: catalog)
    #expect(zip(scores, [0, 1, 0.5, 0.25, 0]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func `the order does not change with the time of asking`() {
    let model = model(occurrences(2_000, seed: 1).map(\.act))
    let now = ranking(model)
    #expect(ranking(model, atDays: 900) == now)
    #expect(ranking(model, atDays: -900) == now)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `late acts give the same as punctual ones, over decades`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    // A week between acts: the landmark moves many times.
    let acts = occurrences(3_000, seed: seed, minutesApart: 10_080).map(\.act)
    let punctual = model(acts)
    let late = model(acts.shuffled(using: &generator))
    let every = items(0..<60)
    let (left, right) = (
      punctual.scores(of: every, for: query(), catalog: catalog), late.scores(of: every, for: query(), catalog: catalog)
    )
    #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func `the best 512 are exact whatever falls and rises`() {
    var generator = SeededGenerator(seed: 6)
    var model = Popularity()
    var expected = [Double](repeating: 0, count: 4_000)
    for step in 0..<8_000 {
      // Refunds and dismissals of the leaders, so that others must come up.
      let isFall = step % 4 == 0
      let item =
        isFall
        ? ranking(model, limit: 512).randomElement(using: &generator) ?? 0
        : Int.random(in: 0..<4_000, using: &generator)
      let kind: SignalKind = isFall ? (step % 8 == 0 ? .refund : .dismiss) : [.purchase, .addToCart, .view][step % 3]
      model.fold(act(item, kind), history: [], context: ContextFacts(), catalog: catalog)
      expected[item] += [.refund: -1, .dismiss: -0.5, .purchase: 1, .addToCart: 0.5, .view: 0.1][kind] ?? 0
      guard step % 1_000 == 999 else { continue }
      let best = model.candidates(for: query(), catalog: catalog, limit: 512)
      let order = expected.indices.sorted { (expected[$1], $0) < (expected[$0], $1) }.prefix(512)
      // Sums of .1 and .5 differ in the last bits: compare the weights, not the order of equals.
      let top = order.first.map { expected[$0] } ?? 1
      #expect(zip(best, order).allSatisfy { abs(Double($0.score) - expected[$1] / top) < 1e-5 })
      #expect(best.count { $0.score > 1e-9 } == min(512, expected.count { $0 > 1e-9 }))
    }
  }

  @Test(arguments: [SignalKind.refund, .dismiss], [true, false])
  func `when the leaders fall one by one, the next come up`(fall: SignalKind, isOldestFirst: Bool) {
    // Item n was bought n minutes ago; a refund or dismissal of the same minute takes all or half of that away.
    let acts = (0..<3_000).map { act($0, .purchase, at: Double(-$0)) }
    var model = model(isOldestFirst ? acts.reversed() : acts)
    for fallen in 0..<2_400 {
      model.fold(act(fallen, fall, at: Double(-fallen)), history: [], context: ContextFacts(), catalog: catalog)
      if fallen % 200 == 199 { #expect(ranking(model) == Array((fallen + 1)...(fallen + 512))) }
    }
    // Places of the ranking are free again, and go to those that rise above the rest.
    for riser in 0..<600 {
      model.fold(act(riser, .purchase, at: 1), history: [], context: ContextFacts(), catalog: catalog)
    }
    #expect(Set(ranking(model)).isSubset(of: Set(0..<600)))
  }

  @Test func `a moment far away breaks nothing`() {
    let model = model([act(1), act(2, at: 512 * 365 * day), act(3, at: -1_900 * 365 * day)])
    #expect(ranking(model) == [2])
    #expect(model.scores(of: items([1, 2, 3]), for: query(), catalog: catalog) == [0, 1, 0])
  }
}

@Suite struct ContextPopularityTests {
  let catalog = ItemCatalog()

  func model(_ acts: [(Interaction, ContextFacts)]) -> ContextPopularity {
    var model = ContextPopularity()
    for (act, context) in acts { model.fold(act, history: [], context: context, catalog: catalog) }
    return model
  }

  @Test(arguments: [
    (context(device: "mobile"), context(device: "desktop"), "device mobile"),
    (context(region: "CH"), context(region: "DE"), "region CH"),
    (context(hour: 9, weekday: 2), context(hour: 21, weekday: 2), "weekday morning"),
    (context(hour: 9, weekday: 6), context(hour: 9, weekday: 5), "weekend morning"),
    (context(hour: 0, weekday: 7), context(hour: 23, weekday: 7), "weekend night"),
  ])
  func `each circumstance has its own favourites`(here: ContextFacts, there: ContextFacts, detail: String) {
    let model = model([(act(1, .purchase), here), (act(2, .purchase), there), (act(2, .purchase), there)])
    let question = query(context: here)
    #expect(model.candidates(for: question, catalog: catalog, limit: 9).map(\.item) == items([1]))
    #expect(
      model.reason(for: items([1])[0], query: question, catalog: catalog)
        == ModelReason(code: "popular_here", detail: detail))
    #expect(model.reason(for: items([2])[0], query: question, catalog: catalog) == nil)
    #expect(model.candidates(for: query(), catalog: catalog, limit: 9).isEmpty)
  }

  @Test func `a cell with more behind it says more`() {
    let busy = (0..<200).map { _ in (act(1, .purchase), context(device: "mobile")) }
    let model = model(busy + [(act(2, .purchase), context(region: "CH"))])
    let scores = model.scores(
      of: items([1, 2]), for: query(context: context(device: "mobile", region: "CH")), catalog: catalog)
    #expect(scores[0] > 5 * scores[1])
    #expect(scores[1] > 0)
  }

  @Test func `regions without end are bounded, and the busiest stay`() {
    var acts = (0..<50).map { _ in (act(1, .purchase), context(region: "CH")) }
    acts += (0..<2_000).map { (act(2 + $0, at: Double($0 * 7 % 2_000)), context(region: "r\($0)")) }
    var model = model(acts)
    func best(in region: String) -> [ItemOrdinal] {
      model.candidates(for: query(context: context(region: region)), catalog: catalog, limit: 9).map(\.item)
    }
    #expect(best(in: "CH") == items([1]))
    let alive = (0..<2_000).filter { !best(in: "r\($0)").isEmpty }
    #expect(alive.count == 511)
    for region in alive { #expect(best(in: "r\(region)") == items([2 + region])) }
    #expect(model.takeChanges().filter { $0.value != nil }.count == 512)
  }

  @Test func `a cell keeps its best items when thousands pass through`() {
    var generator = SeededGenerator(seed: 2)
    var acts: [(Interaction, ContextFacts)] = []
    for _ in 0..<30_000 {
      let range = Bool.random(using: &generator) ? 0..<50 : 50..<9_000
      let item = Int.random(in: range, using: &generator)
      acts.append((act(item), context(device: "tv")))
    }
    let best = model(acts).candidates(for: query(context: context(device: "tv")), catalog: catalog, limit: 50)
    #expect(Set(best.map(\.item)) == Set(items(0..<50)))
  }
}

@Suite struct CohortPopularityTests {
  @Test func `people of one interest share their favourites`() throws {
    let catalog = try shop()
    var model = CohortPopularity()
    // Who reads category 0 (items 0, 7, 14 …) buys item 33; who reads category 1 buys 34.
    for _ in 0..<30 {
      model.fold(act(33, .purchase), history: [act(0), act(7)], context: ContextFacts(), catalog: catalog)
      model.fold(act(34, .purchase), history: [act(1), act(8)], context: ContextFacts(), catalog: catalog)
    }
    let question = query([act(14), act(21), act(1)])
    #expect(model.candidates(for: question, catalog: catalog, limit: 5).map(\.item) == items([33]))
    #expect(
      model.reason(for: items([33])[0], query: question, catalog: catalog)
        == ModelReason(code: "popular_in_cohort", detail: "category c0"))
    #expect(model.candidates(for: query([act(4)]), catalog: catalog, limit: 5).isEmpty)
  }

  @Test(
    arguments: [
      ([], nil),
      ([act(0), act(1), act(7)], "category c0"),
      ([act(0), act(7), act(1, .purchase)], "category c1"),
      ([act(0), act(1)], "category c1"),
      ([act(0, .dismiss), act(1)], "category c1"),
      ([act(0, .dismiss)], nil),
      ([act(0, .purchase)] + (0..<20).map { _ in act(3) }, "category c3"),
    ] as [([Interaction], String?)])
  func `the interest is the category of most liking among the last 20 acts`(
    history: [Interaction], detail: String?
  ) throws {
    let catalog = try shop()
    var model = CohortPopularity()
    for category in 0..<7 {
      model.fold(act(50, .purchase), history: [act(category)], context: ContextFacts(), catalog: catalog)
    }
    #expect(model.reason(for: items([50])[0], query: query(history), catalog: catalog)?.detail == detail)
  }
}
