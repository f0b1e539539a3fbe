import Primitives

/// Reads one record of the last checkpoint.
typealias StateReader = @Sendable (_ section: UInt8, _ key: [UInt8]) throws -> [UInt8]?

/// A key of a `StateTable` with its stored form.
protocol StateKey: Hashable, Sendable {
  var stateKey: [UInt8] { get }
  init?(stateKey: [UInt8])
  /// Bits that are random from key to key.
  var spread: UInt64 { get }
}

/// Folded values of one kind, by key: the bounded in-memory part of what the checkpoints hold.
///
/// A value is *clean* (as the last checkpoint has it), *dirty* (changed since) or *saving* (in a checkpoint under way). Only
/// clean values can be dropped, those that were not used lately first (clock algorithm), and they are read back when asked for.
///
/// Each value stands in a box of its own: a checkpoint shares it with one reference, and the table grows without moving it.
struct StateTable<Key: StateKey, Value: BinaryCodable & Sendable>: Sendable {
  /// One value, or none where it was removed. An array, since that is shared until either side changes it.
  typealias Box = [Value]

  private enum Condition: UInt8 { case free, clean, dirty, saving }

  private struct Slot: Sendable {
    let key: Key
    var box: Box
    var condition: Condition
    var isRecent: Bool
  }

  let section: UInt8
  private let capacity: Int
  private var index = SlotIndex()
  private var slots: [Slot] = []
  /// Values in memory.
  private(set) var count = 0
  private var freeSlots: [Int] = []
  private var dirtySlots: [Int] = []
  private var savingSlots: [Int] = []
  private var hand = 0
  /// Whether every stored record is in memory, so that an unknown key needs no read.
  private var isComplete: Bool
  /// Whether a stored record was ever dropped from memory.
  private var hasEvicted = false

  /// - Parameters:
  ///   - capacity: Values kept in memory, beyond those that wait for a checkpoint.
  ///   - isStoreEmpty: Whether the store holds no record of this section.
  init(section: UInt8, capacity: Int, isStoreEmpty: Bool) {
    self.section = section
    self.capacity = capacity
    isComplete = isStoreEmpty
  }

  /// Takes a stored record into memory while there is room. Call for every record of the section, then `finishLoading`.
  /// - Returns: false when the table is full; the rest is read on demand.
  mutating func load(key: [UInt8], value: [UInt8]) throws(BinaryError) -> Bool {
    guard count < capacity else { return false }
    guard let key = Key(stateKey: key) else { throw BinaryError("a state key of \(key.count) bytes") }
    var reader = BinaryReader(value)
    _ = add(key, [try Value(from: &reader)])
    return true
  }

  mutating func finishLoading(isComplete: Bool) { self.isComplete = isComplete }

  /// Takes a stored record into memory that may have been read, or changed, meanwhile. Call for every record of the section in
  /// one pass, then `finishWarming`.
  /// - Returns: false when the table is full.
  mutating func warm(key: [UInt8], value: [UInt8]) throws(BinaryError) -> Bool {
    guard count < capacity else { return false }
    guard let key = Key(stateKey: key) else { throw BinaryError("a state key of \(key.count) bytes") }
    guard index.slot(key.spread, where: { slots[$0].key == key }) == nil else { return true }
    var reader = BinaryReader(value)
    _ = add(key, [try Value(from: &reader)])
    return true
  }

  /// All stored records were given to `warm` and had room.
  mutating func finishWarming() { isComplete = !hasEvicted }

  // MARK: Values

  /// The value of `key`, nil when there is none.
  mutating func value(_ key: Key, _ read: StateReader) throws -> Value? {
    guard let slot = try find(key, read) else { return nil }
    return slots[slot].box.first
  }

  mutating func contains(_ key: Key, _ read: StateReader) throws -> Bool {
    guard let slot = try find(key, read) else { return false }
    return !slots[slot].box.isEmpty
  }

  /// Looks at the value of `key` without a copy; nil when there is none.
  mutating func inspect<Result>(_ key: Key, _ read: StateReader, _ body: (Value) -> Result) throws -> Result? {
    guard let slot = try find(key, read), !slots[slot].box.isEmpty else { return nil }
    return body(slots[slot].box[0])
  }

  /// Changes the value of `key` in place; `initial` makes it when there is none.
  mutating func update<Result>(
    _ key: Key, _ read: StateReader, initial: @autoclosure () -> Value, _ change: (inout Value) throws -> Result
  ) throws -> Result {
    let slot = try find(key, read) ?? add(key, [])
    if slots[slot].box.isEmpty { slots[slot].box.append(initial()) }
    markDirty(slot)
    return try change(&slots[slot].box[0])
  }

  mutating func set(_ key: Key, to value: Value?, _ read: StateReader) throws {
    let slot = try find(key, read) ?? add(key, [])
    slots[slot].box = value.map { [$0] } ?? []
    markDirty(slot)
  }

  /// Every value in memory, in no order.
  func forEachInMemory(_ body: (Key, Value) -> Void) {
    for slot in slots { if let value = slot.box.first { body(slot.key, value) } }
  }

  // MARK: Slots

  private mutating func find(_ key: Key, _ read: StateReader) throws -> Int? {
    if let slot = index.slot(key.spread, where: { slots[$0].key == key }) {
      slots[slot].isRecent = true
      return slot
    }
    guard !isComplete, let bytes = try read(section, key.stateKey) else { return nil }
    var reader = BinaryReader(bytes)
    return add(key, [try Value(from: &reader)])
  }

  /// Takes in a clean value.
  private mutating func add(_ key: Key, _ box: Box) -> Int {
    // Two for one, since more than fit may have waited for a checkpoint.
    if count >= capacity, evictOne(), count >= capacity { evictOne() }
    let slot = Slot(key: key, box: box, condition: .clean, isRecent: true)
    let number: Int
    if let free = freeSlots.popLast() {
      number = free
      slots[free] = slot
    } else {
      number = slots.count
      slots.append(slot)
    }
    index.insert(number, key.spread) { slots[$0].key.spread }
    count += 1
    return number
  }

  /// Drops one clean value.
  /// - Returns: false when none is found within a bounded search.
  @discardableResult
  private mutating func evictOne() -> Bool {
    for _ in 0..<min(slots.count * 2, 4_096) {
      hand = hand + 1 < slots.count ? hand + 1 : 0
      guard slots[hand].condition == .clean else { continue }
      if slots[hand].isRecent {
        slots[hand].isRecent = false
        continue
      }
      if !slots[hand].box.isEmpty { (isComplete, hasEvicted) = (false, true) }
      index.remove(hand, slots[hand].key.spread) { slots[$0].key.spread }
      slots[hand].box = []
      slots[hand].condition = .free
      freeSlots.append(hand)
      count -= 1
      return true
    }
    return false
  }

  private mutating func markDirty(_ slot: Int) {
    if slots[slot].condition != .dirty {
      slots[slot].condition = .dirty
      dirtySlots.append(slot)
    }
  }

  // MARK: Checkpoints

  /// The changed values, for a checkpoint. They stay in memory until `finishSaving`.
  ///
  /// Cheap: values are shared, not copied; encoding them is the caller's, on another thread.
  mutating func beginSaving() -> [(key: Key, box: Box)] {
    precondition(savingSlots.isEmpty, "one checkpoint at a time")
    swap(&savingSlots, &dirtySlots)
    return savingSlots.map { slot in
      slots[slot].condition = .saving
      return (slots[slot].key, slots[slot].box)
    }
  }

  /// The checkpoint was written, or was not: then its values count as changed still.
  mutating func finishSaving(succeeded: Bool) {
    for slot in savingSlots where slots[slot].condition == .saving {
      if succeeded {
        slots[slot].condition = .clean
      } else {
        slots[slot].condition = .dirty
        dirtySlots.append(slot)
      }
    }
    savingSlots.removeAll(keepingCapacity: true)
  }
}
