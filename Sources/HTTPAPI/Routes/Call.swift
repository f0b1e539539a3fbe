import HTTPTypes
import HummingbirdCore
import NIOCore
import Primitives
import Workspaces

/// A request that has passed the door: its route is known, its key admitted, its body read and unpacked.
struct Call: Sendable {
  let head: HTTPRequest
  /// Decoded, in the order of the route's path.
  let parameters: [String]
  let query: QueryString
  let body: [UInt8]
  let receivedAt: Timestamp
  /// nil on open routes, and where the key may stand in the body.
  let admitted: Caller?

  /// The holder of the key. Only for routes that need one in the header.
  var caller: Caller {
    guard let admitted else { preconditionFailure("a route without a key asked for its holder") }
    return admitted
  }

  /// The body as JSON.
  func json() throws(Problem) -> JSONView {
    if body.isEmpty { throw Problem(.badRequest, "missing_body", "the call needs a JSON body; there is none") }
    do { return try JSONDocument(parsing: body).root } catch { throw Problem(error) }
  }

  /// The body as a JSON object.
  func object() throws(Problem) -> JSONView {
    let root = try json()
    guard root.isObject else {
      throw Problem(.badRequest, "invalid_type", "the body is \(root.kindInWords), expected an object")
    }
    return root
  }
}

/// The answer to a call.
struct Reply: Sendable {
  enum Content: Sendable {
    case bytes(ByteBuffer)
    /// Pieces are sent as they are given; the connection closes or goes on after the last.
    case stream(@Sendable (inout any ResponseBodyWriter) async throws -> Void)
  }

  var status: HTTPResponse.Status
  var contentType: String
  var content: Content
  var headers = HTTPFields()

  init(status: HTTPResponse.Status = .ok, contentType: String = "application/json", content: Content) {
    self.status = status
    self.contentType = contentType
    self.content = content
  }

  /// A JSON answer.
  init(status: HTTPResponse.Status = .ok, json bytes: [UInt8]) {
    self.init(status: status, content: .bytes(ByteBuffer(bytes: bytes)))
  }

  init(status: HTTPResponse.Status = .ok, _ write: (inout JSONWriter) throws -> Void) rethrows {
    var writer = JSONWriter(reservingCapacity: 2_048)
    try write(&writer)
    self.init(status: status, json: writer.bytes)
  }

  init(_ problem: Problem) {
    self.init(status: problem.status, json: problem.body)
    headers = problem.headers
  }

  /// What every tracking call answers.
  static let success = Reply(json: Array(#"{"success":true}"#.utf8))
}
