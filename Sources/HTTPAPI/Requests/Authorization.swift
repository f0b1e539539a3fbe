import HTTPTypes
import Workspaces

/// Reads the key of a request.
struct Authorization: Sendable {
  let keys: KeyRing

  /// What the `Authorization` header says of the caller.
  enum Presented {
    case none
    case known(Caller)
    /// A user name that is no key.
    case unknownBasic
    /// A token that is no key; a tracking client that uses OAuth may send its key in the body as well.
    case unknownBearer
  }

  func presented(_ head: HTTPRequest) -> Presented {
    guard let header = head.headerFields[.authorization] else { return .none }
    let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard parts.count == 2 else { return .unknownBearer }
    if parts[0].lowercased() == "basic" {
      guard let user = Self.userName(ofBasic: parts[1]), let caller = keys.authenticate(user) else {
        return .unknownBasic
      }
      return .known(caller)
    }
    guard parts[0].lowercased() == "bearer", let caller = keys.authenticate(String(parts[1])) else {
      return .unknownBearer
    }
    return .known(caller)
  }

  /// The part before the colon of Basic credentials (RFC 7617); without a colon all of it. nil when it is no base 64.
  static func userName(ofBasic text: Substring) -> String? {
    guard let bytes = decodedBase64(text) else { return nil }
    return String(validating: bytes.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
  }
}

/// Reads base 64 in either alphabet of RFC 4648, padded or not; nil for any other character.
func decodedBase64(_ text: Substring) -> [UInt8]? {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count * 3 / 4)
  var pending: UInt32 = 0
  var bits = 0
  for character in text.utf8 {
    let value: UInt8
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
    case UInt8(ascii: "="), UInt8(ascii: " "): continue
    default: return nil
    }
    pending = (pending << 6 | UInt32(value)) & 0xFFFF
    bits += 6
    if bits >= 8 {
      bits -= 8
      bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
    }
  }
  return bytes
}
