import Events
import Primitives
import Rules

/// What the `where` of a feature sees: one event, and one of its acts where the feature counts acts.
struct EventSituation: RuleEnvironment {
  let event: FeatureEvent
  let act: Int?

  /// Fields that differ between the acts of one event.
  static let actFields: Set<String> = ["signal", "value", "quantity", "query", "item_id"]

  static let schema = RuleSchema([
    "event": .record([
      "name": .value(.string), "call": .value(.string), "signal": .value(.string), "value": .value(.double),
      "quantity": .value(.int), "query": .value(.string), "item_id": .value(.string), "properties": .open,
      "device": .value(.string), "os": .value(.string), "region": .value(.string), "locale": .value(.string),
      "referrer": .value(.string), "campaign": .value(.string), "hour": .value(.int), "weekday": .value(.int),
    ])
  ])

  func value(of path: FieldPath) -> RuleValue? {
    guard path.root == "event", let name = path.names.first else { return nil }
    let event = event.event
    switch name {
    case "name": return .string(event.name)
    case "call": return .string(event.kind.name)
    case "properties": return self.event.property(Array(path.names.dropFirst())).map { RuleValue($0.value) }
    case "signal": return signal.map { .string($0.kind.name) }
    case "value": return signal?.value.map { .double($0) }
    case "quantity": return signal.map { .int(Int64($0.quantity)) }
    case "query": return signal?.query.map { .string($0) }
    case "item_id": return (signal?.itemID ?? event.itemID).map { .string($0) }
    default: return event.context.value(of: name)
    }
  }

  private var signal: Signal? {
    guard let act, act < event.event.signals.count else { return nil }
    return event.event.signals[act]
  }
}

extension ContextFacts {
  /// The fact of that name as rules see it: `device`, `os`, `region`, `locale`, `timezone`, `referrer`, `campaign`,
  /// `hour`, `weekday`.
  func value(of name: String) -> RuleValue? {
    switch name {
    case "device": device.map { .string($0) }
    case "os": os.map { .string($0) }
    case "region": region.map { .string($0) }
    case "locale": locale.map { .string($0) }
    case "timezone": timezone.map { .string($0) }
    case "referrer": referrer.map { .string($0) }
    case "campaign": campaign.map { .string($0) }
    case "hour": hour.map { .int(Int64($0)) }
    case "weekday": weekday.map { .int(Int64($0)) }
    default: nil
    }
  }
}
