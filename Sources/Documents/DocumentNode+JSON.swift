import Primitives

extension DocumentNode {
  /// Reads a JSON text. Unlike `JSONDocument`, two members of one name are refused, since one of them would be ignored.
  ///
  /// - Throws: The first thing that is wrong, with its place.
  public static func json(
    _ bytes: [UInt8], file: String, limits: DocumentLimits = .standard
  ) throws(DocumentError) -> DocumentNode {
    guard bytes.count <= limits.bytes else {
      throw DocumentError(
        at: SourceLocation(file: file, line: 1, column: 1),
        "found \(bytes.count) bytes, expected at most \(limits.bytes)")
    }
    var places = PlaceFinder(bytes: bytes, file: file)
    do {
      let document = try JSONDocument(parsing: bytes, limits: JSONLimits(depth: limits.depth))
      return try node(of: document.root, places: &places)
    } catch let error as JSONError {
      throw DocumentError(at: places.location(ofByte: error.offset), error.message)
    } catch let error as DocumentError {
      throw error
    } catch {
      preconditionFailure("neither the scanner nor the tree throws anything else: \(error)")
    }
  }

  private static func node(of view: JSONView, places: inout PlaceFinder) throws(DocumentError) -> DocumentNode {
    let location = places.location(ofByte: view.range.lowerBound)
    if view.isArray {
      var values: [DocumentNode] = []
      for element in view.elements { values.append(try node(of: element, places: &places)) }
      return DocumentNode(.list(values), at: location)
    }
    if view.isObject {
      var members: [Member] = []
      var keys: [String: SourceLocation] = [:]
      for (keyView, value) in view.memberViews {
        let key = keyView.string ?? ""
        let keyLocation = places.location(ofByte: keyView.range.lowerBound)
        if let first = keys.updateValue(keyLocation, forKey: key) {
          throw duplicate(key, at: keyLocation, first: first)
        }
        members.append(Member(key: key, keyLocation: keyLocation, value: try node(of: value, places: &places)))
      }
      return DocumentNode(.mapping(members), at: location)
    }
    let content: Content
    if let text = view.string {
      content = .string(text)
    } else if let whole = view.int {
      content = .int(whole)
    } else if let number = view.double {
      content = .double(number)
    } else if let flag = view.bool {
      content = .bool(flag)
    } else {
      content = .null
    }
    return DocumentNode(content, at: location)
  }

  static func duplicate(_ key: String, at location: SourceLocation, first: SourceLocation) -> DocumentError {
    DocumentError(at: location, "the key '\(key)' stands twice; the first is in line \(first.line)")
  }
}

/// Lines and columns of byte offsets. Asked in rising order, as a reader goes, it walks the text once.
struct PlaceFinder {
  let bytes: [UInt8]
  let file: String
  private var offset = 0
  private var line = 1
  private var column = 1

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func location(ofByte target: Int) -> SourceLocation {
    if target < offset { (offset, line, column) = (0, 1, 1) }
    while offset < min(target, bytes.count) {
      if bytes[offset] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if bytes[offset] & 0xC0 != 0x80 {  // the first byte of a character
        column += 1
      }
      offset += 1
    }
    return SourceLocation(file: file, line: line, column: column)
  }
}
