import Events
import Governance
import HTTPTypes
import Primitives
import Workspaces

/// Receives events: the calls of the Segment specification, batches of them, the flat form, and consent.
struct CollectRoutes: Sendable {
  let context: ServerContext

  var routes: [Route] {
    let calls: [(String, EventShape)] = [
      ("track", .track), ("identify", .identify), ("page", .page), ("screen", .screen), ("group", .group),
      ("alias", .alias),
    ]
    return calls.map { name, shape in
      Route(.post, "/v1/\(name)", .writeKey, body: .small, Operation.segmentCall(name)) { call in
        try await single(call, shape: shape)
      }
    } + [
      Route(.post, "/v1/batch", .writeKey, body: .small, .batch) { try await batch($0, isImport: false) },
      Route(.post, "/v1/import", .writeKey, body: .large, .importHistory) { try await batch($0, isImport: true) },
      Route(.post, "/v1/events", .key(.collect), body: .small, .events) { try await events($0) },
      Route(.post, "/v1/consent", .writeKey, body: .small, .consent) { try await single($0, shape: .consent) },
    ]
  }

  /// One call, good or refused.
  private func single(_ call: Call, shape: EventShape) async throws -> Reply {
    let (body, caller) = try admitted(call)
    let root = try Self.withoutWriteKey(body)
    let receipt = EventReceipt(receivedAt: call.receivedAt, shape: shape)
    let intake = EventIntake(context: context, caller: caller, receivedAt: call.receivedAt)
    let outcome = try await intake.take([.init(view: root, receipt: receipt)])
    if let refusal = outcome.refusal { throw Problem(refusal) }
    return .success
  }

  /// Many calls; those that are refused do not hold up the others.
  private func batch(_ call: Call, isImport: Bool) async throws -> Reply {
    let (root, caller) = try admitted(call)
    guard let batch = root["batch" as StaticString] else {
      throw Problem.missing("batch", "the call has no 'batch', expected an array of events")
    }
    guard batch.isArray else { throw Problem.invalidField("batch", found: batch, expected: "an array of events") }
    // Keys that may only send events are in web pages and apps: they do not say since when anything was known.
    let receipt = EventReceipt(
      batch: root, receivedAt: call.receivedAt, isImport: isImport, isTrusted: isImport && caller.may(.admin))
    let items = batch.elements.map { view in
      var receipt = receipt
      // History comes from files of both forms.
      if isImport { receipt.shape = EventShape.detected(in: view) ?? .batchItem }
      return EventIntake.Item(view: view, receipt: receipt)
    }
    let intake = EventIntake(context: context, caller: caller, receivedAt: call.receivedAt)
    let limits = context.configuration.bodyLimits
    let outcome = try await intake.take(items, max: isImport ? limits.linesMax : limits.eventsMax)
    return Reply { writer in
      writer.object {
        $0.member("success", true)
        outcome.write(into: &$0)
      }
    }
  }

  /// Flat events, one or an array.
  private func events(_ call: Call) async throws -> Reply {
    let root = try call.json()
    guard root.isObject || root.isArray else {
      throw Problem(
        .badRequest, "invalid_type", "the body is \(root.kindInWords), expected an event or an array of events")
    }
    let receipt = EventReceipt(receivedAt: call.receivedAt, shape: .flat)
    let views = root.isArray ? Array(root.elements) : [root]
    let intake = EventIntake(context: context, caller: call.caller, receivedAt: call.receivedAt)
    let outcome = try await intake.take(
      views.map { .init(view: $0, receipt: receipt) }, max: context.configuration.bodyLimits.eventsMax)
    if root.isObject, let refusal = outcome.refusal { throw Problem(refusal) }
    return Reply { writer in writer.object { outcome.write(into: &$0) } }
  }

  /// The body and whose key it was sent with: of the header, else of its `writeKey`.
  private func admitted(_ call: Call) throws(Problem) -> (root: JSONView, caller: Caller) {
    let root = try call.object()
    guard let writeKey = root["writeKey" as StaticString] else {
      guard let caller = call.admitted else { throw Problem.missingKey }
      return (root, caller)
    }
    guard let caller = call.admitted ?? writeKey.string.flatMap(context.keys.authenticate) else {
      throw Problem.unknownKey
    }
    if call.admitted == nil { try context.admit(caller, scope: .collect, at: call.receivedAt) }
    return (root, caller)
  }

  /// The same body with empty write keys, so that no secret gets into the log or the dead letters. (A batch keeps its
  /// key outside of its events.)
  private static func withoutWriteKey(_ root: JSONView) throws(Problem) -> JSONView {
    guard root["writeKey" as StaticString] != nil else { return root }
    var bytes = root.document.bytes
    for (name, value) in root.members where name == "writeKey" && value.isString {
      let start = value.range.lowerBound
      for place in value.range { bytes[place] = UInt8(ascii: place < start + 2 ? "\"" : " ") }
    }
    do { return try JSONDocument(parsing: bytes).root } catch { throw Problem(error) }
  }
}
