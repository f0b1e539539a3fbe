import Engine
import Governance
import HTTPTypes
import Logging
import Primitives
import Workspaces

/// What people may do, as the workspace's predictions say it: of one person, and the models behind it.
struct PredictionRoutes: Sendable {
  let context: ServerContext

  var routes: [Route] {
    [
      Route(.get, "/v1/predictions", .key(.admin), .listPredictions) { try await list($0) },
      Route(.post, "/v1/predictions/activate", .key(.admin), body: .small, on: .blockingPool, .activatePrediction) {
        try await activate($0)
      },
      Route(.get, "/v1/profiles/{id}/scores", .key(.read), .profileScores) { try await scores($0) },
    ]
  }

  private func list(_ call: Call) async throws -> Reply {
    let listing = try await context.partition(of: call.caller).predictions()
    return Reply { listing.write(into: &$0) }
  }

  private func scores(_ call: Call) async throws -> Reply {
    guard let id = ProfileID(call.parameters[0]),
      let listing = try await context.partition(of: call.caller).scores(of: id, at: call.receivedAt)
    else { throw Problem.unknown("such profile") }
    return Reply { listing.write(into: &$0) }
  }

  /// `{"prediction": "buys_soon", "version": 3}`; 0 is none, no version the one before.
  private func activate(_ call: Call) async throws -> Reply {
    let body = try call.object()
    try body.refuseMembers(besides: ["prediction", "version"])
    guard let named = body["prediction" as StaticString] else {
      throw Problem.missing("prediction", "'prediction' is missing: the name of a prediction")
    }
    guard let name = named.string, !name.isEmpty else {
      throw Problem.invalidField("prediction", found: named, expected: "the name of a prediction")
    }
    let wanted = try body.whole("version", in: 0...Int(Int32.max))
    switch try await context.partition(of: call.caller).activate(prediction: name, version: wanted) {
    case .failure(let refusal): throw Problem(refusal)
    case .success(let version):
      context.logger.info(
        "a prediction's model activated",
        metadata: [
          "workspace": "\(call.caller.workspace)", "prediction": "\(name)", "version": "\(version)",
          "key": "\(call.caller.key)",
        ])
      return Reply {
        $0.object {
          $0.member("prediction", name)
          $0.member("champion", version)
        }
      }
    }
  }
}
