/// An item's number within its workspace, given in the order in which items are first heard of and never reused.
/// It is what packed state and models keep instead of the text id.
public struct ItemOrdinal: Sendable, Hashable, Comparable {
  public let rawValue: UInt32
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  public var index: Int { Int(rawValue) }
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
