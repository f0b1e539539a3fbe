import Catalog
import Events
import Primitives
import Rules
import Testing

@testable import Features

@Suite struct ItemDwellTests {
  static let essay = ItemOrdinal(1)
  static let note = ItemOrdinal(2)

  /// An essay that is read for about five minutes, a note for about five seconds.
  static func folded(_ order: (inout [(ItemOrdinal, Double)]) -> Void = { _ in }) -> ItemDwell {
    var dwells: [(ItemOrdinal, Double)] = [240, 280, 300, 320, 400].map { (essay, $0) }
    dwells += [3, 4, 5, 6, 8].map { (note, $0) }
    order(&dwells)
    var dwell = ItemDwell()
    for (item, seconds) in dwells { dwell.fold(item, seconds: seconds) }
    return dwell
  }

  @Test(
    arguments: [(essay, 60, false), (note, 60, true), (essay, 330, true), (note, 2, false), (essay, 1e9, true)]
      as [(
        ItemOrdinal, Double, Bool
      )])
  func `the same time is long for a note and short for an essay`(item: ItemOrdinal, seconds: Double, isLong: Bool) {
    #expect(Self.folded().standing(of: item, seconds: seconds).map { $0 >= 0 } == isLong)
  }

  @Test func `the order of arrival does not matter, and dwells are capped`() {
    let expected = Self.folded()
    var generator = SeededGenerator(seed: 8)
    let shuffled = Self.folded { $0.shuffle(using: &generator) }
    #expect(shuffled.statistics(of: Self.essay) == expected.statistics(of: Self.essay))
    #expect(shuffled.all == expected.all)
    var capped = ItemDwell()
    capped.fold(Self.essay, seconds: 1e12)
    capped.fold(Self.essay, seconds: -4)
    capped.fold(Self.essay, seconds: .nan)
    var longest = ItemDwell()
    longest.fold(Self.essay, seconds: ItemDwell.secondsMax)
    #expect(capped.all == longest.all)
  }

  @Test func `little known items are judged by all, and nothing is judged by little`() {
    var dwell = ItemDwell()
    for seconds in [10.0, 10, 10, 10] { dwell.fold(Self.note, seconds: seconds) }
    #expect(dwell.standing(of: Self.note, seconds: 100) == nil)
    dwell.fold(Self.note, seconds: 10)
    #expect(dwell.standing(of: Self.note, seconds: 10) == 0)
    #expect(dwell.standing(of: Self.essay, seconds: 100).map { $0 > 0 } == true)
    #expect(dwell.standing(of: Self.essay, seconds: 1).map { $0 < 0 } == true)
  }

  @Test func `what changed can be taken and put back`() throws {
    var dwell = Self.folded()
    var copy = ItemDwell()
    for change in dwell.takeChanges() { try copy.restore(key: change.key, value: try #require(change.value)) }
    #expect(copy.all == dwell.all)
    #expect(copy.statistics(of: Self.note) == dwell.statistics(of: Self.note))
    #expect(dwell.takeChanges().isEmpty)
    #expect(throws: BinaryError.self) { try copy.restore(key: [1], value: [2, 2, 2]) }
    #expect(throws: BinaryError.self) { try copy.restore(key: [], value: []) }
  }

  @Test func `the engagement ratio counts long dwells of the window among those that can be judged`() throws {
    let world = try FeatureWorld(yaml: "f: {type: engagement, window: 10d, min_events: 2}\n")
    var dwell = ItemDwell()
    for seconds in [10.0, 12, 14, 16, 18] { dwell.fold(ItemOrdinal(2), seconds: seconds) }
    let events = try [
      world.act(.dwell, "mug", -11 * FeatureWorld.day, value: 900), world.act(.dwell, "mug", 0, value: 1),
      world.act(.dwell, "mug", 1, value: 60), world.act(.dwell, "pan", 2, value: 2), world.act(.view, "mug", 3),
    ]
    #expect(Approximately(world.values(events, at: 60, dwell: dwell)["f"]) == Approximately(.double(1.0 / 3)))
    #expect(world.values(Array(events.prefix(2)), at: 60, dwell: dwell)["f"] == nil)
  }
}
