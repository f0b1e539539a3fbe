import AttuneTestKit
import Decisions
import Engine
import Events
import Primitives
import Testing

/// One definition serves online and the training table: what a table says of a moment is what the server said then.
@Suite struct TrainingTableTests {
  /// What a live server showed of somebody's features at a moment; nil where nobody had the identifier.
  private struct Shown: Sendable {
    let moment: TableQuestion.Moment
    let features: [String: JSONValue]?
  }

  private static let definitions = """
    features:
      spent: {type: sum, signals: [purchase], minus: [refund], window: 10d}
      liked: {type: affinity, by: item.category, half_life: 7d, weights: {view: 1, click: 2}}
      orders: {type: count, signals: [purchase], window: 30d}
      clicks: {type: count, signals: [click], window: 7d}
      warmth: {type: decayed, signals: [view], half_life: 2d}
    placements:
      home: {exploration: 0, latency_budget: 1d}
    """

  private func show(_ identifiers: [Identifier], in shop: PartitionFixture, _ shown: inout [Shown]) async throws {
    for identifier in identifiers {
      let moment = TableQuestion.Moment(identifier, at: shop.clock.now, row: shown.count)
      let id = try await shop.partition.profile(of: identifier, at: shop.clock.now)?.id
      var features: [String: JSONValue]?
      if let id, let listing = try await shop.partition.features(of: id, at: shop.clock.now) {
        var writer = JSONWriter()
        listing.write(into: &writer)
        let rows = try JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self))["features"]?.array ?? []
        features = [:]
        for row in rows {
          if let name = row["name"]?.string, let value = row["value"], value != .null { features?[name] = value }
        }
      }
      shown.append(Shown(moment: moment, features: features))
    }
  }

  private func rows(_ question: TableQuestion, of shop: PartitionFixture) async throws -> [JSONValue] {
    let table = try await shop.partition.table(question).get()
    var text: [UInt8] = []
    while let piece = try await table.next() { text += piece }
    return try text.split(separator: UInt8(ascii: "\n")).map {
      try JSONValue(parsing: String(decoding: $0, as: UTF8.self))
    }
  }

  private func features(of row: JSONValue) -> [String: JSONValue] {
    Dictionary((row["features"]?.object?.members ?? []).map { ($0.key, $0.value) }) { $1 }
  }

  /// Where a table and what was shown differ, in words.
  private func differences(_ shown: [Shown], _ rows: [JSONValue], only names: Set<String>? = nil) -> [String] {
    var found = rows.count == shown.count ? [] : ["\(rows.count) rows of \(shown.count)"]
    for row in rows {
      guard let number = row["row"]?.int.map({ Int($0) }), shown.indices.contains(number) else {
        found.append("a row \(row.text.prefix(80))")
        continue
      }
      let then = shown[number]
      if (row["profile_id"] == .null) != (then.features == nil) { found.append("\(then.moment): known or not") }
      var (online, offline) = (then.features ?? [:], features(of: row))
      if let names {
        online = online.filter { names.contains($0.key) }
        offline = offline.filter { names.contains($0.key) }
      }
      for name in Set(online.keys).union(offline.keys).sorted() where online[name] != offline[name] {
        found.append(
          "\(then.moment.identifier) at \(then.moment.at): \(name) was \(online[name]?.text ?? "–"), the table says "
            + "\(offline[name]?.text ?? "–")")
      }
    }
    return found
  }

  private static func configure(_ configuration: inout EngineConfiguration) {
    configuration.checkpointEntries = 40
    configuration.checkpointInterval = .seconds(1_000_000)
  }

  @Test func `a table goes across trainings, rollbacks and erasures`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate(Self.definitions)
    try await shop.putItems(8, category: "item")
    let people: [Identifier] = [.user("ada"), .user("bob")]
    var shown: [Shown] = []
    for round in 0..<4 {
      for name in ["ada", "bob", "eve"] {
        try await shop.send(["user_id": .string(name), "event_type": "view", "item_id": .string("item-\(round)")])
      }
      shop.clock.advance(by: .seconds(3_600))
      try await show(people, in: shop, &shown)
      switch round {
      case 0: try await shop.train(seed: 1)
      case 1: _ = try #require(try await shop.partition.erase(.identifier(.user("eve"))))
      case 2: #expect(try await shop.partition.activate(model: nil).get() == 0)
      default: break
      }
      shop.clock.advance(by: .seconds(60))
    }
    let found = try await rows(TableQuestion(.moments(shown.map(\.moment))), of: shop)
    #expect(differences(shown, found).prefix(5) == [])
    await shop.engine.close()
  }

  @Test(arguments: 31...36)
  func `the table says what the server said, through merges, unmerges, late events, restarts and changed definitions`(
    seed: Int
  ) async throws {
    var history = RandomHistory(seed: UInt64(seed))
    var generator = SeededGenerator(seed: UInt64(seed))
    var shop = try await PartitionFixture(configure: Self.configure)
    try await shop.activate(Self.definitions)
    var shown: [Shown] = []
    try await show(history.identifiers, in: shop, &shown)  // before the first event
    for round in 0..<14 {
      try await history.play(Int.random(in: 1...14, using: &generator), in: shop)
      if round % 4 == 3, let identifier = history.identifiers.randomElement(using: &generator),
        let id = try await shop.partition.profile(of: identifier, at: shop.clock.now)?.id
      {
        _ = try await shop.partition.unmerge(id, .identifier(identifier), at: shop.clock.now)
      }
      if round == 6 {
        await shop.engine.close()
        shop = try await PartitionFixture(folder: shop.folder, clock: shop.clock, configure: Self.configure)
      }
      try await show(history.identifiers + [.user("nobody")], in: shop, &shown)
      shop.clock.advance(by: .seconds(1))
    }
    #expect(shown.count { ($0.features?.count ?? 0) > 5 } > 50)
    let question = TableQuestion(.moments(shown.map(\.moment)))
    let before = try await rows(question, of: shop)
    #expect(differences(shown, before).prefix(5) == [], "seed \(seed)")

    // Nothing that comes later changes what was known.
    try await history.play(60, in: shop)
    #expect(try await rows(question, of: shop) == before, "seed \(seed)")

    // Features that a change leaves alone are what they were.
    try await shop.activate(Self.definitions.replacing("warmth: {type: decayed", with: "heat: {type: decayed"))
    let names = Set(shown.flatMap { ($0.features ?? [:]).keys }).subtracting(["warmth"])
    let changed = try await rows(question, of: shop)
    #expect(differences(shown, changed, only: names).prefix(5) == [], "seed \(seed)")
    #expect(changed.contains { features(of: $0)["heat"] != nil })
    await shop.engine.close()
  }

  @Test func `an event is a row just before it, and one that came late is not known before it came`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate(Self.definitions)
    try await shop.send(["message_id": "m1", "user_id": "ada", "event_type": "view", "item_id": "a"])
    shop.clock.advance(by: .seconds(600))
    let offline = shop.clock.now
    shop.clock.advance(by: .seconds(600))
    // Of one call: the second knows of the first.
    try await shop.send(
      ["message_id": "m2", "user_id": "ada", "event_type": "view", "item_id": "b"],
      ["message_id": "m3", "user_id": "ada", "event_type": "purchase", "item_id": "b", "value": 9])
    shop.clock.advance(by: .seconds(600))
    try await shop.send([
      "message_id": "m4", "user_id": "ada", "event_type": "purchase", "item_id": "a", "value": 5,
      "timestamp": .string(offline.description),
    ])
    let rows = try await rows(TableQuestion(.events("purchase"), features: ["views_7d", "orders"]), of: shop)
    #expect(rows.map { $0["message_id"]?.string } == ["m4", "m3"])
    #expect(rows.map { $0["at"]?.string } == [offline.description, (offline + .seconds(600)).description])
    #expect(rows.map { features(of: $0)["views_7d"]?.int } == [1, 2])
    #expect(rows.map { features(of: $0)["orders"]?.int } == [0, 0])
    #expect(rows.allSatisfy { features(of: $0).count == 2 })
    let later = TableQuestion(.events("purchase"), from: offline + .seconds(1), until: shop.clock.now)
    #expect(try await self.rows(later, of: shop).map { $0["message_id"]?.string } == ["m3"])
  }

  @Test func `a decision has a row for each item that it showed, with what came of it`() async throws {
    let shop = try await PartitionFixture()
    try await shop.activate(Self.definitions)
    try await shop.putItems(5, category: "shoe")
    try await shop.send(["user_id": "ada", "event_type": "view", "item_id": "shoe-1"])
    let answer = try await shop.decide("ada", count: 3)
    let id = try #require(answer.decisionID)
    shop.clock.advance(by: .seconds(60))
    try await shop.send([
      "user_id": "ada", "event_type": "click", "item_id": .string(answer.itemIDs[1]),
      "decision_id": .string(id.description),
    ])
    let rows = try await rows(
      TableQuestion(.decisions(placement: "home"), features: ["views_7d", "clicks"]), of: shop)
    #expect(rows.map { $0["item_id"]?.string } == answer.itemIDs)
    #expect(rows.map { $0["rank"]?.int } == [1, 2, 3])
    #expect(rows.map { $0["outcomes"]?["click"] != nil } == [false, true, false])
    #expect(rows.allSatisfy { $0["final"] == false }, "what is missing may still come")
    shop.clock.advance(by: .seconds(86_400))
    let later = try await self.rows(TableQuestion(.decisions(placement: "home"), features: []), of: shop)
    #expect(later.allSatisfy { $0["final"] == true })
    #expect(rows.allSatisfy { features(of: $0)["views_7d"]?.int == 1 && features(of: $0)["clicks"]?.int == 0 })
  }

  /// Imported in any order, history is known since the moments that it states.
  @Test(arguments: 41...44)
  func `a table over imported history is that of a server which saw it happen`(seed: Int) async throws {
    var history = SharedHistory(seed: UInt64(seed))
    var generator = SeededGenerator(seed: UInt64(seed))
    let live = try await PartitionFixture()
    let clock = ManualClock(at: PartitionFixture.begin + .seconds(400 * 86_400))
    let later = try await PartitionFixture(clock: clock)
    for shop in [live, later] { try await shop.putItems(9, category: "item") }
    var events: [JSONValue] = []
    var shown: [Shown] = []
    for round in 0..<60 {
      let step = history.step()
      live.clock.advance(by: .seconds(step.seconds))
      guard case .object(var event) = step.event else { continue }
      event["timestamp"] = .string(live.clock.now.description)
      events.append(.object(event))
      try await live.send([.object(event)], shape: .batchItem)
      if round % 6 == 5 { try await show(history.identifiers, in: live, &shown) }
    }
    events.shuffle(using: &generator)
    for event in events { try await later.importTrusted(event) }
    let rows = try await rows(TableQuestion(.moments(shown.map(\.moment))), of: later)
    #expect(shown.count { ($0.features?.count ?? 0) > 5 } > 20)
    #expect(differences(shown, rows).prefix(5) == [], "seed \(seed)")
  }

  @Test func `what is not there is refused with what may be meant`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(["user_id": "ada", "event_type": "purchase", "item_id": "a", "value": 2])
    func refusal(_ question: TableQuestion) async throws -> TableRefusal? {
      if case .failure(let refusal) = try await shop.partition.table(question) { refusal } else { nil }
    }
    let feature = try #require(try await refusal(TableQuestion(.moments([]), features: ["views_7"])))
    #expect(feature.reason == .unknownFeature && feature.message.contains("'views_7d'"))
    let event = try #require(try await refusal(TableQuestion(.events("purchas"))))
    #expect(event.reason == .unknownEvent && event.message.contains("'purchase'"))
    #expect(try await refusal(TableQuestion(.decisions(placement: "hom")))?.reason == .unknownPlacement)
    // Nothing of the name in that time is no error, nor is a question for nobody.
    #expect(try await rows(TableQuestion(.events("purchase"), until: PartitionFixture.begin), of: shop) == [])
    #expect(try await rows(TableQuestion(.moments([])), of: shop) == [])
    #expect(try await rows(TableQuestion(.decisions(placement: nil)), of: shop) == [])
  }

  @Test func `one table is read at a time, and one that is given up makes room`() async throws {
    let shop = try await PartitionFixture()
    try await shop.send(["user_id": "ada", "event_type": "view", "item_id": "a"])
    let question = TableQuestion(.events("view"))
    var first: TrainingTable? = try await shop.partition.table(question).get()
    await #expect(throws: EngineError.self) { _ = try await shop.partition.table(question) }
    #expect(first?.count == 1)
    first = nil
    #expect(try await rows(question, of: shop).count == 1)
  }
}

extension PartitionFixture {
  /// History as `/v1/import` takes it from an administrator.
  fileprivate func importTrusted(_ event: JSONValue) async throws {
    let document = try JSONDocument(parsing: Array(event.text.utf8))
    let receipt = EventReceipt(receivedAt: clock.now, shape: .batchItem, isImport: true, isTrusted: true)
    let read = try partition.parser.parse(document.root, receipt: receipt)
    _ = try await partition.accept([
      .init(event: read, stored: StoredEvent(read, from: document.root, receipt: receipt))
    ])
  }
}
