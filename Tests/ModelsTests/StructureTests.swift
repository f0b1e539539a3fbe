import Catalog
import Primitives
import Testing

@testable import Models

@Suite struct ForwardDecayTests {
  let day = Duration.seconds(86_400)

  @Test(arguments: [0.0, 0.25, 1, 7, 40, 400, 4_000, 40_000])
  func `an act weighs half of one a half-life later, wherever the landmark is`(daysOn: Double) {
    var decay = ForwardDecay(halfLife: day)
    _ = decay.admit(start)
    _ = decay.admit(start + .seconds(daysOn * 86_400))
    let late = start + .seconds(daysOn * 86_400)
    #expect(abs(decay.weight(at: late - day) / decay.weight(at: late) - 0.5) < 1e-12)
    #expect(decay.weight(at: late) < 0x1p64)
  }

  @Test func `a moved landmark multiplies sums by a power of two, and ages stay the same`() throws {
    var decay = ForwardDecay(halfLife: day)
    _ = decay.admit(start)
    let old = decay.weight(at: start + .seconds(60 * 86_400))
    let moved = decay.admit(start + .seconds(70 * 86_400))
    let factor = try #require(moved)
    #expect(factor.significand == 1)
    #expect(old * factor == decay.weight(at: start + .seconds(60 * 86_400)))
    #expect(decay.admit(start) == nil)
  }

  @Test(arguments: [Int64.min / 2, -62_135_596_800_000_000, 0, 32_503_680_000_000_000, Int64.max / 2])
  func `no moment breaks it`(microseconds: Int64) {
    var decay = ForwardDecay(halfLife: .seconds(1))
    _ = decay.admit(start)
    _ = decay.admit(Timestamp(microseconds: microseconds))
    #expect(decay.weight(at: Timestamp(microseconds: microseconds)).isFinite)
    #expect(decay.weight(at: start).isFinite)
  }
}

@Suite struct OrdinalMapTests {
  @Test(arguments: [UInt64(1), 2, 3])
  func `it holds what a dictionary holds`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var map = OrdinalMap<Double>()
    var expected: [UInt32: Double] = [:]
    for _ in 0..<20_000 {
      let key = UInt32.random(in: 0..<700, using: &generator) &* (seed == 3 ? 4_294_967 : 1)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0:
        map.remove(key)
        expected[key] = nil
      case 1:
        map.set(key, to: 2)
        expected[key] = 2
      case 2:
        map.add(to: [key, key, 5]) { Double($0) }
        expected[key, default: 0] += 1
        expected[5, default: 0] += 2
      default:
        map.add(1, to: key)
        expected[key, default: 0] += 1
      }
      #expect(map.count == expected.count)
    }
    for key in 0..<UInt32(700) { #expect(map[key] == expected[key]) }
    var found: [UInt32: Double] = [:]
    map.forEach { found[$0] = $1 }
    #expect(found == expected)
    map.mapInPlace { $1 * 2 + Double($0) }
    #expect(expected.allSatisfy { map[$0.key] == $0.value * 2 + Double($0.key) })
  }
}

@Suite struct TopScoresTests {
  @Test(arguments: [0, 1, 2, 3, 17, 500], [0, 1, 2, 16, 499, 500, 900])
  func `the best are those that sorting gives`(count: Int, limit: Int) {
    var generator = SeededGenerator(seed: UInt64(count * 1_000 + limit))
    var top = TopScores()
    var all: [(item: UInt32, score: Float)] = []
    for item in (0..<UInt32(count)).shuffled(using: &generator) {
      let score = Float(Int.random(in: 0..<40, using: &generator)) / 40
      top.append(item, score)
      all.append((item, score))
    }
    all.sort { ($1.score, $0.item) < ($0.score, $1.item) }
    let best = top.best(limit)
    #expect(best.map(\.item.rawValue) == all.prefix(limit).map(\.item))
    #expect(best.map(\.score) == all.prefix(limit).map(\.score))
  }
}

@Suite struct RankedListTests {
  @Test(arguments: [UInt64(1), 2])
  func `it stays in order through any changes`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var list = RankedList(capacity: 1_000)
    var weights: [UInt32: Double] = [:]
    for _ in 0..<3_000 {
      let item = UInt32.random(in: 0..<60, using: &generator)
      let weight = Double(Int.random(in: -3..<12, using: &generator))
      if let old = weights[item] {
        if weight == 0 {
          list.remove(item, weight: old)
          weights[item] = nil
          continue
        }
        list.move(item, from: old, to: weight)
      } else {
        list.insert(item, weight: weight)
      }
      weights[item] = weight
      let expected = weights.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      #expect(list.items == expected.map(\.key))
      #expect(list.weights == expected.map(\.value))
    }
    list.scale(by: 0)
    #expect(list.items == weights.keys.sorted())
  }
}

@Suite struct NeighbourRowsTests {
  @Test func `a full row keeps the items that come often, with about their weights`() throws {
    var rows = NeighbourRows()
    rows.neighboursMax = 20
    var generator = SeededGenerator(seed: 4)
    // Items 1 to 10 come in half of the pairs, 1,000 others in the rest.
    for step in 0..<40_000 {
      let isOften = Bool.random(using: &generator)
      let other = isOften ? UInt32.random(in: 1...10, using: &generator) : .random(in: 11...1_010, using: &generator)
      rows.note(1, of: 0, and: other)
      rows.add(1, from: 0, to: other, salt: UInt64(step))
    }
    let row = try #require(rows[0])
    #expect(row.items.count == 20)
    #expect(row.sum == 40_000)
    for item in UInt32(1)...10 {
      let place = try #require(row.items.place(of: item))
      #expect(abs(row.weights[place] - 2_000) < 400)
    }
    #expect(row.items.place(of: 0) == nil)
  }

  @Test func `the least goes, also when the least of before has grown`() throws {
    var rows = NeighbourRows()
    rows.neighboursMax = 2
    func add(_ weight: Double, _ item: UInt32) {
      rows.note(weight, of: 0, and: item)
      rows.add(weight, from: 0, to: item, salt: 1)
    }
    for (weight, item) in [(1, 1), (5, 2), (1e-12, 3), (100, 1), (1e12, 4)] as [(Double, UInt32)] { add(weight, item) }
    #expect(rows[0]?.items == [1, 4])
  }

  @Test(arguments: 0...20)
  func `an item is found wherever it stands`(count: Int) {
    let items = (0..<UInt32(count)).map { $0 * 3 }
    for place in items.indices { #expect(items.place(of: items[place]) == place) }
    #expect(items.place(of: 1) == nil)
  }
}
