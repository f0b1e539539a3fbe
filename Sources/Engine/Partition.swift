public import Catalog
public import Decisions
public import Documents
public import Events
import Foundation
import Logging
import Primitives
import Synchronization

/// One workspace at work: its log, its folded state and the thread that owns both.
///
/// All calls may be made from anywhere at once. What a call has been told is durable, and every later call sees it.
public final class Partition: Sendable {
  let shared: PartitionShared
  let hash: StableHash
  let now: @Sendable () -> Timestamp
  let store: any PartitionStore

  private init(
    shared: PartitionShared, hash: StableHash, store: any PartitionStore, now: @escaping @Sendable () -> Timestamp
  ) {
    self.shared = shared
    self.hash = hash
    self.store = store
    self.now = now
  }

  /// Takes the partition over, loads its last checkpoint, folds the rest of the log and starts its owner.
  ///
  /// - Throws: `EngineError.corrupt` with what is wrong and what can be done; `.unavailable` when the store cannot be read.
  static func open(
    store: any PartitionStore, configuration: EngineConfiguration, logger: Logger,
    now: @escaping @Sendable () -> Timestamp
  ) async throws(EngineError) -> Partition {
    let shared = PartitionShared(configuration, logger: logger)
    let opened = await withCheckedContinuation {
      (opened: CheckedContinuation<Result<StableHash, EngineError>, Never>) in
      let thread = Thread {
        do throws(EngineError) {
          let (state, epoch) = try PartitionState.load(
            from: store, configuration: configuration, logger: logger, now: now)
          shared.publish(state.active)
          shared.statistics.withLock { $0.logEnd = state.end }
          let hash = state.hash
          var owner = PartitionOwner(
            state: state, shared: shared, store: store, epoch: epoch, configuration: configuration, now: now,
            logger: logger)
          owner.finishErasures()
          opened.resume(returning: .success(hash))
          owner.run()
          shared.tail.finish()
        } catch {
          store.close()
          opened.resume(returning: .failure(error))
        }
      }
      thread.name = "attune-partition"
      thread.stackSize = 8 << 20
      thread.start()
    }
    return Partition(shared: shared, hash: try opened.get(), store: store, now: now)
  }

  /// Saves what is left and lets go of the store. Calls that wait are refused with `.closed`.
  func close() async {
    _ = await ask(weight: 0) { .close($0) } as Result<Void, EngineError>
  }

  /// Reads events with the names that are in force now.
  public var parser: EventParser { shared.active.withLock { $0.parser } }

  /// What events that come in must be like now.
  public var plan: TrackingPlan { shared.active.withLock { $0.plan } }

  /// Counts events that were taken although they are not as planned.
  public func count(planViolations: Int) {
    if planViolations > 0 { shared.statistics.withLock { $0.planViolations += planViolations } }
  }

  // MARK: Writing

  /// An event and the bytes it was read from.
  public struct Intake: Sendable {
    public let event: Event
    public let stored: StoredEvent

    public init(event: Event, stored: StoredEvent) {
      self.event = event
      self.stored = stored
    }
  }

  /// Stores and folds events, all or none.
  /// - Returns: One answer for each, once all are durable and visible.
  public func accept(_ intake: [Intake]) async throws(EngineError) -> [Acceptance] {
    if intake.isEmpty { return [] }
    let prepared = intake.map { PreparedEvent($0.event, payload: $0.stored.payload, hash: hash) }
    return try await ask(weight: prepared.count) { .accept(prepared, $0) }.get()
  }

  /// Keeps events that were refused, with the reason.
  public func record(_ letters: [DeadLetter]) async throws(EngineError) {
    if letters.isEmpty { return }
    try await ask(weight: letters.count) { .letters(letters, $0) }.get()
  }

  /// Changes the catalogue: every change that can be made, together. The next decision sees them.
  public func change(_ changes: [CatalogChange]) async throws(EngineError) -> CatalogReceipt {
    try await ask(weight: max(1, changes.count)) { .change(changes, $0) }.get()
  }

  func record(_ unmerge: Unmerge) async throws(EngineError) {
    try await ask(weight: 1) { .unmerge(unmerge, $0) }.get()
  }

  func record(_ plan: ErasurePlan) async throws(EngineError) -> ErasureProof? {
    try await ask(weight: 1) { .erase(plan, $0) }.get()
  }

  /// Returns when no file holds anything that was erased.
  func finishErasures() async throws(EngineError) {
    try await ask(weight: 1) { .finishErasures($0) }.get()
  }

  /// Brings definitions into force in place of those before.
  /// - Returns: The new version.
  /// - Throws: `.invalidDefinitions` with every error and its place; then nothing has changed.
  public func activate(_ files: [DefinitionFile]) async throws(EngineError) -> Int {
    let errors = Self.check(files)
    guard errors.isEmpty else { throw .invalidDefinitions(errors) }
    let definitions = DefinitionSet(version: 0, files: files)
    return try await ask(weight: 1) { .activate(definitions, $0) }.get()
  }

  /// Every error of a set of definition files; empty when they can come into force.
  public static func check(_ files: [DefinitionFile]) -> [DocumentError] {
    switch ActiveSet.compile(DefinitionSet(version: 0, files: files)) {
    case .success: []
    case .failure(let errors): errors.errors
    }
  }

  // MARK: Deciding

  /// Answers questions of one call, in order. Each answer's record is durable, or the answer says `not_recorded`.
  public func decide(
    _ requests: [DecisionRequest]
  ) async throws(EngineError) -> [Result<DecisionAnswer, DecisionRefusal>] {
    if requests.isEmpty { return [] }
    let arrivedAt = shared.stopwatch()
    return try await ask(weight: requests.count) { .decide(requests, arrivedAt: arrivedAt, $0) }.get()
  }

  // MARK: Watching

  /// Events and decisions from now on, as they become durable. A slow reader misses the oldest.
  public func tail() -> AsyncStream<TailItem> { shared.tail.stream() }

  public var statistics: PartitionStatistics {
    var statistics = shared.statistics.withLock { $0 }
    statistics.waiting = shared.mailbox.count
    return statistics
  }

  // MARK: Asking the owner

  /// Runs `body` on state that shows everything acknowledged so far.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (inout PartitionState) throws -> Value
  ) async throws(EngineError) -> Value {
    try await ask(weight: 1) { reply in
      .read(
        { state in
          do {
            reply.resume(returning: .success(try body(&state)))
          } catch {
            reply.resume(returning: .failure(.corrupt("reading the folded state failed: \(error)")))
          }
        }, refused: { reply.resume(returning: .failure($0)) })
    }.get()
  }

  func key(of identifier: Identifier) -> IdentifierKey { IdentifierKey(identifier, hash: hash) }

  func ask<Value: Sendable>(
    weight: Int, _ job: (PartitionJob.Reply<Value>) -> PartitionJob
  ) async -> Result<Value, EngineError> {
    await withCheckedContinuation { reply in
      let job = job(reply)
      switch shared.mailbox.post(job, weight: weight) {
      case .admitted: break
      case .full: job.refuse(.overloaded)
      case .closed: job.refuse(.closed)
      }
    }
  }
}

/// What the owner shares with the callers.
final class PartitionShared: Sendable {
  let mailbox: Mailbox<PartitionJob>
  let statistics = Mutex(PartitionStatistics())
  let active = Mutex(ActiveSet.builtIn)
  let tail = Tail()

  let isReplaying = Mutex(false)
  let configuration: EngineConfiguration
  let logger: Logger
  let stopwatch: @Sendable () -> UInt64

  init(_ configuration: EngineConfiguration, logger: Logger) {
    mailbox = Mailbox(weightMax: configuration.waitingMax)
    self.configuration = configuration
    self.logger = logger
    stopwatch = configuration.stopwatch
  }

  func publish(_ set: ActiveSet) { active.withLock { $0 = set } }
}

extension IdentifierKey {
  init(_ identifier: Identifier, hash: StableHash) {
    // U+001F cannot be confused with a part of either: namespaces do not hold control characters.
    self.init(hash.hash128(identifier.namespace + "\u{1F}" + identifier.value))
  }
}
