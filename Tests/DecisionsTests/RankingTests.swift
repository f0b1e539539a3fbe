import Catalog
import Decisions
import Primitives
import Testing

extension Contender {
  fileprivate init(_ item: UInt32, _ score: Float, _ categories: [UInt32] = [], isNew: Bool = false) {
    self.init(item: ItemOrdinal(item), score: score, categories: categories, isNew: isNew)
  }
}

/// Contenders of three categories, best first, drawn from a seed.
private func contenders(_ count: Int, seed: UInt64) -> [Contender] {
  var generator = SeededGenerator(seed: seed)
  var list: [Contender] = []
  for item in 0..<count {
    list.append(
      Contender(
        UInt32(item), Float(generator.nextUnit()), [UInt32.random(in: 0..<3, using: &generator)],
        isNew: generator.nextUnit() < 0.1))
  }
  return list.sorted { $0.score > $1.score }
}

@Suite struct RankingTests {
  @Test func `without list rules the order is that of the scores`() {
    let list = contenders(50, seed: 1)
    #expect(Ranking(contenders: list, count: 10, rules: ListRules()).chosen == Array(0..<10))
  }

  @Test func `diversity puts another category before more of the same`() {
    let list = [Contender(1, 0.9, [7]), Contender(2, 0.89, [7]), Contender(3, 0.5, [8])]
    #expect(Ranking(contenders: list, count: 3, rules: ListRules(diversity: 0.8)).chosen == [0, 2, 1])
    #expect(Ranking(contenders: list, count: 3, rules: ListRules(diversity: 0.1)).chosen == [0, 1, 2])
  }

  @Test(arguments: 1...40)
  func `quotas and the promise of new items hold on any list`(seed: Int) {
    let list = contenders(60, seed: UInt64(seed))
    let rules = ListRules(diversity: 0.4, categoryMax: 4, newMin: 1)
    let ranking = Ranking(contenders: list, count: 10, rules: rules)
    for category in UInt32(0)..<3 {
      #expect(ranking.chosen.count { list[$0].categories.first == category } <= 4)
    }
    if list.contains(where: \.isNew) { #expect(ranking.chosen.contains { list[$0].isNew }) }
    #expect(Set(ranking.chosen).count == ranking.chosen.count)
  }

  @Test func `a quota that leaves too few gives a shorter list`() {
    let list = (0..<5).map { Contender($0, 1 - Float($0) / 10, [1]) }
    #expect(Ranking(contenders: list, count: 5, rules: ListRules(categoryMax: 2)).chosen.count == 2)
  }

  @Test func `no contender is an empty list`() {
    #expect(Ranking(contenders: [], count: 3, rules: ListRules(newMin: 1)).chosen.isEmpty)
  }
}

@Suite struct ExplorationTests {
  /// The law that makes off-policy evaluation possible: what is logged is what happens.
  @Test(arguments: [
    ListRules(), ListRules(diversity: 0.5, categoryMax: 4, newMin: 1), ListRules(categoryMax: 3, newMin: 2),
  ])
  func `logged propensities are the frequencies of a hundred thousand draws`(rules: ListRules) {
    let list = contenders(24, seed: 5)
    let ranking = Ranking(contenders: list, count: 6, rules: rules)
    let weights = list.map { $0.score + 0.05 }
    struct Seat: Hashable {
      let place: Int
      let contender: Int
    }
    var counts: [Seat: Int] = [:]
    var logged: [Seat: Float] = [:]
    var generator = SeededGenerator(seed: 99)
    let draws = 100_000
    for _ in 0..<draws {
      let exploration = Exploration(of: ranking, share: 0.3, weights: weights, using: &generator)
      for (place, contender) in exploration.list.enumerated() {
        let seat = Seat(place: place, contender: contender)
        counts[seat, default: 0] += 1
        let before = logged.updateValue(exploration.propensities[place], forKey: seat)
        #expect(before == nil || before == exploration.propensities[place], "one seat, one propensity")
      }
    }
    for (seat, count) in counts {
      let expected = Double(logged[seat] ?? 0)
      let deviation = (expected * (1 - expected) / Double(draws)).squareRoot()
      #expect(abs(Double(count) / Double(draws) - expected) < 5 * deviation + 1e-9, "seat \(seat)")
    }
    for place in ranking.chosen.indices {
      let total = logged.filter { $0.key.place == place }.reduce(0) { $0 + Double($1.value) }
      #expect(total < 1.0001, "place \(place) holds one item")
    }
  }

  @Test(arguments: 1...200)
  func `an explored list keeps every list rule`(seed: Int) {
    let list = contenders(30, seed: 11)
    let rules = ListRules(diversity: 0.3, categoryMax: 3, newMin: 1)
    let ranking = Ranking(contenders: list, count: 8, rules: rules)
    var generator = SeededGenerator(seed: UInt64(seed))
    let exploration = Exploration(of: ranking, share: 1, weights: list.map { _ in 1 }, using: &generator)
    for category in UInt32(0)..<3 {
      #expect(exploration.list.count { list[$0].categories.first == category } <= 3)
    }
    #expect(exploration.list.contains { list[$0].isNew })
    #expect(exploration.list[0] == ranking.chosen[0], "the first place is not explored")
  }

  @Test func `nothing to explore with leaves every propensity at one`() {
    let list = contenders(4, seed: 3)
    let ranking = Ranking(contenders: list, count: 4, rules: ListRules())
    var generator = SeededGenerator(seed: 1)
    let exploration = Exploration(of: ranking, share: 0.5, weights: [1, 1, 1, 1], using: &generator)
    #expect(exploration.propensities == [1, 1, 1, 1])
    #expect(exploration.exploredPlace == nil)
  }
}
