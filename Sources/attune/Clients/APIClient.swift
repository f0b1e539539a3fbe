import Foundation
import FoundationNetworking
import Primitives

/// Why a command failed, in words for the person who typed it. Printed to standard error; the exit code is 1.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Calls of a server's API, JSON in and JSON out. All commands that read or write data go through here, whether the server
/// runs elsewhere or was opened on a data directory for this command alone.
struct APIClient: Sendable {
  struct Answer: Sendable {
    let status: Int
    let body: [UInt8]
    /// Seconds after which a refused call may be made again.
    let retryAfter: Double?

    var isSuccess: Bool { (200..<300).contains(status) }
  }

  /// Without a slash at the end.
  let base: String
  private let key: String?
  private let session: URLSession

  /// - Parameter server: `http://127.0.0.1:8080`; other schemes than http and https are refused.
  init(server: String, key: String?) throws {
    var base = server
    while base.hasSuffix("/") { base.removeLast() }
    guard let url = URL(string: base), ["http", "https"].contains(url.scheme), url.host != nil else {
      throw CommandFailure("'\(server)' is no address of a server; write one like http://127.0.0.1:8080")
    }
    self.base = base
    self.key = key
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 120
    session = URLSession(configuration: configuration)
  }

  /// - Parameters:
  ///   - path: Percent-encoded where it must be (`encoded(_:)`).
  ///   - query: Encoded here; members without a value are left out.
  /// - Throws: `CommandFailure` when no answer comes; any status is an answer.
  func send(
    _ method: String, _ path: String, query: [(String, String?)] = [], body: [UInt8]? = nil,
    type: String = "application/json"
  ) async throws -> Answer {
    let request = try request(method, path, query: query, body: body, type: type)
    let data: Data
    let response: URLResponse
    do {
      (data, response) = try await session.data(for: request)
    } catch {
      throw CommandFailure("no answer from \(base): \(error.localizedDescription)")
    }
    guard let http = response as? HTTPURLResponse else { throw CommandFailure("\(base) does not speak HTTP") }
    let retryAfter = http.value(forHTTPHeaderField: "Retry-After").flatMap { Double($0) }
    return Answer(status: http.statusCode, body: Array(data), retryAfter: retryAfter)
  }

  /// The same, where anything but success is a failure.
  func json(
    _ method: String, _ path: String, query: [(String, String?)] = [], body: [UInt8]? = nil,
    type: String = "application/json"
  ) async throws -> JSONValue {
    try value(of: try await send(method, path, query: query, body: body, type: type))
  }

  /// What an answer says.
  /// - Throws: `CommandFailure` for an answer that is no success, or no JSON.
  func value(of answer: Answer) throws(CommandFailure) -> JSONValue {
    guard answer.isSuccess else { throw Self.failure(answer) }
    if answer.body.isEmpty { return .null }
    do { return try JSONDocument(parsing: answer.body).root.value } catch {
      throw CommandFailure("\(base) answered with what is no JSON: \(error)")
    }
  }

  /// Refuses a key of another workspace, as far as the key may know: only `admin` keys can ask.
  func requireWorkspace(_ workspace: String) async throws {
    let answer = try await send("GET", "/v1/keys")
    guard answer.isSuccess, let keys = try? JSONDocument(parsing: answer.body).root["keys"] else { return }
    guard let own = keys.elements.compactMap({ $0["workspace"]?.string }).first, own != workspace else { return }
    throw CommandFailure("the key belongs to workspace '\(own)', not to '\(workspace)'; use a key of that one")
  }

  /// What a problem answer says: its message, and each error of definition files with its place.
  static func failure(_ answer: Answer) -> CommandFailure {
    guard let problem = try? JSONDocument(parsing: answer.body).root, let message = problem["message"]?.string else {
      return CommandFailure(
        "the server answered \(answer.status): \(String(decoding: answer.body.prefix(300), as: UTF8.self))")
    }
    let places = problem["errors"]?.elements.compactMap { error -> String? in
      guard let text = error["message"]?.string else { return error.string }
      guard let file = error["file"]?.string else { return text }
      let hint = error["suggestion"]?.string.map { " (did you mean '\($0)'?)" } ?? ""
      return "\(file):\(error["line"]?.int ?? 1):\(error["column"]?.int ?? 1): \(text)\(hint)"
    }
    return CommandFailure(([message] + (places ?? [])).joined(separator: "\n"))
  }

  func request(
    _ method: String, _ path: String, query: [(String, String?)] = [], body: [UInt8]? = nil,
    type: String = "application/json"
  ) throws -> URLRequest {
    let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.encoded($0))" } }
    guard let url = URL(string: base + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))) else {
      throw CommandFailure("'\(path)' cannot be asked for")
    }
    var request = URLRequest(url: url)
    request.httpMethod = method
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    if let body {
      request.httpBody = Data(body)
      request.setValue(type, forHTTPHeaderField: "Content-Type")
    }
    return request
  }

  /// A part of a path or query with everything but unreserved characters (RFC 3986) percent-encoded.
  static func encoded(_ text: String) -> String {
    let hexadecimal = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
