public import Documents
import Events
public import Primitives
import Rules

/// Something that a person may do, or leave undone, within some time: what the label of a prediction is, who is asked, and at
/// which moments of the past. The section `predictions` of a workspace's definitions:
///
///     predictions:
///       buys_soon:
///         of: purchase                             # one event, or a list; true when one of them happens
///         where: event.value > 20.0                # only those, optional
///         within: 7d                               # after the moment of prediction
///         among: person.features.views_7d > 0      # who is asked, optional
///         on: view                                 # moments to learn from: after such events, `any`, or `clock`
///         every: 1d                                # at most one moment of a person in each such stretch of time
///         min_events: 3                            # of a person with fewer nothing is said
///       leaves:
///         none_of: any                             # true when none of them happens
///         within: 30d
///         on: clock                                # moments at whole multiples of `every`, whatever happens then
public struct PredictionDefinition: Sendable {
  /// Predictions of a workspace.
  static let countMax = 32

  public let name: String
  public let description: String?
  /// The events that decide the label.
  public let outcome: EventSelection
  /// The label is true when none of them happens.
  public let isTrueWithout: Bool
  /// The horizon: the label is about (moment, moment + within].
  public let within: Duration
  /// The moments that a training learns from are after these; nil for those of the clock.
  public let moments: EventSelection?
  public let every: Duration
  /// Events of a person, below which there is no score.
  public let minEvents: Int
  private let among: Rule?

  private static let keys: Set<String> = [
    "of", "none_of", "where", "within", "among", "on", "every", "min_events", "description",
  ]

  /// The `predictions` section: a mapping of names to predictions; by name.
  ///
  /// - Parameter events: Event names that the workspace defines or plans, beyond those that are known everywhere.
  /// - Throws: The first thing that is wrong, with its place.
  public static func all(
    document: DocumentNode?, features: FeatureSet, events: some Sequence<String>
  ) throws(DocumentError) -> [PredictionDefinition] {
    guard let document else { return [] }
    let names = EventSelection.Names(own: events)
    var definitions: [PredictionDefinition] = []
    for member in try document.mapping(of: "predictions").members {
      guard definitions.count < countMax else {
        throw DocumentError(at: member.keyLocation, "more than \(countMax) predictions")
      }
      definitions.append(try PredictionDefinition(name: member, features: features, names: names))
    }
    return definitions.sorted { $0.name < $1.name }
  }

  private init(
    name member: DocumentNode.Member, features: FeatureSet, names: EventSelection.Names
  ) throws(DocumentError) {
    try FeatureDefinition.checkName(member)
    name = member.key
    let mapping = try member.value.mapping(allowing: Self.keys, of: "a prediction")
    description = try mapping["description"]?.string()
    switch (mapping["of"], mapping["none_of"]) {
    case (let node?, nil):
      outcome = try EventSelection(node, where: mapping["where"], names: names)
      isTrueWithout = false
    case (nil, let node?):
      outcome = try EventSelection(node, where: mapping["where"], names: names)
      isTrueWithout = true
    case (nil, nil): throw DocumentError(at: member.keyLocation, "a prediction needs 'of' or 'none_of'")
    case (_?, let node?): throw node.error("found both 'of' and 'none_of', expected one of them")
    }
    within = try Self.stretch(try mapping.required("within"), "within")
    every =
      try mapping["every"].map { node throws(DocumentError) in try Self.stretch(node, "every") } ?? .seconds(86_400)
    minEvents = try mapping.int("min_events", in: 1...10_000) ?? 3
    if let node = mapping["on"] {
      if case .string("clock") = node.content {
        moments = nil
      } else {
        moments = try EventSelection(node, where: nil, names: names)
      }
    } else {
      moments = .any
    }
    among = try mapping["among"].map { node throws(DocumentError) in
      try node.rule(expecting: .bool, schema: Self.schema(of: features))
    }
  }

  private static func stretch(_ node: DocumentNode, _ name: String) throws(DocumentError) -> Duration {
    let stretch = try node.duration()
    guard stretch >= .seconds(60), stretch <= .seconds(366 * 86_400) else {
      throw node.error("found \(node.inWords), expected '\(name)' between 1m and 366d")
    }
    return stretch
  }

  /// Features alone: a training knows nothing else of a moment of the past, and a score made of scores would depend on itself.
  private static func schema(of features: FeatureSet) -> RuleSchema {
    var schema = RuleSchema()
    for definition in features.definitions {
      schema.declare(FieldPath("person", "features", definition.name), as: .value(definition.valueType))
    }
    return schema
  }

  /// Whether somebody with these features is asked.
  public func asks(_ values: FeatureValues) -> Bool {
    among.map { $0.holds(in: FeatureEnvironment(values: values)).holds } ?? true
  }

  /// `among` as it was written, for messages.
  public var amongText: String? { among?.source }

  /// The label of a moment: in (at, at + within].
  /// - Parameter outcomes: When the person's events of `outcome` happened, ascending.
  /// - Complexity: O(log outcomes).
  public func label(at moment: Timestamp, outcomes: [Timestamp]) -> Bool {
    var (low, high) = (0, outcomes.count)
    while low < high {
      let middle = (low + high) / 2
      if outcomes[middle] > moment { high = middle } else { low = middle + 1 }
    }
    let happens = low < outcomes.count && outcomes[low] <= moment + within
    return happens != isTrueWithout
  }

  /// Whether a moment's label is known in a log that ends at `end`.
  public func isOver(_ moment: Timestamp, end: Timestamp) -> Bool { moment + within <= end }

  private static let hash = StableHash(key0: 0x7072_6564_6963_7469, key1: 0x6F6E_7320_6F66_2076)

  /// Tells whether a model answers this question or another that once had its name: 16 hexadecimal digits of what the label is
  /// and of who is asked. (Which moments it was learnt from does not change what it says.)
  public var question: String {
    let parts = [
      "1", outcome.signature, "\(isTrueWithout)", "\(within.inMicroseconds)", among?.source ?? "",
    ]
    let digits = String(Self.hash.hash64(parts.joined(separator: "\u{1F}")), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
