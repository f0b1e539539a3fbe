/// Where a rule's fields have their values.
///
/// A value declared with a type has that type, or is missing; a value of another kind makes the part that reads it
/// fail.
public protocol RuleEnvironment {
  /// nil when missing.
  func value(of path: FieldPath) -> RuleValue?

  /// One entry of a field that is a map, by a key that the rule computes, as in
  /// `person.features.affinity[item.category]`; nil when missing. Without an implementation `value(of:)` is asked for
  /// the member.
  func value(of path: FieldPath, key: String) -> RuleValue?

  /// The value of a field that `Rule.bound(_:)` gave this slot; nil when missing. Asked instead of `value(of:)`.
  ///
  /// - Precondition: Whoever binds rules implements it.
  func value(slot: Int) -> RuleValue?

  /// One entry of a map that has a slot. Without an implementation the whole map is asked for.
  func value(slot: Int, key: String) -> RuleValue?
}

extension RuleEnvironment {
  public func value(of path: FieldPath, key: String) -> RuleValue? { value(of: path.member(key)) }

  public func value(slot: Int) -> RuleValue? {
    preconditionFailure("a rule with slots met \(Self.self), which has none")
  }

  public func value(slot: Int, key: String) -> RuleValue? { value(slot: slot)?.value(at: CollectionOfOne(key)) }
}

/// The environment of an expression without fields.
struct NoFields: RuleEnvironment {
  func value(of path: FieldPath) -> RuleValue? { nil }
}
