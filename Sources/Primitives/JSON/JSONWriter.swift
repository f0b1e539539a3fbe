/// Writes compact JSON text. Commas are placed by the writer; nesting is the caller's.
///
///     var writer = JSONWriter()
///     writer.object { $0.member("id", "mug"); $0.member("price", 12.5) }
public struct JSONWriter: Sendable {
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init(reservingCapacity capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  public mutating func object(_ content: (inout JSONWriter) throws -> Void) rethrows {
    separate()
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
    try content(&self)
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  public mutating func array(_ content: (inout JSONWriter) throws -> Void) rethrows {
    separate()
    bytes.append(UInt8(ascii: "["))
    needsComma = false
    try content(&self)
    bytes.append(UInt8(ascii: "]"))
    needsComma = true
  }

  public mutating func key(_ key: String) {
    separate()
    appendQuoted(key)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  public mutating func member(_ key: String, _ value: String) { self.key(key); string(value) }
  public mutating func member(_ key: String, _ value: String?) {
    self.key(key)
    if let value { string(value) } else { null() }
  }
  public mutating func member(_ key: String, _ value: Int) { self.key(key); int(Int64(value)) }
  public mutating func member(_ key: String, _ value: Int64) { self.key(key); int(value) }
  public mutating func member(_ key: String, _ value: Double) { self.key(key); double(value) }
  public mutating func member(_ key: String, _ value: Float) { self.key(key); float(value) }
  public mutating func member(_ key: String, _ value: Double?) {
    self.key(key)
    if let value { double(value) } else { null() }
  }
  public mutating func member(_ key: String, _ value: Bool) { self.key(key); bool(value) }
  public mutating func member(_ key: String, _ value: Timestamp) { self.key(key); string(value.description) }
  public mutating func member(_ key: String, _ value: JSONValue) { self.key(key); self.value(value) }
  public mutating func member(_ key: String, object content: (inout JSONWriter) throws -> Void) rethrows {
    self.key(key)
    try object(content)
  }
  public mutating func member(_ key: String, array content: (inout JSONWriter) throws -> Void) rethrows {
    self.key(key)
    try array(content)
  }

  public mutating func null() { separate(); bytes.append(contentsOf: "null".utf8) }
  public mutating func bool(_ value: Bool) { separate(); bytes.append(contentsOf: (value ? "true" : "false").utf8) }
  public mutating func int(_ value: Int64) { separate(); bytes.append(contentsOf: String(value).utf8) }
  public mutating func string(_ value: String) { separate(); appendQuoted(value) }

  /// A number that reads back as the same double, but for the sign of zero; what is not finite becomes null.
  public mutating func double(_ value: Double) {
    separate()
    guard value.isFinite else { return bytes.append(contentsOf: "null".utf8) }
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
      bytes.append(contentsOf: String(whole).utf8)
    } else {
      bytes.append(contentsOf: value.description.utf8)
    }
  }

  /// The shortest number that reads back as the same float: 0.1, not 0.10000000149011612.
  public mutating func float(_ value: Float) {
    guard value.isFinite, value != value.rounded() else { return double(Double(value)) }
    separate()
    bytes.append(contentsOf: value.description.utf8)
  }

  /// Text that is JSON already.
  public mutating func raw(_ text: some Sequence<UInt8>) { separate(); bytes.append(contentsOf: text) }

  public mutating func value(_ value: JSONValue) {
    switch value {
    case .null: null()
    case .bool(let value): bool(value)
    case .int(let value): int(value)
    case .double(let value): double(value)
    case .string(let value): string(value)
    case .array(let values): array { for value in values { $0.value(value) } }
    case .object(let object): self.object { for member in object.members { $0.member(member.key, member.value) } }
    }
  }

  @inline(__always)
  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func appendQuoted(_ text: String) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { utf8 in
      // Without an early end, so that it is done for many bytes at once; most text has nothing to escape.
      var special: UInt8 = 0
      for byte in utf8 { special |= byte < 0x20 || byte == 0x22 || byte == 0x5C ? 1 : 0 }
      if special == 0 { return bytes.append(contentsOf: utf8) }
      var plainFrom = 0
      for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
        bytes.append(contentsOf: utf8[plainFrom..<index])
        plainFrom = index + 1
        appendEscaped(byte)
      }
      bytes.append(contentsOf: utf8[plainFrom...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendEscaped(_ byte: UInt8) {
    switch byte {
    case 0x22: bytes.append(contentsOf: "\\\"".utf8)
    case 0x5C: bytes.append(contentsOf: "\\\\".utf8)
    case 0x0A: bytes.append(contentsOf: "\\n".utf8)
    case 0x0D: bytes.append(contentsOf: "\\r".utf8)
    case 0x09: bytes.append(contentsOf: "\\t".utf8)
    default:
      let hex = String(byte, radix: 16)
      bytes.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
    }
  }
}
