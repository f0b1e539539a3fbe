/// Cuts a source into tokens.
///
/// - SeeAlso: *CEL language definition*, Syntax.
struct Lexer {
  let bytes: [UInt8]
  var index = 0

  /// - Complexity: O(bytes).
  static func tokens(of source: String) throws(SyntaxError) -> [Token] {
    var lexer = Lexer(bytes: Array(source.utf8))
    var tokens: [Token] = []
    while true {
      lexer.skipSpaceAndComments()
      let start = lexer.index
      let kind = try lexer.next()
      tokens.append(Token(kind: kind, range: start..<lexer.index))
      if kind == .end { return tokens }
    }
  }

  func byte(_ ahead: Int = 0) -> UInt8? { index + ahead < bytes.count ? bytes[index + ahead] : nil }

  private mutating func skipSpaceAndComments() {
    while let byte = byte() {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: index += 1
      case UInt8(ascii: "/") where self.byte(1) == UInt8(ascii: "/"):
        while let next = self.byte(), next != 0x0A { _ = next; index += 1 }
      default: return
      }
    }
  }

  private mutating func next() throws(SyntaxError) -> Token.Kind {
    guard let first = byte() else { return .end }
    if isDigit(first) || (first == UInt8(ascii: ".") && byte(1).map(isDigit) == true) { return try number() }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return .string(try string(isRaw: false)) }
    if isIdentifierStart(first) { return try word() }
    let start = index
    for symbol in Symbol.allCases where bytes[start...].starts(with: symbol.rawValue.utf8) {
      index += symbol.rawValue.utf8.count
      return .symbol(symbol)
    }
    throw SyntaxError(at: start, strangeCharacter(first))
  }

  private func strangeCharacter(_ first: UInt8) -> String {
    switch first {
    case UInt8(ascii: "="): "'=' is no operator; write '==' to compare"
    case UInt8(ascii: "&"): "'&' is no operator; write '&&' for and"
    case UInt8(ascii: "|"): "'|' is no operator; write '||' for or"
    case UInt8(ascii: "`"): "backticks are not supported; write x[\"a name\"] for names with other characters"
    default:
      String(decoding: bytes[index...].prefix(4), as: UTF8.self).unicodeScalars.first.map {
        "the character '\($0)' has no meaning outside of a string"
      } ?? "the text is not valid UTF-8"
    }
  }

  private mutating func word() throws(SyntaxError) -> Token.Kind {
    let start = index
    while let byte = byte(), isIdentifierStart(byte) || isDigit(byte) { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if let next = byte(), next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") {
      switch text {
      case "r", "R": return .string(try string(isRaw: true))
      case "b", "B", "br", "bR", "Br", "BR", "rb", "rB", "Rb", "RB":
        throw SyntaxError(at: start, "bytes are not supported; write a string without the '\(text)'")
      default: break
      }
    }
    return Keyword(rawValue: text).map { .keyword($0) } ?? .name(text)
  }

  private mutating func skipDigits() {
    while let byte = byte(), isDigit(byte) { index += 1 }
  }

  private mutating func number() throws(SyntaxError) -> Token.Kind {
    let start = index
    if byte() == UInt8(ascii: "0"), let x = byte(1), x | 0x20 == UInt8(ascii: "x") { return try hexadecimal() }
    skipDigits()
    var isWhole = true
    if byte() == UInt8(ascii: "."), let digit = byte(1), isDigit(digit) {
      isWhole = false
      index += 1
      skipDigits()
    }
    if let e = byte(), e | 0x20 == UInt8(ascii: "e") {
      let signs = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 2 : 1
      if let digit = byte(signs), isDigit(digit) {
        isWhole = false
        index += signs
        skipDigits()
      }
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    try refuseSuffix(after: text, from: start)
    if isWhole {
      guard let value = UInt64(text), value <= UInt64(Int64.max) + 1 else {
        throw SyntaxError(at: start, "\(text) is no int: it does not fit 64 bits")
      }
      return .int(value)
    }
    guard let value = Double(text), value.isFinite else {
      throw SyntaxError(at: start, "\(text) is too large for a double")
    }
    return .double(value)
  }

  private mutating func hexadecimal() throws(SyntaxError) -> Token.Kind {
    let start = index
    index += 2
    while let byte = byte(), hexDigit(byte) != nil { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    try refuseSuffix(after: text, from: start)
    guard let value = UInt64(text.dropFirst(2), radix: 16), value <= UInt64(Int64.max) + 1 else {
      throw SyntaxError(at: start, "\(text) is no int: it needs 1 to 16 hexadecimal digits and must fit 64 bits")
    }
    return .int(value)
  }

  private func refuseSuffix(after text: String, from start: Int) throws(SyntaxError) {
    guard let next = byte(), isIdentifierStart(next) else { return }
    if next | 0x20 == UInt8(ascii: "u") {
      throw SyntaxError(at: start, "unsigned ints are not supported; write \(text)")
    }
    throw SyntaxError(at: index, "a number ends in '\(Character(Unicode.Scalar(next)))'")
  }
}

func hexDigit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 0x30...0x39: UInt32(byte - 0x30)
  case 0x41...0x46: UInt32(byte - 0x37)
  case 0x61...0x66: UInt32(byte - 0x57)
  default: nil
  }
}
