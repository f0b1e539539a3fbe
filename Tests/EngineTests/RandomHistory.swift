import AttuneTestKit
import Catalog
import Decisions
import Engine
import Events
import Foundation
import Primitives

/// What clients do to a workspace, at random and the same for one seed: events of people who share devices and change
/// names, catalogue changes, questions, outcomes, consent, letters that cannot be read.
struct RandomHistory {
  private var generator: SeededGenerator
  private var messages = 0
  private(set) var decisions: [DecisionID] = []
  /// Every position that an event was accepted at.
  private(set) var accepted: [LogPosition] = []
  /// Whether items change meanwhile, so that an act's facts depend on when it was folded.
  var changesItems = true
  private var shown: [(id: DecisionID, item: String)] = []

  let items = (1...24).map { "item-\($0)" }
  let identifiers: [Identifier] =
    (1...6).map { .user("u\($0)") } + (1...9).map { .anonymous("a\($0)") }
    + (1...3).map { Identifier(namespace: "email", value: "e\($0)@example.com") }

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func play(_ steps: Int, in shop: PartitionFixture) async throws {
    for _ in 0..<steps {
      shop.clock.advance(by: .seconds(int(0, 4_000)))
      switch int(0, 19) {
      case 0 where changesItems, 1 where changesItems: try await shop.change(try catalogChanges())
      case 2: try await decide(in: shop)
      case 3: try await outcome(in: shop)
      case 4: try await shop.partition.record([letter(at: shop.clock.now)])
      case 5 where int(0, 9) == 0: shop.clock.advance(by: .seconds(int(20, 600) * 86_400))
      default: try await send((0..<int(1, 4)).map { _ in event(at: shop.clock.now) }, in: shop)
      }
    }
  }

  private mutating func send(_ events: [JSONValue], in shop: PartitionFixture) async throws {
    for case .accepted(let position) in try await shop.send(events, shape: .batchItem) { accepted.append(position) }
  }

  // MARK: Events

  private mutating func event(at now: Timestamp) -> JSONValue {
    messages += 1
    // One in twenty was sent before.
    let number = int(0, 19) == 0 ? int(1, messages) : messages
    let at = int(0, 4) == 0 ? now - .seconds(int(0, 3 * 86_400)) : now
    var event: JSONValue = ["messageId": .string("m\(number)"), "timestamp": .string(at.description)]
    switch int(0, 12) {
    case 0, 1:
      event[member: "type"] = "identify"
      event[member: "traits"] = ["plan": pick(["free", "pro"]), "interests": [pick(["shoe", "lamp"])]]
      if int(0, 3) == 0 { event[member: "traits"] = ["consent": ["personalization": .bool(int(0, 1) == 0)]] }
      name(&event, isKnown: int(0, 3) > 0)
    case 2:
      event[member: "type"] = "alias"
      event[member: "userId"] = .string("u\(int(1, 6))")
      event[member: "previousId"] = .string(int(0, 2) == 0 ? "u\(int(1, 6))" : "a\(int(1, 9))")
    case 3:
      event[member: "type"] = "group"
      event[member: "groupId"] = .string("g\(int(1, 3))")
      event[member: "traits"] = ["plan": "the group's", "interests": ["book"]]
      name(&event, isKnown: int(0, 1) == 0)
    default:
      event[member: "type"] = "track"
      act(&event)
      name(&event, isKnown: int(0, 3) == 0)
    }
    return event
  }

  private mutating func act(_ event: inout JSONValue) {
    let item = JSONValue.string("item-\(int(1, 24))")
    event[member: "context"] = ["device": ["type": pick(["mobile", "desktop"])]]
    let kinds = ["view", "view", "click", "add_to_cart", "save", "dismiss", "refund", "impression"]
    switch int(0, 9) {
    case 0:
      event[member: "event"] = "Order Completed"
      let other = JSONValue.string("item-\(int(1, 24))")
      event[member: "properties"] = [
        "products": [["product_id": item, "price": 12, "quantity": 2], ["product_id": other, "price": 7.5]]
      ]
    case 1:
      event[member: "event"] = "dwell"
      event[member: "properties"] = ["item_id": item, "value": .int(Int64(int(1, 200)))]
    case 2:
      event[member: "event"] = "rating"
      event[member: "properties"] = ["item_id": item, "value": .int(Int64(int(1, 5)))]
    case 3: event[member: "event"] = .string("custom \(int(1, 3))")
    default:
      event[member: "event"] = .string(kinds[int(0, kinds.count - 1)])
      event[member: "properties"] = ["item_id": item]
    }
  }

  private mutating func name(_ event: inout JSONValue, isKnown: Bool) {
    if isKnown { event[member: "userId"] = .string("u\(int(1, 6))") }
    if !isKnown || int(0, 1) == 0 { event[member: "anonymousId"] = .string("a\(int(1, 9))") }
    guard int(0, 5) == 0 else { return }
    var context = event["context"] ?? [:]
    context[member: "externalIds"] = [["type": "email", "id": .string("e\(int(1, 3))@example.com")]]
    event[member: "context"] = context
  }

  private mutating func letter(at now: Timestamp) -> DeadLetter {
    DeadLetter(code: "invalid_json", message: "found \(int(0, 99))", raw: Array("{".utf8), receivedAt: now)
  }

  // MARK: The rest

  /// Some for one item in one call.
  private mutating func catalogChanges() throws -> [CatalogChange] {
    try (0..<int(1, 3)).map { _ in
      let id = "item-\(int(1, 12))"
      switch int(0, 4) {
      case 0: return try CatalogChange(deleting: id)
      case 1:
        let patch: JSONValue = ["price": .int(Int64(int(1, 50))), "stock": .int(Int64(int(0, 3)))]
        return try CatalogChange(patching: id, with: try JSONDocument(parsing: Array(patch.text.utf8)).root)
      default:
        let item: JSONValue = [
          "item_id": .string(id), "title": .string("\(["red", "blue", "old"][int(0, 2)]) thing \(int(1, 5))"),
          "categories": [pick(["shoe", "lamp", "book"])], "price": .int(Int64(int(1, 50))),
        ]
        return try CatalogChange(upserting: try JSONDocument(parsing: Array(item.text.utf8)).root)
      }
    }
  }

  private mutating func decide(in shop: PartitionFixture) async throws {
    let answer = try await shop.decide("u\(int(1, 6))", count: 5)
    guard let id = answer.decisionID else { return }
    decisions.append(id)
    shown += answer.itemIDs.map { (id, $0) }
  }

  private mutating func outcome(in shop: PartitionFixture) async throws {
    guard !shown.isEmpty else { return }
    let (id, item) = shown[int(0, shown.count - 1)]
    messages += 1
    let event: JSONValue = [
      "type": "track", "messageId": .string("m\(messages)"), "userId": .string("u\(int(1, 6))"),
      "event": pick(["click", "purchase", "subscribed"]), "timestamp": .string(shop.clock.now.description),
      "properties": ["item_id": .string(item), "decision_id": .string(id.description)],
    ]
    try await send([event], in: shop)
  }

  private mutating func int(_ low: Int, _ high: Int) -> Int { Int.random(in: low...high, using: &generator) }

  private mutating func pick(_ words: [String]) -> JSONValue { .string(words[int(0, words.count - 1)]) }
}

extension JSONValue {
  fileprivate subscript(member key: String) -> JSONValue? {
    get { self[key] }
    set {
      guard case .object(var object) = self else { return }
      object[key] = newValue
      self = .object(object)
    }
  }
}
