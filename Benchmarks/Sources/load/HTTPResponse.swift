import CPolling
import Glibc

/// The length and status of one HTTP/1.1 response at the start of a buffer.
struct HTTPResponse {
  let status: Int
  /// Bytes of head and body together.
  let byteCount: Int
  /// The body within the buffer; with its chunk lengths when it is chunked.
  let body: Range<Int>

  enum Parsed {
    case incomplete
    case complete(HTTPResponse)
    case malformed
  }

  static func parse(_ buffer: ArraySlice<UInt8>) -> Parsed {
    buffer.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return .incomplete }
      let blankLine = polling_find(start, bytes.count, "\r\n\r\n", 4)
      guard blankLine >= 0 else { return .incomplete }
      let headEnd = blankLine + 4
      guard bytes.count >= 12, memcmp(start, "HTTP/1.1 ", 9) == 0 else { return .malformed }
      let status = bytes[9..<12].reduce(0) { $0 * 10 + Int($1 &- 0x30) }
      if let length = value(of: "content-length:", in: bytes[..<headEnd]) {
        guard bytes.count >= headEnd + length else { return .incomplete }
        return .complete(HTTPResponse(status: status, byteCount: headEnd + length, body: headEnd..<headEnd + length))
      }
      // Without a length the body is chunked: it ends with a chunk of length zero.
      let last = polling_find(start + headEnd, bytes.count - headEnd, "0\r\n\r\n", 5)
      guard last >= 0 else { return .incomplete }
      let count = headEnd + last + 5
      return .complete(HTTPResponse(status: status, byteCount: count, body: headEnd..<count))
    }
  }

  private static func value(of name: StaticString, in head: Slice<UnsafeRawBufferPointer>) -> Int? {
    let head = UnsafeRawBufferPointer(rebasing: head)
    let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    for start in 0..<max(0, head.count - name.count) where head[start] | 0x20 == name[0] {
      guard (0..<name.count).allSatisfy({ head[start + $0] == name[$0] || head[start + $0] | 0x20 == name[$0] }) else {
        continue
      }
      let digits = head[(start + name.count)...].drop { $0 == 0x20 }.prefix { (0x30...0x39).contains($0) }
      return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    return nil
  }
}
