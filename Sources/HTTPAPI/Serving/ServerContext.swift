import Engine
import Governance
import Learning
import Logging
import Primitives
import Synchronization
import Workspaces

/// What the routes share.
struct ServerContext: Sendable {
  let engine: Engine
  let keys: KeyRing
  let configuration: HTTPServerConfiguration
  let logger: Logger
  let now: @Sendable () -> Timestamp
  /// Randomness for ids and keys.
  let random: @Sendable () -> UInt64
  let requestLimiter: RateLimiter
  let eventLimiter: RateLimiter
  let metrics: RequestMetrics
  let readiness: Readiness
  let blockingPool: BlockingPool
  let training: TrainingDesk

  /// Lets a caller in who has the scope and does not come too often.
  func admit(_ caller: Caller, scope: Scope, at now: Timestamp) throws(Problem) {
    guard caller.may(scope) else { throw .missingScope(scope.rawValue) }
    if let wait = requestLimiter.take(1, key: caller.key, at: now) { throw .rateLimited(wait, of: "requests") }
  }

  func partition(of caller: Caller) async throws(EngineError) -> Partition {
    try await engine.partition(of: caller.workspace)
  }
}

/// Whether the server should be sent requests.
final class Readiness: Sendable {
  enum State: Sendable {
    /// Logs are being read.
    case starting
    case ready
    /// Running requests are finished, new connections refused.
    case stopping
  }

  private let current = Mutex(State.starting)

  var state: State { current.withLock { $0 } }

  /// A server that is stopping stays so.
  func becomeReady() { current.withLock { if $0 == .starting { $0 = .ready } } }
  func beginStopping() { current.withLock { $0 = .stopping } }
}

/// Randomness from a function.
struct RandomSource: RandomNumberGenerator {
  let draw: @Sendable () -> UInt64
  mutating func next() -> UInt64 { draw() }
}
