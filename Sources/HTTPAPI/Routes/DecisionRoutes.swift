import Decisions
import Engine
import Governance
import HTTPTypes
import Primitives

/// Chooses what to show a person, and says why.
struct DecisionRoutes: Sendable {
  static let listMax = 100

  let context: ServerContext

  var routes: [Route] {
    [
      Route(.post, "/v1/decide", .key(.decide), body: .small, .decide) { try await decide($0) },
      Route(.get, "/v1/recommendations", .key(.decide), .recommendations) { try await recommendations($0) },
      Route(.get, "/v1/items/{id}/similar", .key(.decide), .similarItems) { try await similar($0) },
      Route(.get, "/v1/popular", .key(.decide), .popularItems) { try await popular($0) },
      Route(.get, "/v1/decisions/{id}", .key(.read), on: .blockingPool, .readDecision) { try await decision($0) },
    ]
  }

  private func decide(_ call: Call) async throws -> Reply {
    let body = try call.object()
    switch try QuestionReader.questions(in: body) {
    case .one(let request):
      let answers = try await answers(to: [request], of: call)
      return Reply { writer in for answer in answers { answer.write(into: &writer) } }
    case .several(let requests):
      let answers = try await answers(to: requests, of: call)
      return Reply { writer in
        writer.object {
          $0.member("decisions", array: { list in for answer in answers { answer.write(into: &list) } })
        }
      }
    }
  }

  private func recommendations(_ call: Call) async throws -> Reply {
    let request = try QuestionReader.question(in: call.query)
    let answers = try await answers(to: [request], of: call)
    return Reply { writer in for answer in answers { answer.write(into: &writer) } }
  }

  /// - Throws: The first refusal as a `Problem`, with its place when there are several questions.
  private func answers(to requests: [DecisionRequest], of call: Call) async throws -> [DecisionAnswer] {
    let results = try await context.partition(of: call.caller).decide(requests)
    var answers: [DecisionAnswer] = []
    for (index, result) in results.enumerated() {
      switch result {
      case .success(let answer): answers.append(answer)
      case .failure(let refusal):
        throw Problem(refusal, path: requests.count > 1 ? "placements[\(index)]." : "")
      }
    }
    return answers
  }

  private func similar(_ call: Call) async throws -> Reply {
    let count = try call.query.limit("count", standard: 10, max: Self.listMax)
    let partition = try await context.partition(of: call.caller)
    guard let items = try await partition.similar(to: call.parameters[0], count: count, at: call.receivedAt) else {
      throw Problem.unknown("such item")
    }
    return Self.list(items)
  }

  private func popular(_ call: Call) async throws -> Reply {
    let count = try call.query.limit("count", standard: 10, max: Self.listMax)
    let partition = try await context.partition(of: call.caller)
    return Self.list(try await partition.popular(count: count, at: call.receivedAt))
  }

  private static func list(_ items: [DecidedItem]) -> Reply {
    Reply { writer in
      writer.object {
        $0.member("items", array: { list in for item in items { item.write(into: &list) } })
      }
    }
  }

  private func decision(_ call: Call) async throws -> Reply {
    let item = try call.query.last("item").flatMap { $0.isEmpty ? nil : $0 }
    guard item?.utf8.count ?? 0 <= QuestionReader.idBytesMax else {
      throw Problem.invalidParameter("item", "'item' has more than \(QuestionReader.idBytesMax) bytes")
    }
    let partition = try await context.partition(of: call.caller)
    guard let id = DecisionID(call.parameters[0]), let view = try await partition.decision(id, asking: item) else {
      throw try await Self.absence(of: call.parameters[0], in: partition)
    }
    return Reply { view.write(into: &$0) }
  }

  /// Why there is no such decision: there never was, or its record was erased.
  static func absence(of text: String, in partition: Partition) async throws -> Problem {
    guard let id = DecisionID(text), try await partition.isErased(id) else { return .unknown("such decision") }
    return .inputsErased
  }
}

extension Problem {
  init(_ refusal: DecisionRefusal, path: String) {
    let field =
      switch refusal.code {
      case .unknownPlacement: "placement"
      case .invalidFilter: "filter"
      case .invalidCount: "count"
      }
    self.init(
      refusal.code == .unknownPlacement ? .notFound : .badRequest, refusal.code.rawValue, refusal.message,
      field: path + field)
  }
}

extension DecisionAnswer {
  func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("decision_id", decisionID?.description)
      writer.member("placement", placement)
      writer.member("items", array: { list in for item in items { item.write(into: &list) } })
      writer.member("stage", stage.rawValue)
      writer.member("holdout", isHoldout)
      writer.member("fallback", fallback?.rawValue)
      writer.member(
        "versions",
        object: { object in
          for stamp in versions { object.member(stamp.name, stamp.version) }
        })
    }
  }
}

extension DecidedItem {
  func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("item_id", itemID)
      writer.member("rank", rank)
      writer.member("score", score)
      writer.member("propensity", propensity)
      writer.member(
        "reasons",
        array: { list in
          for reason in reasons {
            list.object {
              $0.member("code", reason.code)
              $0.member("text", reason.text)
            }
          }
        })
    }
  }
}
