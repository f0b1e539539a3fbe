public import Primitives
public import Rules

/// The values of a set's features for one person at one moment. What has too few events is missing, not 0.
public struct FeatureValues: Sendable {
  let features: FeatureSet
  /// One for each definition.
  private(set) var values: [RuleValue?]

  fileprivate init(_ features: FeatureSet) {
    self.features = features
    values = Array(repeating: nil, count: features.definitions.count)
  }

  /// The features of somebody of whom nothing is known: all missing.
  public static func unknown(in set: FeatureSet) -> FeatureValues { FeatureValues(set) }

  /// nil when missing, or when there is no such feature.
  /// - Complexity: O(log n) by name, O(1) by index (`FeatureSet.index(of:)`).
  public subscript(_ name: String) -> RuleValue? { features.index(of: name).flatMap { values[$0] } }

  public subscript(_ index: Int) -> RuleValue? { values[index] }

  /// Writes the members of an object: those that have a value, by name.
  public func write(into writer: inout JSONWriter) {
    for (definition, value) in zip(features.definitions, values) {
      guard let value else { continue }
      writer.key(definition.name)
      value.write(into: &writer)
    }
  }

  fileprivate mutating func put(_ value: RuleValue?, at index: Int) { values[index] = value }
}

extension FeatureSet {
  /// Which features a reader wants; others are left missing.
  public struct Selection: Sendable {
    fileprivate let indices: [Int]
  }

  /// The features that rules read, with those that they are made of.
  ///
  /// - Parameter fields: All fields of the rules, as `Rule.fields` tells; those beyond `person.features` do not matter.
  ///   The bare `person.features` selects all.
  public func selection(for fields: some Sequence<FieldPath>) -> Selection {
    var wanted = [Bool](repeating: false, count: definitions.count)
    for field in fields where field.root == "person" {
      guard field.names.first == "features" || field.names.isEmpty else { continue }
      guard field.names.count > 1 else { return Selection(indices: order) }
      if let index = index(of: field.names[1]) { wanted[index] = true }
    }
    return selection(&wanted)
  }

  /// The features of these names, with those that they are made of.
  public func selection(of names: some Sequence<String>) -> Selection {
    var wanted = [Bool](repeating: false, count: definitions.count)
    for name in names { if let index = index(of: name) { wanted[index] = true } }
    return selection(&wanted)
  }

  private func selection(_ wanted: inout [Bool]) -> Selection {
    for index in order.reversed() where wanted[index] {
      for part in parts[index] { wanted[part] = true }
    }
    return Selection(indices: order.filter { wanted[$0] })
  }

  /// Reads the features of a person.
  ///
  /// A window is the buckets that it overlaps: an event counts at least as long as it lies within, at most one bucket
  /// longer. Events after `now`'s bucket do not count. `now` should not lie before the newest event by more than that:
  /// what the newest event has pushed out of its window is gone.
  ///
  /// - Parameters:
  ///   - history: The person's acts, for features that judge dwells.
  ///   - dwell: How long items are looked at, by everybody.
  ///   - selection: nil for all.
  /// - Complexity: some 50 ns for each feature, 1 µs for each affinity.
  public func values(
    of state: FeatureState, history: ItemHistory, dwell: ItemDwell, at now: Timestamp, only selection: Selection? = nil
  ) -> FeatureValues {
    var values = FeatureValues(self)
    guard !state.isEmpty else { return values }
    let microseconds = max(0, now.microseconds)
    for index in selection?.indices ?? order {
      let minEvents = definitions[index].minEvents
      switch readings[index] {
      case .ratio(let numerator, let denominator):
        values.put(Self.ratio(values[numerator], values[denominator], minEvents: minEvents), at: index)
      case .cases(let cases, let otherwise):
        let environment = FeatureEnvironment(values: values)
        let value = cases.first { $0.rule.holds(in: environment) == .yes }?.value ?? otherwise
        values.put(value.map { .string($0) }, at: index)
      case .engagement(let window):
        let share = dwell.engagedShare(of: history.recent, from: microseconds - window, through: microseconds)
        if let share, share.judged >= max(1, minEvents) { values.put(.double(share.value), at: index) }
      case let reading:
        guard let accumulator = reading.accumulator.map({ accumulators[$0] }) else { continue }
        let reader = SlotReader(
          table: state.table, accumulator: accumulator, slot: state.table.slot(accumulator.id), now: microseconds,
          minEvents: minEvents)
        values.put(reader.value(reading), at: index)
      }
    }
    return values
  }

  private static func ratio(_ numerator: RuleValue?, _ denominator: RuleValue?, minEvents: Int) -> RuleValue? {
    guard let above = numerator?.number, let below = denominator?.number, below > 0, below >= Double(minEvents) else {
      return nil
    }
    return .double(above / below)
  }
}

/// `person.features` alone, for rules within definitions.
struct FeatureEnvironment: RuleEnvironment {
  let values: FeatureValues

  func value(of path: FieldPath) -> RuleValue? {
    guard path.root == "person", path.names.count >= 2, path.names[0] == "features" else { return nil }
    return values[path.names[1]]?.value(at: path.names.dropFirst(2))
  }
}

extension RuleValue {
  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}
