import Catalog
import Documents
import Events
import Primitives
import Rules

@testable import Features

/// A world of one person: events with items, folded and read in a line each.
struct FeatureWorld {
  static let start = Timestamp(seconds: 1_770_000_000)  // 2026-02-02T02:40:00Z
  static let day: Double = 86_400

  let set: FeatureSet
  let items: [String: ItemFacts]

  init(_ set: FeatureSet) {
    self.set = set
    let catalog = [
      CatalogItem(id: "mug", categories: ["kitchen"], tags: ["gift"], price: 12.5, attributes: Self.brand("acme")),
      CatalogItem(id: "pan", categories: ["kitchen", "sale"], price: 40, attributes: Self.brand("forge")),
      CatalogItem(id: "shoe", categories: ["sport"], tags: ["run", "gift"], price: 90),
      CatalogItem(id: "ball", categories: ["sport", "toys", "garden"], price: 9.99, attributes: Self.brand("acme")),
      CatalogItem(id: "essay"),
    ]
    var items: [String: ItemFacts] = [:]
    for (ordinal, item) in catalog.enumerated() {
      items[item.id] = ItemFacts(ItemOrdinal(UInt32(ordinal)), id: item.id, item: item, in: set)
    }
    items["rumour"] = ItemFacts(ItemOrdinal(99), id: "rumour", item: nil, in: set)
    self.items = items
  }

  init(yaml: String) throws {
    self.init(try FeatureSet(documents: [DocumentNode.yaml(yaml, file: "features.yaml")]))
  }

  private static func brand(_ name: String) -> JSONObject {
    JSONObject(members: [.init(key: "brand", value: .string(name))])
  }

  /// An event `seconds` after the start.
  func event(
    _ name: String, _ seconds: Double, _ signals: [Signal] = [], call: EventKind = .track, properties: String? = nil,
    change: (inout Event) -> Void = { _ in }
  ) throws -> FeatureEvent {
    let time = Self.start + .microseconds(Int64(seconds * 1e6))
    var event = Event(
      messageID: "\(name) \(seconds)", kind: call, name: name, identifiers: [.user("ann")], timestamp: time,
      receivedAt: time, signals: signals)
    event.context.device = "mobile"
    if let properties { event.properties = try JSONDocument(parsing: Array(properties.utf8)).root }
    change(&event)
    let items = event.signals.map { $0.itemID.flatMap { self.items[$0] } }
    return FeatureEvent(event, items: items, in: set)
  }

  /// An event of one signal.
  func act(
    _ kind: SignalKind, _ item: String? = nil, _ seconds: Double, value: Double? = nil, properties: String? = nil
  ) throws -> FeatureEvent {
    try event(kind.name, seconds, [Signal(kind: kind, itemID: item, value: value)], properties: properties)
  }

  func state(_ events: [FeatureEvent]) -> FeatureState {
    var state = FeatureState()
    for event in events { state.fold(event, in: set) }
    return state
  }

  func history(_ events: [FeatureEvent]) -> ItemHistory {
    var history = ItemHistory()
    for event in events {
      for (signal, item) in zip(event.event.signals, event.items) {
        guard let item else { continue }
        history.fold(
          Interaction(
            item: item.ordinal, kind: signal.kind, at: event.event.timestamp, value: Float(signal.value ?? 0)))
      }
    }
    return history
  }

  func values(_ events: [FeatureEvent], at seconds: Double, dwell: ItemDwell = ItemDwell()) -> FeatureValues {
    values(state(events), history: history(events), at: seconds, dwell: dwell)
  }

  func values(
    _ state: FeatureState, history: ItemHistory = ItemHistory(), at seconds: Double, dwell: ItemDwell = ItemDwell()
  ) -> FeatureValues {
    set.values(of: state, history: history, dwell: dwell, at: Self.start + .microseconds(Int64(seconds * 1e6)))
  }

  /// Events of a busy person over `days`, in order.
  func life(_ count: Int, days: Double, using generator: inout SeededGenerator) throws -> [FeatureEvent] {
    let ids = items.keys.sorted()
    let events = try (0..<count).map { _ in
      let seconds = Double(Int(generator.nextUnit() * days * Self.day))  // whole seconds: some at one moment
      let id = ids.randomElement(using: &generator) ?? "mug"
      let value = (generator.nextUnit() * 10_000).rounded() / 100
      switch Int.random(in: 0..<10, using: &generator) {
      case 0:
        let lines = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
          Signal(
            kind: .purchase, itemID: ids.randomElement(using: &generator),
            value: (generator.nextUnit() * 10_000).rounded() / 100, quantity: 2)
        }
        return try event(
          "Order Completed", seconds, lines, properties: Bool.random(using: &generator) ? #"{"coupon":"X"}"# : "{}")
      case 1: return try act(.addToCart, id, seconds)
      case 2: return try act(.search, nil, seconds)
      case 3: return try act(.rating, id, seconds, value: value.truncatingRemainder(dividingBy: 5))
      case 4: return try act(.dwell, id, seconds, value: value)
      case 5: return try act(.dismiss, id, seconds)
      case 6: return try event("Support Ticket Opened", seconds)
      case 7: return try act(.refund, id, seconds, value: value)
      default:
        return try event("Product Viewed", seconds, [Signal(kind: .view, itemID: id)]) {
          $0.context.device = ["mobile", "desktop"].randomElement(using: &generator)
          $0.context.campaign = ["spring", nil].randomElement(using: &generator) ?? nil
        }
      }
    }
    return events.sorted { $0.event.timestamp < $1.event.timestamp }
  }
}

/// Equal, decimals up to 1e-9 of their size: what may differ between orders of arrival.
func isClose(_ left: RuleValue?, _ right: RuleValue?) -> Bool {
  switch (left, right) {
  case (.double(let left)?, .double(let right)?): abs(left - right) <= 1e-9 * max(abs(left), abs(right))
  case (.map(let left)?, .map(let right)?):
    left.count == right.count && left.allSatisfy { isClose($0.value, right[$0.key]) }
  default: left == right
  }
}

/// A value to be compared by `isClose`.
struct Approximately: Equatable {
  let value: RuleValue?

  init(_ value: RuleValue?) { self.value = value }
  static func == (left: Self, right: Self) -> Bool { isClose(left.value, right.value) }
}

/// Names of the features whose values differ.
func differences(_ left: FeatureValues, _ right: FeatureValues, in set: FeatureSet) -> [String] {
  set.definitions.indices.filter { !isClose(left[$0], right[$0]) }.map { set.definitions[$0].name }
}
