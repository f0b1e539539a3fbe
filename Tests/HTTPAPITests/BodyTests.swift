import Primitives
import Testing

@testable import HTTPAPI

@Suite struct BodyTests {
  private let track = Array(#"{"userId":"u","event":"e"}"#.utf8)

  @Test func `a gzip body is read as what it unpacks to`() async throws {
    try await TestServer.run { server in
      for name in ["gzip", "GZIP", "x-gzip"] {
        let answer = try await server.admin.send(
          "POST", "/v1/track", gzipped(track), headers: ["Content-Encoding": name])
        #expect(answer.status == 200, "\(name)")
      }
      let plain = try await server.admin.send("POST", "/v1/track", track, headers: ["Content-Encoding": "identity"])
      #expect(plain.status == 200)
    }
  }

  @Test func `gzip that is cut or is none is refused`() async throws {
    try await TestServer.run { server in
      let packed = gzipped(track)
      for body in [Array(packed.dropLast(9)), track, Array(packed[..<12])] {
        let answer = try await server.admin.send("POST", "/v1/track", body, headers: ["Content-Encoding": "gzip"])
        #expect(answer.status == 400)
        #expect(answer.code == "invalid_gzip")
      }
    }
  }

  @Test func `other encodings are refused with those that are understood`() async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.send("POST", "/v1/track", track, headers: ["Content-Encoding": "br"])
      #expect(answer.status == 415)
      #expect(answer.code == "unsupported_encoding")
      #expect(answer.headers["accept-encoding"] == "gzip, identity")
    }
  }

  @Test func `a bomb is refused before it unpacks`() async throws {
    try await TestServer.run {
      $0.bodyLimits.unpackedBytesMax = 10_000
    } _: { server in
      let bomb = gzipped([UInt8](repeating: 0x20, count: 20_000))
      let answer = try await server.admin.send("POST", "/v1/track", bomb, headers: ["Content-Encoding": "gzip"])
      #expect(answer.status == 400)
      #expect(answer.code == "body_too_large")
      #expect(answer.json["message"]?.string?.contains("10000") == true)
    }
  }

  @Test func `a call has so many events or items and no more`() async throws {
    try await TestServer.run {
      $0.bodyLimits.eventsMax = 3
      $0.bodyLimits.linesMax = 4
    } _: { server in
      func list(_ count: Int, _ element: String) -> String {
        "[" + Array(repeating: element, count: count).joined(separator: ",") + "]"
      }
      let event = #"{"type":"identify","event_type":"view","userId":"u","user_id":"u","item_id":"i"}"#
      let calls: [(String, String, Int, (String) -> String)] = [
        ("POST", "/v1/events", 3, { $0 }), ("POST", "/v1/batch", 3, { #"{"batch":"# + $0 + "}" }),
        ("POST", "/v1/import", 4, { #"{"batch":"# + $0 + "}" }), ("PUT", "/v1/catalog/items", 4, { $0 }),
      ]
      for (method, path, most, body) in calls {
        let good = try await server.admin.send(method, path, Array(body(list(most, event)).utf8))
        #expect(good.status == 200, "\(path)")
        let refused = try await server.admin.send(method, path, Array(body(list(most + 1, event)).utf8))
        #expect(refused.status == 400 && refused.code == "too_many", "\(path)")
      }
    }
  }

  @Test func `a caller who leaves in the middle of a body harms nobody`() async throws {
    try await TestServer.run { server in
      let key = try #require(server.admin.key)
      let head = "POST /v1/track HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\nContent-Length: 100\r\n\r\n{"
      for _ in 0..<20 {
        await #expect(throws: Client.Failure.self) { try await server.admin.abandon(Array(head.utf8)) }
      }
      #expect(try await server.admin.send("POST", "/v1/track", track).status == 200)
      #expect(try await server.admin.get("/metrics").text.contains(#"status="500""#) == false)
    }
  }

  @Test func `a body of exactly the limit is read and one byte more is refused`() async throws {
    try await TestServer.run {
      $0.bodyLimits.smallBytesMax = 1_000
      $0.bodyLimits.largeBytesMax = 2_000
    } _: { server in
      func padded(_ count: Int) -> [UInt8] { track + [UInt8](repeating: 0x20, count: count - track.count) }
      #expect(try await server.admin.send("POST", "/v1/track", padded(1_000)).status == 200)
      let refused = try await server.admin.send("POST", "/v1/track", padded(1_001))
      #expect(refused.status == 400)
      #expect(refused.code == "body_too_large")
      #expect(try await server.admin.send("POST", "/v1/import", padded(2_000)).code == "missing_field")
      #expect(try await server.admin.send("POST", "/v1/import", padded(2_001)).code == "body_too_large")
    }
  }

  @Test func `a body without a declared length has the same limit`() async throws {
    try await TestServer.run {
      $0.bodyLimits.smallBytesMax = 1_000
    } _: { server in
      func chunked(_ bytes: [UInt8]) -> [UInt8] {
        Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + Array("\r\n".utf8)
      }
      let end = Array("0\r\n\r\n".utf8)
      let headers = ["Transfer-Encoding": "chunked"]
      let small = chunked(Array(track.prefix(10))) + chunked(Array(track.dropFirst(10))) + end
      let taken = try await server.admin.send("POST", "/v1/track", small, headers: headers)
      #expect(taken.status == 200)
      let large = chunked(track) + chunked([UInt8](repeating: 0x20, count: 5_000)) + end
      let refused = try await server.admin.send("POST", "/v1/track", large, headers: headers)
      #expect(refused.code == "body_too_large")
    }
  }

  @Test func `fifty megabytes are refused and the connection is left whole`() async throws {
    try await TestServer.run { server in
      let answer = try await server.admin.send("POST", "/v1/events", [UInt8](repeating: 0x20, count: 50_000_000))
      #expect(answer.status == 400)
      #expect(answer.code == "body_too_large")
    }
  }

  @Test func `a client that waits to be told to go on is told so`() async throws {
    try await TestServer.run { server in
      let key = try #require(server.admin.key)
      let request =
        "POST /v1/track HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\nConnection: close\r\n"
        + "Expect: 100-continue\r\nContent-Length: \(track.count)\r\n\r\n"
      let answer = try await server.admin.exchange(Array(request.utf8) + track)
      #expect(answer.status == 200)
      let tooLarge = request.replacing("Content-Length: \(track.count)", with: "Content-Length: 90000000")
      let refused = try await server.admin.exchange(Array(tooLarge.utf8)) { $0.contains(UInt8(ascii: "}")) }
      #expect(refused.status == 400)
    }
  }

  @Test func `several requests on one connection are answered in order`() async throws {
    try await TestServer.run { server in
      let key = try #require(server.admin.key)
      func request(_ last: Bool) -> String {
        "GET /healthz HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\n\(last ? "Connection: close\r\n" : "")\r\n"
      }
      let post = "POST /v1/track HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\nContent-Length: 2\r\n\r\n{}"
      let answer = try await server.admin.exchange(Array((request(false) + post + request(true)).utf8))
      let rest = answer.text
      #expect(answer.status == 200)
      let second = try #require(rest.firstRange(of: "HTTP/1.1 400"))
      #expect(rest[second.upperBound...].contains("HTTP/1.1 200"))
    }
  }
}
