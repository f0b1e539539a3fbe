import Governance
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Primitives
import Workspaces

/// Takes one request through the door: route, key, limits, body; then to its handler; then writes the answer.
struct Responder: Sendable {
  let context: ServerContext
  let table: RouteTable
  let authorization: Authorization
  let crossOrigin: CrossOrigin
  let dates = DateHeader()

  init(context: ServerContext, table: RouteTable) {
    self.context = context
    self.table = table
    authorization = Authorization(keys: context.keys)
    crossOrigin = CrossOrigin(allowedOrigins: context.configuration.allowedOrigins)
  }

  /// What is known of a request before its body is read.
  private struct Admission {
    let route: Route
    let parameters: [String]
    let query: QueryString
    let caller: Caller?
  }

  func respond(to request: Request, writer: consuming ResponseWriter) async throws {
    let started = ContinuousClock.now
    let receivedAt = context.now()
    let (path, query) = Self.split(request.head.path ?? "/")
    let match = table.match(request.method, path: path)
    var body = IncomingBody(request)
    var reply: Reply
    do {
      let admission = try admit(request.head, match: match, query: query, at: receivedAt)
      if body.isAwaited, admission.route.body != .none, body.isAcceptable(bytesMax: bytesMax(of: admission.route)) {
        try await writer.writeInformationalHead(HTTPResponse(status: .continue))
      }
      reply = try await answer(request.head, &body, admission: admission, at: receivedAt)
    } catch let preflight as Preflight {
      reply = preflight.reply
    } catch let broken as ConnectionBroken {
      throw broken.cause
    } catch {
      if Task.isCancelled { throw error }
      reply = Reply(explain(error, match: match))
    }
    try await body.discard()
    if case .route(let index, _) = match {
      reply.headers.append(contentsOf: crossOrigin.headers(for: request.head, access: table.routes[index].access))
    }
    finish(match: match, status: reply.status, took: ContinuousClock.now - started)
    try await write(reply, isHead: request.method == .head, to: writer)
  }

  static func split(_ target: String) -> (path: Substring, query: QueryString) {
    let whole = target.prefix { $0 != "#" }
    guard let mark = whole.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (whole, QueryString("")) }
    return (whole[..<mark], QueryString(whole[whole.index(after: mark)...]))
  }

  // MARK: The door

  /// An answer to a browser's question, which is no call.
  private struct Preflight: Error { let reply: Reply }

  private func admit(
    _ head: HTTPRequest, match: RouteTable.Match, query: QueryString, at now: Timestamp
  ) throws -> Admission {
    let route: Route
    let encoded: [Substring]
    switch match {
    case .unknown: throw Problem.unknownRoute
    case .wrongMethod(let indices):
      let routes = indices.map { table.routes[$0] }
      if let reply = crossOrigin.preflight(head, routes: routes) { throw Preflight(reply: reply) }
      throw Problem.methodNotAllowed(allowed: routes.map(\.method))
    case .route(let index, let parameters): (route, encoded) = (table.routes[index], parameters)
    }
    var parameters: [String] = []
    for text in encoded {
      guard let decoded = percentDecoded(text) else {
        throw Problem(.badRequest, "invalid_path", "the path is not UTF-8 in percent encoding")
      }
      parameters.append(decoded)
    }
    let caller = try caller(of: head, access: route.access)
    if let caller, let scope = route.access.scope { try context.admit(caller, scope: scope, at: now) }
    return Admission(route: route, parameters: parameters, query: query, caller: caller)
  }

  /// - Returns: nil where no key is needed, or where it may still be in the body.
  private func caller(of head: HTTPRequest, access: Access) throws(Problem) -> Caller? {
    if access == .open { return nil }
    switch authorization.presented(head) {
    case .known(let caller): return caller
    case .none:
      if access == .writeKey { return nil }
      throw .missingKey
    case .unknownBearer:
      if access == .writeKey { return nil }
      throw .unknownKey
    case .unknownBasic: throw .unknownKey
    }
  }

  private func bytesMax(of route: Route) -> Int { context.configuration.bodyLimits.bytesMax(route.body) }

  private func answer(
    _ head: HTTPRequest, _ body: inout IncomingBody, admission: Admission, at receivedAt: Timestamp
  ) async throws -> Reply {
    let route = admission.route
    let bytes =
      route.body == .none
      ? [] : try await body.bytes(limits: context.configuration.bodyLimits, bytesMax: bytesMax(of: route))
    let call = Call(
      head: head, parameters: admission.parameters, query: admission.query, body: bytes, receivedAt: receivedAt,
      admitted: admission.caller)
    switch route.workplace {
    case .eventLoop: return try await route.handle(call)
    case .blockingPool: return try await context.blockingPool.run { try await route.handle(call) }
    }
  }

  // MARK: The answer

  private func explain(_ error: any Error, match: RouteTable.Match) -> Problem {
    let problem = Problem(error)
    if problem.status.code == 500 {
      // The type only: its text may hold what people sent.
      context.logger.error(
        "request failed",
        metadata: [
          "route": "\(path(of: match))", "code": "\(problem.code)", "error": "\(type(of: error))",
          "reason": problem.code == "corrupt_data" ? "\(problem.message)" : "",
        ])
    }
    return problem
  }

  private func path(of match: RouteTable.Match) -> String {
    if case .route(let index, _) = match { table.routes[index].path } else { "unknown" }
  }

  private func finish(match: RouteTable.Match, status: HTTPResponse.Status, took: Duration) {
    let route: Route? = if case .route(let index, _) = match { table.routes[index] } else { nil }
    context.metrics.record(route: route, status: status.code, seconds: took.inSeconds)
    context.logger.debug(
      "request",
      metadata: ["route": "\(path(of: match))", "status": "\(status.code)", "ms": "\(took.inSeconds * 1_000)"])
  }

  private func write(_ reply: Reply, isHead: Bool, to writer: consuming ResponseWriter) async throws {
    var head = HTTPResponse(status: reply.status, headerFields: reply.headers)
    head.headerFields[.date] = dates.value(at: context.now())
    if reply.status != .noContent { head.headerFields[.contentType] = reply.contentType }
    switch reply.content {
    case .bytes(let buffer):
      if reply.status != .noContent { head.headerFields[.contentLength] = String(buffer.readableBytes) }
      let isEmpty = isHead || buffer.readableBytes == 0
      try await writer.write(response: head, body: isEmpty ? ResponseBody() : ResponseBody(byteBuffer: buffer))
    case .stream(let produce):
      if isHead { return try await writer.writeResponse(head) }
      try await writer.write(
        response: head,
        body: ResponseBody { body in
          try await produce(&body)
          try await body.finish(nil)
        })
    }
  }
}

extension Access {
  /// What the key must be good for; nil where none is needed.
  var scope: Scope? {
    switch self {
    case .open: nil
    case .key(let scope): scope
    case .writeKey: .collect
    }
  }
}
