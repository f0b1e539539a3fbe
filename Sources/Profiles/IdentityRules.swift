public import Events
import Primitives

/// Deterministic stitching: identifiers that come with one event name one person, as far as that is safe.
///
/// A profile has at most one `user_id`, and two users never become one, whatever they share:
///
/// - an anonymous profile and a `user_id` that come together become one profile;
/// - two anonymous profiles that come together become one profile;
/// - where an identifier leads to another user's profile, the event goes to its own user's, the other profile keeps the
///   identifier, and the refusal is recorded with its reason;
/// - an alias is an event of its user that also brings the earlier id, which must not be a user's;
/// - a blocked value is nobody's identifier: it joins nothing and leads to no profile;
/// - identifiers that were cut apart by an unmerge are not joined again by an event that names both;
/// - where limits do not let all come together, what has priority does, then what the event names first.
public struct IdentityRules: Sendable, Hashable {
  /// How identifiers of one namespace are treated.
  public struct Namespace: Sendable, Hashable {
    /// Most identifiers of the namespace that one profile has; nil for no other limit than that of the profile.
    public var limit: Int?
    /// Lower goes first; `user_id` is before all.
    public var priority: Int
    public var blocked: BlockedValues

    public static let standardPriority = 10

    public init(
      limit: Int? = nil, priority: Int = Self.standardPriority, blocked: BlockedValues = BlockedValues([])
    ) {
      self.limit = limit
      self.priority = priority
      self.blocked = blocked
    }
  }

  /// Most identifiers of one profile.
  public let identifiersMax: Int
  /// Blocked in every namespace, beside those of `BlockedValues.standard`.
  public let blocked: BlockedValues
  public let namespaces: [String: Namespace]
  /// Whether values are blocked beyond the standard ones.
  public let blocksMore: Bool
  public let hasLimits: Bool
  private let hasPriorities: Bool

  public static let standard = IdentityRules()

  public init(
    identifiersMax: Int = Profile.identifiersMax, blocked: BlockedValues = BlockedValues([]),
    namespaces: [String: Namespace] = [:]
  ) {
    self.identifiersMax = identifiersMax
    self.blocked = blocked
    self.namespaces = namespaces
    blocksMore = !blocked.isEmpty || namespaces.values.contains { !$0.blocked.isEmpty }
    hasLimits = namespaces.values.contains { $0.limit != nil }
    hasPriorities = namespaces.values.contains { $0.priority != Namespace.standardPriority }
  }

  func priority(of identifier: Identifier) -> Int {
    identifier.isUser ? Int.min : namespaces[identifier.namespace]?.priority ?? Namespace.standardPriority
  }

  public func limit(of namespace: String) -> Int? { namespaces[namespace]?.limit }

  /// Whether the value says nothing about who somebody is.
  public func isBlocked(_ identifier: Identifier) -> Bool {
    BlockedValues.standard.contains(identifier.value)
      || blocksMore
        && (blocked.contains(identifier.value)
          || namespaces[identifier.namespace]?.blocked.contains(identifier.value) == true)
  }

  /// The identifiers whose profiles decide where the event goes: its own, then for an alias the earlier id as an
  /// anonymous and as a user's id.
  public static func lookups(of event: Event) -> [Identifier] {
    guard let previous = event.previousID else { return event.identifiers }
    return event.identifiers + [.anonymous(previous), .user(previous)]
  }

  /// - Parameters:
  ///   - known: For each of `lookups(of: event)` the profile that has it now, nil where none has; merged profiles are
  ///     named by their keeper.
  ///   - cuts: Pairs of the lookups that were cut apart.
  /// - Complexity: O(lookups²).
  public func plan(for event: Event, known: [KnownProfile?], cuts: Set<IdentifierPair> = []) -> IdentityPlan {
    precondition(known.count == event.identifiers.count + (event.previousID == nil ? 0 : 2))
    var planner = IdentityPlanner(event, known, rules: self)
    if hasPriorities { planner.sortByPriority() }
    return planner.plan(cuts: cuts)
  }
}

/// Values that are not anybody's identifier: whole ones, and beginnings or ends with a `*`. Letters count without case.
public struct BlockedValues: Sendable, Hashable {
  private var whole: Set<String> = []
  /// Bits of the lengths, in bytes, of whole values; that of 63 for all that are as long or longer.
  private var lengths: UInt64 = 0
  private var beginnings: [String] = []
  private var ends: [String] = []

  /// What programs write when they have no id.
  public static let standard = BlockedValues([
    "null", "(null)", "nil", "none", "nan", "undefined", "unknown", "anonymous", "[object object]",
    "00000000-0000-0000-0000-000000000000",
  ])

  /// - Parameter patterns: `test@example.com`, `anonymous@*`, `*@example.com`.
  public init(_ patterns: [String]) {
    for pattern in patterns.map({ $0.lowercased() }) {
      if pattern.hasSuffix("*") {
        beginnings.append(String(pattern.dropLast()))
      } else if pattern.hasPrefix("*") {
        ends.append(String(pattern.dropFirst()))
      } else {
        whole.insert(pattern)
        lengths |= Self.bit(pattern)
      }
    }
  }

  private static func bit(_ text: String) -> UInt64 { 1 << UInt64(min(text.utf8.count, 63)) }

  public var isEmpty: Bool { whole.isEmpty && beginnings.isEmpty && ends.isEmpty }

  public func contains(_ value: String) -> Bool {
    if beginnings.isEmpty, ends.isEmpty, lengths & Self.bit(value) == 0 { return false }
    let value = value.lowercased()
    return whole.contains(value) || beginnings.contains { value.hasPrefix($0) } || ends.contains { value.hasSuffix($0) }
  }
}
