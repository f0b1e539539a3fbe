/// A value within a `JSONDocument`, read when asked for.
public struct JSONView: Sendable {
  public let document: JSONDocument
  let index: Int

  @inline(__always)
  private var node: JSONNode { document.nodes[index] }

  public var isNull: Bool { node.kind == .null }
  public var isObject: Bool { node.kind == .object }
  public var isArray: Bool { node.kind == .array }
  public var isString: Bool { node.kind == .string }
  public var isNumber: Bool { node.kind == .number }

  /// Where the value's text stands in `document.bytes`, quotes included.
  public var range: Range<Int> {
    node.kind == .string ? Int(node.start) - 1..<Int(node.end) + 1 : Int(node.start)..<Int(node.end)
  }

  /// The value's own text.
  public var rawBytes: ArraySlice<UInt8> { document.bytes[range] }

  /// Number of elements or members; 0 for what is neither array nor object.
  /// - Complexity: O(count).
  public var count: Int {
    switch node.kind {
    case .array: elements.reduce(0) { count, _ in count + 1 }
    case .object: members.reduce(0) { count, _ in count + 1 }
    default: 0
    }
  }

  /// The member named `key` (the last of that name), nil when absent or when this is no object.
  /// - Complexity: O(members); what is within them is not looked at.
  public subscript(_ key: StaticString) -> JSONView? {
    member(named: UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
  }

  public subscript(_ key: String) -> JSONView? {
    var key = key
    return key.withUTF8 { member(named: UnsafeRawBufferPointer($0)) }
  }

  private func member(named wanted: UnsafeRawBufferPointer) -> JSONView? {
    guard isObject else { return nil }
    let found = document.bytes.withUnsafeBytes { bytes in
      document.nodes.withUnsafeBufferPointer { nodes in
        var found: Int?
        let stop = Int(nodes[index].next)
        var position = index + 1
        while position < stop {
          let key = nodes[position]
          if key.isEscaped {
            if escapedKey(at: position, equals: wanted) { found = position + 1 }
          } else if Int(key.end &- key.start) == wanted.count,
            equalBytes(bytes, from: Int(key.start), wanted)
          {
            found = position + 1
          }
          position = Int(nodes[position + 1].next)
        }
        return found
      }
    }
    return found.map { JSONView(document: document, index: $0) }
  }

  @inline(never)
  private func escapedKey(at position: Int, equals wanted: UnsafeRawBufferPointer) -> Bool {
    var text = JSONView(document: document, index: position).string ?? ""
    return text.withUTF8 { $0.count == wanted.count && equalBytes(UnsafeRawBufferPointer($0), from: 0, wanted) }
  }

  public var bool: Bool? {
    switch node.kind {
    case .yes: true
    case .no: false
    default: nil
    }
  }

  public var string: String? {
    guard node.kind == .string else { return nil }
    let node = node
    let range = Int(node.start)..<Int(node.end)
    if node.isEscaped { return Self.unescape(document.bytes[range]) }
    return document.bytes.withUnsafeBufferPointer {
      String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
    }
  }

  /// A number; always finite.
  public var double: Double? {
    guard node.kind == .number else { return nil }
    if let int { return Double(int) }
    return Double(String(decoding: rawBytes, as: UTF8.self))
  }

  /// A number written as an integer that fits 64 bits.
  public var int: Int64? {
    guard node.kind == .number, node.end - node.start <= 20 else { return nil }
    var magnitude: UInt64 = 0
    let raw = rawBytes
    let isNegative = raw.first == UInt8(ascii: "-")
    for byte in isNegative ? raw.dropFirst() : raw {
      guard byte &- 0x30 <= 9 else { return nil }
      let (product, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(UInt64(byte - 0x30))
      guard !overflowed, !carried else { return nil }
      magnitude = sum
    }
    if isNegative {
      return magnitude <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }

  /// The elements of an array; empty for anything else.
  public var elements: Elements {
    Elements(document: document, position: index + 1, stop: isArray ? Int(node.next) : index + 1)
  }

  /// The members of an object in order; empty for anything else.
  public var members: Members {
    Members(document: document, position: index + 1, stop: isObject ? Int(node.next) : index + 1)
  }

  public struct Elements: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var position: Int
    let stop: Int

    public mutating func next() -> JSONView? {
      guard position < stop else { return nil }
      defer { position = Int(document.nodes[position].next) }
      return JSONView(document: document, index: position)
    }
  }

  public struct Members: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var position: Int
    let stop: Int

    public mutating func next() -> (key: String, value: JSONView)? {
      guard position < stop else { return nil }
      let key = JSONView(document: document, index: position)
      let value = JSONView(document: document, index: position + 1)
      position = Int(document.nodes[position + 1].next)
      return (key.string ?? "", value)
    }
  }

  /// The members of an object in order, keys as views too, so that nothing is copied before it is wanted.
  public var memberViews: MemberViews {
    MemberViews(document: document, position: index + 1, stop: isObject ? Int(node.next) : index + 1)
  }

  public struct MemberViews: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var position: Int
    let stop: Int

    public mutating func next() -> (key: JSONView, value: JSONView)? {
      guard position < stop else { return nil }
      let key = JSONView(document: document, index: position)
      let value = JSONView(document: document, index: position + 1)
      position = Int(document.nodes[position + 1].next)
      return (key, value)
    }
  }

  /// The value with all that is within it.
  public var value: JSONValue {
    switch node.kind {
    case .null: .null
    case .yes: .bool(true)
    case .no: .bool(false)
    case .number: int.map { .int($0) } ?? .double(double ?? 0)
    case .string: .string(string ?? "")
    case .array: .array(elements.map(\.value))
    case .object: .object(JSONObject(members: members.map { .init(key: $0.key, value: $0.value.value) }))
    }
  }

  /// The kind in words, for messages.
  public var kindInWords: String {
    switch node.kind {
    case .null: "null"
    case .yes, .no: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  private static func unescape(_ raw: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(raw.count)
    var index = raw.startIndex
    func unit(at position: Int) -> UInt32 {
      raw[position..<position + 4].reduce(0) { value, byte in
        value << 4 | UInt32(byte < 0x3A ? byte - 0x30 : (byte | 0x20) - 0x57)
      }
    }
    while index < raw.endIndex {
      let byte = raw[index]
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        index += 1
        continue
      }
      let escape = raw[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "u"):
        var scalar = unit(at: index)
        index += 4
        if scalar & 0xFC00 == 0xD800 {
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + unit(at: index + 2) & 0x3FF
          index += 6
        }
        if let valid = Unicode.Scalar(scalar) { bytes.append(contentsOf: valid.utf8) }
      default: bytes.append(escape)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Whether `wanted` stands at `offset` of `bytes`, which has that many bytes more.
@inline(__always)
private func equalBytes(_ bytes: UnsafeRawBufferPointer, from offset: Int, _ wanted: UnsafeRawBufferPointer) -> Bool {
  for index in 0..<wanted.count where bytes[offset + index] != wanted[index] { return false }
  return true
}
