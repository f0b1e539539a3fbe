import Engine
import Events
import Governance
import HTTPTypes
import Logging
import Primitives
import Profiles
import Workspaces

/// What is known of a person.
struct ProfileRoutes: Sendable {
  static let erasurePageMax = 500

  let context: ServerContext

  var routes: [Route] {
    [
      Route(.get, "/v1/profiles", .key(.read), .findProfile) { try await find($0) },
      Route(.get, "/v1/profiles/{id}", .key(.read), .readProfile) { try await profile($0) },
      Route(.post, "/v1/profiles/{id}/unmerge", .key(.admin), body: .small, .unmergeProfile) { try await unmerge($0) },
      Route(.delete, "/v1/profiles/{id}", .key(.admin), on: .blockingPool, .eraseProfile) { try await erase($0) },
      Route(.get, "/v1/erasures", .key(.read), on: .blockingPool, .listErasures) { try await erasures($0) },
      Route(.get, "/v1/features", .key(.read), .listFeatures) { try await features($0) },
      Route(.get, "/v1/profiles/{id}/features", .key(.read), .profileFeatures) { try await featuresOfProfile($0) },
      Route(.get, "/v1/profiles/{id}/events", .key(.read), on: .blockingPool, .profileEvents) { try await events($0) },
    ]
  }

  /// The one parameter names the namespace of the identifier: `?user_id=…`, `?email=…`.
  private func find(_ call: Call) async throws -> Reply {
    let named = try call.query.parameters().filter { $0.name != "as_of" }
    guard let parameter = named.first, named.count == 1, !parameter.name.isEmpty, !parameter.value.isEmpty else {
      throw Problem.invalidParameter(
        "user_id", "\(named.count) parameters found, expected one identifier: ?user_id=… or ?anonymous_id=…")
    }
    let identifier = Identifier(namespace: parameter.name, value: parameter.value)
    let partition = try await context.partition(of: call.caller)
    if let moment = try call.moment() { return try await past(.identifier(identifier), moment, partition) }
    guard let view = try await partition.profile(of: identifier, at: call.receivedAt) else {
      throw Problem.unknown("person with this identifier")
    }
    return Reply { view.write(into: &$0) }
  }

  private func profile(_ call: Call) async throws -> Reply {
    guard let id = ProfileID(call.parameters[0]) else { throw Problem.unknown("such profile") }
    let partition = try await context.partition(of: call.caller)
    if let moment = try call.moment() { return try await past(.profile(id), moment, partition) }
    guard let view = try await partition.profile(id, at: call.receivedAt) else {
      if let proof = try await context.blockingPool.run({ try await partition.erasure(of: id) }) {
        throw Problem.erased(proof)
      }
      throw Problem.unknown("such profile")
    }
    return Reply { view.write(into: &$0) }
  }

  private func erase(_ call: Call) async throws -> Reply {
    let partition = try await context.partition(of: call.caller)
    guard let id = ProfileID(call.parameters[0]) else {
      // What a proof says in place of the id.
      guard let digest = Digest128(hexadecimal: call.parameters[0]),
        let proof = try await partition.finishErasure(of: digest)
      else { throw Problem.unknown("such profile") }
      return Reply { proof.write(into: &$0) }
    }
    let before = try await partition.erasure(of: id)
    let proof: ErasureProof?
    do throws(EngineError) { proof = try await partition.erase(.profile(id)) } catch {
      // The person may be erased though files hold copies yet.
      if case .unfinishedErasure = error { note(try await partition.erasure(of: id), before: before, call) }
      throw error
    }
    guard let proof else { throw Problem.unknown("such profile") }
    note(proof, before: before, call)
    return Reply { proof.write(into: &$0) }
  }

  /// Logs an erasure, unless it was there before the call.
  private func note(_ proof: ErasureProof?, before: ErasureProof?, _ call: Call) {
    guard let proof, proof.position != before?.position else { return }
    context.logger.info(
      "a person was erased",
      metadata: [
        "workspace": "\(call.caller.workspace)", "key": "\(call.caller.key)",
        "proof": "\(proof.position.rawValue)", "entries": "\(proof.entries.total)",
      ])
  }

  /// The proofs; with one identifier as parameter only those of people who had it.
  private func erasures(_ call: Call) async throws -> Reply {
    let limit = try call.query.limit(standard: 50, max: Self.erasurePageMax)
    let before = try call.query.position("cursor")
    let named = try call.query.parameters().filter { !["limit", "cursor"].contains($0.name) }
    guard named.count <= 1, named.allSatisfy({ !$0.name.isEmpty && !$0.value.isEmpty }) else {
      throw Problem.invalidParameter(
        "user_id", "\(named.count) parameters found, expected at most one identifier: ?user_id=… or ?anonymous_id=…")
    }
    let identifier = named.first.map { Identifier(namespace: $0.name, value: $0.value) }
    let page = try await context.partition(of: call.caller).erasures(of: identifier, before: before, limit: limit)
    return Reply { writer in
      writer.object { writer in
        writer.member("erasures", array: { list in for proof in page.proofs { proof.write(into: &list) } })
        writer.member("next", page.next.map { String($0.rawValue) })
      }
    }
  }

  private func past(_ person: PersonReference, _ moment: Timestamp, _ partition: Partition) async throws -> Reply {
    // Reads the log, as the present does not.
    switch try await context.blockingPool.run({ try await partition.profile(person, asOf: moment) }) {
    case .known(let view): return Reply { view.write(into: &$0) }
    case .notYetKnown: throw Problem.notYetKnown(at: moment)
    case nil: throw Problem.unknown("such profile")
    }
  }

  /// `{"identifier": {"namespace", "value"}}`, or `{"link": [{"namespace", "value"}, {"namespace", "value"}]}`.
  private func unmerge(_ call: Call) async throws -> Reply {
    let body = try call.object()
    let request: UnmergeRequest
    switch (body["identifier" as StaticString], body["link" as StaticString]) {
    case (let named?, nil): request = .identifier(try Self.identifier(named, "identifier"))
    case (nil, let link?):
      guard link.isArray, link.count == 2 else {
        throw Problem.invalidField("link", found: link, expected: "an array of two identifiers")
      }
      let ends = try link.elements.enumerated().map { try Self.identifier($1, "link[\($0)]") }
      request = .link(IdentifierPair(ends[0], ends[1]))
    case (nil, nil): throw Problem.missing("identifier", "found neither 'identifier' nor 'link', expected one of them")
    default: throw Problem.invalidParameter("link", "found both 'identifier' and 'link', expected one of them")
    }
    guard let id = ProfileID(call.parameters[0]) else { throw Problem.unknown("such profile") }
    let partition = try await context.partition(of: call.caller)
    switch try await partition.unmerge(id, request, at: call.receivedAt) {
    case .failure(let refusal): throw Problem(refusal)
    case .success(let receipt):
      context.logger.info(
        "identifiers cut apart",
        metadata: [
          "workspace": "\(call.caller.workspace)", "key": "\(call.caller.key)", "profile": "\(id)",
          "pairs": "\(receipt.cut.count)",
        ])
      return Reply { receipt.write(into: &$0) }
    }
  }

  private static func identifier(_ view: JSONView, _ field: String) throws(Problem) -> Identifier {
    guard view.isObject else {
      throw .invalidField(field, found: view, expected: #"an object {"namespace": …, "value": …}"#)
    }
    func text(_ name: StaticString) throws(Problem) -> String {
      guard let member = view[name] else {
        throw .missing("\(field).\(name)", "'\(name)' of the identifier is missing")
      }
      guard let text = member.string, !text.isEmpty else {
        throw .invalidField("\(field).\(name)", found: member, expected: "a string that is not empty")
      }
      return text
    }
    return Identifier(namespace: try text("namespace"), value: try text("value"))
  }

  private func features(_ call: Call) async throws -> Reply {
    let listing = try await context.partition(of: call.caller).features(at: call.receivedAt)
    return Reply { listing.write(into: &$0) }
  }

  private func featuresOfProfile(_ call: Call) async throws -> Reply {
    guard let id = ProfileID(call.parameters[0]),
      let listing = try await context.partition(of: call.caller).features(of: id, at: call.receivedAt)
    else { throw Problem.unknown("such profile") }
    return Reply { listing.write(into: &$0) }
  }

  private func events(_ call: Call) async throws -> Reply {
    let limit = try call.query.limit(standard: 50, max: Partition.eventPageMax)
    let cursor = try call.query.position("cursor")
    guard let id = ProfileID(call.parameters[0]),
      let page = try await context.partition(of: call.caller).events(
        of: id, limit: limit, cursor: cursor.map { String($0.rawValue) })
    else { throw Problem.unknown("such profile") }
    return Reply { page.write(into: &$0) }
  }
}

extension Call {
  /// `as_of`; nil when it is not said. A moment that is yet to come is now: nothing more is known.
  fileprivate func moment() throws(Problem) -> Timestamp? {
    guard let text = try query.last("as_of") else { return nil }
    guard let moment = Timestamp(iso8601: text) else {
      throw .invalidParameter("as_of", "'\(text.prefix(40))' is no moment, expected one such as 2026-03-01T12:00:00Z")
    }
    return min(moment, receivedAt)
  }
}

extension QueryString {
  /// A place in the log, as `next` gives it.
  func position(_ name: String) throws(Problem) -> LogPosition? {
    guard let text = try last(name) else { return nil }
    guard (1...18).contains(text.utf8.count), let position = UInt64(text) else {
      throw .invalidParameter(name, "'\(text.prefix(40))' is no place in the log; send the 'next' of the page before")
    }
    return LogPosition(position)
  }
}
