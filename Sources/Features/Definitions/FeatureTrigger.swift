import Documents
import Events

/// Which events a feature counts.
struct FeatureTrigger: Sendable, Hashable {
  /// Bit n for the signal of raw value n.
  var signals: UInt32 = 0
  /// Bit n for the call of raw value n.
  var calls: UInt8 = 0
  /// Event names, in plain form.
  var names: [PlainName] = []
  /// Everything a person does: see `FeatureEvent.isActivity`.
  var isActivity = false

  var isEmpty: Bool { self == FeatureTrigger() }

  mutating func formUnion(_ other: FeatureTrigger) {
    signals |= other.signals
    calls |= other.calls
    names += other.names.filter { !names.contains($0) }
    isActivity = isActivity || other.isActivity
  }

  static func bit(_ kind: SignalKind) -> UInt32 { 1 << UInt32(kind.rawValue) }
  static func bit(_ kind: EventKind) -> UInt8 { 1 << kind.rawValue }

  /// In words, for lineage: `view`, `track`, `Order Completed`, `any activity`.
  var sources: [String] {
    var words = SignalKind.allCases.filter { signals & Self.bit($0) != 0 }.map(\.name)
    words += EventKind.allCases.filter { calls & Self.bit($0) != 0 }.map { "\($0.name) call" }
    words += names.map(\.written)
    if isActivity { words.append("any activity") }
    return words
  }

  /// The same text for the same trigger, however it was written.
  var signature: String {
    "\(signals)/\(calls)/\(isActivity)/" + names.map(\.text).sorted().joined(separator: ",")
  }
}

extension FeatureTrigger {
  static let keys: Set<String> = ["signals", "events", "calls"]

  /// Reads `signals`, `events` and `calls`.
  init(_ mapping: DocumentMapping) throws(DocumentError) {
    self.init()
    for node in try mapping.list("signals") { signals |= Self.bit(try Self.signal(node)) }
    for node in try mapping.list("calls") {
      let word = try node.string()
      guard let call = EventKind.allCases.first(where: { $0.name == word }) else {
        let names = EventKind.allCases.map(\.name)
        throw node.error(
          "found '\(word)', expected a call: \(names.joined(separator: ", "))",
          suggestion: nearestWord(to: word, among: names))
      }
      calls |= Self.bit(call)
    }
    guard let events = mapping["events"] else { return }
    if case .string("any") = events.content {
      isActivity = true
      return
    }
    guard case .list(let names) = events.content else {
      throw events.mismatch(expected: "a list of event names, or 'any'")
    }
    for node in names { self.names.append(PlainName(try node.nonEmptyString())) }
  }

  static func signal(_ node: DocumentNode) throws(DocumentError) -> SignalKind {
    let word = try node.string()
    return try signal(word, node.location)
  }

  static func signal(_ word: String, _ location: SourceLocation) throws(DocumentError) -> SignalKind {
    if let kind = SignalKind.allCases.first(where: { $0.name == word }) { return kind }
    let names = SignalKind.allCases.map(\.name)
    throw DocumentError(
      at: location, "found '\(word)', expected a signal: \(names.joined(separator: ", "))",
      suggestion: nearestWord(to: word, among: names))
  }
}

/// An event's name where neither case nor what parts the words counts: `Order Completed` is `order_completed`.
struct PlainName: Sendable, Hashable {
  let written: String
  let text: String

  init(_ written: String) {
    self.written = written
    var text = written
    self.text = text.withUTF8 { bytes in
      var plain: [UInt8] = []
      Self.forEachByte(of: bytes) { plain.append($0) }
      return String(decoding: plain, as: UTF8.self)
    }
  }

  static func == (left: Self, right: Self) -> Bool { left.text == right.text }
  func hash(into hasher: inout Hasher) { hasher.combine(text) }

  /// A hash of the plain form, without making it (FNV-1a).
  static func hash(of name: String) -> UInt64 {
    var name = name
    return name.withUTF8 { bytes in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      forEachByte(of: bytes) { hash = (hash ^ UInt64($0)) &* 0x100_0000_01B3 }
      return hash
    }
  }

  @inline(__always)
  private static func forEachByte(of bytes: UnsafeBufferPointer<UInt8>, _ body: (UInt8) -> Void) {
    var isSeparated = false
    var hasBegun = false
    for byte in bytes {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): isSeparated = hasBegun
      default:
        if isSeparated { body(UInt8(ascii: "_")) }
        isSeparated = false
        hasBegun = true
        body((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
      }
    }
  }
}
