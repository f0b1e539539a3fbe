import Engine
import Events
import Governance
import HTTPTypes
import Primitives

/// What is known of a person.
struct ProfileRoutes: Sendable {
  let context: ServerContext

  var routes: [Route] {
    [
      Route(.get, "/v1/profiles", .key(.read), .findProfile) { try await find($0) },
      Route(.get, "/v1/profiles/{id}", .key(.read), .readProfile) { try await profile($0) },
      Route(.get, "/v1/features", .key(.read), .listFeatures) { try await features($0) },
      Route(.get, "/v1/profiles/{id}/features", .key(.read), .profileFeatures) { try await featuresOfProfile($0) },
      Route(.get, "/v1/profiles/{id}/events", .key(.read), on: .blockingPool, .profileEvents) { try await events($0) },
    ]
  }

  /// The one parameter names the namespace of the identifier: `?user_id=…`, `?email=…`.
  private func find(_ call: Call) async throws -> Reply {
    let named = try call.query.parameters()
    guard let parameter = named.first, named.count == 1, !parameter.name.isEmpty, !parameter.value.isEmpty else {
      throw Problem.invalidParameter(
        "user_id", "\(named.count) parameters found, expected one identifier: ?user_id=… or ?anonymous_id=…")
    }
    let identifier = Identifier(namespace: parameter.name, value: parameter.value)
    let partition = try await context.partition(of: call.caller)
    guard let view = try await partition.profile(of: identifier, at: call.receivedAt) else {
      throw Problem.unknown("person with this identifier")
    }
    return Reply { view.write(into: &$0) }
  }

  private func profile(_ call: Call) async throws -> Reply {
    guard let id = ProfileID(call.parameters[0]),
      let view = try await context.partition(of: call.caller).profile(id, at: call.receivedAt)
    else { throw Problem.unknown("such profile") }
    return Reply { view.write(into: &$0) }
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
