import Foundation
import Events
import Primitives
import Rules
import Testing

@testable import Features

@Suite struct FeatureDecayTests {
  static let day = FeatureWorld.day

  @Test(arguments: [0, 0.5, 1, 2, 30, 3_000] as [Double])
  func `a decayed sum halves with each half-life`(halfLives: Double) throws {
    let world = try FeatureWorld(yaml: "f: {type: decayed, signals: [purchase], of: value, half_life: 7d}\n")
    let values = try world.values([world.act(.purchase, "mug", 0, value: 64)], at: halfLives * 7 * Self.day)
    guard case .double(let found)? = values["f"] else { return #expect(Bool(false), "no value") }
    #expect(abs(found - 64 * pow(0.5, halfLives)) < 1e-9 * max(1, found))
  }

  @Test func `shares weigh what was done and how long ago`() throws {
    let world = try FeatureWorld(
      yaml: """
        f:
          type: affinity
          by: item.category
          half_life: 10d
          weights: {view: 1, purchase: 4, dismiss: -2, rating: 2}
          min_events: 1
        """)
    // A purchase of kitchen (4) two half-lives ago is a view of sport now: 4/4 = 1.
    let events = try [world.act(.purchase, "mug", 0, value: 1), world.act(.view, "shoe", 20 * Self.day)]
    let half = RuleValue.double(0.5)
    #expect(
      Approximately(world.values(events, at: 20 * Self.day)["f"])
        == Approximately(.map(["kitchen": half, "sport": half])))
    // Refused categories have no share; they do not count as taste for others.
    let refused = try events + [world.act(.dismiss, "shoe", 20 * Self.day)]
    #expect(
      Approximately(world.values(refused, at: 20 * Self.day)["f"]) == Approximately(.map(["kitchen": .double(1)])))
    // Ratings count by how far they lie from the middle of five.
    let rated = try [world.act(.rating, "mug", 0, value: 5), world.act(.rating, "shoe", 0, value: 1)]
    #expect(Approximately(world.values(rated, at: 0)["f"]) == Approximately(.map(["kitchen": .double(1)])))
  }

  @Test func `the heaviest keys are shown, with their share of all`() throws {
    let world = try FeatureWorld(
      yaml: "f: {type: affinity, by: property.tag, half_life: 10d, events: [Read], limit: 2, min_events: 1}\n")
    let events = try [("a", 1), ("b", 3), ("c", 2)].flatMap { tag, count in
      try (0..<count).map { try world.event("Read", Double($0), properties: #"{"tag": "\#(tag)"}"#) }
    }
    let values = world.values(events, at: 0)
    guard case .map(let shares)? = values["f"] else { return #expect(Bool(false), "no value") }
    #expect(shares.keys.sorted() == ["b", "c"])
    #expect(shares["b"]?.number.map { abs($0 - 0.5) < 1e-4 } == true)
  }

  @Test func `beyond 32 keys the lightest goes and the newest stays`() throws {
    let world = try FeatureWorld(
      yaml: "f: {type: affinity, by: property.tag, half_life: 10d, events: [Read], limit: 32, min_events: 1}\n")
    var events: [FeatureEvent] = []
    for tag in 0..<40 {
      for second in 0..<(tag == 7 ? 1 : 2) {
        let properties = #"{"tag": "a tag of some length, number \#(tag)"}"#
        events.append(try world.event("Read", Double(tag * 60 + second), properties: properties))
      }
    }
    guard case .map(let shares)? = world.values(events, at: 3_600)["f"] else { return #expect(Bool(false), "no value") }
    #expect(shares.count == 32)
    #expect(shares["a tag of some length, number 39"] != nil)
    #expect(shares["a tag of some length, number 7"] == nil)
  }

  @Test func `a goal is told by the last events, and by none that are old`() throws {
    let world = FeatureWorld(.standard)
    let looking = try (0..<3).map { try world.act(.view, "mug", Double($0) * 60) }
    let buying = try looking + [world.act(.addToCart, "mug", 200)]
    let asking = try buying + [world.event("support_ticket_opened", 1_200), world.event("Help Viewed", 1_230)]
    let goals: [([FeatureEvent], Double, RuleValue?)] = [
      (looking, 240, .string("research")), (buying, 240, .string("purchase")), (asking, 1_260, .string("support")),
      (looking, 3_600, nil), (Array(looking.prefix(1)), 60, nil),
    ]
    for (events, seconds, goal) in goals { #expect(world.values(events, at: seconds)["session_goal"] == goal) }
  }
}

@Suite struct SessionTests {
  static let world = try? FeatureWorld(
    yaml: "visits: {type: sessions, window: 7d, gap: 30m}\ndepth: {type: session_depth, window: 7d, gap: 30m}\n")

  @Test(
    arguments: [
      ([], 0, 0, 0), ([0], 10, 1, 1), ([0, 30], 40, 1, 2), ([0, 31], 40, 2, 1), ([0, 60], 91, 2, 0),
      ([0, 60], 90, 2, 1),
      ([0, 60, 30], 60, 1, 3),  // a late event joins what it lies between
      ([60, 30, 0], 60, 1, 3), ([60, 0, 29], 60, 2, 1), ([0, 1, 2, 3], 5, 1, 4), ([0], 7 * 1_440 + 1, 0, 0),
      ([50], 10, 0, 0),  // not yet
    ] as [([Double], Double, Int64, Int64)])
  func `sessions end after a pause longer than the gap`(
    minutes: [Double], now: Double, visits: Int64, depth: Int64
  ) throws {
    let world = try #require(Self.world)
    let events = try minutes.map { try world.event("x", $0 * 60) } + [world.event("y", 0, call: .identify)]
    var state = world.state(events)
    if events.count == 1 { state = world.state(try [world.event("long ago", -40 * FeatureWorld.day)]) }
    let values = world.values(state, at: now * 60)
    #expect(values["visits"] == .int(visits))
    #expect(values["depth"] == .int(depth))
  }

  @Test func `impressions and refunds are not activity`() throws {
    let world = try #require(Self.world)
    let events = try [
      world.act(.impression, "mug", 0), world.act(.refund, "mug", 0), world.event("x", 0, call: .group),
      world.act(.view, "mug", 0), world.event("Home", 0, call: .page), world.event("Main", 0, call: .screen),
    ]
    #expect(world.values(events, at: 0)["depth"] == .int(3))
  }
}
