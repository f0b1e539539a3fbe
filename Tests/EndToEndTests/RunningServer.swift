import Foundation
import FoundationNetworking
import Primitives

/// `attune serve` in a process of its own.
final class RunningServer: Sendable {
  static let adminKey = "the-operators-own-key"

  struct DidNotStart: Error, CustomStringConvertible {
    let description: String
  }

  let url: String
  private let process: Process
  private let errors: Collector
  private let exit: Task<Int32, Never>

  /// Waits until the server says that it listens.
  /// - Parameter launcher: A program and its arguments that become the server: they are given its path and its arguments.
  init(
    data: String, port: Int = 0, arguments: [String] = [], chosenKey: String? = RunningServer.adminKey,
    launcher: [String] = []
  ) async throws {
    let process = Process()
    let command = launcher + [Program.binary, "serve", "--data", data, "--port", String(port)] + arguments
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    var environment = ProcessInfo.processInfo.environment
    environment["ATTUNE_ADMIN_KEY"] = chosenKey
    process.environment = environment
    let output = Collector()
    let errors = Collector()
    process.standardOutput = output.pipe
    process.standardError = errors.pipe
    let (ends, end) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = {
      end.yield($0.terminationStatus)
      end.finish()
    }
    try process.run()
    exit = Task {
      for await status in ends { return status }
      return -1
    }
    self.process = process
    self.errors = errors
    guard let url = await output.line(beginning: "listening on ") else {
      throw DidNotStart(description: "the server ended before it listened:\n\(errors.text)")
    }
    self.url = url
  }

  var processID: Int32 { process.processIdentifier }

  /// What it wrote to standard error so far.
  var log: String { errors.text }

  /// Asks it to stop, and waits; gives the exit code.
  func stop() async -> Int32 {
    process.terminate()
    return await exit.value
  }

  /// Ends it at once, as a power cut would end the process.
  func kill() async {
    Foundation.kill(process.processIdentifier, SIGKILL)
    _ = await exit.value
  }

  deinit { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }
}

/// Calls of the HTTP interface.
struct Client: Sendable {
  struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    var code: String? { json["code"]?.string }
    var json: JSONValue { (try? JSONDocument(parsing: body).root.value) ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let url: String
  var key = RunningServer.adminKey
  private let session = URLSession(configuration: .ephemeral)

  init(_ url: String, key: String = RunningServer.adminKey) {
    self.url = url
    self.key = key
  }

  func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> Answer {
    try await send(method, path, body.map { Data($0.utf8) }, headers: [:])
  }

  func send(_ method: String, _ path: String, _ body: Data?, headers: [String: String]) async throws -> Answer {
    guard let address = URL(string: url + path) else { throw URLError(.badURL) }
    var request = URLRequest(url: address)
    request.httpMethod = method
    request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    request.httpBody = body
    let (data, response) = try await session.data(for: request)
    let head = response as? HTTPURLResponse
    let headers = (head?.allHeaderFields ?? [:]).map { ("\($0.key)".lowercased(), "\($0.value)") }
    return Answer(
      status: head?.statusCode ?? 0, headers: Dictionary(headers) { first, _ in first }, body: Array(data))
  }

  func get(_ path: String) async throws -> Answer { try await send("GET", path) }
  func post(_ path: String, _ body: String) async throws -> Answer { try await send("POST", path, body) }

  /// Message ids of every event of a person, newest first, page by page.
  func messageIDs(ofUser user: String) async throws -> [String] {
    let profile = try await get("/v1/profiles?user_id=\(user)").json
    guard let id = profile["profile_id"]?.string else { return [] }
    var ids: [String] = []
    var cursor: String?
    repeat {
      let page = try await get("/v1/profiles/\(id)/events?limit=500" + (cursor.map { "&cursor=\($0)" } ?? "")).json
      ids += (page["events"]?.array ?? []).compactMap { $0["message_id"]?.string }
      cursor = page["next"]?.string
    } while cursor != nil
    return ids
  }
}
