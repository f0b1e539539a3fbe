import NIOPosix
import Synchronization

/// A few threads for calls that would hold up an event loop, and every connection on it: those that read the log, write
/// documents, or work on a large text.
///
/// How many of them are under way is bounded: beyond that, calls are refused rather than kept waiting.
final class BlockingPool: Sendable {
  private let threads: NIOThreadPool
  private let executor: PoolExecutor
  private let callsMax: Int
  private let calls = Atomic(0)

  init(threads: Int, callsMax: Int) {
    self.threads = NIOThreadPool(numberOfThreads: threads)
    self.callsMax = callsMax
    executor = PoolExecutor(threads: self.threads)
  }

  func start() { threads.start() }

  /// Once nothing is under way any more.
  func shutDown() async { try? await threads.shutdownGracefully() }  // only fails when it was shut down before

  /// Runs a call on the pool's threads.
  /// - Throws: `Problem.busy` when too many are under way, else what `body` throws.
  func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    defer { calls.subtract(1, ordering: .relaxed) }
    guard calls.add(1, ordering: .relaxed).newValue <= callsMax else { throw Problem.busy }
    return try await step(body)
  }

  /// Runs a part of a call that has been let in: the next piece of a long answer. Never refused.
  func step<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(executor) { try await body() }
  }
}

/// Runs the pieces of a task on the threads of a pool.
private final class PoolExecutor: TaskExecutor {
  private let threads: NIOThreadPool

  init(threads: NIOThreadPool) { self.threads = threads }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // Also when the pool is not running: a job that never runs would leave its task waiting for ever.
    threads.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
