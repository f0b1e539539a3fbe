import Documents
import Events
public import Primitives
import Rules

/// Where a feature's value comes from, and how fresh it is.
public struct FeatureLineage: Sendable, Hashable {
  public let name: String
  public let type: FeatureType
  public let description: String?
  /// Signals, calls and event names that it counts, those of its parts included: `purchase`, `track call`, `any
  /// activity`.
  public let events: [String]
  /// What it reads of them: `value`, `item.category`, `event.properties.coupon`.
  public let fields: [String]
  /// Features that it is made of.
  public let parts: [String]
  public let window: Duration?
  public let halfLife: Duration?
  public let minEvents: Int
  /// How old the last event may be.
  public let freshness: Duration?
  /// When the last event that it counts happened, to the minute (rounded down); nil for none.
  public let updatedAt: Timestamp?
  /// Whether the last event is older than `freshness` allows; nil when it does not say, or nothing was counted.
  public let isStale: Bool?

  /// Writes an object.
  public func write(into writer: inout JSONWriter) { writer.object { writeMembers(into: &$0) } }

  /// Writes the members of an object.
  public func writeMembers(into writer: inout JSONWriter) {
    writer.member("name", name)
    writer.member("type", type.rawValue)
    writer.member("description", description)
    for (key, texts) in [("events", events), ("fields", fields), ("parts", parts)] {
      writer.member(key, array: { for text in texts { $0.string(text) } })
    }
    writer.member("window", window?.documentText)
    writer.member("half_life", halfLife?.documentText)
    writer.member("min_events", minEvents)
    writer.member("freshness", freshness?.documentText)
    writer.member("updated_at", updatedAt?.description)
    writer.key("stale")
    if let isStale { writer.bool(isStale) } else { writer.null() }
  }
}

extension FeatureSet {
  /// Lineage and freshness of every feature, by name.
  ///
  /// - Parameter state: The person's, nil for the definitions alone.
  public func lineage(
    of state: FeatureState? = nil, history: ItemHistory = ItemHistory(), at now: Timestamp
  ) -> [FeatureLineage] {
    var sources = [Sources](repeating: Sources(), count: definitions.count)
    for index in order {
      for part in parts[index] { sources[index].add(sources[part]) }
      sources[index].add(own(index, state: state, history: history))
    }
    return zip(definitions, sources).enumerated().map { index, feature in
      let (definition, sources) = feature
      return FeatureLineage(
        name: definition.name, type: definition.type, description: definition.description, events: sources.events,
        fields: sources.fields, parts: parts[index].map { definitions[$0].name }, window: definition.window,
        halfLife: definition.halfLife, minEvents: definition.minEvents, freshness: definition.freshness,
        updatedAt: sources.updatedAt,
        isStale: definition.freshness.flatMap { limit in sources.updatedAt.map { now - $0 > limit } })
    }
  }

  private struct Sources {
    var events: [String] = []
    var fields: [String] = []
    var updatedAt: Timestamp?

    mutating func add(_ other: Sources) {
      events += other.events.filter { !events.contains($0) }
      fields += other.fields.filter { !fields.contains($0) }
      updatedAt = [updatedAt, other.updatedAt].compactMap { $0 }.max()
    }
  }

  private func own(_ index: Int, state: FeatureState?, history: ItemHistory) -> Sources {
    let definition = definitions[index]
    if definition.type == .engagement {
      return Sources(
        events: [SignalKind.dwell.name], fields: [FeatureField.value.text, FeatureField.item.text],
        updatedAt: history.recent.last { $0.kind == .dwell }?.at)
    }
    var sources = Sources()
    var trigger = FeatureTrigger()
    for arm in definition.arms { trigger.formUnion(arm.trigger) }
    sources.events = trigger.sources
    sources.fields = [definition.of, definition.by].compactMap { $0?.text }
    guard let accumulator = readings[index].accumulator.map({ accumulators[$0] }) else { return sources }
    if accumulator.condition >= 0 { sources.fields += conditions[accumulator.condition].fields.map(\.description) }
    if let state, let slot = state.table.slot(accumulator.id) {
      sources.updatedAt = Timestamp(seconds: Int64(state.table.minute(of: slot)) * 60)
    }
    return sources
  }
}
