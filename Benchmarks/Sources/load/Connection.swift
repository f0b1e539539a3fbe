import Glibc

/// Where the server is and who asks.
struct Target: Sendable {
  let host: String
  let port: UInt16
  let key: String

  /// Reads `http://HOST:PORT`; HOST is an IPv4 address or `localhost`.
  init(url: String, key: String) throws {
    let parts = url.split(separator: "/").last?.split(separator: ":") ?? []
    guard url.hasPrefix("http://"), parts.count == 2, let port = UInt16(parts[1]) else {
      throw LoadFailure("--url is \(url), expected http://127.0.0.1:PORT")
    }
    host = parts[0] == "localhost" ? "127.0.0.1" : String(parts[0])
    self.port = port
    self.key = key
  }

  /// Everything of a request before its length.
  func head(_ method: String, _ path: String, contentType: String = "application/json") -> [UInt8] {
    Array(
      """
      \(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nAuthorization: Bearer \(key)\r\n\
      Content-Type: \(contentType)\r\nContent-Length: 
      """.utf8)
  }

  func connect() throws -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw LoadFailure("\(host) is no IPv4 address") }
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var one: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    let result = withUnsafeBytes(of: &address) { bytes in
      Glibc.connect(
        socket, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<sockaddr_in>.size))
    }
    guard result == 0 else {
      close(socket)
      throw LoadFailure("nothing answers at http://\(host):\(port): \(String(cString: strerror(errno)))")
    }
    return socket
  }
}

struct LoadFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A keep-alive connection that waits for each answer: for preparation, and for clients that act in turn.
final class BlockingConnection {
  private let target: Target
  private let socket: Int32
  private var buffer: [UInt8] = []

  init(_ target: Target) throws {
    self.target = target
    socket = try target.connect()
  }

  deinit { close(socket) }

  struct Answer {
    let status: Int
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  func send(
    _ method: String, _ path: String, _ body: [UInt8], contentType: String = "application/json"
  ) throws -> Answer {
    var request = target.head(method, path, contentType: contentType)
    request += Array("\(body.count)\r\n\r\n".utf8)
    request += body
    var sent = 0
    while sent < request.count {
      let count = request.withUnsafeBytes { write(socket, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
      guard count > 0 else { throw LoadFailure("the server closed the connection") }
      sent += count
    }
    while true {
      switch HTTPResponse.parse(buffer[...]) {
      case .complete(let response):
        defer { buffer.removeFirst(response.byteCount) }
        return Answer(status: response.status, body: Array(buffer[response.body]))
      case .malformed:
        throw LoadFailure("the server does not speak HTTP/1.1")
      case .incomplete:
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = read(socket, &piece, piece.count)
        guard count > 0 else { throw LoadFailure("the server closed the connection before its answer") }
        buffer += piece[..<count]
      }
    }
  }

  /// Sends and expects 200.
  func expectOK(
    _ method: String, _ path: String, _ body: [UInt8], contentType: String = "application/json"
  ) throws -> Answer {
    let answer = try send(method, path, body, contentType: contentType)
    guard (200..<300).contains(answer.status) else {
      throw LoadFailure("\(method) \(path): \(answer.status) \(answer.text.prefix(300))")
    }
    return answer
  }
}
