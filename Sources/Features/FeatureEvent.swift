public import Events
import Primitives

/// An event made ready for folding: with what is known of its items, and which features it concerns. Built once for
/// each event.
public struct FeatureEvent: Sendable {
  public let event: Event
  /// One for each of the event's signals; of an event without any, one for `event.itemID` or none. nil where the item
  /// is unknown or the signal has none.
  public let items: [ItemFacts?]
  /// Bit n: there is a signal of raw value n.
  let signals: UInt32
  /// Row of the set's table for the event's name, nil when no feature asks for it by name.
  let route: Int?

  /// - Precondition: `items` has the shape told above.
  public init(_ event: Event, items: [ItemFacts?], in set: FeatureSet) {
    precondition(
      items.count == event.signals.count || (event.signals.isEmpty && items.count == 1),
      "\(items.count) items for \(event.signals.count) signals")
    self.event = event
    self.items = items
    signals = event.signals.reduce(0) { $0 | FeatureTrigger.bit($1.kind) }
    route = event.kind == .track || event.kind == .page || event.kind == .screen ? set.route(of: event.name) : nil
  }

  /// Whether the person did something: a track, page or screen call that is more than impressions and refunds, which
  /// happen to people.
  var isActivity: Bool {
    let isCall = event.kind == .track || event.kind == .page || event.kind == .screen
    return isCall && (signals == 0 || signals & ~Self.passive != 0)
  }

  private static let passive = FeatureTrigger.bit(SignalKind.impression) | FeatureTrigger.bit(SignalKind.refund)

  /// The channel through which the person came: `property.channel`, else `campaign` or `referral` by what the context
  /// holds.
  var channel: String? {
    if let channel = event.properties?["channel" as StaticString]?.string, !channel.isEmpty { return channel }
    return event.context.campaign != nil ? "campaign" : event.context.referrer != nil ? "referral" : nil
  }

  func property(_ path: [String]) -> JSONView? {
    var view = event.properties
    for name in path { view = view?[name] }
    return view
  }
}
