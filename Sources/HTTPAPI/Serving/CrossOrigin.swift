import HTTPTypes

/// Which web pages may call (the CORS protocol of the Fetch standard).
///
/// Only routes for browsers are open to other origins. Keys travel in headers, never in cookies, so `*` gives a page
/// nothing that it does not have.
struct CrossOrigin: Sendable {
  /// nil is any.
  let allowedOrigins: Set<String>?

  /// The headers that let the page of this request read the answer; none when it may not.
  func headers(for head: HTTPRequest, access: Access) -> HTTPFields {
    guard access.isForBrowsers, let origin = head.headerFields[.origin] else { return [:] }
    guard let allowedOrigins else { return [.accessControlAllowOrigin: "*"] }
    guard allowedOrigins.contains(origin) else { return [.vary: "Origin"] }
    return [.accessControlAllowOrigin: origin, .vary: "Origin"]
  }

  /// The answer to the browser's question before the call; nil when this is no such question.
  func preflight(_ head: HTTPRequest, routes: [Route]) -> Reply? {
    guard head.method == .options, let wanted = head.headerFields[.accessControlRequestMethod] else { return nil }
    var reply = Reply(status: .noContent, json: [])
    guard let route = routes.first(where: { $0.method.rawValue == wanted }) else { return reply }
    reply.headers = headers(for: head, access: route.access)
    if reply.headers.contains(.accessControlAllowOrigin) {
      reply.headers[.accessControlAllowMethods] = wanted
      reply.headers[.accessControlAllowHeaders] = "Authorization, Content-Type, Content-Encoding"
      reply.headers[.accessControlMaxAge] = "86400"
    }
    return reply
  }
}
