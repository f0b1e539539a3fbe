import Documents
import Events

extension FeatureDefinition {
  private static let commonKeys: Set<String> = ["type", "description", "freshness"]
  private static let weighing: Set<String> = FeatureTrigger.keys.union(["weights", "where", "half_life"])
  private static let windowing: Set<String> = FeatureTrigger.keys.union(["where", "window", "bucket"])

  private static func keys(of type: FeatureType) -> Set<String> {
    ownKeys(of: type).union(commonKeys).union(minEvents(of: type) == nil ? [] : ["min_events"])
  }

  private static func ownKeys(of type: FeatureType) -> Set<String> {
    switch type {
    case .count: windowing
    case .sum: windowing.union(["of", "minus"])
    case .average, .min, .max: windowing.union(["of"])
    case .distinct: windowing.union(["by", "limit"])
    case .first, .last: FeatureTrigger.keys.union(["of", "by", "where"])
    case .timeSince: FeatureTrigger.keys.union(["where", "since", "unit"])
    case .affinity: weighing.union(["by", "limit"])
    case .preference: weighing.union(["by", "labels", "within"])
    case .decayed: weighing.union(["of"])
    case .ratio: ["numerator", "denominator"]
    case .funnelStep: ["steps", "window", "bucket"]
    case .activeDays, .streak: FeatureTrigger.keys.union(["where", "window"])
    case .sessions, .sessionDepth: FeatureTrigger.keys.union(["gap", "window"])
    case .engagement: ["window"]
    case .cases: ["cases", "else"]
    }
  }

  /// Events below which there is no value, where a definition does not say: patterns need some, facts none. nil where
  /// their number has no meaning.
  private static func minEvents(of type: FeatureType) -> Int? {
    switch type {
    case .affinity, .preference, .ratio, .engagement: 3
    case .count, .sum, .average, .min, .max, .distinct, .decayed, .activeDays, .streak, .sessions: 0
    case .first, .last, .timeSince, .funnelStep, .sessionDepth, .cases: nil
    }
  }

  /// Reads one feature:
  ///
  ///     orders_30d: {type: count, signals: [purchase], window: 30d}
  ///     brand_affinity:
  ///       type: affinity
  ///       by: item.attributes.brand
  ///       weights: {view: 1, purchase: 5, dismiss: -2}
  ///       half_life: 60d
  ///       min_events: 3
  ///
  /// - All: `type`, `description`, `freshness` (how old the last event may be).
  /// - Which events: `signals` (`view`, `purchase` …), `events` (names, or `any` for everything the person does),
  ///   `calls` (`track`, `page` …), `where` (a rule over `event`). Types of weights take `weights` by signal too.
  /// - Over what: `window` with its `bucket` (else a 24th of it); without a window, all time. `half_life` for weights.
  /// - Of what: numbers by `of` (`value`, `quantity`, `item.price`, `property.NAME` …), texts by `by` (`item.category`,
  ///   `item.attributes.NAME`, `property.NAME`, `device` …).
  /// - With how many: `min_events`, below which the value is missing; 3 for patterns unless stated.
  ///
  /// Of an event with several items, what reads of the item or its line counts each, all else counts the event once.
  init(name: DocumentNode.Member) throws(DocumentError) {
    let node = name.value
    let type = try node.mapping(of: "a feature").required("type").choice(FeatureType.self, of: "a type of feature")
    let mapping = try node.mapping(allowing: Self.keys(of: type), of: "a feature of type \(type.rawValue)")
    try Self.checkName(name)
    self.name = name.key
    self.type = type
    location = name.keyLocation
    description = try mapping.string("description")
    freshness = try mapping.duration("freshness")
    minEvents = try mapping.int("min_events", in: 0...1_000_000) ?? Self.minEvents(of: type) ?? 0
    if let node = mapping["where"] { condition = try Text(node) }
    try readTriggers(mapping)
    try readFields(mapping)
    try readTimes(mapping)
    try readReferences(mapping)
  }

  static func checkName(_ member: DocumentNode.Member) throws(DocumentError) {
    let bytes = member.key.utf8
    let isPlain = bytes.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "_") }
    guard isPlain, let first = bytes.first, first &- 0x61 < 26, bytes.count <= 64 else {
      throw DocumentError(
        at: member.keyLocation,
        "found '\(member.key)', expected a name of 1 to 64 small letters, digits and '_', a letter first")
    }
  }

  // MARK: - Events

  private mutating func readTriggers(_ mapping: DocumentMapping) throws(DocumentError) {
    switch type {
    case .ratio, .engagement, .cases: return
    case .funnelStep: arms = try Self.steps(mapping)
    case .preference where mapping["labels"] != nil: arms = try labelled(mapping)
    default:
      var trigger = try FeatureTrigger(mapping)
      arms = try Self.weighted(mapping)
      if trigger.isEmpty, arms.isEmpty, [.activeDays, .streak, .sessions, .sessionDepth].contains(type) {
        trigger.isActivity = true
      }
      if !trigger.isEmpty { arms.insert(Arm(trigger: trigger), at: 0) }
      if let minus = mapping["minus"] {
        var returned = FeatureTrigger()
        for node in try minus.list() { returned.signals |= FeatureTrigger.bit(try FeatureTrigger.signal(node)) }
        arms.append(Arm(trigger: returned, weight: -1))
      }
    }
    guard !arms.isEmpty else {
      throw mapping.error("\(mapping.what) needs 'signals', 'events' or 'calls' to say what it counts")
    }
  }

  private static func weighted(_ mapping: DocumentMapping) throws(DocumentError) -> [Arm] {
    guard let weights = mapping["weights"] else { return [] }
    var arms: [Arm] = []
    for member in try weights.mapping(of: "weights").members {
      let kind = try FeatureTrigger.signal(member.key, member.keyLocation)
      let weight = try member.value.double(in: -1_000...1_000)
      arms.append(
        Arm(trigger: FeatureTrigger(signals: FeatureTrigger.bit(kind)), weight: weight, scalesByRating: kind == .rating)
      )
    }
    return arms
  }

  private func labelled(_ mapping: DocumentMapping) throws(DocumentError) -> [Arm] {
    var arms: [Arm] = []
    for key in ["by", "weights", "signals", "events", "calls"] {
      if let node = mapping[key] { throw node.error("'\(key)' has no meaning beside 'labels'") }
    }
    for member in try mapping.required("labels").mapping(of: "labels").members {
      let label = try member.value.mapping(allowing: FeatureTrigger.keys.union(["weight"]), of: "a label")
      let trigger = try FeatureTrigger(label)
      guard !trigger.isEmpty else { throw label.error("a label needs 'signals', 'events' or 'calls'") }
      let weight = try label.double("weight", in: 0...1_000) ?? 1
      arms.append(Arm(trigger: trigger, weight: weight, label: member.key))
    }
    return arms
  }

  private static func steps(_ mapping: DocumentMapping) throws(DocumentError) -> [Arm] {
    let steps = try mapping.required("steps")
    var arms: [Arm] = []
    for node in try steps.list() {
      let step = try node.mapping(allowing: FeatureTrigger.keys, of: "a step")
      let trigger = try FeatureTrigger(step)
      guard !trigger.isEmpty else { throw step.error("a step needs 'signals', 'events' or 'calls'") }
      arms.append(Arm(trigger: trigger))
    }
    guard (2...16).contains(arms.count) else {
      throw steps.error("found \(arms.count) steps, expected 2 to 16")
    }
    return arms
  }

  // MARK: - What and how long

  private mutating func readFields(_ mapping: DocumentMapping) throws(DocumentError) {
    if let node = mapping["of"] { of = try FeatureField(node, as: .number) }
    if let node = mapping["by"] { by = try FeatureField(node, as: .key) }
    switch type {
    case .sum, .average, .min, .max: if of == nil { of = .value }
    case .distinct, .affinity: if by == nil { _ = try mapping.required("by") }
    case .preference:
      if by == nil, mapping["labels"] == nil { throw mapping.error("\(mapping.what) needs 'by' or 'labels'") }
    case .first, .last:
      guard (of == nil) != (by == nil) else {
        throw mapping.error("\(mapping.what) needs either 'of' (a number) or 'by' (a text)")
      }
    default: break
    }
    switch type {
    case .affinity: limit = try mapping.int("limit", in: 1...32) ?? 8
    case .distinct: limit = try mapping.int("limit", in: 1...256) ?? 256
    default: break
    }
    if let since = mapping["since"] {
      enum Edge: String, CaseIterable { case first, last }
      isFirst = try since.choice(Edge.self, of: "an edge") == .first
    }
    isFirst = isFirst || type == .first
    unit = try mapping.choice("unit", TimeUnit.self, of: "a unit of time") ?? .days
  }

  private mutating func readTimes(_ mapping: DocumentMapping) throws(DocumentError) {
    let day = Duration.seconds(86_400)
    window = try Self.duration(mapping, "window", .seconds(60)...(day * 36_600))
    bucket = try Self.duration(mapping, "bucket", .seconds(60)...(day * 366))
    gap = try Self.duration(mapping, "gap", .seconds(60)...day)
    within = try Self.duration(mapping, "within", .seconds(60)...(day * 36_600))
    halfLife = try Self.duration(mapping, "half_life", .seconds(60)...(day * 3_660))
    switch type {
    case .affinity, .preference, .decayed: if halfLife == nil { _ = try mapping.required("half_life") }
    case .funnelStep: if window == nil { _ = try mapping.required("window") }
    case .activeDays, .streak: window = try Self.atMost(64, mapping, window ?? day * 64)
    case .sessions, .sessionDepth:
      window = try Self.atMost(31, mapping, window ?? day * 7)
      gap = gap ?? .seconds(1_800)
    case .engagement: window = window ?? day * 90
    default: break
    }
    if let bucket, let node = mapping["bucket"] {
      guard let window else { throw node.error("'bucket' has no meaning without 'window'") }
      guard bucket <= window, window / bucket <= 400 else {
        throw node.error("found \(bucket.documentText), expected a 400th of the window to all of it")
      }
    }
  }

  private static func duration(
    _ mapping: DocumentMapping, _ key: String, _ range: ClosedRange<Duration>
  ) throws(DocumentError) -> Duration? {
    guard let node = mapping[key] else { return nil }
    let value = try node.duration()
    guard range.contains(value) else {
      throw node.error(
        "found \(value.documentText), expected \(range.lowerBound.documentText) to \(range.upperBound.documentText)")
    }
    return value
  }

  private static func atMost(
    _ days: Int, _ mapping: DocumentMapping, _ window: Duration
  ) throws(DocumentError) -> Duration {
    guard window <= .seconds(86_400 * days) else {
      let node = try mapping.required("window")
      throw node.error("found \(window.documentText), expected at most \(days)d for this type")
    }
    return window
  }

  // MARK: - Other features

  private mutating func readReferences(_ mapping: DocumentMapping) throws(DocumentError) {
    switch type {
    case .ratio:
      numerator = try Text(try mapping.required("numerator"))
      denominator = try Text(try mapping.required("denominator"))
    case .cases:
      for node in try mapping.required("cases").list() {
        let entry = try node.mapping(allowing: ["value", "when"], of: "a case")
        cases.append(
          Case(value: try entry.required("value").nonEmptyString(), rule: try Text(try entry.required("when"))))
      }
      otherwise = try mapping.string("else")
    default: break
    }
  }
}
