import Decisions
import Events
import Primitives

/// Reads questions from the body of `POST /v1/decide` and from the parameters of `GET /v1/recommendations`.
struct QuestionReader {
  /// Questions of one call.
  static let questionsMax = 50
  /// Item ids in one list.
  static let idsMax = 1_000
  /// Item ids in one list of a link, which has room for fewer.
  static let linkedIDsMax = 50
  static let idBytesMax = 512
  static let textBytesMax = 8_192

  /// One question, or several under `placements`.
  enum Questions {
    case one(DecisionRequest)
    case several([DecisionRequest])
  }

  static func questions(in body: JSONView) throws(Problem) -> Questions {
    let reader = QuestionReader(path: "")
    let shared = try reader.request(from: body, over: nil)
    guard let placements = body["placements" as StaticString], !placements.isNull else {
      return .one(try reader.identified(shared))
    }
    guard placements.isArray else {
      throw .invalidField("placements", found: placements, expected: "an array of placement names or questions")
    }
    var requests: [DecisionRequest] = []
    for (index, view) in placements.elements.enumerated() {
      guard index < questionsMax else {
        throw .invalidParameter("placements", "one call may ask at most \(questionsMax) questions")
      }
      let reader = QuestionReader(path: "placements[\(index)].")
      var request = shared
      if view.isString {
        request.placement = try reader.text(view, "") ?? ""
      } else if view.isObject {
        request = try reader.request(from: view, over: shared)
      } else {
        throw .invalidField("placements[\(index)]", found: view, expected: "a placement's name or a question")
      }
      requests.append(try reader.identified(request))
    }
    guard !requests.isEmpty else { throw .invalidParameter("placements", "'placements' is empty") }
    return .several(requests)
  }

  static func question(in query: QueryString) throws(Problem) -> DecisionRequest {
    var request = DecisionRequest(identifiers: [])
    for parameter in try query.parameters() {
      let value = parameter.value
      guard value.utf8.count <= (parameter.name == "filter" ? textBytesMax : idBytesMax) else {
        throw .invalidParameter(parameter.name, "'\(parameter.name.prefix(40))' is too long")
      }
      switch parameter.name {
      case "user_id" where !value.isEmpty: request.identifiers.insert(.user(value), at: 0)
      case "anonymous_id" where !value.isEmpty: request.identifiers.append(.anonymous(value))
      case "placement": request.placement = value
      case "exclude": request.exclude.append(value)
      case "similar_to": request.similarTo.append(value)
      case "candidates": request.candidates = (request.candidates ?? []) + [value]
      case "filter": request.filter = value
      default: break
      }
    }
    for (name, ids) in [
      ("exclude", request.exclude), ("similar_to", request.similarTo), ("candidates", request.candidates ?? []),
    ] where ids.count > linkedIDsMax || ids.contains("") {
      throw .invalidParameter(
        name, "'\(name)' must be at most \(linkedIDsMax) ids, none empty; POST /v1/decide takes more")
    }
    if try query.last("count") != nil { request.count = try query.limit("count", standard: 1, max: Int.max) }
    return try QuestionReader(path: "").identified(request)
  }

  /// Where the question stands in the body, for messages.
  private let path: String

  private func identified(_ request: DecisionRequest) throws(Problem) -> DecisionRequest {
    guard !request.identifiers.isEmpty else {
      throw .missing("\(path)user_id", "the question names nobody; send user_id or anonymous_id")
    }
    return request
  }

  /// - Parameter defaults: The question whose members count where this one lacks them.
  private func request(from view: JSONView, over defaults: DecisionRequest?) throws(Problem) -> DecisionRequest {
    var request = defaults ?? DecisionRequest(identifiers: [])
    var identifiers: [Identifier] = []
    if let user = try id(view["user_id" as StaticString], "user_id") { identifiers.append(.user(user)) }
    if let anonymous = try id(view["anonymous_id" as StaticString], "anonymous_id") {
      identifiers.append(.anonymous(anonymous))
    }
    if !identifiers.isEmpty { request.identifiers = identifiers }
    if let placement = try text(view["placement" as StaticString], "placement") { request.placement = placement }
    if let count = view["count" as StaticString], !count.isNull {
      guard let number = count.double, number >= 1, number == number.rounded() else {
        throw .invalidField("\(path)count", found: count, expected: "a whole number of at least 1")
      }
      request.count = Int(exactly: number) ?? Int.max
    }
    if let context = view["context" as StaticString], !context.isNull {
      guard context.isObject else { throw .invalidField("\(path)context", found: context, expected: "an object") }
      request.context = context
    }
    if let filter = try text(view["filter" as StaticString], "filter") { request.filter = filter }
    if let ids = try ids(view["exclude" as StaticString], "exclude") { request.exclude = ids }
    if let ids = try ids(view["candidates" as StaticString], "candidates") { request.candidates = ids }
    if let ids = try ids(view["similar_to" as StaticString], "similar_to") { request.similarTo = ids }
    return request
  }

  /// An id is a text or a number as it is written, as in events; null and the empty text are none.
  /// - Parameter name: Made only for a message.
  private func id(_ view: JSONView?, _ name: @autoclosure () -> String) throws(Problem) -> String? {
    guard let view, !view.isNull else { return nil }
    guard view.isString || view.isNumber else {
      throw .invalidField(path + name(), found: view, expected: "a string or a number")
    }
    let id = view.string ?? String(decoding: view.rawBytes, as: UTF8.self)
    guard id.utf8.count <= Self.idBytesMax else {
      throw .invalidParameter(path + name(), "'\(path + name())' has more than \(Self.idBytesMax) bytes")
    }
    return id.isEmpty ? nil : id
  }

  private func text(_ view: JSONView?, _ name: String) throws(Problem) -> String? {
    guard let view, !view.isNull else { return nil }
    guard let text = view.string else { throw .invalidField(path + name, found: view, expected: "a string") }
    guard text.utf8.count <= Self.textBytesMax else {
      throw .invalidParameter(path + name, "'\(path + name)' has more than \(Self.textBytesMax) bytes")
    }
    return text
  }

  private func ids(_ view: JSONView?, _ name: String) throws(Problem) -> [String]? {
    guard let view, !view.isNull else { return nil }
    guard view.isArray else { throw .invalidField(path + name, found: view, expected: "an array of item ids") }
    var ids: [String] = []
    for element in view.elements {
      guard ids.count < Self.idsMax else {
        throw .invalidParameter(path + name, "'\(path + name)' has more than \(Self.idsMax) ids")
      }
      guard let id = try id(element, "\(name)[\(ids.count)]") else {
        throw .invalidField("\(path)\(name)[\(ids.count)]", found: element, expected: "an item id")
      }
      ids.append(id)
    }
    return ids
  }
}
