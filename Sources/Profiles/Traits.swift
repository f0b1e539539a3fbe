public import Primitives

/// What is known of a person by name: `plan`, `country`, `interests` … For each name the latest statement wins,
/// whatever the order of arrival; null removes, and stays known as a removal so that a late statement does not bring
/// the value back.
///
/// Bounds: a name of more than 128 bytes is no trait; a value of more than 4 KiB of JSON removes; beyond 500 names, or
/// 32 KiB in all, the names stated longest ago are forgotten. The result does not depend on the order of arrival as
/// long as the 32 KiB are not reached; beyond them, which of the oldest were forgotten may.
public struct Traits: Sendable, Hashable {
  public static let countMax = 500
  public static let bytesMax = 32_768
  public static let nameBytesMax = 128
  public static let valueBytesMax = 4_096

  /// When something was stated, and by which message, so that two statements never tie.
  struct Stamp: Sendable, Hashable, Comparable {
    let at: Timestamp
    /// Hash of the message id.
    let message: UInt64

    // Fixed for ever: stored stamps are compared with new ones.
    private static let hash = StableHash(key0: 0x7472_6169_7473_2031, key1: 0x6174_7475_6E65_2031)

    init(at: Timestamp, message: UInt64) {
      self.at = at
      self.message = message
    }

    init(at: Timestamp, messageID: String) { self.init(at: at, message: Self.hash.hash64(messageID)) }

    static func < (left: Self, right: Self) -> Bool { (left.at, left.message) < (right.at, right.message) }
  }

  private struct Entry: Sendable, Hashable {
    let name: String
    /// nil: removed.
    let value: JSONValue?
    let stamp: Stamp
    /// Of name and value.
    let bytes: Int

    init(name: String, value: JSONValue?, stamp: Stamp) {
      let text = value.flatMap { $0 == .null ? nil : $0.text }
      let fits = (text?.utf8.count ?? 0) <= Traits.valueBytesMax
      self.name = name
      self.value = fits && text != nil ? value : nil
      self.stamp = stamp
      bytes = name.utf8.count + (fits ? text?.utf8.count ?? 0 : 0)
    }

    /// Later wins; of two with one stamp (copies, but for a hash collision) the greater text.
    func isOlder(than other: Entry) -> Bool {
      if stamp != other.stamp { return stamp < other.stamp }
      return (value?.text ?? "") < (other.value?.text ?? "")
    }
  }

  /// By name.
  private var entries: [Entry] = []
  private var bytes = 0

  public init() {}

  /// The value, nil when never stated or removed.
  /// - Complexity: O(log traits).
  public subscript(_ name: String) -> JSONValue? {
    let index = index(of: name)
    return index < entries.count && entries[index].name == name ? entries[index].value : nil
  }

  public var isEmpty: Bool { !entries.contains { $0.value != nil } }

  /// Names with their values, by name.
  public var members: [JSONObject.Member] {
    entries.compactMap { entry in entry.value.map { JSONObject.Member(key: entry.name, value: $0) } }
  }

  mutating func state(_ name: String, _ value: JSONValue, _ stamp: Stamp) {
    guard (1...Self.nameBytesMax).contains(name.utf8.count) else { return }
    insert(Entry(name: name, value: value, stamp: stamp))
    trim()
  }

  /// Takes over what another profile of the same person knows; the later statement of each name stays.
  mutating func merge(_ other: Traits) {
    for entry in other.entries { insert(entry) }
    trim()
  }

  private mutating func insert(_ entry: Entry) {
    let index = index(of: entry.name)
    if index < entries.count, entries[index].name == entry.name {
      guard entries[index].isOlder(than: entry) else { return }
      bytes += entry.bytes - entries[index].bytes
      entries[index] = entry
    } else {
      bytes += entry.bytes
      entries.insert(entry, at: index)
    }
  }

  private mutating func trim() {
    while entries.count > Self.countMax || bytes > Self.bytesMax {
      // Ties in time by name, so that the choice is the same everywhere.
      guard let oldest = entries.indices.min(by: { (entries[$0].stamp, $0) < (entries[$1].stamp, $1) }) else { return }
      bytes -= entries.remove(at: oldest).bytes
    }
  }

  /// Where the name stands or would stand.
  private func index(of name: String) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Traits: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: entries.count)
    for entry in entries {
      writer.write(string: entry.name)
      writer.write(time: entry.stamp.at)
      writer.write(word: entry.stamp.message)
      writer.write(optional: entry.value) { $0.write(string: $1.text) }
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    for _ in 0..<(try reader.readCount()) {
      let name = try reader.readString()
      let stamp = Stamp(at: try reader.readTime(), message: try reader.readWord())
      var value: JSONValue?
      if try reader.readBool() {
        let text = try reader.readString()
        do throws(JSONError) { value = try JSONValue(parsing: text, limits: JSONLimits(depth: 1_000)) } catch {
          throw BinaryError("the trait \(name) is not JSON: \(error)")
        }
      }
      insert(Entry(name: name, value: value, stamp: stamp))
    }
  }
}
