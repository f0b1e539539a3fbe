public import Catalog
public import Events
public import Primitives

/// One act of a person on one item, as histories and models keep it.
public struct Interaction: Sendable, Hashable {
  public let item: ItemOrdinal
  public let kind: SignalKind
  public let at: Timestamp
  /// Money for purchases, the rating for ratings, seconds for dwell, else 0.
  public let value: Float

  public init(item: ItemOrdinal, kind: SignalKind, at: Timestamp, value: Float = 0) {
    self.item = item
    self.kind = kind
    self.at = at
    self.value = value
  }
}
