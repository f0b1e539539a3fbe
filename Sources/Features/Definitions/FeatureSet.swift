public import Documents
import Events
import Primitives
public import Rules

/// Feature definitions, compiled: what the fold and the reading of values need, by index. Immutable; swapped as a whole
/// when a workspace activates other definitions.
public final class FeatureSet: Sendable {
  /// By name.
  public let definitions: [FeatureDefinition]
  /// Changes when any state would be kept otherwise.
  public let stamp: UInt64

  /// The fields that rules may read, this set's features among them.
  public let schema: RuleSchema

  /// How each definition's value is read, in the same order.
  let readings: [FeatureReading]
  /// Indices of `definitions`, each after those that it is made of.
  let order: [Int]
  /// Indices that each definition is made of.
  let parts: [[Int]]

  let accumulators: [Accumulator]
  let properties: [[String]]
  let attributes: [[String]]
  let labels: [FeatureKey]
  let conditions: [Rule]

  /// Rows of 64 accumulators in each entry of the tables below.
  let rowCount: Int
  private let activityBits: [UInt64]
  private let callBits: [UInt64]
  private let signalBits: [UInt64]
  private let routeBits: [UInt64]
  private let routes: [UInt64: Int]
  private let accumulatorsByID: [UInt32: Int]

  /// Most features of a workspace.
  static let definitionsMax = 256

  /// The standard features, and those of a workspace.
  ///
  /// - Parameters:
  ///   - document: The value of `features`: a mapping of names to features. One with a standard feature's name
  ///     takes its place; a name without a value takes it out.
  ///   - scores: Names of predictions, whose scores rules of decisions may read beside the features.
  /// - Throws: The first thing that is wrong, with its place.
  public convenience init(document: DocumentNode?, scores: [String] = []) throws(DocumentError) {
    try self.init(
      documents: [StandardFeatures.document(StandardFeatures.Part.allCases), document], scores: scores)
  }

  /// Features of several documents; later ones go before.
  convenience init(documents: [DocumentNode?], scores: [String] = []) throws(DocumentError) {
    var definitions: [String: FeatureDefinition] = [:]
    for case let document? in documents where !document.isNull {
      for member in try document.mapping(of: "features").members {
        definitions[member.key] = member.value.isNull ? nil : try FeatureDefinition(name: member)
        guard definitions.count <= Self.definitionsMax else {
          throw DocumentError(
            at: member.keyLocation, "more than \(Self.definitionsMax) features, the standard ones included")
        }
      }
    }
    var compiler = FeatureCompiler(definitions: definitions.values.sorted { $0.name < $1.name })
    try compiler.compile()
    self.init(compiler, scores: scores)
  }

  private init(_ compiled: FeatureCompiler, scores: [String]) {
    definitions = compiled.definitions
    readings = compiled.readings
    order = compiled.order
    parts = compiled.definitions.indices.map { compiled.parts(of: $0) }
    accumulators = compiled.accumulators
    properties = compiled.properties
    attributes = compiled.attributes
    labels = compiled.labels
    conditions = compiled.conditions
    stamp = compiled.stamp
    schema = Self.schema(compiled.definitions, scores: scores)

    let rowCount = (accumulators.count + 63) / 64
    self.rowCount = rowCount
    func table(_ entries: Int, _ concerns: (Int, FeatureTrigger) -> Bool) -> [UInt64] {
      var bits = [UInt64](repeating: 0, count: entries * rowCount)
      for entry in 0..<entries {
        for (index, trigger) in compiled.triggers.enumerated() where concerns(entry, trigger) {
          bits[entry * rowCount + index / 64] |= 1 << UInt64(index % 64)
        }
      }
      return bits
    }
    let names = Array(Set(compiled.triggers.flatMap(\.names))).sorted { $0.text < $1.text }
    activityBits = table(1) { $1.isActivity }
    callBits = table(8) { $1.calls & 1 << UInt8($0) != 0 }
    signalBits = table(32) { $1.signals & 1 << UInt32($0) != 0 }
    routeBits = table(names.count) { $1.names.contains(names[$0]) }
    routes = Dictionary(
      names.enumerated().map { (PlainName.hash(of: $1.text), $0) }, uniquingKeysWith: { first, _ in first })
    accumulatorsByID = Dictionary(
      accumulators.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

// MARK: - What the fold asks

extension FeatureSet {
  /// The row for an event's name, nil when no feature asks for it.
  func route(of name: String) -> Int? { routes.isEmpty ? nil : routes[PlainName.hash(of: name)] }

  /// Accumulators that the event concerns as a whole.
  @inline(__always)
  func wholeBits(of event: FeatureEvent, row: Int) -> UInt64 {
    var bits = callBits[Int(event.event.kind.rawValue) * rowCount + row]
    if event.isActivity { bits |= activityBits[row] }
    if let route = event.route { bits |= routeBits[route * rowCount + row] }
    return bits
  }

  /// Accumulators that some of the signals concern.
  @inline(__always)
  func actBits(of signals: UInt32, row: Int) -> UInt64 {
    var bits: UInt64 = 0
    var rest = signals
    while rest != 0 {
      bits |= signalBits[rest.trailingZeroBitCount * rowCount + row]
      rest &= rest - 1
    }
    return bits
  }

  /// The slots of all features. Two sets that share one keep the same state in it.
  public var slots: Set<UInt32> { Set(accumulators.map(\.id)) }

  /// Any of the accumulators that write the slot.
  func accumulator(_ id: UInt32) -> Accumulator? { accumulatorsByID[id].map { accumulators[$0] } }

  /// Index of the feature of that name.
  /// - Complexity: O(log n).
  public func index(of name: String) -> Int? {
    var (low, high) = (0, definitions.count)
    while low < high {
      let middle = (low + high) / 2
      if definitions[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low < definitions.count && definitions[low].name == name ? low : nil
  }
}
