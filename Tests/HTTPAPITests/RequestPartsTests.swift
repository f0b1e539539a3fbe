import HTTPTypes
import Primitives
import Testing
import Workspaces

@testable import HTTPAPI

@Suite struct GzipTests {
  let text = Array(#"{"batch":[]}"#.utf8)

  @Test func `what was packed is unpacked`() throws {
    #expect(try unpackGzip(gzipped(text), limits: UnpackLimits()) == text)
    let large = [UInt8](repeating: 7, count: 300_000)
    #expect(try unpackGzip(gzipped(large), limits: UnpackLimits()) == large)
  }

  @Test func `members that follow each other are one text`() throws {
    #expect(try unpackGzip(gzipped(text) + gzipped(text), limits: UnpackLimits()) == text + text)
  }

  @Test func `a text that ends anywhere before its end is truncated`() {
    let packed = gzipped(text)
    for count in 1..<packed.count {
      #expect(throws: GzipError.truncated, "\(count)") {
        try unpackGzip(Array(packed[..<count]), limits: UnpackLimits())
      }
    }
  }

  @Test func `a wrong check sum and what is no gzip are invalid`() {
    var packed = gzipped(text)
    packed[packed.count - 6] ^= 1
    for bytes in [packed, text, [0x1F, 0x8B, 9, 0], gzipped(text) + [1, 2, 3]] {
      #expect(throws: GzipError.self) { try unpackGzip(bytes, limits: UnpackLimits()) }
    }
  }

  @Test(
    arguments: [
      (UnpackLimits(bytesMax: 1_000), 1_000), (UnpackLimits(bytesMax: 999), nil),
      (UnpackLimits(bytesMax: 5_000, ratioMax: 0, bytesAlways: 999), nil),
      (UnpackLimits(bytesMax: 5_000, ratioMax: 0, bytesAlways: 1_000), 1_000),
    ] as [(UnpackLimits, Int?)])
  func `a body unpacks to its limit and not a byte more`(limits: UnpackLimits, expected: Int?) {
    let packed = gzipped([UInt8](repeating: 1, count: 1_000))
    #expect((try? unpackGzip(packed, limits: limits))?.count == expected)
  }
}

@Suite struct QueryStringTests {
  @Test(
    arguments: [
      ("", "a", nil), ("a=1", "a", "1"), ("a=1&a=2", "a", "2"), ("a=", "a", ""), ("a", "a", ""), ("b=1", "a", nil),
      ("a=x+y%20z", "a", "x y z"), ("a=%C3%A9", "a", "é"), ("a=1=2", "a", "1=2"), ("%61=1", "a", "1"),
    ] as [(Substring, String, String?)])
  func `a parameter is its last value, decoded`(text: Substring, name: String, expected: String?) throws {
    #expect(try QueryString(text).last(name) == expected)
  }

  @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%ff", "%ff=1"] as [Substring])
  func `broken escapes are refused`(text: Substring) {
    #expect(throws: Problem.self) { try QueryString(text).last("a") }
  }

  @Test(
    arguments: [
      ("", 50), ("limit=1", 1), ("limit=500", 500), ("limit=501", 500), ("limit=99999999999999999999999", 500),
      ("limit=0", nil), ("limit=-1", nil), ("limit=ten", nil), ("limit=", nil), ("limit=1.5", nil), ("limit=%2B5", nil),
    ] as [(Substring, Int?)])
  func `a page size is cut to the largest and refused below one`(text: Substring, expected: Int?) {
    #expect((try? QueryString(text).limit(standard: 50, max: 500)) == expected)
  }
}

@Suite struct RateLimiterTests {
  private func key(_ number: UInt64) -> KeyID { KeyID(SortableID(high: 0, low: number)) }
  private func at(_ seconds: Double) -> Timestamp { Timestamp(microseconds: Int64(seconds * 1e6)) }

  @Test func `a key may do its burst at once and its rate from then on`() {
    let limiter = RateLimiter(limit: RateLimit(perSecond: 10, burst: 3))
    #expect((0..<3).allSatisfy { _ in limiter.take(1, key: key(1), at: at(0)) == nil })
    #expect(limiter.take(1, key: key(1), at: at(0)) == .init(seconds: 1, resetsAt: 1))
    #expect(limiter.take(1, key: key(1), at: at(0.1)) == nil)
    #expect(limiter.take(1, key: key(1), at: at(0.1)) != nil)
  }

  @Test func `a batch larger than the burst passes once and is owed`() {
    let limiter = RateLimiter(limit: RateLimit(perSecond: 10, burst: 3))
    #expect(limiter.take(100, key: key(1), at: at(0)) == nil)
    #expect(limiter.take(1, key: key(1), at: at(0))?.seconds == 10)
    #expect(limiter.take(1, key: key(1), at: at(9)) != nil)
    #expect(limiter.take(1, key: key(1), at: at(10)) == nil)
  }

  @Test func `one key's use is not another's`() {
    let limiter = RateLimiter(limit: RateLimit(perSecond: 1, burst: 1))
    #expect(limiter.take(1, key: key(1), at: at(0)) == nil)
    #expect(limiter.take(1, key: key(2), at: at(0)) == nil)
    #expect(limiter.take(1, key: key(1), at: at(0)) != nil)
  }

  @Test func `a clock that is set back fills nothing and blocks nobody for long`() {
    let limiter = RateLimiter(limit: RateLimit(perSecond: 1, burst: 1))
    #expect(limiter.take(1, key: key(1), at: at(100)) == nil)
    #expect(limiter.take(1, key: key(1), at: at(50)) != nil)
    #expect(limiter.take(1, key: key(1), at: at(51.5)) == nil)
  }
}

@Suite struct AuthorizationTests {
  @Test(
    arguments: [
      ("YXRuX2tleTo=", "atn_key"), ("YXRuX2tleTpwYXNzd29yZA==", "atn_key"), ("YXRuX2tleQ", "atn_key"), ("OnA=", ""),
      ("!!!", nil), ("/////w==", nil),
    ] as [(Substring, String?)])
  func `the user name of Basic credentials stands before the colon`(text: Substring, expected: String?) {
    #expect(Authorization.userName(ofBasic: text) == expected)
  }

  @Test(arguments: ["", "mug", "a b/c?d&e=f", "Ünïcödé 🛒", String(repeating: "x", count: 300)])
  func `a cursor is safe in a URL and reads back`(text: String) throws {
    let cursor = Cursor(text: text).encoded
    #expect(cursor.wholeMatch(of: /[A-Za-z0-9_-]*/) != nil)
    #expect(try Cursor.text(of: cursor) == text)
  }
}

@Suite struct DateHeaderTests {
  @Test(
    arguments: [
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),  // the example of RFC 9110 §5.6.7
      (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    ] as [(Int64, String)])
  func `a date is written as RFC 9110 wants it`(seconds: Int64, expected: String) {
    let header = DateHeader()
    #expect(header.value(at: Timestamp(seconds: seconds)) == expected)
    #expect(header.value(at: Timestamp(microseconds: seconds * 1_000_000 + 999_999)) == expected)
  }
}

@Suite struct RouteTableTests {
  private func table(_ paths: (HTTPRequest.Method, String)...) -> RouteTable {
    RouteTable(
      paths.map { method, path in
        Route(method, path, .open, Operation(id: path, tag: .operate, summary: "")) { _ in .success }
      })
  }

  @Test func `a path finds its route and its parameters`() {
    let table = table((.get, "/items"), (.get, "/items/{id}"), (.delete, "/items/{id}"), (.get, "/items/{id}/similar"))
    func found(_ method: HTTPRequest.Method, _ path: Substring) -> String {
      switch table.match(method, path: path) {
      case .route(let index, let parameters): "\(index) \(parameters.joined(separator: ","))"
      case .wrongMethod(let indices): indices.map { table.routes[$0].method.rawValue }.joined(separator: " ")
      case .unknown: "unknown"
      }
    }
    #expect(found(.get, "/items") == "0 ")
    #expect(found(.head, "/items") == "0 ")
    #expect(found(.post, "/items") == "GET")
    #expect(found(.get, "/items/a%2Fb") == "1 a%2Fb")
    #expect(found(.delete, "/items/a") == "2 a")
    #expect(found(.put, "/items/a") == "GET DELETE")
    #expect(found(.get, "/items/a/similar") == "3 a")
    for path in ["/items/", "/items//similar", "/items/a/b", "items", "", "/"] as [Substring] {
      #expect(found(.get, path) == "unknown", "\(path)")
    }
  }
}
