import Catalog
import Events
import Primitives
import Testing

@testable import Features

@Suite struct ItemHistoryTests {
  static let start = Timestamp(seconds: 1_770_000_000)

  /// An act `seconds` after the start.
  static func act(_ kind: SignalKind, _ item: UInt32, _ seconds: Int64, value: Float = 0) -> Interaction {
    Interaction(item: ItemOrdinal(item), kind: kind, at: start + .seconds(seconds), value: value)
  }

  static func history(_ acts: [Interaction]) -> ItemHistory {
    var history = ItemHistory()
    for act in acts { history.fold(act) }
    return history
  }

  /// `count` acts on `items` items; several at one moment.
  static func acts(_ count: Int, items: UInt32, using generator: inout SeededGenerator) -> [Interaction] {
    (0..<count).map { _ in
      act(
        SignalKind.allCases.randomElement(using: &generator) ?? .view, .random(in: 0..<items, using: &generator),
        .random(in: 0..<Int64(count / 2 + 1), using: &generator), value: Float(Int.random(in: 0..<3, using: &generator))
      )
    }
  }

  @Test(arguments: [(0, 1), (1, 1), (40, 10), (600, 300)] as [(Int, UInt32)])
  func `every order of arrival gives the same history`(count: Int, items: UInt32) {
    var generator = SeededGenerator(seed: UInt64(count))
    let acts = Self.acts(count, items: items, using: &generator)
    let expected = Self.history(acts.sorted { $0.at < $1.at })
    for _ in 0..<10 { #expect(Self.history(acts.shuffled(using: &generator)) == expected) }
  }

  @Test(arguments: [0, 1, 50, 400])
  func `merging two histories is folding the acts of both, either way round`(count: Int) {
    var generator = SeededGenerator(seed: 7)
    let (left, right) = (
      Self.acts(count, items: 120, using: &generator), Self.acts(60, items: 120, using: &generator)
    )
    var merged = Self.history(left)
    merged.merge(Self.history(right))
    var reversed = Self.history(right)
    reversed.merge(Self.history(left))
    #expect(merged == Self.history(left + right))
    #expect(reversed == merged)
  }

  @Test func `recent acts are the latest 256 in time order, without impressions`() {
    let acts = (0..<300).map { Self.act($0 % 10 == 0 ? .impression : .view, UInt32($0), Int64($0)) }
    let recent = Self.history(acts.reversed()).recent
    #expect(recent == Array(acts.filter { $0.kind != .impression }.suffix(256)))
  }

  @Test(
    arguments: [
      ("nothing", [], false),
      ("a purchase", [(.purchase, 10)], true),
      ("a refund after it", [(.purchase, 10), (.refund, 20)], false),
      ("one refund of two", [(.purchase, 10), (.purchase, 11), (.refund, 20)], true),
      ("a purchase after the refund", [(.purchase, 10), (.refund, 20), (.purchase, 30)], true),
      ("a purchase after a refund of one never heard of", [(.refund, 20), (.purchase, 30)], true),
      ("a refund alone", [(.refund, 20)], false),
      ("a cart", [(.addToCart, 10), (.view, 11)], false),
    ] as [(String, [(SignalKind, Int64)], Bool)])
  func `what is bought and not refunded is owned`(name: String, acts: [(SignalKind, Int64)], isOwned: Bool) {
    for order in [acts, acts.reversed()] {
      let history = Self.history(order.map { Self.act($0.0, 5, $0.1) })
      #expect(history.hasBought(ItemOrdinal(5)) == isOwned, "\(name)")
      #expect(history.bought == (isOwned ? [ItemOrdinal(5)] : []), "\(name)")
      #expect(!history.hasBought(ItemOrdinal(6)))
    }
  }

  @Test(
    arguments: [
      (.impression, true), (.view, true), (.click, true), (.dwell, true), (.addToCart, false), (.search, false),
      (.dismiss, false),
    ] as [(SignalKind, Bool)])
  func `an item is seen by looking at it, until the period is over`(kind: SignalKind, isSeen: Bool) {
    let history = Self.history([Self.act(kind, 3, 0)])
    let item = ItemOrdinal(3)
    #expect(history.hasSeen(item, within: .seconds(60), now: Self.start + .seconds(59)) == isSeen)
    #expect(!history.hasSeen(item, within: .seconds(60), now: Self.start + .seconds(60)))  // the far edge is open
    #expect(!history.wasServed(item, within: .seconds(60), now: Self.start))
    #expect(history.hasDismissed(item) == (kind == .dismiss))
  }

  @Test func `what a decision showed is served, and seen only when the person looked`() {
    var history = ItemHistory()
    history.fold(served: ItemOrdinal(1), at: Self.start)
    history.fold(served: ItemOrdinal(2), at: Self.start + .seconds(5))
    history.fold(served: ItemOrdinal(1), at: Self.start + .seconds(2))
    #expect(history.wasServed(ItemOrdinal(1), within: .seconds(10), now: Self.start + .seconds(11)))
    #expect(!history.hasSeen(ItemOrdinal(1), within: .seconds(10), now: Self.start + .seconds(11)))
    #expect(history.served.map(\.item) == [ItemOrdinal(2), ItemOrdinal(1)])
    #expect(history.servedCount(of: ItemOrdinal(1)) == 2)
    history.fold(Self.act(.view, 1, 3))
    #expect(history.viewCount(of: ItemOrdinal(1)) == 1)
    #expect(history.recent.count == 1)
  }

  @Test func `full sets let the oldest go, whatever came first`() {
    let acts = (0..<4_100).map { Self.act(.purchase, UInt32($0), Int64($0)) }
    var generator = SeededGenerator(seed: 3)
    let history = Self.history(acts.shuffled(using: &generator))
    #expect(history.bought == (4..<4_100).map { ItemOrdinal($0) })
    let seen = Self.history((0..<4_100).map { Self.act(.view, UInt32($0), Int64($0)) })
    #expect(!seen.hasSeen(ItemOrdinal(3), within: .seconds(7_200), now: Self.start))
    #expect(seen.hasSeen(ItemOrdinal(4), within: .seconds(7_200), now: Self.start))
  }

  @Test(arguments: [0, 1, 700])
  func `a history reads back as it was written, and cut bytes are refused`(count: Int) throws {
    var generator = SeededGenerator(seed: 11)
    var history = Self.history(Self.acts(count, items: 90, using: &generator))
    for item in 0..<UInt32(count) { history.fold(served: ItemOrdinal(item), at: Self.start + .seconds(Int64(item))) }
    var writer = BinaryWriter()
    history.encode(into: &writer)
    var reader = BinaryReader(writer.bytes)
    #expect(try ItemHistory(from: &reader) == history)
    #expect(reader.isAtEnd)
    for length in stride(from: 0, to: writer.bytes.count, by: 97) {
      var cut = BinaryReader(Array(writer.bytes[..<length]))
      #expect(throws: BinaryError.self) { try ItemHistory(from: &cut) }
    }
  }
}
