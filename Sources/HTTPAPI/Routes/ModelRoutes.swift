import Engine
import Governance
import HTTPTypes
import Learning
import Logging
import Primitives
import Workspaces

/// Training, the registry of models, and which of them answers.
struct ModelRoutes: Sendable {
  let context: ServerContext

  var routes: [Route] {
    [
      Route(.post, "/v1/train", .key(.admin), body: .small, .train) { try await train($0) },
      Route(.get, "/v1/train", .key(.admin), .trainingStatus) { status($0) },
      Route(.get, "/v1/models", .key(.admin), .listModels) { try await list($0) },
      Route(.get, "/v1/models/{id}/card", .key(.admin), on: .blockingPool, .modelCard) { try await card($0) },
      Route(.post, "/v1/models/activate", .key(.admin), body: .small, on: .blockingPool, .activateModel) {
        try await activate($0)
      },
    ]
  }

  // MARK: Training

  private func train(_ call: Call) async throws -> Reply {
    let request = try await request(of: call)
    let waits = try call.query.flag("wait")
    let workspace = call.caller.workspace
    let partition = try await context.partition(of: call.caller)
    let training: Task<Result<ModelRun, TrainingFailure>, Never>
    do throws(TrainingDesk.Busy) {
      training = try context.training.begin(request, on: partition, of: workspace)
    } catch {
      throw Problem.trainingUnderWay
    }
    guard waits else {
      return Reply(status: .accepted) { Self.write(context.training.status(of: workspace), into: &$0) }
    }
    switch await training.value {
    case .success(let run):
      return Reply {
        $0.object {
          $0.key("run")
          run.write(into: &$0)
        }
      }
    case .failure(let failure): throw Problem(failure)
    }
  }

  /// `{"dimensions", "memory_mb", "tune_seconds", "seed"}`, all of them optional.
  private func request(of call: Call) async throws -> TrainingRequest {
    let rules = try await context.partition(of: call.caller).trainingGround().rules
    var request = TrainingRequest()
    request.dimensions = rules.dimensions
    request.memoryBytes = rules.memoryBytes
    request.workers = 2
    guard !call.body.isEmpty else { return request }
    let body = try call.object()
    try body.refuseMembers(besides: ["dimensions", "memory_mb", "tune_seconds", "seed"])
    if let value = try body.whole("dimensions", in: 2...1_024) { request.dimensions = value }
    if let value = try body.whole("memory_mb", in: 1...(1 << 20)) { request.memoryBytes = value << 20 }
    if let value = try body.whole("tune_seconds", in: 0...3_600), value > 0 { request.tuning = .seconds(value) }
    if let value = try body.whole("seed", in: 0...Int(Int32.max)) { request.seed = UInt64(value) }
    return request
  }

  private func status(_ call: Call) -> Reply {
    let status = context.training.status(of: call.caller.workspace)
    return Reply { Self.write(status, into: &$0) }
  }

  /// `{"state", "phase", "share", "detail", "begun_at", "run", "reason"}`
  private static func write(_ status: TrainingDesk.Status?, into writer: inout JSONWriter) {
    writer.object { writer in
      guard let status else { return writer.member("state", "none") }
      writer.member("begun_at", status.begunAt)
      switch status.outcome {
      case nil:
        writer.member("state", "running")
        writer.member("phase", status.progress?.phase.rawValue)
        writer.member("share", status.progress?.share)
        writer.member("detail", status.progress?.detail)
      case .success(let run):
        writer.member("state", "done")
        writer.key("run")
        run.write(into: &writer)
      case .failure(let failure):
        writer.member("state", "failed")
        writer.member("reason", failure.description)
      }
    }
  }

  // MARK: The registry

  private func list(_ call: Call) async throws -> Reply {
    let listing = try await context.partition(of: call.caller).models()
    return Reply { listing.write(into: &$0) }
  }

  /// Reads on in the log what came of decisions.
  private func card(_ call: Call) async throws -> Reply {
    let named = String(call.parameters[0])
    let partition = try await context.partition(of: call.caller)
    let listing = try await partition.models()
    guard let version = Int(named), let run = listing.registry.run(version) else {
      throw Problem.unknown("model '\(named.prefix(80))'")
    }
    let health = try await context.training.outcomes(of: partition, call.caller.workspace)
    let card = ModelCardView(run: run, registry: listing.registry, serving: listing.serving, health: health)
    return Reply { card.write(into: &$0) }
  }

  /// `{"version": 3}`, 0 for none, or nothing for the one before.
  private func activate(_ call: Call) async throws -> Reply {
    var version: Int?
    if !call.body.isEmpty {
      let body = try call.object()
      try body.refuseMembers(besides: ["version"])
      version = try body.whole("version", in: 0...Int(Int32.max))
    }
    switch try await context.partition(of: call.caller).activate(model: version) {
    case .failure(let refusal): throw Problem(refusal)
    case .success(let version):
      context.logger.info(
        "model activated",
        metadata: ["workspace": "\(call.caller.workspace)", "version": "\(version)", "key": "\(call.caller.key)"])
      return Reply { $0.object { $0.member("champion", version) } }
    }
  }
}

extension JSONView {
  /// A whole number; nil when the member is missing or null.
  fileprivate func whole(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let member = self[name], !member.isNull else { return nil }
    // 284.0 is a whole number, too.
    let number = member.double.flatMap { Int64(exactly: $0) } ?? member.int
    guard let value = number, let whole = Int(exactly: value), range.contains(whole) else {
      throw .invalidField(
        name, found: member, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  fileprivate func refuseMembers(besides names: Set<String>) throws(Problem) {
    for member in members where !names.contains(member.key) {
      throw .invalidParameter(
        member.key,
        "there is no member '\(member.key.prefix(80))', expected one of \(names.sorted().joined(separator: ", "))")
    }
  }
}
