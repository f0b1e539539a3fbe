import Documents
import Primitives
import Rules

/// Turns definitions into accumulators and readings. Features that keep the same state share it.
struct FeatureCompiler {
  let definitions: [FeatureDefinition]
  private(set) var readings: [FeatureReading] = []
  private(set) var order: [Int] = []
  private(set) var accumulators: [Accumulator] = []
  /// Of each accumulator.
  private(set) var triggers: [FeatureTrigger] = []
  private(set) var properties: [[String]] = []
  private(set) var attributes: [[String]] = []
  private(set) var labels: [FeatureKey] = []
  private(set) var conditions: [Rule] = []

  private var indices: [String: Int] = [:]
  private var slots: [String: Int] = [:]

  /// Never changed: it tells whether a stored state is that of a definition.
  private static let hash = StableHash(key0: 0x6174_7475_6e65_2e66, key1: 0x6561_7475_7265_7331)

  init(definitions: [FeatureDefinition]) {
    self.definitions = definitions
    for (index, definition) in definitions.enumerated() { indices[definition.name] = index }
  }

  var stamp: UInt64 {
    Self.hash.hash64(Set(accumulators.map(\.id)).sorted().map(String.init).joined(separator: " ")) >> 16 | 1
  }

  mutating func compile() throws(DocumentError) {
    for definition in definitions { readings.append(try reading(of: definition)) }
    var states = [Visit](repeating: .new, count: definitions.count)
    for index in definitions.indices { try visit(index, &states) }
  }

  // MARK: - Readings

  private mutating func reading(of definition: FeatureDefinition) throws(DocumentError) -> FeatureReading {
    switch definition.type {
    case .ratio:
      return .ratio(try index(definition.numerator, of: definition), try index(definition.denominator, of: definition))
    case .cases: return try cases(of: definition)
    case .engagement: return .engagement(window: definition.window?.inMicroseconds ?? 0)
    default: break
    }
    let slot = try slot(of: definition)
    let window = definition.window?.inMicroseconds ?? 0
    switch definition.type {
    case .count: return .count(slot, window: window)
    case .sum: return .sum(slot, window: window)
    case .average: return .average(slot, window: window)
    case .min, .max: return .extreme(slot, window: window)
    case .distinct: return .distinct(slot, window: window)
    case .first, .last: return .moment(slot)
    case .timeSince: return .since(slot, unit: definition.unit.microseconds)
    case .affinity: return .affinity(slot, limit: definition.limit)
    case .preference: return .preference(slot, within: definition.within?.inMicroseconds)
    case .decayed: return .decayed(slot)
    case .funnelStep: return .funnelStep(slot, window: window)
    case .activeDays: return .activeDays(slot, days: max(1, Int(window / 86_400_000_000)))
    case .streak: return .streak(slot, days: max(1, Int(window / 86_400_000_000)))
    case .sessions: return .sessions(slot, window: window)
    case .sessionDepth: return .sessionDepth(slot)
    case .ratio, .cases, .engagement: preconditionFailure("read above")
    }
  }

  private func index(
    _ name: FeatureDefinition.Text?, of definition: FeatureDefinition
  ) throws(DocumentError) -> Int {
    guard let name else { preconditionFailure("a ratio was read without its parts") }
    guard let index = indices[name.value] else {
      throw DocumentError(
        at: name.location, "there is no feature '\(name.value)'",
        suggestion: nearestWord(to: name.value, among: indices.keys))
    }
    let type = definitions[index].valueType
    guard type == .int || type == .double else {
      throw DocumentError(at: name.location, "'\(name.value)' is no number, so it cannot be part of a ratio")
    }
    return index
  }

  private func cases(of definition: FeatureDefinition) throws(DocumentError) -> FeatureReading {
    var schema = RuleSchema()
    for other in definitions where other.name != definition.name {
      schema.declare(FieldPath("person", "features", other.name), as: .value(other.valueType))
    }
    var compiled: [FeatureReading.Case] = []
    for entry in definition.cases {
      let rule = try Self.rule(entry.rule, schema: schema)
      compiled.append(FeatureReading.Case(value: entry.value, rule: rule))
    }
    return .cases(compiled, otherwise: definition.otherwise)
  }

  private static func rule(_ text: FeatureDefinition.Text, schema: RuleSchema) throws(DocumentError) -> Rule {
    do throws(RuleError) {
      return try Rule(parsing: text.value, expecting: .bool, schema: schema)
    } catch {
      throw DocumentError(
        at: text.location, "in the rule '\(text.value)', line \(error.line), column \(error.column): \(error.message)")
    }
  }

  // MARK: - Order

  private enum Visit { case new, open, done }

  private mutating func visit(_ index: Int, _ states: inout [Visit]) throws(DocumentError) {
    if states[index] == .done { return }
    guard states[index] == .new else {
      throw DocumentError(
        at: definitions[index].location, "the feature '\(definitions[index].name)' is made of itself")
    }
    states[index] = .open
    for part in parts(of: index) { try visit(part, &states) }
    states[index] = .done
    order.append(index)
  }

  /// Features that the feature is made of.
  func parts(of index: Int) -> [Int] {
    switch readings[index] {
    case .ratio(let numerator, let denominator): [numerator, denominator]
    case .cases(let cases, _):
      cases.flatMap { $0.rule.fields.compactMap { $0.names.dropFirst().first.flatMap { indices[$0] } } }
    default: []
    }
  }

  // MARK: - Slots

  /// Index of the first of the accumulators that write the definition's slot.
  private mutating func slot(of definition: FeatureDefinition) throws(DocumentError) -> Int {
    let signature = definition.signature
    if let known = slots[signature] { return known }
    var template = Accumulator(id: unusedID(signature), shape: definition.shape)
    if let of = definition.of { template.number = number(of) }
    if let by = definition.by { template.key = key(by) }
    if let bucket = definition.bucketWidth, let window = definition.window {
      template.width = bucket.inMicroseconds
      template.kept = UInt32(clamping: (window.inMicroseconds + template.width - 1) / template.width)
    }
    template.halfLife = definition.halfLife?.inMicroseconds ?? 0
    template.limit = definition.limit
    if definition.shape == .sessions {
      template.gap = UInt32(clamping: definition.gap?.components.seconds ?? 0)
      template.kept = UInt32(clamping: (definition.window?.components.seconds ?? 0) + 86_400)
    }
    var readsActs = definition.of?.isOfAct == true || definition.by?.isOfAct == true
    if let condition = definition.condition {
      let rule = try Self.rule(condition, schema: EventSituation.schema)
      readsActs = readsActs || rule.fields.contains { EventSituation.actFields.contains($0.names.first ?? "") }
      template.condition = conditions.count
      conditions.append(rule)
    }
    slots[signature] = accumulators.count
    for (step, arm) in definition.arms.enumerated() {
      var accumulator = template
      accumulator.signals = arm.trigger.signals
      accumulator.weight = arm.weight
      accumulator.scalesByRating = arm.scalesByRating
      accumulator.isPerAct = readsActs || arm.scalesByRating
      if definition.shape == .funnel { accumulator.step = 1 << UInt32(step) }
      if let label = arm.label {
        accumulator.key = .label(labels.count)
        labels.append(FeatureKey(label))
      }
      accumulators.append(accumulator)
      triggers.append(arm.trigger)
    }
    return slots[signature] ?? 0
  }

  private func unusedID(_ signature: String) -> UInt32 {
    var attempt = signature
    while true {
      let id = UInt32(Self.hash.hash64(attempt) >> (64 - SlotTable.idBits))
      if id != 0, !accumulators.contains(where: { $0.id == id }) { return id }
      attempt += "'"
    }
  }

  private mutating func number(_ field: FeatureField) -> Accumulator.NumberSource {
    switch field {
    case .value: .value
    case .quantity: .quantity
    case .price: .price
    case .margin: .margin
    case .hour: .hour
    case .weekday: .weekday
    case .attribute(let path): .attribute(Self.place(of: path, in: &attributes))
    case .property(let path): .property(Self.place(of: path, in: &properties))
    default: preconditionFailure("\(field.text) was refused as a number")
    }
  }

  private mutating func key(_ field: FeatureField) -> Accumulator.KeySource {
    switch field {
    case .item: .item
    case .category: .categories
    case .tag: .tags
    case .query: .query
    case .name: .name
    case .device: .device
    case .os: .os
    case .region: .region
    case .locale: .locale
    case .referrer: .referrer
    case .campaign: .campaign
    case .hour: .hour
    case .weekday: .weekday
    case .channel: .channel
    case .attribute(let path): .attribute(Self.place(of: path, in: &attributes))
    case .property(let path): .property(Self.place(of: path, in: &properties))
    case .value, .quantity, .price, .margin: preconditionFailure("\(field.text) was refused as a key")
    }
  }

  private static func place(of path: [String], in paths: inout [[String]]) -> Int {
    if let known = paths.firstIndex(of: path) { return known }
    paths.append(path)
    return paths.count - 1
  }
}

extension FeatureDefinition {
  var shape: Accumulator.Shape {
    switch type {
    case .count: .count
    case .sum, .average: .amount
    case .min: .least
    case .max: .greatest
    case .distinct: .distinct
    case .first: .first
    case .last: .last
    case .timeSince: isFirst ? .first : .last
    case .affinity, .preference, .decayed: .affinity
    case .funnelStep: .funnel
    case .activeDays, .streak: .days
    case .sessions, .sessionDepth: .sessions
    case .ratio, .engagement, .cases: preconditionFailure("\(type.rawValue) keeps no state")
    }
  }

  var bucketWidth: Duration? {
    switch shape {
    case .count, .amount, .least, .greatest, .distinct, .funnel: bucket ?? window.map { Self.bucket(ofWindow: $0) }
    default: nil
    }
  }

  /// All that decides what state is kept, as text: equal texts share a slot. Its form must not change, or all state
  /// begins anew.
  var signature: String {
    var parts = ["1", "\(shape)", of?.text ?? "", by?.text ?? ""]
    parts.append(bucketWidth.map { "\($0.inMicroseconds)x\(window?.inMicroseconds ?? 0)" } ?? "")
    parts.append(halfLife.map { "\($0.inMicroseconds)" } ?? "")
    if shape == .sessions { parts.append("\(gap?.inMicroseconds ?? 0)/\(window?.inMicroseconds ?? 0)") }
    if shape == .distinct { parts.append("\(limit)") }
    parts.append(condition?.value ?? "")
    let arms = arms.map { "\($0.trigger.signature)*\($0.weight)\($0.scalesByRating ? "r" : "")@\($0.label ?? "")" }
    parts += shape == .funnel ? arms : arms.sorted()
    return parts.joined(separator: "|")
  }

  /// What rules see.
  var valueType: RuleType {
    switch type {
    case .count, .distinct, .funnelStep, .activeDays, .streak, .sessions, .sessionDepth: .int
    case .sum, .average, .min, .max, .timeSince, .decayed, .ratio, .engagement: .double
    case .first, .last: of == nil ? .string : .double
    case .affinity: .map(.double)
    case .preference, .cases: .string
    }
  }
}
