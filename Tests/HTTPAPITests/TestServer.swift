import Engine
import Governance
import HTTPAPI
import Logging
import NIOCore
import NIOPosix
import Primitives
import ServiceLifecycle
import StorageMemory
import Synchronization
import Workspaces

/// A server on a free port with everything in memory, for the time of one test.
struct TestServer: Sendable {
  static let start = Timestamp(seconds: 1_782_907_200)

  let address: ListeningAddress
  let keys: KeyRing
  /// All scopes of workspace `main`.
  let admin: Client
  let group: ServiceGroup
  private let clock: Mutex<Timestamp>.Box

  func advance(by duration: Duration) { clock.value.withLock { $0 = $0 + duration } }

  static func run(
    configuration change: (inout HTTPServerConfiguration) -> Void = { _ in },
    openStore: @escaping @Sendable (WorkspaceID) throws -> any PartitionStore = { _ in MemoryPartitionStore() },
    log: any LogHandler = SwiftLogNoOpLogHandler(),
    _ body: @escaping @Sendable (TestServer) async throws -> Void
  ) async throws {
    let clock = Mutex<Timestamp>.Box(Timestamp.init(microseconds: start.microseconds))
    let now: @Sendable () -> Timestamp = { clock.value.withLock { $0 } }
    let draws = Mutex<SeededGenerator>.Box(SeededGenerator(seed: 1))
    let random: @Sendable () -> UInt64 = { draws.value.withLock { $0.next() } }
    let logger = Logger(label: "test") { _ in log }
    let engine = Engine(
      configuration: EngineConfiguration(seed: random), logger: logger, now: now, openStore: openStore)
    let keys = try KeyRing(store: MemoryDocumentStore())
    var generator = SeededGenerator(seed: 2)
    let admin = try keys.create(workspace: .main, scopes: Set(Scope.allCases), at: start, using: &generator)

    let (addresses, ready) = AsyncStream.makeStream(of: ListeningAddress.self)
    var configuration = HTTPServerConfiguration(port: 0, threads: 1)
    change(&configuration)
    let server = HTTPServer(
      engine: engine, keys: keys, configuration: configuration, logger: logger, now: now, random: random,
      onReady: { ready.yield($0) })
    let group = ServiceGroup(services: [server], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        defer { ready.finish() }
        try await group.run()
      }
      for await address in addresses {
        let client = Client(address: address, key: admin.secret.text)
        let test = TestServer(address: address, keys: keys, admin: client, group: group, clock: clock)
        do {
          try await body(test)
        } catch {
          await group.triggerGracefulShutdown()
          throw error
        }
        break
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  /// A client with a new key.
  func client(_ workspace: String = "main", _ scopes: Scope...) throws -> Client {
    guard let workspace = WorkspaceID(workspace) else { throw Client.Failure.noAnswer }
    var generator = SystemRandomNumberGenerator()
    let issued = try keys.create(workspace: workspace, scopes: Set(scopes), at: Self.start, using: &generator)
    return Client(address: address, key: issued.secret.text)
  }

  /// A client without a key.
  var stranger: Client { Client(address: address, key: nil) }
}

extension Mutex {
  /// A mutex that closures can share.
  final class Box: Sendable {
    let value: Mutex<Value>
    init(_ value: sending Value) { self.value = Mutex(value) }
  }
}

/// Speaks HTTP over a connection of its own for each call, byte by byte as the test says.
struct Client: Sendable {
  enum Failure: Error { case noAnswer }

  let address: ListeningAddress
  let key: String?

  struct Answer: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONDocument(parsing: body).root.value) ?? .null }
    var code: String? { json["code"]?.string }
  }

  func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
    try await send("GET", path, headers: headers)
  }

  func post(_ path: String, _ body: String, headers: [String: String] = [:]) async throws -> Answer {
    try await send("POST", path, Array(body.utf8), headers: headers)
  }

  func send(
    _ method: String, _ path: String, _ body: [UInt8]? = nil, headers: [String: String] = [:]
  ) async throws -> Answer {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: test", "Connection: close"]
    if let key, headers["Authorization"] == nil { lines.append("Authorization: Bearer \(key)") }
    for (name, value) in headers { lines.append("\(name): \(value)") }
    if let body, headers["Transfer-Encoding"] == nil { lines.append("Content-Length: \(body.count)") }
    return try await exchange(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
  }

  /// Sends bytes, and what `rest` gives once something has come back; reads until the server closes, or until
  /// `isEnough`.
  func exchange(
    _ bytes: [UInt8], until isEnough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false },
    rest: @escaping @Sendable () async -> [UInt8] = { [] }
  ) async throws -> Answer {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: bytes))
      var received: [UInt8] = []
      for try await piece in inbound {
        if received.isEmpty {
          // Nothing to add is nothing to write: the server may have closed after its answer.
          let added = await rest()
          if !added.isEmpty { try await outbound.write(ByteBuffer(bytes: added)) }
        }
        received.append(contentsOf: piece.readableBytesView)
        if isEnough(received) { break }
      }
      return try Self.answer(received)
    }
  }

  /// Sends bytes and closes the connection at once.
  /// - Throws: `Failure.noAnswer`, as there is none.
  func abandon(_ bytes: [UInt8]) async throws {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: address.host, port: address.port).get()
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    try await channel.close()
    throw Failure.noAnswer
  }

  /// Reads an answer that goes on until `isEnough` of its text has come, and gives that text.
  /// - Parameter onStart: Called once the answer has begun.
  func watch(
    _ path: String, headers: [String: String] = [:], onStart: @escaping @Sendable () -> Void,
    until isEnough: @escaping @Sendable (String) -> Bool
  ) async throws -> String {
    var lines = ["GET \(path) HTTP/1.1", "Host: test", "Authorization: Bearer \(key ?? "")"]
    for (name, value) in headers { lines.append("\(name): \(value)") }
    return try await exchange(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)) { bytes in
      // The head and the first piece, which says nothing.
      if bytes.count(where: { $0 == UInt8(ascii: "\n") }) > 5 { onStart() }
      return isEnough(String(decoding: bytes, as: UTF8.self))
    }.text
  }

  private static func answer(_ bytes: [UInt8]) throws -> Answer {
    let blank = Array("\r\n\r\n".utf8)
    guard let end = bytes.firstRange(of: blank) else { throw Failure.noAnswer }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Failure.noAnswer
    }
    let rest = Array(bytes[end.upperBound...])
    if status == 100 { return try answer(rest) }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let pair = line.split(separator: ":", maxSplits: 1)
      headers[pair[0].lowercased()] = pair.count > 1 ? String(pair[1].drop { $0 == " " }) : ""
    }
    let isChunked = headers["transfer-encoding"] == "chunked"
    return Answer(status: status, headers: headers, body: isChunked ? unchunked(rest) : rest)
  }

  private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var body: [UInt8] = []
    var rest = bytes[...]
    let lineEnd = Array("\r\n".utf8)
    while let end = rest.firstRange(of: lineEnd),
      let count = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16), count > 0
    {
      let start = end.upperBound
      body += rest[start..<min(start + count, rest.endIndex)]
      rest = rest[min(start + count + 2, rest.endIndex)...]
    }
    return body
  }
}

/// Packs bytes as `gzip` would, without squeezing them: stored blocks (RFC 1951 §3.2.4).
func gzipped(_ bytes: [UInt8]) -> [UInt8] {
  var packed: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
  var rest = bytes[...]
  repeat {
    let block = rest.prefix(65_535)
    rest = rest.dropFirst(block.count)
    let count = UInt16(block.count)
    packed.append(rest.isEmpty ? 1 : 0)
    for word in [count, ~count] { packed += [UInt8(word & 0xFF), UInt8(word >> 8)] }
    packed += block
  } while !rest.isEmpty
  for word in [crc32(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
    for shift in stride(from: UInt32(0), to: 32, by: 8) { packed.append(UInt8(word >> shift & 0xFF)) }
  }
  return packed
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~UInt32(0)) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
}
