/// A fixed set of member names, each with a number below `JSONFields.capacity`, found by its bytes in constant time.
///
/// Several names may share a number (spellings of one field). Made once and kept in a `static let`.
public struct JSONFieldNames: Sendable {
  private struct Slot {
    let name: StaticString
    let field: UInt8
  }

  private let slots: [Slot?]
  private let multiplier: UInt32

  /// - Precondition: Names are distinct and not empty, numbers below `JSONFields.capacity`.
  public init(_ names: [(StaticString, UInt8)]) {
    precondition(names.allSatisfy { $0.0.utf8CodeUnitCount > 0 && $0.1 < JSONFields.capacity })
    // A multiplier without collisions is found within a few tries as long as the table is sparse.
    var size = 64
    while true {
      for candidate in stride(from: UInt32(3), to: 2_001, by: 2) {
        var slots = [Slot?](repeating: nil, count: size)
        let isPerfect = names.allSatisfy { name, field in
          let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
          let slot = Self.slot(of: bytes, multiplier: candidate, mask: size - 1)
          guard slots[slot] == nil else { return false }
          slots[slot] = Slot(name: name, field: field)
          return true
        }
        guard isPerfect else { continue }
        self.slots = slots
        multiplier = candidate
        return
      }
      precondition(size < 1 << 16, "two names are alike in length, first, middle and last byte")
      size *= 2
    }
  }

  @inline(__always)
  private static func slot(of key: UnsafeBufferPointer<UInt8>, multiplier: UInt32, mask: Int) -> Int {
    let count = key.count
    let sample = UInt32(key[0]) << 16 | UInt32(key[count / 2]) << 8 | UInt32(key[count - 1])
    let mixed = (sample ^ UInt32(truncatingIfNeeded: count) << 24) &* (multiplier &* 0x9E37_79B1)
    return Int(mixed >> 16) & mask
  }

  @inline(__always)
  func field(named key: UnsafeBufferPointer<UInt8>) -> UInt8? {
    guard key.count > 0,
      let slot = slots[Self.slot(of: key, multiplier: multiplier, mask: slots.count - 1)],
      slot.name.utf8CodeUnitCount == key.count
    else { return nil }
    let name = slot.name.utf8Start
    for index in 0..<key.count where key[index] != name[index] { return nil }
    return slot.field
  }
}

/// The members of one object that a reader asked for, found in one pass over the object; values are read when asked
/// for.
///
/// Of members with one name, or of several spellings of one field, the last counts. Null counts as absent.
/// Not copyable, because it is read often and must not be copied by each look.
public struct JSONFields: ~Copyable, Sendable {
  public static let capacity: UInt8 = 32

  private let document: JSONDocument?
  // Node indices; 0 is absent, since a member is never the root.
  private var nodes = InlineArray<32, UInt32>(repeating: 0)

  /// What is absent or no object has no members.
  /// - Complexity: O(members).
  public init(_ view: JSONView?, _ names: JSONFieldNames) {
    guard let view, view.isObject else {
      document = nil
      return
    }
    let document = view.document
    self.document = document
    document.bytes.withUnsafeBufferPointer { bytes in
      document.nodes.withUnsafeBufferPointer { all in
        let stop = Int(all[view.index].next)
        var position = view.index + 1
        while position < stop {
          let key = all[position]
          let value = all[position + 1]
          let field =
            key.isEscaped
            ? Self.field(escaped: JSONView(document: document, index: position), names)
            : names.field(named: UnsafeBufferPointer(rebasing: bytes[Int(key.start)..<Int(key.end)]))
          if let field { nodes[Int(field)] = value.kind == .null ? 0 : UInt32(position + 1) }
          position = Int(value.next)
        }
      }
    }
  }

  private static func field(escaped key: JSONView, _ names: JSONFieldNames) -> UInt8? {
    var text = key.string ?? ""
    return text.withUTF8 { names.field(named: $0) }
  }

  /// The value of a field by its number; nil when absent or null.
  public subscript(_ field: UInt8) -> JSONView? {
    let node = nodes[Int(field)]
    guard node != 0, let document else { return nil }
    return JSONView(document: document, index: Int(node))
  }
}
