import Documents
import Engine
import HTTPTypes
import Learning
import Primitives
import Workspaces

/// An answer that is not what the caller wanted: `{"code","message"}`, perhaps with the `field` that is wrong.
///
/// This file alone decides which status an error has.
struct Problem: Error {
  let status: HTTPResponse.Status
  /// For programs; never changes its meaning.
  let code: String
  /// For people: what was found, what was expected, what is worth trying.
  let message: String
  /// The member, parameter or header that is wrong.
  var field: String?
  /// Errors of definition files, each with its place.
  var errors: [DocumentError] = []
  var headers = HTTPFields()

  init(_ status: HTTPResponse.Status, _ code: String, _ message: String, field: String? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.field = field
  }

  func with(_ name: HTTPField.Name, _ value: String) -> Problem {
    var problem = self
    problem.headers[name] = value
    return problem
  }
}

// MARK: - Refusals of the HTTP layer itself

extension Problem {
  static let unknownRoute = Problem(
    .notFound, "unknown_route", "there is nothing at this path; /openapi.json lists every route")

  static func methodNotAllowed(allowed: [HTTPRequest.Method]) -> Problem {
    let names = allowed.map(\.rawValue).joined(separator: ", ")
    return Problem(.methodNotAllowed, "method_not_allowed", "this path answers \(names) only").with(.allow, names)
  }

  static let missingKey = Problem(
    .unauthorized, "missing_key",
    "a key is needed: 'Authorization: Bearer atn_…', or the key as the user name of Basic authorization"
  ).with(.wwwAuthenticate, "Bearer realm=\"attune\"")

  static let unknownKey = Problem(
    .unauthorized, "unknown_key", "no workspace has this key; 'attune keys list' shows which keys there are"
  ).with(.wwwAuthenticate, "Bearer realm=\"attune\"")

  static func missingScope(_ needed: String) -> Problem {
    Problem(.forbidden, "missing_scope", "this key does not have the scope '\(needed)', which this call needs")
  }

  static let foreignWorkspace = Problem(
    .forbidden, "foreign_workspace",
    "only an admin key of the workspace 'main' may look after the keys of other workspaces", field: "workspace")

  static func rateLimited(_ wait: RateLimiter.Wait, of what: String) -> Problem {
    Problem(.tooManyRequests, "rate_limited", "this key sends more \(what) than it may; try again in \(wait.seconds) s")
      .with(.retryAfter, "\(wait.seconds)").with(.rateLimitReset, "\(wait.resetsAt)")
  }

  static func tooLarge(bytesMax: Int) -> Problem {
    Problem(
      .badRequest, "body_too_large", "the body may have at most \(bytesMax) bytes; send it in smaller parts")
  }

  static func tooMany(_ what: String, max: Int) -> Problem {
    Problem(.badRequest, "too_many", "one call may have at most \(max) \(what); send them in smaller parts")
  }

  static func unsupportedEncoding(_ name: String) -> Problem {
    Problem(
      .unsupportedMediaType, "unsupported_encoding", "content encoding '\(name)' is not understood; use gzip or none",
      field: "Content-Encoding"
    ).with(.acceptEncoding, "gzip, identity")
  }

  static func invalidParameter(_ name: String, _ message: String) -> Problem {
    Problem(.badRequest, "invalid_parameter", message, field: name)
  }

  static func missing(_ name: String, _ message: String) -> Problem {
    Problem(.badRequest, "missing_field", message, field: name)
  }

  static func invalidField(_ name: String, found: JSONView, expected: String) -> Problem {
    Problem(
      .badRequest, "invalid_type", "'\(name)' is \(found.kindInWords), expected \(expected)", field: name)
  }

  static func unknown(_ what: String) -> Problem {
    Problem(.notFound, "not_found", "this workspace has no \(what)")
  }

  static func notYetKnown(at moment: Timestamp) -> Problem {
    Problem(.notFound, "not_yet_known", "nothing was known of this person at \(moment)", field: "as_of")
  }

  static let trainingUnderWay = Problem(
    .conflict, "training_under_way", "a training of this workspace is under way; GET /v1/train tells how far it is")

  static func erased(_ proof: ErasureProof) -> Problem {
    Problem(.gone, "erased", "this person was erased at \(proof.erasedAt); DELETE on this id shows the proof")
  }

  static let inputsErased = Problem(
    .gone, "inputs_erased",
    "inputs_erased: the record of this decision was erased together with a person, and cannot be shown or made again")

  static let busy = Problem(
    .serviceUnavailable, "overloaded", "too many calls of this kind are under way; try again"
  ).with(.retryAfter, "1")

  static let starting = Problem(
    .serviceUnavailable, "starting", "the log is being read; try again in a moment"
  ).with(.retryAfter, "1")

  static let stopping = Problem(
    .serviceUnavailable, "stopping", "the server is shutting down; try again in a moment"
  ).with(.retryAfter, "1")
}

extension HTTPField.Name {
  /// Seconds since 1970 when the limit is as wide as ever again.
  static let rateLimitReset = fixed("X-RateLimit-Reset")

  private static func fixed(_ name: String) -> HTTPField.Name {
    guard let field = HTTPField.Name(name) else { preconditionFailure("'\(name)' is no header name") }
    return field
  }
}

// MARK: - Refusals of the floors below

extension Problem {
  /// What any error means to the caller.
  init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let error as EngineError: self.init(error)
    case let error as JSONError: self.init(error)
    case let error as GzipError: self.init(error)
    case let error as KeyRingError: self.init(error)
    default:
      // Whatever it says may hold data of people; the log has the type, the caller has a code.
      self.init(.internalServerError, "internal_error", "something went wrong in the server; its log says more")
    }
  }

  init(_ error: EngineError) {
    switch error {
    case .unavailable:
      self = Problem(.serviceUnavailable, "unavailable", "\(error); try again").with(.retryAfter, "1")
    case .overloaded:
      self = Problem(.serviceUnavailable, "overloaded", "\(error); try again").with(.retryAfter, "1")
    case .foldUnderWay: self.init(.conflict, "fold_under_way", "\(error); try again when it has ended")
    case .closed: self = .stopping
    case .unfinishedErasure:
      self = Problem(.serviceUnavailable, "unfinished_erasure", "\(error); send the same call again").with(
        .retryAfter, "10")
    case .corrupt: self.init(.internalServerError, "corrupt_data", "\(error)")
    case .invalidDefinitions(let errors):
      self.init(
        .badRequest, "invalid_definitions",
        "\(errors.count) \(errors.count == 1 ? "error" : "errors"): " + (errors.first.map { "\($0)" } ?? ""))
      self.errors = errors
    }
  }

  init(_ refusal: UnmergeRefusal) {
    switch refusal.reason {
    case .unknownProfile: self = .unknown("such profile")
    case .notLinked: self.init(.conflict, "not_linked", refusal.message)
    case .onlyIdentifier: self.init(.conflict, "only_identifier", refusal.message)
    }
  }

  init(_ failure: TrainingFailure) {
    switch failure {
    case .tooLarge: self.init(.unprocessableContent, "training_too_large", failure.description)
    case .stopped: self = .stopping
    case .engine(let error): self.init(error)
    }
  }

  init(_ refusal: ModelRefusal) {
    switch refusal {
    case .unknown: self.init(.notFound, "not_found", refusal.description)
    case .failedGate, .unreadable, .nothingToLeave: self.init(.conflict, "model_unusable", refusal.description)
    }
  }

  init(_ refusal: PredictionRefusal) {
    switch refusal {
    case .unknownPrediction, .unknown: self.init(.notFound, "not_found", refusal.description)
    case .failedGate, .unreadable, .nothingToLeave: self.init(.conflict, "model_unusable", refusal.description)
    }
  }

  init(_ refusal: TableRefusal) {
    switch refusal.reason {
    case .unknownFeature: self.init(.notFound, "unknown_feature", refusal.message, field: "features")
    case .unknownEvent: self.init(.notFound, "unknown_event", refusal.message, field: "event")
    case .unknownPlacement: self.init(.notFound, "unknown_placement", refusal.message, field: "decisions.placement")
    case .tooMany: self.init(.badRequest, "too_many", refusal.message)
    }
  }

  init(_ error: JSONError) {
    switch error.code {
    case .depth: self.init(.badRequest, "too_deep", "the body has \(error)")
    case .encoding: self.init(.badRequest, "invalid_utf8", "the body is not valid Unicode: \(error)")
    case .syntax, .range: self.init(.badRequest, "invalid_json", "the body is not JSON: \(error)")
    }
  }

  init(_ error: GzipError) {
    switch error {
    case .invalid: self.init(.badRequest, "invalid_gzip", "the body is not valid gzip, although its encoding says so")
    case .truncated: self.init(.badRequest, "invalid_gzip", "the gzip body ends too early; send it again")
    case .tooLarge(let bytesMax): self = .tooLarge(bytesMax: bytesMax)
    }
  }

  init(_ error: KeyRingError) {
    switch error {
    case .unknownKey: self = .unknown("such key")
    case .lastAdminKey:
      self.init(.conflict, "last_admin_key", "this is the last admin key of 'main'; create another one first")
    case .noScopes: self = .missing("scopes", "at least one scope is needed: collect, decide, read, admin")
    case .unusableAdminKey: self.init(.internalServerError, "internal_error", "the chosen admin key cannot be used")
    case .corrupt(let message): self.init(.internalServerError, "corrupt_data", message)
    case .store: self = Problem(.serviceUnavailable, "unavailable", "the key was not stored").with(.retryAfter, "1")
    }
  }
}

extension Problem {
  /// The body of the answer.
  var body: [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("code", code)
      $0.member("message", message)
      if let field { $0.member("field", field) }
      if !errors.isEmpty { $0.member("errors", array: { list in for error in errors { list.write(error) } }) }
    }
    return writer.bytes
  }
}

extension JSONWriter {
  mutating func write(_ error: DocumentError) {
    object {
      $0.member("file", error.location.file)
      $0.member("line", error.location.line)
      $0.member("column", error.location.column)
      $0.member("message", error.message)
      $0.member("suggestion", error.suggestion)
    }
  }
}
