/// What a key may do within its workspace.
public enum Scope: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Send events.
  case collect
  /// Ask for decisions.
  case decide
  /// Read profiles, decisions, items and metrics.
  case read
  /// Change the catalogue, definitions and keys.
  case admin

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
