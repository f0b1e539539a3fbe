import Events
import Primitives
import Testing

@testable import Features

/// The promise that late and out-of-order events rest on, for every type of feature.
@Suite struct FeatureOrderTests {
  /// All types, with windows short enough that events of a life fall out of them.
  static let everyType = """
    count: {type: count, signals: [view, click], window: 3d}
    count_ever: {type: count, signals: [view]}
    count_where: {type: count, signals: [purchase], where: event.value > 50.0, window: 20d, bucket: 2h}
    coupons: {type: count, signals: [purchase], where: has(event.properties.coupon)}
    sum: {type: sum, signals: [purchase], minus: [refund], window: 10d}
    average: {type: average, signals: [rating], window: 20d}
    least: {type: min, of: item.price, signals: [view], window: 2d}
    greatest: {type: max, signals: [purchase], window: 9d}
    distinct: {type: distinct, by: item, signals: [view], window: 5d}
    distinct_few: {type: distinct, by: item, signals: [view], limit: 2}
    first_price: {type: first, of: item.price, signals: [view]}
    last_device: {type: last, by: device, events: any}
    since: {type: time_since, signals: [purchase], unit: hours}
    affinity: {type: affinity, by: item.category, half_life: 2d, weights: {view: 1, rating: 2, purchase: 3}}
    preference: {type: preference, by: device, events: any, half_life: 1d}
    decayed: {type: decayed, signals: [purchase], of: value, half_life: 1h}
    decayed_count: {type: decayed, calls: [track], half_life: 40d}
    ratio: {type: ratio, numerator: sum, denominator: count}
    funnel:
      type: funnel_step
      steps: [{signals: [view]}, {signals: [add_to_cart]}, {events: [order completed]}]
      window: 2d
    days: {type: active_days, window: 9d}
    streak: {type: streak}
    sessions: {type: sessions, gap: 2h}
    session_depth: {type: session_depth, gap: 2h}
    engagement: {type: engagement}
    stage: {type: cases, cases: [{value: busy, when: person.features.days > 3}], else: calm}

    """

  static func worlds() throws -> [FeatureWorld] { [FeatureWorld(.standard), try FeatureWorld(yaml: everyType)] }

  /// Moments at and after the last event, so that windows end elsewhere.
  static let moments: [Double] = [30, 30.3, 31, 37, 62, 200].map { $0 * FeatureWorld.day }

  @Test func `every type of feature is put to the test`() throws {
    let types = Set(try FeatureWorld(yaml: Self.everyType).set.definitions.map(\.type))
    #expect(types == Set(FeatureType.allCases))
  }

  @Test(arguments: [1, 2, 7, 60, 400])
  func `every order of arrival gives the same features`(count: Int) throws {
    for world in try Self.worlds() {
      var generator = SeededGenerator(seed: UInt64(count))
      let events = try world.life(count, days: 30, using: &generator)
      let inOrder = world.state(events)
      let history = world.history(events)
      for _ in 0..<8 {
        let shuffled = world.state(events.shuffled(using: &generator))
        for moment in Self.moments {
          let expected = world.values(inOrder, history: history, at: moment)
          let found = world.values(shuffled, history: history, at: moment)
          #expect(differences(expected, found, in: world.set) == [])
        }
      }
    }
  }

  @Test(arguments: [(0, 20), (20, 0), (1, 1), (60, 200)])
  func `merging two states is folding the events of both, either way round`(left: Int, right: Int) throws {
    for world in try Self.worlds() {
      var generator = SeededGenerator(seed: 5)
      let ours = try world.life(left, days: 30, using: &generator)
      let theirs = try world.life(right, days: 25, using: &generator)
      let both = world.state((ours + theirs).sorted { $0.event.timestamp < $1.event.timestamp })
      var merged = world.state(ours)
      merged.merge(world.state(theirs), in: world.set)
      var reversed = world.state(theirs)
      reversed.merge(world.state(ours), in: world.set)
      for moment in Self.moments {
        let expected = world.values(both, at: moment)
        #expect(differences(expected, world.values(merged, at: moment), in: world.set) == [])
        #expect(differences(expected, world.values(reversed, at: moment), in: world.set) == [])
      }
    }
  }

  @Test(arguments: [0, 1, 300])
  func `a state reads back as it was written, and cut bytes are refused`(count: Int) throws {
    for world in try Self.worlds() {
      var generator = SeededGenerator(seed: 9)
      let state = world.state(try world.life(count, days: 30, using: &generator))
      var writer = BinaryWriter()
      state.encode(into: &writer)
      var reader = BinaryReader(writer.bytes)
      #expect(try FeatureState(from: &reader) == state)
      #expect(reader.isAtEnd)
      for length in 0..<min(writer.bytes.count, 200) {
        var cut = BinaryReader(Array(writer.bytes[..<length]))
        #expect(throws: BinaryError.self) { try FeatureState(from: &cut) }
      }
    }
  }

  @Test func `a typical person's standard features take about 600 bytes`() throws {
    let world = FeatureWorld(.standard)
    var generator = SeededGenerator(seed: 2)
    #expect(world.state(try world.life(30, days: 10, using: &generator)).byteCount <= 1_000)
    let shopper =
      try (0..<12).map { try world.act(.view, "mug", Double($0) * 60) } + [world.act(.purchase, "mug", 900, value: 12)]
    #expect(world.state(shopper).byteCount <= 600)
  }
}
