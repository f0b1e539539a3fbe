import Engine
import Governance
import HTTPTypes
import NIOCore
import Primitives
import Workspaces

/// Health, metrics and the document of this interface.
struct OperationRoutes: Sendable {
  let context: ServerContext

  func routes(document: @escaping @Sendable () -> [UInt8]) -> [Route] {
    [
      Route(.get, "/healthz", .open, .health) { _ in Self.status("ok") },
      Route(.get, "/readyz", .open, .readiness) { _ in try ready() },
      Route(.get, "/metrics", .key(.read), .metrics) { try await metrics($0) },
      Route(.get, "/openapi.json", .open, .openAPI) { _ in Reply(json: document()) },
    ]
  }

  private func ready() throws -> Reply {
    switch context.readiness.state {
    case .starting: throw Problem.starting
    case .ready: return Self.status("ready")
    case .stopping: throw Problem.stopping
    }
  }

  private static func status(_ word: String) -> Reply { Reply { $0.object { $0.member("status", word) } } }

  /// The figures of the caller's workspace; those of the process for keys of `main`, since they tell of all workspaces.
  private func metrics(_ call: Call) async throws -> Reply {
    var text = MetricText()
    if call.caller.workspace == .main {
      context.metrics.write(into: &text)
      let open = await context.engine.openPartitions()
      text.write(partitions: open.map { ($0.workspace.description, $0.partition.statistics) })
    } else {
      let statistics = try await context.partition(of: call.caller).statistics
      text.write(partitions: [(call.caller.workspace.description, statistics)])
    }
    return Reply(
      contentType: "text/plain; version=0.0.4; charset=utf-8", content: .bytes(ByteBuffer(bytes: text.bytes)))
  }
}

/// Every route of the interface.
func allRoutes(_ context: ServerContext) -> [Route] {
  let described =
    CollectRoutes(context: context).routes + CatalogRoutes(context: context).routes
    + DecisionRoutes(context: context).routes + ReplayRoutes(context: context).routes
    + ProfileRoutes(context: context).routes
    + DefinitionRoutes(context: context).routes + KeyRoutes(context: context).routes
    + LogRoutes(context: context).routes + ModelRoutes(context: context).routes
    + PredictionRoutes(context: context).routes + CohortRoutes(context: context).routes
    + TableRoutes(context: context).routes
  let operations = OperationRoutes(context: context)
  // The document lists its own route too.
  let document = OpenAPIDocument(routes: described + operations.routes { [] }).bytes
  return described + operations.routes { document }
}
