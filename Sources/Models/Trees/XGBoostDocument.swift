import Primitives

/// A file of XGBoost as the values in it, whichever of its two encodings it has: JSON, or Universal Binary JSON.
indirect enum XGBoostDocument {
  case object([String: XGBoostDocument])
  case list([XGBoostDocument])
  /// A list of numbers of one type.
  case floats([Float])
  case text(String)
  case number(Float)
  case integer(Int)
  case nothing

  init(_ bytes: [UInt8]) throws(XGBoostModelRefusal) {
    // JSON's brace is followed by a quote or space, the binary one by the type of a key's length.
    guard bytes.first == UInt8(ascii: "{") else { throw .noModel }
    if bytes.count > 1, UniversalBinaryReader.isLengthType(bytes[1]) {
      var reader = UniversalBinaryReader(bytes)
      do throws(BinaryError) {
        self = try reader.readDocument()
      } catch {
        throw .unreadable(error.description)
      }
      return
    }
    do {
      self.init(try JSONDocument(parsing: bytes).root)
    } catch {
      throw .unreadable("\(error)")
    }
  }

  private init(_ view: JSONView) {
    if view.isObject {
      var members: [String: XGBoostDocument] = [:]
      for (key, value) in view.members { members[key] = XGBoostDocument(value) }
      self = .object(members)
    } else if view.isArray {
      self = .list(view.elements.map { XGBoostDocument($0) })
    } else if let text = view.string {
      self = .text(text)
    } else if let integer = view.int {
      self = .integer(Int(integer))
    } else if view.isNumber, let number = Float(String(decoding: view.rawBytes, as: UTF8.self)) {
      // Read as single precision at once: by way of a Double it could be rounded twice.
      self = .number(number)
    } else if let bool = view.bool {
      self = .integer(bool ? 1 : 0)
    } else {
      self = .nothing
    }
  }

  subscript(_ key: String) -> XGBoostDocument? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  var text: String? { if case .text(let value) = self { value } else { nil } }

  var list: [XGBoostDocument]? { if case .list(let values) = self { values } else { nil } }

  var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  /// Numbers of any type, as single precision.
  var floats: [Float]? {
    switch self {
    case .floats(let values): values
    case .list(let values):
      values.reduce(into: [Float]?.some([])) { numbers, value in
        switch value {
        case .number(let number): numbers?.append(number)
        case .integer(let integer): numbers?.append(Float(integer))
        default: numbers = nil
        }
      }
    default: nil
    }
  }

  var integers: [Int]? {
    guard let list else { return nil }
    let integers = list.compactMap(\.integer)
    return integers.count == list.count ? integers : nil
  }
}

/// Universal Binary JSON as XGBoost writes it: numbers with their highest byte first, lists with a type and a count.
struct UniversalBinaryReader {
  private var reader: BinaryReader
  private static let depthMax = 32

  init(_ bytes: [UInt8]) { reader = BinaryReader(bytes) }

  static func isLengthType(_ byte: UInt8) -> Bool { "iUIlL}".utf8.contains(byte) }

  mutating func readDocument() throws(BinaryError) -> XGBoostDocument {
    let document = try readValue(ofType: try reader.readByte(), depth: 0)
    guard reader.isAtEnd else { throw BinaryError("\(reader.remaining) bytes after the end") }
    return document
  }

  private mutating func readValue(ofType type: UInt8, depth: Int) throws(BinaryError) -> XGBoostDocument {
    guard depth < Self.depthMax else { throw BinaryError("values more than \(Self.depthMax) deep") }
    switch type {
    case UInt8(ascii: "{"): return try readObject(depth)
    case UInt8(ascii: "["): return try readList(depth)
    case UInt8(ascii: "S"): return .text(try readText())
    case UInt8(ascii: "T"): return .integer(1)
    case UInt8(ascii: "F"): return .integer(0)
    case UInt8(ascii: "Z"): return .nothing
    case UInt8(ascii: "d"): return .number(Float(bitPattern: UInt32(truncatingIfNeeded: try readBits(4))))
    case UInt8(ascii: "D"): return .number(Float(Double(bitPattern: try readBits(8))))
    default: return .integer(try readInteger(ofType: type))
    }
  }

  private mutating func readObject(_ depth: Int) throws(BinaryError) -> XGBoostDocument {
    var members: [String: XGBoostDocument] = [:]
    while true {
      let type = try reader.readByte()
      if type == UInt8(ascii: "}") { return .object(members) }
      let key = try readText(lengthType: type)
      members[key] = try readValue(ofType: try reader.readByte(), depth: depth + 1)
    }
  }

  private mutating func readList(_ depth: Int) throws(BinaryError) -> XGBoostDocument {
    var type = try reader.readByte()
    if type == UInt8(ascii: "$") {
      let element = try reader.readByte()
      guard try reader.readByte() == UInt8(ascii: "#") else { throw BinaryError("a list of one type without a count") }
      let count = try readCount()
      if element == UInt8(ascii: "d") {
        var values: [Float] = []
        for _ in 0..<count { values.append(Float(bitPattern: UInt32(truncatingIfNeeded: try readBits(4)))) }
        return .floats(values)
      }
      var values: [XGBoostDocument] = []
      for _ in 0..<count { values.append(try readValue(ofType: element, depth: depth + 1)) }
      return .list(values)
    }
    var values: [XGBoostDocument] = []
    if type == UInt8(ascii: "#") {
      let count = try readCount()
      for _ in 0..<count { values.append(try readValue(ofType: try reader.readByte(), depth: depth + 1)) }
      return .list(values)
    }
    while type != UInt8(ascii: "]") {
      values.append(try readValue(ofType: type, depth: depth + 1))
      type = try reader.readByte()
    }
    return .list(values)
  }

  private mutating func readCount() throws(BinaryError) -> Int {
    let count = try readInteger(ofType: try reader.readByte())
    // Every element has a byte at least: a count beyond the rest is damage, not a reason to allocate.
    guard count >= 0, count <= reader.remaining else { throw BinaryError("a count of \(count)") }
    return count
  }

  private mutating func readText() throws(BinaryError) -> String { try readText(lengthType: try reader.readByte()) }

  private mutating func readText(lengthType: UInt8) throws(BinaryError) -> String {
    let count = try readInteger(ofType: lengthType)
    guard count >= 0, count <= reader.remaining else { throw BinaryError("a text of \(count) bytes") }
    return String(decoding: try reader.readRaw(count), as: UTF8.self)
  }

  private mutating func readInteger(ofType type: UInt8) throws(BinaryError) -> Int {
    switch type {
    case UInt8(ascii: "i"): Int(Int8(truncatingIfNeeded: try readBits(1)))
    case UInt8(ascii: "U"): Int(try readBits(1))
    case UInt8(ascii: "I"): Int(Int16(truncatingIfNeeded: try readBits(2)))
    case UInt8(ascii: "l"): Int(Int32(truncatingIfNeeded: try readBits(4)))
    case UInt8(ascii: "L"): Int(Int64(bitPattern: try readBits(8)))
    default: throw BinaryError("a value of an unknown type (byte \(type))")
    }
  }

  private mutating func readBits(_ bytes: Int) throws(BinaryError) -> UInt64 {
    try reader.readRaw(bytes).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
