/// Cuts text into words in lower case without diacritics.
///
/// A word is a run of letters, digits and marks. An apostrophe within a word is dropped, an English possessive `'s` with
/// it (`don't` is `dont`, `child's` is `child`). Runs of Han and Kana become overlapping pairs of characters, a lone one
/// itself, as in Lucene's CJK analyser. Words of more than 64 bytes are cut there.
///
/// - Complexity: O(bytes); ASCII takes one table look-up a byte and nothing is allocated for a token.
public struct Tokenizer: Sendable {
  /// Bytes of a token that are kept.
  public static let tokenBytesMax = 64

  public init() {}

  /// The tokens of `text`, in order.
  public func tokens(in text: String) -> [String] {
    var tokens: [String] = []
    forEachToken(in: text) { token in tokens.append(String(decoding: token, as: UTF8.self)) }
    return tokens
  }

  /// Gives each token, in order, as UTF-8 that is valid only within `body`; `body` may change it.
  public func forEachToken(in text: String, _ body: (inout [UInt8]) -> Void) {
    var text = text
    text.withUTF8 { bytes in
      var run = TokenRun()
      var index = 0
      LetterFolding.ascii.withUnsafeBufferPointer { table in
        while index < bytes.count {
          let byte = bytes[index]
          if byte < 0x80 {
            let folded = table[Int(byte)]
            if folded != 0 {
              run.append(folded, body)
            } else {
              run.separate(byte, body)
            }
            index += 1
          } else {
            let scalar = Self.scalar(at: &index, of: bytes)
            run.append(scalar, body)
          }
        }
      }
      run.end(body)
    }
  }

  /// Reads the character at `index`, which is the lead byte of a valid sequence, and steps behind it.
  private static func scalar(at index: inout Int, of bytes: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar {
    let lead = bytes[index]
    let count = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var value = UInt32(lead) & (0x7F >> UInt32(count))
    for offset in 1..<count { value = value << 6 | UInt32(bytes[index + offset] & 0x3F) }
    index += count
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }
}

/// The token that is being gathered.
private struct TokenRun {
  private var token: [UInt8] = []
  /// Length of the token where its last apostrophe stood; 0 is none.
  private var apostropheAt = 0
  private var ideographs: [Unicode.Scalar] = []

  init() { token.reserveCapacity(Tokenizer.tokenBytesMax + 8) }

  @inline(__always)
  mutating func append(_ folded: UInt8, _ body: (inout [UInt8]) -> Void) {
    if !ideographs.isEmpty { endIdeographs(body) }
    if token.count < Tokenizer.tokenBytesMax { token.append(folded) }
  }

  @inline(__always)
  mutating func separate(_ byte: UInt8, _ body: (inout [UInt8]) -> Void) {
    if byte == UInt8(ascii: "'"), !token.isEmpty, apostropheAt != token.count {
      apostropheAt = token.count
    } else {
      end(body)
    }
  }

  mutating func append(_ scalar: Unicode.Scalar, _ body: (inout [UInt8]) -> Void) {
    if LetterFolding.isIdeographic(scalar) {
      endWord(body)
      ideographs.append(scalar)
      if ideographs.count == 2 { endPair(body) }
    } else if scalar == "\u{2019}" {
      separate(UInt8(ascii: "'"), body)
    } else if LetterFolding.isCombiningDiacritic(scalar) {
      return
    } else if LetterFolding.isPartOfWord(scalar) {
      if !ideographs.isEmpty { endIdeographs(body) }
      if token.count < Tokenizer.tokenBytesMax { LetterFolding.fold(scalar, into: &token) }
    } else {
      end(body)
    }
  }

  mutating func end(_ body: (inout [UInt8]) -> Void) {
    endWord(body)
    if !ideographs.isEmpty { endIdeographs(body) }
  }

  @inline(__always)
  private mutating func endWord(_ body: (inout [UInt8]) -> Void) {
    guard !token.isEmpty else { return }
    if apostropheAt > 0, apostropheAt == token.count - 1, token.last == UInt8(ascii: "s") { token.removeLast() }
    body(&token)
    token.removeAll(keepingCapacity: true)
    apostropheAt = 0
  }

  /// Gives the two gathered characters and keeps the second for the next pair.
  private mutating func endPair(_ body: (inout [UInt8]) -> Void) {
    var pair = Array(String(String.UnicodeScalarView(ideographs)).utf8)
    body(&pair)
    ideographs.removeFirst()
    followsPair = true
  }

  private var followsPair = false

  private mutating func endIdeographs(_ body: (inout [UInt8]) -> Void) {
    if !followsPair {
      var single = Array(String(String.UnicodeScalarView(ideographs)).utf8)
      body(&single)
    }
    ideographs.removeAll(keepingCapacity: true)
    followsPair = false
  }
}
