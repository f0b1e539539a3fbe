import Decisions
import Engine
import Governance
import HTTPTypes
import HummingbirdCore
import NIOCore
import Primitives

/// Makes recorded decisions again from the log.
struct ReplayRoutes: Sendable {
  private static let sampleStandard = 1_000
  private static let sampleMax = 10_000_000

  let context: ServerContext

  var routes: [Route] {
    [
      Route(.post, "/v1/decisions/{id}/replay", .key(.admin), on: .blockingPool, .replayDecision) { try await one($0) },
      Route(.post, "/v1/replay", .key(.admin), on: .blockingPool, .replaySample) { try await many($0) },
    ]
  }

  private func one(_ call: Call) async throws -> Reply {
    let partition = try await context.partition(of: call.caller)
    guard let id = DecisionID(call.parameters[0]), let replayed = try partition.takeReplayTurn().replay([id])[id] else {
      throw try await DecisionRoutes.absence(of: call.parameters[0], in: partition)
    }
    let view = try await partition.view(of: replayed)
    return Reply { view.write(into: &$0) }
  }

  /// Lines of JSON: how far it has come, time and again, and what came of it as the last.
  private func many(_ call: Call) async throws -> Reply {
    let count = try call.query.limit("sample", standard: Self.sampleStandard, max: Self.sampleMax)
    let seed = try call.query.limit("seed", standard: 1, max: .max)
    let partition = try await context.partition(of: call.caller)
    let turn = try partition.takeReplayTurn()
    return Reply(
      contentType: "application/x-ndjson",
      content: .stream { body in
        try await body.write(ByteBuffer(string: "\n"))  // so that the answer begins at once
        for try await line in lines(ReplaySample(count: count, seed: UInt64(seed)), turn: turn, partition: partition) {
          try await body.write(ByteBuffer(bytes: line))
        }
      })
  }

  private func lines(
    _ sample: ReplaySample, turn: ReplayTurn, partition: Partition
  ) -> AsyncThrowingStream<[UInt8], any Error> {
    // Who reads slowly misses how far it had come, and nothing else.
    AsyncThrowingStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
      let replaying = Task {
        do {
          let summary = try await context.blockingPool.step {
            try turn.replay(sample) { progress in
              continuation.yield(
                Self.line {
                  $0.member("entries", Int64(clamping: progress.entries))
                  $0.member("of", Int64(clamping: progress.of))
                })
            }
          }
          let views = try await partition.views(of: summary)
          continuation.yield(Self.line { summary.write(into: &$0, differing: views) })
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in replaying.cancel() }
    }
  }

  private static func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { body(&$0) }
    return writer.bytes + Array("\n".utf8)
  }
}

extension ReplaySummary {
  fileprivate func write(into writer: inout JSONWriter, differing views: [ReplayView]) {
    writer.member("decisions", decisionCount)
    writer.member("replayed", replayedCount)
    writer.member("reproduced", reproducedCount)
    writer.member("seed", Int64(clamping: sample.seed))
    writer.member("differing", array: { list in for view in views { view.write(into: &list) } })
  }
}
