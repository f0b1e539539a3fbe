import Primitives

/// JSON values in a packed form in which one member is found without reading the others: arrays and objects begin with
/// their length in bytes.
enum PackedJSON {
  enum Tag: UInt8 { case null, no, yes, int, double, string, array, object }

  static func write(_ value: JSONValue, to writer: inout BinaryWriter) {
    switch value {
    case .null: writer.write(byte: Tag.null.rawValue)
    case .bool(let value): writer.write(byte: value ? Tag.yes.rawValue : Tag.no.rawValue)
    case .int(let value):
      writer.write(byte: Tag.int.rawValue)
      writer.write(signed: value)
    case .double(let value):
      writer.write(byte: Tag.double.rawValue)
      writer.write(double: value)
    case .string(let value):
      writer.write(byte: Tag.string.rawValue)
      writer.write(string: value)
    case .array(let values):
      var content = BinaryWriter()
      content.write(count: values.count)
      for value in values { write(value, to: &content) }
      writer.write(byte: Tag.array.rawValue)
      writer.write(bytes: content.bytes)
    case .object(let object): write(object, to: &writer)
    }
  }

  static func write(_ object: JSONObject, to writer: inout BinaryWriter) {
    var content = BinaryWriter()
    content.write(count: object.members.count)
    for member in object.members {
      content.write(string: member.key)
      write(member.value, to: &content)
    }
    writer.write(byte: Tag.object.rawValue)
    writer.write(bytes: content.bytes)
  }

  /// - Parameter depth: Containers that this value stands in; bounded, so that a damaged file cannot exhaust the stack.
  static func read(from reader: inout BinaryReader, depth: Int = 0) throws(BinaryError) -> JSONValue {
    guard depth <= 2 * ItemReader.attributesDepthMax else { throw BinaryError("a JSON value nested too deep") }
    switch try tag(from: &reader) {
    case .null: return .null
    case .no: return .bool(false)
    case .yes: return .bool(true)
    case .int: return .int(try reader.readSigned())
    case .double: return .double(try reader.readDouble())
    case .string: return .string(try reader.readString())
    case .array:
      var content = BinaryReader(try reader.readBytes())
      var values: [JSONValue] = []
      for _ in 0..<(try content.readCount()) { values.append(try read(from: &content, depth: depth + 1)) }
      return .array(values)
    case .object:
      var content = BinaryReader(try reader.readBytes())
      var members: [JSONObject.Member] = []
      for _ in 0..<(try content.readCount()) {
        let key = try content.readString()
        members.append(.init(key: key, value: try read(from: &content, depth: depth + 1)))
      }
      return .object(JSONObject(members: members))
    }
  }

  /// The value that `path` leads to through objects; nil when it leads nowhere.
  /// - Complexity: O(members on the way), without reading what lies beside it.
  static func value(
    at path: some Collection<String>, from reader: inout BinaryReader
  ) throws(BinaryError) -> JSONValue? {
    guard let key = path.first else { return try read(from: &reader) }
    guard try tag(from: &reader) == .object else { return nil }
    var content = BinaryReader(try reader.readBytes())
    for _ in 0..<(try content.readCount()) {
      if try content.readBytes().elementsEqual(key.utf8) { return try value(at: path.dropFirst(), from: &content) }
      try skip(try tag(from: &content), &content)
    }
    return nil
  }

  /// Walks through a value as `read` does, without making anything of it.
  static func check(_ reader: inout BinaryReader, depth: Int = 0) throws(BinaryError) -> Tag {
    guard depth <= 2 * ItemReader.attributesDepthMax else { throw BinaryError("a JSON value nested too deep") }
    let tag = try tag(from: &reader)
    guard tag == .array || tag == .object else {
      try skip(tag, &reader)
      return tag
    }
    var content = BinaryReader(try reader.readBytes())
    for _ in 0..<(try content.readCount()) {
      if tag == .object { _ = try content.readBytes() }
      _ = try check(&content, depth: depth + 1)
    }
    guard content.isAtEnd else { throw BinaryError("\(content.remaining) bytes too many in a JSON value") }
    return tag
  }

  private static func skip(_ tag: Tag, _ reader: inout BinaryReader) throws(BinaryError) {
    switch tag {
    case .null, .no, .yes: break
    case .int: _ = try reader.readVarint()
    case .double: _ = try reader.readWord()
    case .string, .array, .object: _ = try reader.readBytes()
    }
  }

  private static func tag(from reader: inout BinaryReader) throws(BinaryError) -> Tag {
    let byte = try reader.readByte()
    guard let tag = Tag(rawValue: byte) else { throw BinaryError("\(byte) is no kind of JSON value") }
    return tag
  }
}
