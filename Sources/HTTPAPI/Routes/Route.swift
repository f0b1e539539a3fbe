import Governance
import HTTPTypes

/// Who may make a call.
enum Access: Sendable, Equatable {
  /// Anybody.
  case open
  /// Whose key, in the `Authorization` header, has the scope.
  case key(Scope)
  /// Whose key has `collect`; it may also stand in the body as `writeKey`, as tracking clients do. The handler admits.
  case writeKey

  /// Web pages of any origin use these with keys that may be public.
  var isForBrowsers: Bool {
    switch self {
    case .writeKey, .key(.collect), .key(.decide): true
    case .open, .key(.read), .key(.admin): false
    }
  }
}

/// How much body a call may have.
enum BodyRule: Sendable, Equatable {
  case none
  /// One event or a batch of what just happened, a question.
  case small
  /// History, catalogues, definitions.
  case large
}

/// Where a call is worked on.
enum Workplace: Sendable, Equatable {
  /// On the thread of its connection, which it must not hold up.
  case eventLoop
  /// On threads that may wait for the disk, or compute for longer.
  case blockingPool
}

/// One call that the server answers: what it is, what the document says of it, and what it does.
struct Route: Sendable {
  let method: HTTPRequest.Method
  /// `/v1/items/{id}/similar`
  let path: String
  let access: Access
  let body: BodyRule
  let workplace: Workplace
  let operation: Operation
  let handle: @Sendable (Call) async throws -> Reply

  init(
    _ method: HTTPRequest.Method, _ path: String, _ access: Access, body: BodyRule = .none,
    on workplace: Workplace = .eventLoop, _ operation: Operation,
    handle: @escaping @Sendable (Call) async throws -> Reply
  ) {
    self.method = method
    self.path = path
    self.access = access
    self.body = body
    self.workplace = workplace
    self.operation = operation
    self.handle = handle
  }
}

/// Finds the route of a path. Built once; paths without parameters take one look-up.
struct RouteTable: Sendable {
  let routes: [Route]
  /// Indices into `routes` of each path without parameters.
  private var fixed: [String: [Int]] = [:]
  private var patterns: [Pattern] = []

  private struct Pattern {
    /// nil stands for a parameter.
    let segments: [String?]
    var indices: [Int]
  }

  enum Match {
    /// `index` into `routes`; parameters in the order in which they stand in the path, still encoded.
    case route(index: Int, parameters: [Substring])
    /// Indices of the path's routes, which have other methods.
    case wrongMethod(indices: [Int])
    case unknown
  }

  init(_ routes: [Route]) {
    self.routes = routes
    for (index, route) in routes.enumerated() {
      guard route.path.contains("{") else {
        fixed[route.path, default: []].append(index)
        continue
      }
      let segments = route.path.split(separator: "/", omittingEmptySubsequences: false).map {
        $0.hasPrefix("{") ? nil : String($0)
      }
      if let known = patterns.firstIndex(where: { $0.segments == segments }) {
        patterns[known].indices.append(index)
      } else {
        patterns.append(Pattern(segments: segments, indices: [index]))
      }
    }
  }

  func match(_ method: HTTPRequest.Method, path: Substring) -> Match {
    if let indices = fixed[String(path)] { return choose(method, among: indices, parameters: []) }
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    for pattern in patterns where pattern.segments.count == segments.count {
      var parameters: [Substring] = []
      let isMatch = zip(pattern.segments, segments).allSatisfy { wanted, found in
        guard let wanted else {
          parameters.append(found)
          return !found.isEmpty
        }
        return wanted == found
      }
      if isMatch { return choose(method, among: pattern.indices, parameters: parameters) }
    }
    return .unknown
  }

  /// `HEAD` is answered by the route of `GET`.
  private func choose(_ method: HTTPRequest.Method, among indices: [Int], parameters: [Substring]) -> Match {
    let wanted = method == .head ? .get : method
    if let index = indices.first(where: { routes[$0].method == wanted }) {
      return .route(index: index, parameters: parameters)
    }
    return .wrongMethod(indices: indices)
  }
}
