public import Documents
import Primitives

/// What an event of some name says of items.
public struct EventMeaning: Sendable, Hashable {
  /// nil: the event is understood and says nothing of items.
  public let signal: SignalKind?
  /// The property that names the item; nil: the usual ones.
  public let itemProperty: String?
  /// The property that holds money, rating or seconds; nil: the usual ones.
  public let valueProperty: String?

  public init(_ signal: SignalKind?, itemProperty: String? = nil, valueProperty: String? = nil) {
    self.signal = signal
    self.itemProperty = itemProperty
    self.valueProperty = valueProperty
  }
}

/// Which event names mean which acts. Case does not count, nor whether words are parted by spaces, `_`, `-` or `.`.
public struct EventNames: Sendable {
  private struct Entry {
    let name: [UInt8]
    let meaning: EventMeaning
  }

  private var entries: [UInt64: [Entry]] = [:]

  /// The names of the Segment e-commerce specification and those of the flat form, without any of a workspace.
  public static let standard = EventNames(standardNames)

  init(_ names: [(name: String, meaning: EventMeaning)]) {
    for (name, meaning) in names { self[name] = meaning }
  }

  /// The standard names and those of a workspace, which go before; the value of `events` in its definitions:
  ///
  ///     events:
  ///       Song Played: view
  ///       Article Read: {signal: dwell, item: article_id, value: seconds}
  ///       Product Shared: none
  ///
  /// - Parameter document: nil when the workspace defines none.
  public init(document: DocumentNode?) throws(DocumentError) {
    self = .standard
    guard let document else { return }
    var lines: [[UInt8]: Int] = [:]
    for member in try document.mapping(of: "the event names").members {
      let plain = Self.plain(member.key)
      guard !plain.isEmpty else {
        throw DocumentError(at: member.keyLocation, "found an empty name, expected the name of an event")
      }
      if let line = lines.updateValue(member.keyLocation.line, forKey: plain) {
        throw DocumentError(
          at: member.keyLocation,
          "'\(member.key)' is the same name as in line \(line): neither case nor the space between words counts")
      }
      self[member.key] = try EventMeaning(member.value)
    }
  }

  /// What an event of this name means, nil when nobody said.
  /// - Complexity: O(name), without allocation.
  public subscript(_ name: String) -> EventMeaning? {
    get {
      var name = name
      return name.withUTF8 { bytes in
        entries[Self.hash(bytes)]?.first { Self.isEqual($0.name, to: bytes) }?.meaning
      }
    }
    set {
      var name = name
      let hash = name.withUTF8 { Self.hash($0) }
      let plain = Self.plain(name)
      entries[hash, default: []].removeAll { $0.name == plain }
      if let newValue { entries[hash, default: []].append(Entry(name: plain, meaning: newValue)) }
    }
  }

  /// A name's bytes in lower case (ASCII), each run of separators one `_`, none at either end.
  private struct Plain: Sequence, IteratorProtocol {
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0
    var hasBegun = false

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    @inline(__always)
    mutating func next() -> UInt8? {
      var isSeparated = false
      while index < bytes.count {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
          isSeparated = hasBegun
          index += 1
        default:
          if isSeparated { return UInt8(ascii: "_") }
          index += 1
          hasBegun = true
          return (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
      }
      return nil
    }
  }

  private static func plain(_ name: String) -> [UInt8] {
    var name = name
    return name.withUTF8 { Array(Plain($0)) }
  }

  /// FNV-1a; names that share a hash are told apart by their bytes.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in Plain(bytes) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }

  private static func isEqual(_ name: [UInt8], to bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var plain = Plain(bytes)
    for byte in name where plain.next() != byte { return false }
    return plain.next() == nil
  }
}

extension EventMeaning {
  /// A signal's name, `none`, or a mapping that also names the properties to read.
  init(_ node: DocumentNode) throws(DocumentError) {
    guard case .mapping = node.content else {
      self.init(try Self.signal(node))
      return
    }
    let mapping = try node.mapping(allowing: ["signal", "item", "value"], of: "the meaning of an event")
    self.init(
      try Self.signal(try mapping.required("signal")), itemProperty: try mapping["item"]?.nonEmptyString(),
      valueProperty: try mapping["value"]?.nonEmptyString())
  }

  private static func signal(_ node: DocumentNode) throws(DocumentError) -> SignalKind? {
    let words = SignalKind.allCases.map(\.name)
    let expected = "a signal (\(words.joined(separator: ", "))) or 'none'"
    guard case .string(let word) = node.content else { throw node.mismatch(expected: expected) }
    if word == "none" { return nil }
    guard let kind = SignalKind.allCases.first(where: { $0.name == word }) else {
      throw node.error(
        "found '\(word)', expected \(expected)", suggestion: nearestWord(to: word, among: words + ["none"]))
    }
    return kind
  }
}
