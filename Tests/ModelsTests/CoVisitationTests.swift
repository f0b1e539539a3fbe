import Catalog
import Events
import Features
import Models
import Primitives
import Testing

@Suite struct CoVisitationTests {
  let catalog = ItemCatalog()

  func model(
    _ people: [[Interaction]], settings: CoVisitation.Settings = CoVisitation.Settings()
  ) -> CoVisitation {
    let all = people.enumerated().flatMap { person, acts in
      acts.map { Occurrence(person: person, act: $0, context: ContextFacts()) }
    }
    return folded(all, into: CoVisitation(settings: settings), catalog: catalog)
  }

  func similar(_ model: CoVisitation, to item: Int, atMinutes: Double = 0) -> [Int] {
    model.candidates(for: query(similarTo: [item], atMinutes: atMinutes), catalog: catalog, limit: 99)
      .map { Int($0.item.rawValue) }
  }

  @Test(
    arguments: [
      // After item 0, item 1 is likelier than item 2.
      ([[act(0), act(1, at: 1)], [act(0), act(1, at: 1)], [act(0), act(2, at: 1)]]),  // more often
      ([[act(0), act(1, at: 1)], [act(0), act(2, at: 60)]]),  // nearer
      ([[act(0), act(1, at: 1)], [act(2), act(0, at: 1)]]),  // forwards
      ([[act(0), act(1, .purchase, at: 1)], [act(0), act(2, at: 1)]]),  // more attention
      ([[act(0), act(2, at: 1)], [act(0, at: 86_400), act(1, at: 86_401)]]),  // lately: 60 days later
      ([[act(0), act(1, at: 1)], [act(0), act(2, .impression, at: 1)]]),  // an impression is no act
      ([[act(0), act(1, at: 1)], [act(0), act(2, .dismiss, at: 1)]]),
      ([[act(0), act(1, at: 1)], [act(0), act(2, at: 31 * 1_440)]]),  // beyond the window
    ] as [[[Interaction]]])
  func `what is often, near, after, meant and lately comes first`(people: [[Interaction]]) {
    #expect(similar(model(people), to: 0).first == 1)
    #expect(similar(model(people.reversed()), to: 0).first == 1)
  }

  @Test func `a popular item yields to one that belongs here`() {
    // Item 9 stands in everybody's history, item 1 only beside item 0.
    var people = (0..<400).map { [act(10 + $0 % 50), act(9, at: 1)] }
    people += (0..<20).map { _ in [act(0), act(9, at: 1)] } + (0..<18).map { _ in [act(0), act(1, at: 1)] }
    #expect(similar(model(people), to: 0) == [1, 9])
    var settings = CoVisitation.Settings()
    settings.penaltyRoots = 0
    #expect(similar(model(people, settings: settings), to: 0) == [9, 1])
  }

  @Test func `the newest item speaks loudest`() throws {
    let people = (0..<10).flatMap { _ in [[act(0), act(1, at: 1)], [act(2), act(3, at: 1)]] }
    let model = model(people)
    func ask(_ history: [Interaction]) -> [ScoredItem] {
      model.candidates(for: query(history), catalog: catalog, limit: 2)
    }
    #expect(ask([act(2), act(0)]).map(\.item) == items([1, 3]))
    #expect(ask([act(0), act(2)]).map(\.item) == items([3, 1]))
    let two = ask([act(2), act(0)])
    #expect(abs(two[1].score / two[0].score - CoVisitation.Settings().recency) < 1e-5)
  }

  @Test func `a score grows with the evidence`() throws {
    func best(_ count: Int) -> Float {
      let people = (0..<count).map { _ in [act(0), act(1, at: 1)] }
      return model(people).candidates(for: query([act(0)]), catalog: catalog, limit: 1)[0].score
    }
    #expect(best(1) < best(5))
    #expect(best(5) < best(100))
    // 100 / (100 + 5)
    #expect(abs(best(100) - 0.9524) < 1e-3)
  }

  @Test func `a reason names the item of the history that speaks most`() {
    let people = (0..<5).flatMap { _ in [[act(0), act(1, at: 1)], [act(2), act(1, at: 40)]] }
    let model = model(people)
    for (history, speaker) in [([act(2), act(0)], 0), ([act(0), act(2)], 2), ([act(0), act(5)], 0)] {
      let reason = model.reason(for: items([1])[0], query: query(history), catalog: catalog)
      #expect(reason == ModelReason(code: "often_together", because: items([speaker])[0]))
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `the order of arrival does not matter while nothing is full`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    // At most 10 acts a person, so that every pair stands within reach; many acts at one moment, over a year.
    let all = (0..<400).map { step in
      Occurrence(
        person: step / 10,
        act: act(
          Int.random(in: 0..<40, using: &generator), at: Double(Int.random(in: 0..<200, using: &generator)) * 2_600),
        context: ContextFacts())
    }
    let one = folded(all.sorted { $0.act.at < $1.act.at }, into: CoVisitation(), catalog: catalog)
    let other = folded(all.shuffled(using: &generator), into: CoVisitation(), catalog: catalog)
    for item in 0..<40 {
      let question = query(similarTo: [item], atMinutes: 500_000)
      let (left, right) = (
        one.scores(of: items(0..<40), for: question, catalog: catalog),
        other.scores(of: items(0..<40), for: question, catalog: catalog)
      )
      #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-5 })
      #expect(left.contains { $0 > 0 })
    }
  }

  @Test func `an item is no neighbour of itself`() {
    let model = model([[act(0), act(0, at: 1), act(0, at: 2), act(1, at: 3)]])
    #expect(similar(model, to: 0) == [1])
    #expect(similar(model, to: 1) == [0])
  }

  @Test func `a row is bounded and keeps what comes often`() throws {
    var settings = CoVisitation.Settings()
    settings.neighboursMax = 10
    let people = (0..<3_000).map { person in
      [act(0), act(person % 2 == 0 ? 1 + person % 4 : 100 + person, at: 1)]
    }
    let found = similar(model(people, settings: settings), to: 0)
    #expect(found.count == 10)
    #expect(Set(found.prefix(2)) == [1, 3])
  }

  @Test func `decades between acts break nothing, and what was learnt last stays when nothing comes in`() {
    let decades = 5_256_000.0
    let people = (0..<40).map { decade in
      [act(0, at: Double(decade) * decades), act(1 + decade % 2, at: Double(decade) * decades + 1)]
    }
    let model = model(people)
    for decade in [40.0, 41, 400] { #expect(similar(model, to: 0, atMinutes: decade * decades).first == 2) }
  }
}
