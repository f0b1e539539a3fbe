import Foundation
import Primitives
import Rules

/// Fields kept as one value for each root.
struct ValueEnvironment: RuleEnvironment {
  var roots: [String: RuleValue]

  func value(of path: FieldPath) -> RuleValue? { roots[path.root]?.value(at: path.names) }
}

extension RuleSchema {
  /// A shop as rules see it.
  static let shop = RuleSchema([
    "person": .record([
      "id": .value(.string),
      "age": .value(.int),
      "features": .record([
        "orders_30d": .value(.int), "spend_30d": .value(.double), "affinity": .value(.map(.double)),
        "last_order_at": .value(.timestamp),
      ]),
      "traits": .open,
    ]),
    "item": .record([
      "id": .value(.string), "price": .value(.double), "stock": .value(.int), "is_new": .value(.bool),
      "category": .value(.string), "tags": .value(.list(.string)), "published_at": .value(.timestamp),
      "attributes": .open(["weight": .value(.double)]),
    ]),
    "context": .open,
    "now": .value(.timestamp),
  ])
}

extension ValueEnvironment {
  static let shop = ValueEnvironment(roots: [
    "person": .map([
      "id": .string("u1"), "age": .int(36),
      "features": .map([
        "orders_30d": .int(4), "spend_30d": .double(80.5),
        "affinity": .map(["shoes": .double(0.75), "bags": .double(0.25)]),
      ]),
      "traits": .map(["plan": .string("pro"), "city": .string("Köln"), "nickname": .null]),
    ]),
    "item": .map([
      "id": .string("mug"), "price": .double(12.5), "stock": .int(3), "is_new": .bool(true),
      "category": .string("shoes"), "tags": .list([.string("new"), .string("sale")]),
      "published_at": .timestamp(Timestamp(seconds: 1_772_000_000)),
      "attributes": .map([
        "weight": .double(1.5), "colour": .string("red"), "sizes": .list([.double(38), .double(40)]),
      ]),
    ]),
    "context": .map(["device": .string("phone"), "hour": .double(21)]),
    "now": .timestamp(Timestamp(seconds: 1_772_357_400)),
  ])
}

/// The cases that `Scripts/make-cel-cases.py` writes.
struct CelCases {
  struct Case: Sendable {
    let rule: String
    /// nil for an error.
    let gives: RuleValue?
  }

  let environment: ValueEnvironment
  let cases: [Case]

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let bytes = try Data(contentsOf: folder.appendingPathComponent("Fixtures/cel-cases.json"))
    let root = try JSONDocument(parsing: Array(bytes)).root.value
    var roots: [String: RuleValue] = [:]
    for member in root["environment"]?.object?.members ?? [] { roots[member.key] = RuleValue(tagged: member.value) }
    environment = ValueEnvironment(roots: roots)
    cases = (root["cases"]?.array ?? []).map { each in
      Case(rule: each["rule"]?.string ?? "", gives: RuleValue(tagged: each["ours"] ?? each["gives"] ?? .null))
    }
  }

  static let schema = RuleSchema([
    "person": .open, "item": .open, "now": .value(.timestamp), "since": .value(.timestamp),
  ])
}

extension RuleValue {
  /// `{"int": 1}`, `{"list": [{"string": "a"}]}`; nil for anything else, such as `"error"`.
  init?(tagged json: JSONValue) {
    guard let member = json.object?.members.first else { return nil }
    switch (member.key, member.value) {
    case ("null", _): self = .null
    case ("bool", .bool(let value)): self = .bool(value)
    case ("int", .int(let value)): self = .int(value)
    case ("double", .string(let text)): self = .double(Double(text) ?? .nan)
    case ("double", let value): self = .double(value.double ?? .nan)
    case ("string", .string(let text)): self = .string(text)
    case ("timestamp", .string(let text)): self = .timestamp(Timestamp(iso8601: text) ?? Timestamp(microseconds: 0))
    case ("duration", .int(let microseconds)): self = .duration(microseconds)
    case ("list", .array(let values)): self = .list(values.compactMap { RuleValue(tagged: $0) })
    case ("map", .object(let object)):
      self = .map(
        Dictionary(
          uniqueKeysWithValues: object.members.compactMap { member in
            RuleValue(tagged: member.value).map { (member.key, $0) }
          }))
    default: return nil
    }
  }
}
