import Documents
import Events
import Primitives
import Rules
import Testing

@testable import Features

@Suite struct FeatureWindowTests {
  static let day = FeatureWorld.day

  /// A set of one feature named `f`.
  static func world(_ definition: String) throws -> FeatureWorld { try FeatureWorld(yaml: "f: {\(definition)}\n") }

  @Test(arguments: [
    ("7d", "7h"), ("30d", "1d"), ("90d", "4d"), ("365d", "15d"), ("1d", "1h"), ("2d", "2h"), ("24d", "1d"),
    ("23d", "23h"),
    ("12h", "30m"), ("1h", "3m"), ("5m", "1m"),
  ])
  func `a bucket is a 24th of the window, in whole days, hours or minutes`(window: String, bucket: String) throws {
    let definition = try Self.world("type: count, signals: [view], window: \(window)").set.definitions[0]
    #expect(definition.bucketWidth == Duration(documentText: bucket))
  }

  // The start lies 2 h 40 min into its day, in the middle of an hour.
  @Test(
    arguments: [
      ("7d", "1d", 0, 1), ("7d", "1d", 7, 1), ("7d", "1d", 7.5, 1), ("7d", "1d", 8.01, 0), ("7d", "1h", 6.99, 1),
      ("7d", "1h", 7.1, 0), ("1h", "1m", 0.05, 0), ("7d", "1d", -0.01, 1), ("7d", "1d", -1, 0),
    ] as [(String, String, Double, Int64)])
  func `an event counts while its bucket overlaps the window, and never from the future`(
    window: String, bucket: String, days: Double, count: Int64
  ) throws {
    let world = try Self.world("type: count, signals: [view], window: \(window), bucket: \(bucket)")
    let values = try world.values([world.act(.view, "mug", 0)], at: days * Self.day)
    #expect(values["f"] == .int(count))
  }

  @Test func `money is exact whatever is added`() throws {
    let world = try Self.world("type: sum, signals: [purchase], minus: [refund], window: 30d")
    var events = try (0..<1_000).map { try world.act(.purchase, "mug", Double($0), value: 0.1) }
    events.append(try world.act(.refund, "mug", 5, value: 99.9))
    #expect(world.values(events, at: 1_000)["f"] == .double(0.1))
  }

  @Test func `an order of three lines is one order, three amounts and shares in three categories`() throws {
    let world = try FeatureWorld(
      yaml: """
        orders: {type: count, signals: [purchase]}
        money: {type: sum, signals: [purchase]}
        units: {type: sum, of: quantity, signals: [purchase]}
        revenue: {type: sum, of: property.revenue, signals: [purchase]}
        dear: {type: count, signals: [purchase], where: event.value > 20.0}
        kinds: {type: affinity, by: item.category, half_life: 30d, signals: [purchase], min_events: 1}
        """)
    let lines = [("mug", 12.5, 1), ("pan", 40, 1), ("ball", 30, 3)].map {
      Signal(kind: .purchase, itemID: $0.0, value: $0.1, quantity: $0.2)
    }
    let values = world.values(
      [try world.event("Order Completed", 0, lines, properties: #"{"revenue": 90.25}"#)], at: 60)
    #expect(values["orders"] == .int(1))
    #expect(values["money"] == .double(82.5))
    #expect(values["units"] == .double(5))
    #expect(values["revenue"] == .double(90.25))
    #expect(values["dear"] == .int(1))
    // mug: kitchen 1; pan: kitchen 1/2, sale 1/2; ball: a third each for sport, toys, garden
    let third = RuleValue.double(1.0 / 9)
    let expected: [String: RuleValue] = [
      "kitchen": .double(0.5), "sale": .double(1.0 / 6), "sport": third, "toys": third, "garden": third,
    ]
    #expect(Approximately(values["kinds"]) == Approximately(.map(expected)))
  }

  @Test(
    arguments: [
      ("count, signals: [save]", .int(0)), ("sum, signals: [purchase]", .double(0)),
      ("average, signals: [rating]", nil),
      ("min, signals: [rating]", nil), ("distinct, by: item, signals: [save]", .int(0)),
      ("last, by: item, signals: [save]", nil), ("time_since, signals: [save]", nil),
      ("affinity, by: item.category, half_life: 1d, signals: [save]", nil),
      ("decayed, half_life: 1d, signals: [save]", .double(0)),
      ("active_days, signals: [save]", .int(0)), ("sessions, signals: [save]", .int(0)), ("engagement", nil),
      ("count, signals: [save], min_events: 1", nil), ("sum, signals: [save], min_events: 1", nil),
    ] as [(String, RuleValue?)])
  func `of a known person what did not happen is 0, and what cannot be told is missing`(
    type: String, expected: RuleValue?
  ) throws {
    let world = try FeatureWorld(yaml: "f: {type: \(type)}\nviews: {type: count, signals: [view]}\n")
    #expect(try world.values([world.act(.view, "mug", 0)], at: 60)["f"] == expected)
    #expect(world.values([], at: 60)["f"] == nil)  // of a stranger nothing is known
  }

  @Test(arguments: [
    ("average, signals: [rating]", 2), ("affinity, by: item.category, half_life: 9d, signals: [rating]", 2),
    ("preference, by: device, half_life: 9d, signals: [rating]", 2), ("count, signals: [rating]", 2),
    ("decayed, half_life: 9d, signals: [rating]", 2), ("max, signals: [rating]", 2),
    ("distinct, by: item, signals: [rating]", 2), ("active_days, signals: [rating]", 2),
  ])
  func `a pattern shows with the stated number of events, not before`(type: String, least: Int) throws {
    let world = try Self.world("type: \(type), min_events: \(least)")
    let items = ["mug", "pan", "shoe"]
    for count in 1...3 {
      let events = try (0..<count).map { try world.act(.rating, items[$0], Double($0) * Self.day, value: 4) }
      #expect((world.values(events, at: 3 * Self.day)["f"] != nil) == (count >= least), "\(type) after \(count)")
    }
  }

  @Test(arguments: [(1, nil), (2, .double(5)), (4, .double(5))] as [(Int, RuleValue?)])
  func `a ratio needs its denominator to be large enough`(count: Int, expected: RuleValue?) throws {
    let world = try FeatureWorld(
      yaml: """
        f: {type: ratio, numerator: money, denominator: orders, min_events: 2}
        money: {type: sum, signals: [purchase]}
        orders: {type: count, signals: [purchase]}
        """)
    let events = try (0..<count).map { try world.act(.purchase, "mug", Double($0), value: 5) }
    #expect(world.values(events, at: 9)["f"] == expected)
  }

  @Test(
    arguments: [([0, 1, 2], 3), ([0, 2], 1), ([1, 2], 2), ([0, 1], 2), ([0], 0), ([], 0)] as [([Double], Int64)])
  func `a streak is unbroken up to today or yesterday`(days: [Double], length: Int64) throws {
    let world = try FeatureWorld(yaml: "f: {type: streak}\ng: {type: active_days, window: 2d}\n")
    let events = try days.map { try world.act(.view, "mug", $0 * Self.day) } + [world.event("x", -40 * Self.day)]
    let values = world.values(events, at: 2 * Self.day)
    #expect(values["f"] == .int(length))
    #expect(values["g"] == .int(Int64(days.count { $0 >= 1 })))
  }

  @Test(
    arguments: [
      ([], 0), ([(.view, 0)], 1), ([(.purchase, 0)], 0), ([(.addToCart, 0), (.view, 1)], 1),
      ([(.view, 0), (.addToCart, 1), (.purchase, 2)], 3), ([(.view, 0), (.addToCart, 1)], 2),
      ([(.view, 0), (.purchase, 1)], 1), ([(.view, -9), (.addToCart, 1)], 0),
    ] as [([(SignalKind, Double)], Int64)])
  func `a funnel is walked step by step within its window`(acts: [(SignalKind, Double)], step: Int64) throws {
    let world = try Self.world(
      "type: funnel_step, window: 7d, bucket: 1h, "
        + "steps: [{signals: [view]}, {signals: [add_to_cart]}, {signals: [purchase]}]"
    )
    let events = try acts.map { try world.act($0.0, "mug", $0.1 * Self.day) } + [world.event("x", 0)]
    #expect(world.values(events, at: 3 * Self.day)["f"] == .int(step))
    #expect(world.values(events.reversed(), at: 3 * Self.day)["f"] == .int(step))
  }

  @Test func `distinct counts stay at their limit, and keys unseen for the window are left out`() throws {
    let world = try FeatureWorld(
      yaml: """
        three: {type: distinct, by: property.page, events: [Read], limit: 3}
        week: {type: distinct, by: property.page, events: [Read], window: 7d}
        """)
    let events = try (0..<20).map {
      try world.event("read", Double($0) * Self.day, properties: #"{"page": "p\#($0 % 5)"}"#)
    }
    #expect(world.values(events, at: 19 * Self.day)["three"] == .int(3))
    #expect(world.values(events, at: 19 * Self.day)["week"] == .int(5))
    #expect(world.values(events, at: 24 * Self.day)["week"] == .int(3))
  }

  @Test func `first and last say what was said then, of one moment the same in either order`() throws {
    let world = try FeatureWorld(
      yaml: """
        first: {type: first, by: property.plan, events: [Plan Chosen]}
        last: {type: last, by: property.plan, events: [Plan Chosen]}
        price: {type: last, of: property.price, events: [Plan Chosen]}
        hours: {type: time_since, events: [Plan Chosen], unit: hours}
        """)
    let plans: [(String, Double, Int)] = [
      ("free", 0, 0), ("pro", 7_200, 20), ("team and everybody else in the company", 7_200, 50),
    ]
    let events = try plans.map {
      try world.event("plan_chosen", $0.1, properties: #"{"plan": "\#($0.0)", "price": \#($0.2)}"#)
    }
    for order in [events, events.reversed()] {
      let values = world.values(order, at: 10_800)
      #expect(values["first"] == .string("free"))
      #expect(values["last"] == world.values(events, at: 10_800)["last"])
      #expect(values["price"] == .double(50))
      #expect(values["hours"] == .double(1))
    }
  }
}
