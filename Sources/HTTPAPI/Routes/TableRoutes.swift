import Engine
import Events
import Governance
import HTTPTypes
import HummingbirdCore
import NIOCore
import Primitives

/// Training tables: the features of people at moments of the past.
struct TableRoutes: Sendable {
  let context: ServerContext

  var routes: [Route] {
    [
      Route(.post, "/v1/table", .key(.read), body: .large, on: .blockingPool, .trainingTable) { try await table($0) }
    ]
  }

  /// One line that says what comes (`features`, `rows`, `refused`), then a line for each row, by moment.
  private func table(_ call: Call) async throws -> Reply {
    let asked = try TableQuestionReader.read(try call.object(), at: call.receivedAt)
    let table: TrainingTable
    switch try await context.partition(of: call.caller).table(asked.question) {
    case .success(let begun): table = begun
    case .failure(let refusal): throw Problem(refusal)
    }
    var head = JSONWriter()
    head.object { writer in
      writer.member(
        "features",
        array: { list in
          for column in table.columns {
            list.object {
              $0.member("name", column.name)
              $0.member("type", column.type)
            }
          }
        })
      writer.member("rows", table.count)
      writer.member(
        "refused",
        array: { list in
          for refused in asked.refused {
            list.object {
              $0.member("row", refused.row)
              $0.member("reason", refused.reason)
            }
          }
        })
    }
    let first = head.bytes + [UInt8(ascii: "\n")]
    return Reply(
      contentType: "application/x-ndjson",
      content: .stream { body in
        try await body.write(ByteBuffer(bytes: first))
        while let lines = try await context.blockingPool.step({ try await table.next() }) {
          if !lines.isEmpty { try await body.write(ByteBuffer(bytes: lines)) }
        }
      })
  }
}

/// Reads what a table is asked for.
private enum TableQuestionReader {
  struct Asked {
    let question: TableQuestion
    /// Moments that are left out, by their number.
    let refused: [(row: Int, reason: String)]
  }

  /// - Parameter now: Later moments are refused one by one.
  static func read(_ body: JSONView, at now: Timestamp) throws(Problem) -> Asked {
    let given = body.members.map(\.key).filter { ["moments", "event", "decisions"].contains($0) }
    guard given.count == 1, let kind = given.first else {
      throw .missing(
        "moments", "found \(given.isEmpty ? "none" : "several") of 'moments', 'event' and 'decisions', expected one")
    }
    let allowed = [kind, "features"] + (kind == "moments" ? [] : ["from", "until"])
    if let other = body.members.map(\.key).first(where: { !allowed.contains($0) }) {
      throw .invalidParameter(
        other, "'\(other)' is not known beside '\(kind)', expected \(allowed.joined(separator: ", "))")
    }
    var refused: [(row: Int, reason: String)] = []
    let rows: TableQuestion.Rows
    switch kind {
    case "moments":
      rows = .moments(try moments(body, at: now, refused: &refused))
    case "event":
      guard let view = body["event" as StaticString], let name = view.string, !name.isEmpty else {
        throw .invalidParameter("event", "'event' is not a text that says something; expected an event's name")
      }
      rows = .events(name)
    default:
      guard let view = body["decisions" as StaticString], view.isObject else {
        throw .invalidParameter("decisions", #"expected an object: {} or {"placement": "home"}"#)
      }
      rows = .decisions(placement: try text("placement", in: view))
    }
    let question = TableQuestion(
      rows, features: try features(body), from: try moment("from", in: body), until: try moment("until", in: body))
    return Asked(question: question, refused: refused)
  }

  private static func moments(
    _ body: JSONView, at now: Timestamp, refused: inout [(row: Int, reason: String)]
  ) throws(Problem) -> [TableQuestion.Moment] {
    guard let view = body["moments" as StaticString], view.isArray else {
      throw .invalidParameter("moments", "'moments' is no array")
    }
    var moments: [TableQuestion.Moment] = []
    for (place, element) in view.elements.enumerated() {
      guard element.isObject, let namespace = element["namespace" as StaticString]?.string, !namespace.isEmpty,
        let value = element["value" as StaticString]?.string, !value.isEmpty,
        let at = element["at" as StaticString]?.string.flatMap({ Timestamp(iso8601: $0) })
      else {
        throw .invalidField(
          "moments[\(place)]", found: element,
          expected: #"{"namespace": "user_id", "value": "ada", "at": "2026-03-01T12:00:00Z"}"#)
      }
      let row = element["row" as StaticString]?.int.flatMap { Int(exactly: $0) } ?? place
      guard at <= now else {
        refused.append((row, "the moment \(at) lies in the future: it is \(now)"))
        continue
      }
      moments.append(.init(Identifier(namespace: namespace, value: value), at: at, row: row))
    }
    return moments
  }

  private static func features(_ body: JSONView) throws(Problem) -> [String]? {
    guard let view = body["features" as StaticString], !view.isNull else { return nil }
    guard view.isArray else { throw .invalidField("features", found: view, expected: "an array of names") }
    var names: [String] = []
    for element in view.elements {
      guard let name = element.string else {
        throw .invalidField("features", found: element, expected: "an array of names")
      }
      names.append(name)
    }
    return names
  }

  private static func text(_ name: StaticString, in body: JSONView) throws(Problem) -> String? {
    guard let view = body[name], !view.isNull else { return nil }
    guard let text = view.string else { throw .invalidField("\(name)", found: view, expected: "a string") }
    return text
  }

  private static func moment(_ name: StaticString, in body: JSONView) throws(Problem) -> Timestamp? {
    guard let text = try text(name, in: body) else { return nil }
    guard let moment = Timestamp(iso8601: text) else {
      throw .invalidParameter(
        "\(name)", "'\(text.prefix(40))' is no moment, expected one such as 2026-03-01T12:00:00Z")
    }
    return moment
  }
}
