import Engine
import Governance
import HTTPTypes

/// The groups that people were found to fall into.
struct CohortRoutes: Sendable {
  let context: ServerContext

  var routes: [Route] {
    [Route(.get, "/v1/cohorts", .key(.read), .listCohorts) { try await list($0) }]
  }

  private func list(_ call: Call) async throws -> Reply {
    let listing = try await context.partition(of: call.caller).cohorts()
    return Reply { listing.write(into: &$0) }
  }
}
