import Documents
import Events
import Primitives
import Rules
import Testing

@testable import Features

/// What the section `predictions` may say.
@Suite struct PredictionDefinitionTests {
  private static func read(_ text: String, features: String? = nil) throws -> [PredictionDefinition] {
    let set = try FeatureSet(document: features.flatMap { try DocumentNode.yaml($0, file: "f.yaml") })
    return try PredictionDefinition.all(
      document: try DocumentNode.yaml(text, file: "p.yaml"), features: set, events: ["subscribed", "Trial Ended"])
  }

  @Test func `what is not said has its default`() throws {
    let definition = try #require(try Self.read("buys: {of: purchase, within: 7d}").first)
    #expect(definition.name == "buys" && definition.within == .seconds(7 * 86_400) && !definition.isTrueWithout)
    #expect(definition.every == .seconds(86_400) && definition.minEvents == 3 && definition.description == nil)
    #expect(definition.outcome.inWords == "purchase" && definition.moments?.inWords == "any activity")
    #expect(definition.asks(.unknown(in: .standard)))
    let leaves = try #require(try Self.read("leaves: {none_of: any, within: 30d, on: clock, every: 7d}").first)
    #expect(leaves.isTrueWithout && leaves.moments == nil)
    #expect(try PredictionDefinition.all(document: nil, features: .standard, events: []).isEmpty)
  }

  @Test(
    arguments: [
      ("buys: {within: 7d}", "1:1", "'of' or 'none_of'"),
      ("buys: {of: purchase, none_of: any, within: 7d}", "1:31", "both"),
      ("buys: {of: purchase}", "1:7", "needs 'within'"),
      ("buys: {of: purchase, within: 7}", "1:30", "a length of time"),
      ("buys: {of: purchase, within: 1s}", "1:30", "between 1m and 366d"),
      ("buys: {of: purchase, within: 400d}", "1:30", "between 1m and 366d"),
      ("buys: {of: purchse, within: 7d}", "1:12", "did you mean 'purchase'"),
      ("buys: {of: subscribd, within: 7d}", "1:12", "did you mean 'subscribed'"),
      ("buys: {of: something_else, within: 7d}", "1:12", "'events' or 'tracking_plan'"),
      ("buys: {of: [], within: 7d}", "1:12", "an empty list"),
      ("buys: {of: [view, 7], within: 7d}", "1:19", "expected a string"),
      ("buys:\n  of: purchase\n  within: 7d\n  among: person.features.view_7d > 0", "4:10", "views_7d"),
      ("buys:\n  of: purchase\n  within: 7d\n  among: person.scores.buys > 0.5", "4:10", "scores"),
      ("buys:\n  of: purchase\n  within: 7d\n  among: person.features.views_7d", "4:10", "a bool"),
      ("buys:\n  of: purchase\n  within: 7d\n  where: event.valu > 1", "4:10", "value"),
      ("buys: {of: purchase, within: 7d, on: vew}", "1:38", "did you mean 'view'"),
      ("buys: {of: purchase, within: 7d, min_events: 0}", "1:46", "from 1"),
      ("buys: {of: purchase, within: 7d, horizon: 7d}", "1:34", "'horizon'"),
      ("Buys: {of: purchase, within: 7d}", "1:1", "small letters"),
      ("- buys", "1:1", "a mapping"),
    ] as [(String, String, String)])
  func `what cannot be meant is refused with its place`(text: String, place: String, words: String) throws {
    let error = #expect(throws: DocumentError.self) { _ = try Self.read(text) }
    let message = error.map { "\($0)" } ?? ""
    #expect(message.hasPrefix("p.yaml:\(place)") && message.contains(words), "\(message)")
  }

  @Test func `names of events are known however they are written, and unknown ones are not`() throws {
    for word in ["Order Completed", "order_completed", "subscribed", "Trial Ended", "trial-ended", "any", "save"] {
      #expect(try Self.read("it: {of: [\(word)], within: 1h}").count == 1, "\(word)")
    }
  }

  @Test func `more predictions than there may be are refused`() throws {
    let text = (0...PredictionDefinition.countMax).map { "p\($0): {of: view, within: 1h}" }.joined(separator: "\n")
    #expect(throws: DocumentError.self) { _ = try Self.read(text) }
  }

  // MARK: Labels

  @Test(
    arguments: [([], false), ([100], false), ([101], true), ([3_700], true), ([3_701], false), ([50, 3_800], false)]
      as [([Int64], Bool)])
  func `a label is about the time after the moment, its end included`(seconds: [Int64], isTrue: Bool) throws {
    let moment = Timestamp(seconds: 100)
    let outcomes = seconds.map { Timestamp(seconds: $0) }
    for (text, expected) in [("of: purchase", isTrue), ("none_of: purchase", !isTrue)] {
      let definition = try #require(try Self.read("it: {\(text), within: 1h}").first)
      #expect(definition.label(at: moment, outcomes: outcomes) == expected)
      #expect(definition.isOver(moment, end: Timestamp(seconds: 3_700)))
      #expect(!definition.isOver(moment, end: Timestamp(seconds: 3_699)))
    }
  }

  @Test func `a question is the same as long as its label and who is asked are`() throws {
    func question(_ text: String) throws -> String { try #require(try Self.read("it: {\(text)}").first).question }
    let base = try question("of: purchase, within: 7d")
    for same in ["of: [purchase], within: 168h, on: view", "of: purchase, within: 7d, every: 2d, min_events: 9"] {
      #expect(try question(same) == base)
    }
    let others = [
      "of: view, within: 7d", "of: purchase, within: 8d", "none_of: purchase, within: 7d",
      "of: purchase, within: 7d, where: event.value > 1.0",
      "of: purchase, within: 7d, among: person.features.views_7d > 0",
    ]
    #expect(Set(try others.map(question) + [base]).count == others.count + 1)
  }

  // MARK: Columns

  @Test func `a feature that means the same has the same fingerprint under any name, and another where it differs`()
    throws
  {
    func print(_ text: String) throws -> UInt64 {
      let set = try FeatureSet(document: try DocumentNode.yaml("zz: \(text)", file: "f"))
      return set.fingerprint(of: try #require(set.index(of: "zz")))
    }
    let base = try print("{type: count, signals: [view], window: 9d}")
    #expect(try print("{type: count, signals: [view], window: 9d, description: other}") == base)
    let named = try FeatureSet(
      document: try DocumentNode.yaml("aa: {type: count, signals: [view], window: 9d}", file: "f"))
    #expect(named.fingerprint(of: try #require(named.index(of: "aa"))) == base)
    let others = [
      "{type: count, signals: [click], window: 9d}", "{type: count, signals: [view], window: 10d}",
      "{type: count, signals: [view], window: 9d, min_events: 2}", "{type: decayed, signals: [view], half_life: 9d}",
      "{type: time_since, signals: [view]}", "{type: time_since, signals: [view], unit: hours}",
      "{type: ratio, numerator: views_7d, denominator: carts_7d}",
      "{type: ratio, numerator: carts_7d, denominator: views_7d}",
      "{type: cases, cases: [{value: a, when: person.features.views_7d > 1}], else: b}",
      "{type: cases, cases: [{value: a, when: person.features.views_7d > 2}], else: b}",
    ]
    #expect(Set(try others.map(print) + [base]).count == others.count + 1)
  }
}

/// Features as numbers.
@Suite struct FeatureColumnsTests {
  private static let world: FeatureWorld? = try? FeatureWorld(
    yaml: """
      looks: {type: count, signals: [view], window: 30d}
      spent: {type: average, signals: [purchase], of: value}
      taste: {type: affinity, by: item.category, weights: {view: 1}, half_life: 30d, min_events: 1}
      device: {type: preference, by: device, events: any, half_life: 30d, min_events: 1}
      """)

  private func values(_ acts: [(SignalKind, String)]) throws -> FeatureValues {
    let world = try #require(Self.world)
    let events = try acts.enumerated().map { try world.act($1.0, $1.1, Double($0), value: 5) }
    return world.set.values(
      of: world.state(events), history: ItemHistory(), dwell: ItemDwell(), at: FeatureWorld.start + .seconds(3_600))
  }

  @Test func `numbers are themselves, frequent texts and keys have columns, and what is missing is no number`() throws {
    let set = try #require(Self.world).set
    let seen = Array(repeating: try values([(.view, "mug"), (.view, "shoe"), (.purchase, "mug")]), count: 10)
    // Too seldom for a column of its own.
    let rare = try values([(.view, "ball")])
    let columns = FeatureColumns(learning: seen + [rare], of: set)
    let places = columns.places(in: set)
    func named(_ values: FeatureValues) -> [String: Float] {
      var row: [String: Float] = [:]
      for (column, number) in zip(columns.columns, columns.row(of: values, at: places)) {
        row["\(columns.features[column.feature].name) \(column.reading)"] = number
      }
      return row
    }
    let row = named(seen[0])
    #expect(
      Set(row.keys) == [
        "looks number", "spent number", "taste key(\"kitchen\")", "taste key(\"sport\")", "device isText(\"mobile\")",
      ])
    #expect(row["looks number"] == 2 && row["spent number"] == 5 && row["device isText(\"mobile\")"] == 1)
    #expect(abs((row["taste key(\"kitchen\")"] ?? 0) - 0.5) < 1e-4)
    let other = named(rare)
    #expect(other["spent number"]?.isNaN == true && other["taste key(\"kitchen\")"] == 0)
    #expect(named(.unknown(in: set)).values.allSatisfy { $0.isNaN })
    // What one person alone has gets no column, in however many rows.
    let person = ProfileID(SortableID(time: FeatureWorld.start, entropy: Digest128(high: 0, low: 1)))
    let own = FeatureColumns(learning: seen, of: set, people: seen.map { _ in person })
    #expect(own.columns.allSatisfy { $0.reading == .number })
  }

  @Test func `columns that were saved encode the same, and lack what means something else`() throws {
    let set = try #require(Self.world).set
    let row = try values([(.view, "mug"), (.purchase, "mug")])
    let columns = FeatureColumns(learning: Array(repeating: row, count: 10), of: set)
    var writer = BinaryWriter()
    columns.encode(into: &writer)
    var reader = BinaryReader(writer.bytes)
    #expect(try FeatureColumns(from: &reader) == columns && reader.isAtEnd)
    for end in 0..<writer.bytes.count {
      var cut = BinaryReader(Array(writer.bytes[..<end]))
      #expect(throws: BinaryError.self) { _ = try FeatureColumns(from: &cut) }
    }
    let changed = try FeatureWorld(yaml: "looks: {type: count, signals: [click], window: 30d}").set
    #expect(columns.places(in: changed).allSatisfy { $0 == nil })
    #expect(columns.places(in: set).allSatisfy { $0 != nil })
  }
}
