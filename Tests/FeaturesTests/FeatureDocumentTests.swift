import Documents
import Events
import Primitives
import Rules
import Testing

@testable import Features

@Suite struct FeatureDocumentTests {
  static func set(_ yaml: String) throws -> FeatureSet {
    try FeatureSet(document: DocumentNode.yaml(yaml, file: "features.yaml"))
  }

  @Test(arguments: [
    ("f: 3", "1:4", "mapping"), ("f: {}", "1:4", "'type'"), ("f: {type: cuont}", "1:11", "did you mean 'count'?"),
    ("Big: {type: count, signals: [view]}", "1:1", "small letters"),
    ("f: {type: count}", "1:4", "'signals', 'events' or 'calls'"),
    ("f: {type: count, signals: [veiw]}", "1:28", "did you mean 'view'?"),
    ("f: {type: count, calls: [trak]}", "1:26", "did you mean 'track'?"),
    ("f: {type: count, events: often}", "1:26", "'any'"),
    ("f: {type: count, signals: [view], half_life: 3d}", "1:35", "'half_life' is not a key of a feature of type count"),
    ("f: {type: count, signals: [view], windw: 3d}", "1:35", "did you mean 'window'?"),
    ("f: {type: count, signals: [view], window: soon}", "1:43", "length of time"),
    ("f: {type: count, signals: [view], window: 1s}", "1:43", "expected 1m to"),
    ("f: {type: count, signals: [view], window: 1d, bucket: 2d}", "1:55", "400th of the window"),
    ("f: {type: count, signals: [view], window: 1w, bucket: 1m}", "1:55", "400th of the window"),
    ("f: {type: count, signals: [view], bucket: 1d}", "1:43", "without 'window'"),
    ("f: {type: sum, of: item.prise, signals: [view]}", "1:20", "did you mean 'item.price'?"),
    ("f: {type: sum, of: device, signals: [view]}", "1:20", "no number"),
    ("f: {type: affinity, by: value, half_life: 1d, signals: [view]}", "1:25", "no text"),
    ("f: {type: affinity, half_life: 1d, signals: [view]}", "1:4", "'by'"),
    ("f: {type: affinity, by: device, signals: [view]}", "1:4", "'half_life'"),
    ("f: {type: affinity, by: device, half_life: 1d, weights: {vieww: 1}}", "1:58", "did you mean 'view'?"),
    ("f: {type: affinity, by: device, half_life: 1d, signals: [view], limit: 33}", "1:72", "1 to 32"),
    ("f: {type: preference, half_life: 1d, signals: [view]}", "1:4", "'by' or 'labels'"),
    ("f: {type: preference, half_life: 1d, labels: {a: {weight: 1}}}", "1:50", "a label needs"),
    ("f: {type: last, signals: [view]}", "1:4", "either 'of' (a number) or 'by' (a text)"),
    ("f: {type: time_since, signals: [view], min_events: 2}", "1:40", "'min_events' is not a key"),
    ("f: {type: ratio, numerator: views_7d, denominator: carts_8d}", "1:52", "did you mean 'carts_7d'?"),
    ("f: {type: ratio, numerator: views_7d, denominator: top_category}", "1:52", "no number"),
    ("f: {type: ratio, numerator: f, denominator: views_7d}", "1:1", "made of itself"),
    ("f: {type: active_days, window: 65d}", "1:32", "at most 64d"),
    ("f: {type: sessions, window: 60d}", "1:29", "at most 31d"),
    ("f: {type: funnel_step, window: 7d, steps: [{signals: [view]}]}", "1:43", "2 to 16"),
    ("f: {type: cases, cases: [{value: a, when: person.features.views_8d > 1}]}", "1:43", "views_7d"),
    ("f: {type: cases, cases: [{value: a, when: person.features.views_7d}]}", "1:43", "bool"),
    ("f: {type: count, signals: [view], where: event.valeu > 1.0}", "1:42", "value"),
    (
      "a: {type: cases, cases: [{value: x, when: person.features.b == 'x'}]}\n"
        + "b: {type: cases, cases: [{value: x, when: person.features.a == 'x'}]}",
      "1:1", "made of itself"
    ),
  ])
  func `what is wrong is told with its place and what was expected`(yaml: String, place: String, words: String) {
    do {
      _ = try Self.set(yaml)
      Issue.record("no error for \(yaml)")
    } catch let error as DocumentError {
      #expect("\(error)".hasPrefix("features.yaml:\(place): "), "\(error)")
      #expect("\(error)".contains(words), "\(error)")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func `a workspace adds features, replaces standard ones and takes them out`() throws {
    let set = try Self.set(
      """
      demos_30d: {type: count, events: [Demo Booked], window: 30d}
      views_7d: {type: count, signals: [view, click], window: 14d}
      usage_streak:
      """)
    let standard = FeatureSet.standard
    #expect(set.definitions.count == standard.definitions.count)
    #expect(set.index(of: "demos_30d") != nil)
    #expect(set.index(of: "usage_streak") == nil)
    #expect(set.index(of: "views_7d").map { set.definitions[$0].window } == .seconds(14 * 86_400))
    #expect(set.definitions.map(\.name) == set.definitions.map(\.name).sorted())
    #expect(try FeatureSet(document: nil).stamp == standard.stamp)
    #expect(throws: DocumentError.self) { try Self.set("days_since_purchase:\nmonetary_365d:\n") }  // others need them
  }

  @Test func `changed features begin anew, unchanged ones go on, whatever they are called`() throws {
    let before = try FeatureWorld(
      yaml: "kept: {type: count, signals: [view], window: 7d}\nchanged: {type: count, signals: [view], window: 8d}\n")
    let after = try FeatureWorld(
      yaml: """
        changed: {type: count, signals: [view], window: 9d}
        renamed: {type: count, window: 7d, signals: [view], description: The same as kept}
        """)
    var state = before.state([try before.act(.view, "mug", 0)])
    let ofBefore = state.byteCount
    #expect(after.values(state, at: 60)["renamed"] == .int(1))
    #expect(after.values(state, at: 60)["changed"] == .int(0))
    state.fold(try after.act(.view, "mug", 30), in: after.set)
    #expect(after.values(state, at: 60)["renamed"] == .int(2))
    #expect(after.values(state, at: 60)["changed"] == .int(1))
    #expect(state.byteCount == ofBefore)  // what nobody reads any more is gone
  }

  @Test func `features that keep the same state share it`() throws {
    let one = try FeatureWorld(yaml: "a: {type: sum, signals: [purchase], window: 7d}\n")
    let three = try FeatureWorld(
      yaml: """
        a: {type: sum, signals: [purchase], window: 7d}
        b: {type: average, signals: [purchase], window: 7d, min_events: 9}
        c: {type: sum, signals: [purchase], window: 1w, bucket: 7h}
        """)
    let purchases = try (0..<5).map { try one.act(.purchase, "mug", Double($0) * 90_000, value: 3) }
    #expect(
      one.state(purchases).byteCount
        == three.state(try (0..<5).map { try three.act(.purchase, "mug", Double($0) * 90_000, value: 3) }).byteCount)
  }

  @Test(arguments: ["Order Completed", "order_completed", "ORDER-completed", " order.Completed "])
  func `event names are matched whatever their case and separators`(name: String) throws {
    let world = try FeatureWorld(yaml: "f: {type: count, events: [Order Completed]}\n")
    #expect(try world.values([world.event(name, 0), world.event("Order Complete", 0)], at: 0)["f"] == .int(1))
  }

  @Test(arguments: [
    "", "a", String(repeating: "x", count: 63), String(repeating: "x", count: 64), String(repeating: "é", count: 40),
  ])
  func `keys keep texts up to 63 bytes, cut between characters`(text: String) {
    let key = FeatureKey(text)
    #expect(text.hasPrefix(key.text))
    #expect(key.text.utf8.count > 59 || key.text == text)
    #expect(key == FeatureKey(key.text))
    #expect(key.wordCount == key.text.utf8.count / 8 + 1)
  }
}
