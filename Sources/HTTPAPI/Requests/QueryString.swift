import Primitives

/// The parameters after the question mark, in order, decoded when asked for.
struct QueryString: Sendable {
  private let text: Substring

  init(_ text: Substring) { self.text = text }

  struct Parameter: Equatable {
    let name: String
    let value: String
  }

  /// All parameters.
  /// - Throws: `Problem` for escapes that are not UTF-8.
  func parameters() throws(Problem) -> [Parameter] {
    var parameters: [Parameter] = []
    for part in text.split(separator: "&") {
      let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = percentDecoded(pieces[0], plusIsSpace: true),
        let value = percentDecoded(pieces.count > 1 ? pieces[1] : "", plusIsSpace: true)
      else {
        throw .invalidParameter(String(pieces[0].prefix(64)), "the parameter is not UTF-8 in percent encoding")
      }
      parameters.append(Parameter(name: name, value: value))
    }
    return parameters
  }

  /// The last value of a parameter; nil when it is absent.
  func last(_ name: String) throws(Problem) -> String? {
    if text.isEmpty { return nil }
    return try parameters().last { $0.name == name }?.value
  }

  /// Every value of a parameter that may be repeated.
  func all(_ name: String) throws(Problem) -> [String] {
    if text.isEmpty { return [] }
    return try parameters().filter { $0.name == name }.map(\.value)
  }

  /// A parameter that is true or false; false when it is missing.
  func flag(_ name: String) throws(Problem) -> Bool {
    switch try last(name) {
    case nil, "false": return false
    case "true": return true
    case let other?:
      throw .invalidParameter(name, "'\(other.prefix(40))' is neither true nor false")
    }
  }

  /// A page size: what is too large is cut to `max`.
  /// - Throws: `Problem` for what is no whole number of at least 1.
  func limit(_ name: String = "limit", standard: Int, max: Int) throws(Problem) -> Int {
    guard let text = try last(name) else { return standard }
    let isWhole = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    // So many digits are a number all the same, and above every limit.
    let number = isWhole ? Int(text) ?? Int.max : 0
    guard number >= 1 else {
      throw .invalidParameter(name, "'\(name)' is '\(text.prefix(40))', expected a whole number of at least 1")
    }
    return min(number, max)
  }
}

/// Undoes percent encoding; nil when an escape is broken or the bytes are not UTF-8.
func percentDecoded(_ text: Substring, plusIsSpace: Bool = false) -> String? {
  if !text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) { return String(text) }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count)
  var rest = text.utf8.makeIterator()
  while let byte = rest.next() {
    switch byte {
    case UInt8(ascii: "%"):
      guard let high = rest.next().flatMap(hexadecimalValue), let low = rest.next().flatMap(hexadecimalValue) else {
        return nil
      }
      bytes.append(high << 4 | low)
    case UInt8(ascii: "+"): bytes.append(plusIsSpace ? UInt8(ascii: " ") : byte)
    default: bytes.append(byte)
    }
  }
  return String(validating: bytes, as: UTF8.self)
}
