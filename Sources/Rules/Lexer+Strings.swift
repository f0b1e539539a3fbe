extension Lexer {
  /// Reads a literal in one or three quotes of either kind, from its first quote.
  mutating func string(isRaw: Bool) throws(SyntaxError) -> String {
    let start = index
    let quote = bytes[index]
    let isTriple = byte(1) == quote && byte(2) == quote
    index += isTriple ? 3 : 1
    var text: [UInt8] = []
    while let next = byte() {
      if next == quote, !isTriple || (byte(1) == quote && byte(2) == quote) {
        index += isTriple ? 3 : 1
        return String(decoding: text, as: UTF8.self)
      }
      if !isTriple, next == 0x0A || next == 0x0D { break }
      if next == UInt8(ascii: "\\"), !isRaw {
        try escape(into: &text)
      } else {
        text.append(next)
        index += 1
        // A raw string keeps its backslashes, also one before a quote, which ends the string nevertheless.
      }
    }
    throw SyntaxError(
      at: start, isTriple ? "a string that never ends" : "a string that does not end on its line")
  }

  private mutating func escape(into text: inout [UInt8]) throws(SyntaxError) {
    let start = index
    index += 1
    guard let kind = byte() else { throw SyntaxError(at: start, "the text ends after a backslash") }
    index += 1
    switch kind {
    case UInt8(ascii: "a"): text.append(0x07)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "v"): text.append(0x0B)
    case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
      text.append(kind)
    case UInt8(ascii: "x"), UInt8(ascii: "X"): try codePoint(digits: 2, radix: 16, from: start, into: &text)
    case UInt8(ascii: "u"): try codePoint(digits: 4, radix: 16, from: start, into: &text)
    case UInt8(ascii: "U"): try codePoint(digits: 8, radix: 16, from: start, into: &text)
    case 0x30...0x33:
      index -= 1
      try codePoint(digits: 3, radix: 8, from: start, into: &text)
    default:
      throw SyntaxError(at: start, "no such escape in a string; write \\\\ for a backslash")
    }
  }

  private mutating func codePoint(
    digits: Int, radix: UInt32, from start: Int, into text: inout [UInt8]
  ) throws(SyntaxError) {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let byte = byte(), let digit = hexDigit(byte), digit < radix else {
        throw SyntaxError(at: start, "this escape needs \(digits) \(radix == 16 ? "hexadecimal" : "octal") digits")
      }
      value = value &* radix &+ digit
      index += 1
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw SyntaxError(at: start, "this escape names no character")
    }
    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }
}
