import Events
import Primitives

/// Reading numbers and keys of an event.
extension EventFold {
  func number(_ source: Accumulator.NumberSource, act: Int?) -> Double? {
    let event = event.event
    switch source {
    case .one: return 1
    case .hour: return event.context.hour.map(Double.init)
    case .weekday: return event.context.weekday.map(Double.init)
    case .property(let index): return self.event.property(set.properties[index])?.double
    case .value: return signal(act)?.value
    case .quantity: return signal(act).map { Double($0.quantity) }
    case .price: return item(act)?.price
    case .margin: return item(act)?.margin
    case .attribute(let index): return item(act)?.attributes[index].number
    }
  }

  /// Calls `body` with each key and how many there are.
  @inline(__always)
  func forEachKey(_ source: Accumulator.KeySource, act: Int?, _ body: (FeatureKey, Int) -> Void) {
    let context = event.event.context
    switch source {
    case .none: break
    case .item: if let id = item(act)?.id { body(id, 1) }
    case .categories: Self.forEach(item(act)?.categories, body)
    case .tags: Self.forEach(item(act)?.tags, body)
    case .attribute(let index): Self.forEach(item(act)?.attributes[index].keys, body)
    case .query: Self.text(signal(act)?.query, body)
    case .name: Self.text(event.event.name, body)
    case .device: Self.text(context.device, body)
    case .os: Self.text(context.os, body)
    case .region: Self.text(context.region, body)
    case .locale: Self.text(context.locale, body)
    case .referrer: Self.text(context.referrer, body)
    case .campaign: Self.text(context.campaign, body)
    case .hour: Self.text(context.hour.map { String($0) }, body)
    case .weekday: Self.text(context.weekday.map { String($0) }, body)
    case .channel: Self.text(event.channel, body)
    case .property(let index): Self.forEach(event.property(set.properties[index])?.value.featureKeys, body)
    case .label(let index): body(set.labels[index], 1)
    }
  }

  private func signal(_ act: Int?) -> Signal? {
    guard let act, act < event.event.signals.count else { return nil }
    return event.event.signals[act]
  }

  private func item(_ act: Int?) -> ItemFacts? { act.flatMap { event.items[$0] } }

  private static func text(_ text: String?, _ body: (FeatureKey, Int) -> Void) {
    if let text, !text.isEmpty { body(FeatureKey(text), 1) }
  }

  private static func forEach(_ keys: [FeatureKey]?, _ body: (FeatureKey, Int) -> Void) {
    guard let keys else { return }
    for key in keys { body(key, keys.count) }
  }
}
