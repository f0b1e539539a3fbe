public import Primitives

/// An item without id and revision in packed form: what the log and the catalogue keep, about its text plus 30 bytes.
///
/// Layout: format, presence bits, the numbers, then categories, regions, tags, title, text and attributes. Valid by
/// construction: made from an item, or read and checked whole.
public struct PackedItem: Sendable, Hashable {
  let bytes: [UInt8]

  private struct Presence: OptionSet {
    let rawValue: UInt64
    static let available = Presence(rawValue: 1)
    static let title = Presence(rawValue: 2)
    static let text = Presence(rawValue: 4)
    static let price = Presence(rawValue: 8)
    static let margin = Presence(rawValue: 16)
    static let currency = Presence(rawValue: 32)
    static let stock = Presence(rawValue: 64)
    static let ageMin = Presence(rawValue: 128)
    static let publishedAt = Presence(rawValue: 256)
  }

  private static let format: UInt8 = 1

  public init(_ item: CatalogItem) {
    var present: Presence = []
    if item.isAvailable { present.insert(.available) }
    if item.title != nil { present.insert(.title) }
    if item.text != nil { present.insert(.text) }
    if item.price != nil { present.insert(.price) }
    if item.margin != nil { present.insert(.margin) }
    if item.currency != nil { present.insert(.currency) }
    if item.stock != nil { present.insert(.stock) }
    if item.ageMin != nil { present.insert(.ageMin) }
    if item.publishedAt != nil { present.insert(.publishedAt) }
    var writer = BinaryWriter(reservingCapacity: 64 + (item.text?.utf8.count ?? 0))
    writer.write(byte: Self.format)
    writer.write(varint: present.rawValue)
    if let price = item.price { writer.write(double: price) }
    if let margin = item.margin { writer.write(double: margin) }
    if let stock = item.stock { writer.write(signed: Int64(stock)) }
    if let ageMin = item.ageMin { writer.write(signed: Int64(ageMin)) }
    if let publishedAt = item.publishedAt { writer.write(time: publishedAt) }
    if let currency = item.currency { writer.write(string: currency) }
    Self.write(item.categories, to: &writer)
    Self.write(item.regions, to: &writer)
    Self.write(item.tags, to: &writer)
    if let title = item.title { writer.write(string: title) }
    if let text = item.text { writer.write(string: text) }
    PackedJSON.write(item.attributes, to: &writer)
    // Copied, to be without the room that the writer had for more.
    bytes = Array(unsafeUninitializedCapacity: writer.bytes.count) { buffer, count in
      count = buffer.initialize(fromContentsOf: writer.bytes)
    }
  }

  /// Bytes that it takes in the log.
  public var count: Int { bytes.count }

  /// The whole item.
  public func item(id: String, revision: UInt64) -> CatalogItem {
    reading { reader, item, present throws(BinaryError) in
      item.categories = try Self.readNames(from: &reader)
      item.regions = try Self.readNames(from: &reader)
      item.tags = try Self.readNames(from: &reader)
      if present.contains(.title) { item.title = try reader.readString() }
      if present.contains(.text) { item.text = try reader.readString() }
      if case .object(let attributes) = try PackedJSON.read(from: &reader) { item.attributes = attributes }
      item.id = id
      item.revision = revision
      return item
    }
  }

  // What follows is found without reading the rest of the item.

  /// One value of the attributes; nil when there is none.
  public func attribute(at path: some Collection<String>) -> JSONValue? {
    reading { reader, _, present throws(BinaryError) in
      try Self.skipNames(&reader, lists: 3)
      try Self.skipTexts(present, &reader)
      return try PackedJSON.value(at: path, from: &reader)
    }
  }

  var title: String? {
    reading { reader, _, present throws(BinaryError) in
      guard present.contains(.title) else { return nil }
      try Self.skipNames(&reader, lists: 3)
      return try reader.readString()
    }
  }

  var currency: String? { reading { _, item, _ in item.currency } }

  var labels: (tags: [String], attributes: JSONObject) {
    reading { reader, _, present throws(BinaryError) in
      try Self.skipNames(&reader, lists: 2)
      let tags = try Self.readNames(from: &reader)
      try Self.skipTexts(present, &reader)
      guard case .object(let attributes) = try PackedJSON.read(from: &reader) else { return (tags, JSONObject()) }
      return (tags, attributes)
    }
  }

  /// The numbers, categories and regions; the rest is left unknown.
  var head: CatalogItem {
    reading { reader, item, _ throws(BinaryError) in
      item.categories = try Self.readNames(from: &reader)
      item.regions = try Self.readNames(from: &reader)
      return item
    }
  }

  /// Reads on after the numbers, which stand in the item.
  private func reading<Value>(
    _ body: (inout BinaryReader, inout CatalogItem, Presence) throws(BinaryError) -> Value
  ) -> Value {
    do {
      var reader = BinaryReader(bytes)
      var item = CatalogItem(id: "")
      let present = try Self.readNumbers(from: &reader, into: &item)
      return try body(&reader, &item, present)
    } catch {
      preconditionFailure("a packed item was checked when it was made: \(error)")
    }
  }

  /// Walks through the bytes as `item` does, without making anything of them.
  private static func check(_ bytes: [UInt8]) throws(BinaryError) {
    var reader = BinaryReader(bytes)
    var item = CatalogItem(id: "")
    let present = try readNumbers(from: &reader, into: &item)
    try skipNames(&reader, lists: 3)
    try skipTexts(present, &reader)
    guard try PackedJSON.check(&reader) == .object, reader.isAtEnd else {
      throw BinaryError("an item does not end with its attributes")
    }
  }

  private static func readNumbers(
    from reader: inout BinaryReader, into item: inout CatalogItem
  ) throws(BinaryError) -> Presence {
    let format = try reader.readByte()
    guard format == Self.format else { throw BinaryError("an item in the unknown format \(format)") }
    let present = Presence(rawValue: try reader.readVarint())
    item.isAvailable = present.contains(.available)
    if present.contains(.price) { item.price = try reader.readDouble() }
    if present.contains(.margin) { item.margin = try reader.readDouble() }
    if present.contains(.stock) { item.stock = Int(try reader.readSigned()) }
    if present.contains(.ageMin) { item.ageMin = Int(try reader.readSigned()) }
    if present.contains(.publishedAt) { item.publishedAt = try reader.readTime() }
    if present.contains(.currency) { item.currency = try reader.readString() }
    return present
  }

  private static func write(_ names: [String], to writer: inout BinaryWriter) {
    writer.write(count: names.count)
    for name in names { writer.write(string: name) }
  }

  private static func skipNames(_ reader: inout BinaryReader, lists: Int) throws(BinaryError) {
    for _ in 0..<lists { for _ in 0..<(try reader.readCount()) { _ = try reader.readBytes() } }
  }

  private static func skipTexts(_ present: Presence, _ reader: inout BinaryReader) throws(BinaryError) {
    if present.contains(.title) { _ = try reader.readBytes() }
    if present.contains(.text) { _ = try reader.readBytes() }
  }

  private static func readNames(from reader: inout BinaryReader) throws(BinaryError) -> [String] {
    var names: [String] = []
    for _ in 0..<(try reader.readCount()) { names.append(try reader.readString()) }
    return names
  }
}

extension PackedItem: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) { writer.write(bytes: bytes) }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    bytes = Array(try reader.readBytes())
    try Self.check(bytes)
  }
}
