public import Documents
import Primitives

/// What a workspace expects of its events: which names there are, and which properties each must have and of what kind.
///
/// Holds for `track`, `page` and `screen` calls and flat events, as they are sent; events that the log holds already are
/// read as ever.
public struct TrackingPlan: Sendable {
  /// What becomes of an event that is not as planned.
  public enum Action: String, Sendable, CaseIterable {
    /// It is taken, and counted.
    case allow
    /// It becomes a dead letter; the sender of a single call hears of success, as of an event that is taken.
    case drop
    /// It becomes a dead letter and is refused: 400 for a single call, listed among the rejected of a batch.
    case block
  }

  public struct Violation: Error, Sendable {
    public let action: Action
    public let rejection: EventRejection
  }

  enum Kind: String, CaseIterable { case string, number, integer, boolean, object, array, timestamp }

  struct Property: Sendable {
    let name: String
    /// nil for any.
    let kind: Kind?
    let isRequired: Bool
  }

  private struct Expectation: Sendable {
    let properties: [Property]
    let action: Action
  }

  private var events: [String: Expectation] = [:]
  private var unplanned = Action.allow

  /// Nothing is expected.
  public static let none = TrackingPlan()

  private init() {}

  /// The value of `tracking_plan` in the definitions:
  ///
  ///     tracking_plan:
  ///       unplanned: allow            # allow, drop or block what is not listed
  ///       events:
  ///         Product Viewed:
  ///           on_violation: drop      # block when nothing is said
  ///           properties:
  ///             product_id: {type: string, required: true}
  ///             price: number
  ///
  /// - Parameter document: nil when the workspace plans nothing.
  public init(document: DocumentNode?) throws(DocumentError) {
    guard let document else { return }
    let mapping = try document.mapping(allowing: ["unplanned", "events"], of: "a tracking plan")
    if let node = mapping["unplanned"] {
      unplanned = try node.choice(Action.self, of: "what becomes of events that are not planned")
    }
    guard let planned = mapping["events"] else { return }
    for member in try planned.mapping(of: "the planned events").members {
      events[member.key] = try Self.expectation(member.value)
    }
  }

  private static func expectation(_ node: DocumentNode) throws(DocumentError) -> Expectation {
    if node.isNull { return Expectation(properties: [], action: .block) }
    let mapping = try node.mapping(allowing: ["properties", "on_violation", "description"], of: "a planned event")
    let action = try mapping["on_violation"]?.choice(Action.self, of: "what becomes of a violation") ?? .block
    _ = try mapping["description"]?.string()
    var properties: [Property] = []
    for member in try mapping["properties"]?.mapping(of: "the properties of an event").members ?? [] {
      properties.append(try property(member.key, member.value))
    }
    return Expectation(properties: properties, action: action)
  }

  private static func property(_ name: String, _ node: DocumentNode) throws(DocumentError) -> Property {
    if case .mapping = node.content {
      let mapping = try node.mapping(allowing: ["type", "required", "description"], of: "a property")
      _ = try mapping["description"]?.string()
      return Property(
        name: name, kind: try mapping["type"]?.choice(Kind.self, of: "the type of a property"),
        isRequired: try mapping["required"]?.bool() ?? false)
    }
    return Property(name: name, kind: try node.choice(Kind.self, of: "the type of a property"), isRequired: false)
  }

  // MARK: Checking

  /// Whether anything is planned.
  public var isEmpty: Bool { events.isEmpty && unplanned == .allow }

  /// The first thing about an event that is not as planned; nil when all is.
  /// - Complexity: O(planned properties).
  public func violation(of event: Event) -> Violation? {
    guard !isEmpty, event.kind.isPlanned else { return nil }
    guard let expectation = events[event.name] else {
      return Violation(
        action: unplanned,
        rejection: EventRejection(.notPlanned, "the tracking plan has no event '\(event.name.prefix(80))'"))
    }
    for property in expectation.properties {
      guard let rejection = Self.rejection(of: property, in: event) else { continue }
      return Violation(action: expectation.action, rejection: rejection)
    }
    return nil
  }

  private static func rejection(of property: Property, in event: Event) -> EventRejection? {
    let field = "properties.\(property.name)"
    guard let value = event.properties?[property.name], !value.isNull else {
      // Flat events name their item beside the properties.
      let isItem = ["item_id", "product_id"].contains(property.name) && event.itemID != nil
      guard property.isRequired, !isItem else { return nil }
      return EventRejection(.missingProperty, "the tracking plan requires '\(property.name)'", field: field)
    }
    guard let kind = property.kind, !kind.allows(value) else { return nil }
    return .wrongType(value, expected: "\(kind.inWords) (tracking plan)", field: field)
  }
}

extension TrackingPlan.Kind {
  fileprivate func allows(_ value: JSONView) -> Bool {
    switch self {
    case .string: value.isString
    case .number: value.isNumber
    case .integer: value.isNumber && value.double.map { $0 == $0.rounded() } ?? false
    case .boolean: value.bool != nil
    case .object: value.isObject
    case .array: value.isArray
    case .timestamp: Timestamp(sent: value) != nil
    }
  }

  fileprivate var inWords: String {
    switch self {
    case .string, .number, .boolean: "a \(rawValue)"
    case .integer: "a whole number"
    case .object, .array: "an \(rawValue)"
    case .timestamp: "a time"
    }
  }
}

extension EventKind {
  fileprivate var isPlanned: Bool {
    switch self {
    case .track, .page, .screen: true
    default: false
    }
  }
}
