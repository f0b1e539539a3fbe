/// A hash table from item or feature numbers to numbers: open addressing with linear probing, one array, no hashing of
/// strings and no allocation but to grow. About 3 ns a look-up.
///
/// Its order is never shown except through `forEach`, and depends on nothing but the sequence of changes.
struct OrdinalMap<Value: Sendable & Numeric>: Sendable {
  fileprivate struct Slot {
    /// The key + 1; 0 is free.
    var tag: UInt32
    var value: Value
  }

  private var slots: [Slot]
  private var shift: UInt32
  private(set) var count = 0

  /// - Parameter capacity: Entries that fit before the table grows.
  init(capacity: Int = 0) {
    let size = max(8, (capacity * 8 / 5 + 1).nextPowerOfTwo)
    slots = Array(repeating: Slot(tag: 0, value: 0), count: size)
    shift = UInt32(32 - size.trailingZeroBitCount)
  }

  @inline(__always)
  private func home(_ key: UInt32) -> Int { Int((key &* 0x9E37_79B1) >> shift) }

  /// Where `key` stands, or would.
  @inline(__always)
  private func place(of key: UInt32) -> Int {
    let tag = key &+ 1
    let mask = slots.count &- 1
    var place = home(key)
    while slots[place].tag != 0 && slots[place].tag != tag { place = (place &+ 1) & mask }
    return place
  }

  subscript(key: UInt32) -> Value? {
    @inline(__always) get {
      let slot = slots[place(of: key)]
      return slot.tag == 0 ? nil : slot.value
    }
  }

  /// Many look-ups without checks in between.
  struct Lookup {
    fileprivate let slots: UnsafeBufferPointer<Slot>
    fileprivate let shift: UInt32

    subscript(key: UInt32) -> Value? {
      @inline(__always) get {
        let tag = key &+ 1
        let mask = slots.count &- 1
        var place = Int((key &* 0x9E37_79B1) >> shift)
        while slots[place].tag != 0 && slots[place].tag != tag { place = (place &+ 1) & mask }
        return slots[place].tag == 0 ? nil : slots[place].value
      }
    }
  }

  @inline(__always)
  func withLookup<Result>(_ body: (Lookup) -> Result) -> Result {
    slots.withUnsafeBufferPointer { body(Lookup(slots: $0, shift: shift)) }
  }

  @inline(__always)
  mutating func set(_ key: UInt32, to value: Value) {
    let place = place(of: key)
    if slots[place].tag == 0 {
      insert(key, value, at: place)
    } else {
      slots[place].value = value
    }
  }

  /// Adds `value` to what `key` has, 0 when it is new.
  @inline(__always)
  mutating func add(_ value: Value, to key: UInt32) {
    let place = place(of: key)
    if slots[place].tag == 0 {
      insert(key, value, at: place)
    } else {
      slots[place].value += value
    }
  }

  /// Adds a value to each of many keys; `value` gives it for the place among `keys`, from 0.
  @inline(__always)
  mutating func add(to keys: ArraySlice<UInt32>, _ value: (Int) -> Value) {
    reserve(count + keys.count)
    let (mask, shift) = (slots.count &- 1, shift)
    var added = 0
    slots.withUnsafeMutableBufferPointer { slots in
      for (index, key) in keys.enumerated() {
        let tag = key &+ 1
        var place = Int((key &* 0x9E37_79B1) >> shift)
        while slots[place].tag != 0 && slots[place].tag != tag { place = (place &+ 1) & mask }
        if slots[place].tag == 0 {
          slots[place] = Slot(tag: tag, value: value(index))
          added &+= 1
        } else {
          slots[place].value += value(index)
        }
      }
    }
    count += added
  }

  private mutating func reserve(_ capacity: Int) {
    while capacity * 8 > slots.count * 5 { grow() }
  }

  private mutating func insert(_ key: UInt32, _ value: Value, at place: Int) {
    slots[place] = Slot(tag: key &+ 1, value: value)
    count += 1
    if count * 8 > slots.count * 5 { grow() }
  }

  mutating func remove(_ key: UInt32) {
    var hole = place(of: key)
    guard slots[hole].tag != 0 else { return }
    count -= 1
    // Entries that were pushed beyond the hole move back into it (Knuth, TAOCP 6.4, algorithm R).
    let mask = slots.count - 1
    var next = (hole + 1) & mask
    while slots[next].tag != 0 {
      let wanted = home(slots[next].tag &- 1)
      if (next &- wanted) & mask >= (next &- hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    slots[hole].tag = 0
  }

  @inline(__always)
  func forEach(_ body: (_ key: UInt32, _ value: Value) -> Void) {
    for slot in slots where slot.tag != 0 { body(slot.tag &- 1, slot.value) }
  }

  @inline(__always)
  mutating func mapInPlace(_ transform: (_ key: UInt32, _ value: Value) -> Value) {
    slots.withUnsafeMutableBufferPointer { slots in
      for place in slots.indices where slots[place].tag != 0 {
        slots[place].value = transform(slots[place].tag &- 1, slots[place].value)
      }
    }
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(tag: 0, value: 0), count: old.count * 2)
    shift -= 1
    for slot in old where slot.tag != 0 { slots[place(of: slot.tag &- 1)] = slot }
  }
}

extension Int {
  var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
