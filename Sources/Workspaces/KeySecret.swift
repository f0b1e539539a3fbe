import CCrypto
import Primitives

/// The text that a client sends: `atn_` and 43 characters of base64url, 256 random bits. It is shown once and never
/// stored.
public struct KeySecret: Sendable, Equatable {
  public let text: String

  /// Draws a new secret. `generator` must be a cryptographic one outside of tests.
  public init(using generator: inout some RandomNumberGenerator) {
    var bytes: [UInt8] = []
    for _ in 0..<4 { withUnsafeBytes(of: generator.next().bigEndian) { bytes.append(contentsOf: $0) } }
    text = "atn_" + base64URL(bytes)
  }

  /// A secret that the operator chose.
  ///
  /// - Returns: nil unless it has 1 to 256 visible ASCII characters without a colon, so that it can be sent as the user
  ///   name of Basic authorization and as a Bearer token.
  public init?(chosen text: String) {
    let isSendable = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
    guard (1...256).contains(text.utf8.count), isSendable else { return nil }
    self.text = text
  }
}

/// SHA-256 of a secret: what is stored of it, and what it is found by. Looking a hash up takes a time that says
/// nothing of how much of the secret was right.
public struct KeyHash: Sendable, Hashable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  public init(of secret: String) {
    var secret = secret
    self = secret.withUTF8 { bytes in
      var state = SHA256_CTX()
      SHA256_Init(&state)
      SHA256_Update(&state, bytes.baseAddress, bytes.count)
      var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
      withUnsafeMutableBytes(of: &words) { digest in
        let start = digest.assumingMemoryBound(to: UInt8.self).baseAddress
        SHA256_Final(start, &state)
      }
      return KeyHash(words: words)
    }
  }

  private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hexadecimal text: String) {
    guard let bytes = [UInt8](hexadecimal: text), bytes.count == 32 else { return nil }
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    self.words = words
  }

  /// 64 hexadecimal digits, in the order in which every tool prints SHA-256.
  public var hexadecimal: String { withUnsafeBytes(of: words) { $0.hexadecimal } }

  public static func == (left: Self, right: Self) -> Bool { left.words == right.words }
  public func hash(into hasher: inout Hasher) {
    // Already uniform; the other words take part in `==`.
    hasher.combine(words.0)
  }
}

/// RFC 4648 §5 without padding.
func base64URL(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  var text: [UInt8] = []
  var pending: UInt32 = 0
  var bits = 0
  for byte in bytes {
    pending = pending << 8 | UInt32(byte)
    bits += 8
    while bits >= 6 {
      bits -= 6
      text.append(alphabet[Int(pending >> UInt32(bits) & 63)])
    }
  }
  if bits > 0 { text.append(alphabet[Int(pending << UInt32(6 - bits) & 63)]) }
  return String(decoding: text, as: UTF8.self)
}
