/// The one pass over the bytes behind `JSONDocument`.
///
/// The position travels as a local value from step to step, so that it stays in a register. Every read of a byte has a check
/// against `end` before it: pointers check nothing in release builds.
struct JSONScanner {
  private static let none = UInt32.max

  private let bytes: UnsafePointer<UInt8>
  private let start: Int
  private let end: Int
  private let depthMax: Int

  init(bytes: UnsafePointer<UInt8>, range: Range<Int>, limits: JSONLimits) {
    self.bytes = bytes
    start = range.lowerBound
    end = range.upperBound
    depthMax = limits.depth
  }

  /// Writes the map of the text into `nodes`, which is not initialised.
  ///
  /// - Returns: The number of nodes, nil when they do not fit.
  /// - Throws: The first thing that is wrong.
  func scan(into nodes: UnsafeMutableBufferPointer<JSONNode>) throws(JSONError) -> Int? {
    var index = afterSpace(start)
    var count = 0
    // The innermost container that is open; while it is, its `next` is the container around it.
    var parent = Self.none
    var isInObject = false
    var depth = 0

    values: while true {
      guard count + 2 <= nodes.count else { return nil }
      if isInObject {
        guard index < end, bytes[index] == UInt8(ascii: "\"") else { throw failure(at: index, expected: "a key") }
        index = try string(at: index, into: nodes, &count)
        index = afterSpace(index)
        guard index < end, bytes[index] == UInt8(ascii: ":") else { throw failure(at: index, expected: "a colon") }
        index = afterSpace(index + 1)
      }
      guard index < end else { throw error(at: index, "the text ends where a value should stand") }
      switch bytes[index] {
      case UInt8(ascii: "\""): index = try string(at: index, into: nodes, &count)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < depthMax else {
          throw error(at: index, "more than \(depthMax) arrays and objects within each other", code: .depth)
        }
        isInObject = bytes[index] == UInt8(ascii: "{")
        nodes.set(count, isInObject ? .object : .array, index, index + 1, next: parent)
        parent = UInt32(truncatingIfNeeded: count)
        count += 1
        depth += 1
        index = afterSpace(index + 1)
        guard index < end, bytes[index] == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          continue values
        }  // else it is empty, and closed below
      case UInt8(ascii: "t"): index = try word("true", .yes, at: index, into: nodes, &count)
      case UInt8(ascii: "f"): index = try word("false", .no, at: index, into: nodes, &count)
      case UInt8(ascii: "n"): index = try word("null", .null, at: index, into: nodes, &count)
      default:
        let from = index
        index = try afterNumber(from)
        nodes.set(count, .number, from, index, next: UInt32(truncatingIfNeeded: count + 1))
        count += 1
      }

      // A value has ended, or an empty container is about to.
      while true {
        index = afterSpace(index)
        guard parent != Self.none else {
          guard index == end else { throw failure(at: index, expected: "the end of the text") }
          return count
        }
        guard index < end else {
          throw error(at: index, "the text ends within \(isInObject ? "an object" : "an array")")
        }
        let byte = bytes[index]
        if byte == UInt8(ascii: ",") {
          index = afterSpace(index + 1)
          continue values
        }
        guard byte == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw failure(at: index, expected: "a comma or \(isInObject ? "a closing brace" : "a closing bracket")")
        }
        index += 1
        let closed = Int(parent)
        parent = nodes[closed].next
        nodes[closed].end = UInt32(truncatingIfNeeded: index)
        nodes[closed].next = UInt32(truncatingIfNeeded: count)
        isInObject = parent != Self.none && nodes[Int(parent)].kind == .object
        depth -= 1
      }
    }
  }

  // MARK: Parts

  @inline(__always)
  private func afterSpace(_ from: Int) -> Int {
    var index = from
    while index < end, bytes[index] <= 0x20 {
      switch bytes[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return index
      }
    }
    return index
  }

  @inline(__always)
  private func string(
    at quote: Int, into nodes: UnsafeMutableBufferPointer<JSONNode>, _ count: inout Int
  ) throws(JSONError) -> Int {
    let from = quote + 1
    var index = afterPlain(from)
    var isEscaped = false
    while true {
      guard index < end else { throw error(at: index, "the text ends within a string") }
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") { isEscaped = true }
      index = afterPlain(try afterSpecial(index))
    }
    nodes.set(count, .string, from, index, next: UInt32(truncatingIfNeeded: count + 1), isEscaped: isEscaped)
    count += 1
    return index + 1
  }

  /// The first byte from `from` on that needs a look: a quote, a backslash, a control character, or none of ASCII.
  ///
  /// Eight bytes at a time, by the zero-byte test of Mycroft (1987): `(x − 0x01…) & ~x & 0x80…` marks each zero byte of x. The
  /// subtraction borrows from the byte above only at a byte that is marked itself, so a false mark has a true one below
  /// it and the lowest mark is always true. The same holds for `x − 0x20…`, which marks bytes below 0x20; bytes from
  /// 0x80 on are marked by themselves.
  @inline(__always)
  private func afterPlain(_ from: Int) -> Int {
    var index = from
    let ones: UInt64 = 0x0101_0101_0101_0101
    while index + 8 <= end {
      let word = UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let marks =
        ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | (word &- (ones &* 0x20)) | word
      let tops = marks & (ones &* 0x80)
      if tops != 0 { return index + tops.trailingZeroBitCount >> 3 }
      index += 8
    }
    while index < end {
      let byte = bytes[index]
      if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
      index += 1
    }
    return index
  }

  private func word(
    _ word: StaticString, _ kind: JSONKind, at index: Int, into nodes: UnsafeMutableBufferPointer<JSONNode>,
    _ count: inout Int
  ) throws(JSONError) -> Int {
    let length = word.utf8CodeUnitCount
    guard index + length <= end, (1..<length).allSatisfy({ bytes[index + $0] == word.utf8Start[$0] }) else {
      throw failure(at: index, expected: "a value")
    }
    nodes.set(count, kind, index, index + length, next: UInt32(truncatingIfNeeded: count + 1))
    count += 1
    return index + length
  }

  private func afterNumber(_ from: Int) throws(JSONError) -> Int {
    var index = bytes[from] == UInt8(ascii: "-") ? from + 1 : from
    guard isDigit(at: index) else { throw failure(at: index, expected: "a value") }
    index = bytes[index] == UInt8(ascii: "0") ? index + 1 : afterDigits(index)
    if index < end, bytes[index] == UInt8(ascii: ".") {
      index += 1
      guard isDigit(at: index) else { throw failure(at: index, expected: "a digit after the point") }
      index = afterDigits(index)
    }
    var hasExponent = false
    if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
      hasExponent = true
      index += 1
      if index < end, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
      guard isDigit(at: index) else { throw failure(at: index, expected: "a digit in the exponent") }
      index = afterDigits(index)
    }
    if hasExponent || index - from > 300 { try checkFinite(from..<index) }
    return index
  }

  private func checkFinite(_ range: Range<Int>) throws(JSONError) {
    let text = String(decoding: UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count), as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw error(at: range.lowerBound, "a number beyond the range of a double", code: .range)
    }
  }

  @inline(__always)
  private func isDigit(at index: Int) -> Bool { index < end && bytes[index] &- 0x30 <= 9 }

  @inline(__always)
  private func afterDigits(_ from: Int) -> Int {
    var index = from
    while isDigit(at: index) { index += 1 }
    return index
  }

  /// Passes what `afterPlain` stops at, within a string.
  private func afterSpecial(_ index: Int) throws(JSONError) -> Int {
    switch bytes[index] {
    case UInt8(ascii: "\\"): return try afterEscape(index)
    case ..<0x20: throw error(at: index, "a control character within a string; it must be escaped")
    default: return try afterMultibyte(index)
    }
  }

  private func afterEscape(_ index: Int) throws(JSONError) -> Int {
    guard index + 1 < end else { throw error(at: index, "the text ends within an escape") }
    switch bytes[index + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return index + 2
    case UInt8(ascii: "u"):
      let unit = try hexUnit(at: index + 2)
      if unit & 0xF800 != 0xD800 { return index + 6 }
      guard unit & 0xFC00 == 0xD800, index + 7 < end, bytes[index + 6] == UInt8(ascii: "\\"),
        bytes[index + 7] == UInt8(ascii: "u"), try hexUnit(at: index + 8) & 0xFC00 == 0xDC00
      else { throw error(at: index, "half a surrogate pair in a string", code: .encoding) }
      return index + 12
    default: throw error(at: index, "an unknown escape in a string")
    }
  }

  private func hexUnit(at index: Int) throws(JSONError) -> UInt16 {
    guard index + 4 <= end else { throw error(at: index, "the text ends within an escape") }
    var value: UInt16 = 0
    for position in index..<index + 4 {
      let byte = bytes[position]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46, 0x61...0x66: digit = (byte | 0x20) - 0x57
      default: throw error(at: position, "four hexadecimal digits expected in an escape")
      }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  /// One character of two to four bytes (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
  private func afterMultibyte(_ index: Int) throws(JSONError) -> Int {
    let count: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch bytes[index] {
    case 0xC2...0xDF: count = 2
    case 0xE0: (count, second) = (3, 0xA0...0xBF)
    case 0xED: (count, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: count = 3
    case 0xF0: (count, second) = (4, 0x90...0xBF)
    case 0xF4: (count, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: count = 4
    default: throw error(at: index, "a byte that is not UTF-8", code: .encoding)
    }
    guard index + count <= end, second.contains(bytes[index + 1]),
      count < 3 || bytes[index + 2] & 0xC0 == 0x80, count < 4 || bytes[index + 3] & 0xC0 == 0x80
    else { throw error(at: index, "bytes that are not UTF-8", code: .encoding) }
    return index + count
  }

  // MARK: Errors

  @inline(never)
  private func failure(at index: Int, expected: String) -> JSONError {
    guard index < end else { return error(at: index, "\(expected) expected, found the end of the text") }
    let byte = bytes[index]
    let found =
      (0x20..<0x7F).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x" + String(byte, radix: 16)
    return error(at: index, "\(expected) expected, found \(found)")
  }

  @inline(never)
  private func error(at index: Int, _ message: String, code: JSONError.Code = .syntax) -> JSONError {
    JSONError(code: code, message: message, offset: index)
  }
}

extension UnsafeMutableBufferPointer<JSONNode> {
  @inline(__always)
  fileprivate func set(
    _ index: Int, _ kind: JSONKind, _ start: Int, _ end: Int, next: UInt32, isEscaped: Bool = false
  ) {
    initializeElement(
      at: index,
      to: JSONNode(
        start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end), next: next, kind: kind,
        isEscaped: isEscaped))
  }
}
