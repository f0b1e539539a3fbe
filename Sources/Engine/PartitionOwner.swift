import Catalog
import Decisions
import Dispatch
import Events
import Logging
import Models
import Primitives
import Synchronization

/// The one thread that owns a partition: it gathers what waits, makes it durable in one commit, folds it, then answers.
///
/// A cycle is: take all waiting jobs → commit their entries together with the records of the decisions that the last cycle
/// computed → fold → reply → compute the new decisions. So what was acknowledged is durable and visible, a decision sees
/// every event that was acknowledged before it was asked for, and its record is durable before its answer leaves.
struct PartitionOwner {
  /// Beyond this many entries a cycle leaves the rest for the next, so that nobody waits for a very long commit.
  private static let cycleEntriesMax = 1_000

  var state: PartitionState
  let shared: PartitionShared
  let store: any PartitionStore
  let epoch: UInt64
  let now: @Sendable () -> Timestamp
  let logger: Logger
  var checkpoints: CheckpointSchedule
  private var refold: Refold
  var decided: [DecidedRequest] = []
  var waiting: [PartitionJob] = []
  private var identifiers: SeededGenerator
  private var commitFailures = 0
  private var hasToldOfUnheardItems = false

  init(
    state: PartitionState, shared: PartitionShared, store: any PartitionStore, epoch: UInt64,
    configuration: EngineConfiguration, now: @escaping @Sendable () -> Timestamp, logger: Logger
  ) {
    self.state = state
    self.shared = shared
    self.store = store
    self.epoch = epoch
    self.now = now
    self.logger = logger
    checkpoints = CheckpointSchedule(
      store: store, mailbox: shared.mailbox, configuration: configuration, logger: logger)
    refold = Refold(mailbox: shared.mailbox, configuration: configuration, logger: logger)
    identifiers = SeededGenerator(seed: configuration.seed())
  }

  /// Works until a `close` job arrives; leaves a checkpoint behind.
  mutating func run() {
    while true {
      let isIdle = decided.isEmpty && waiting.isEmpty && state.warmUp == nil
      waiting += isIdle ? shared.mailbox.take(timeout: .milliseconds(500)) : shared.mailbox.takeNow()
      eraseWaiting()
      if let closing = cycle() {
        close(closing)
        return
      }
      warmUp()
      refold.takeOver(&state, checkpoints: &checkpoints)
      checkpoints.beginIfDue(&state, at: shared.stopwatch())
    }
  }

  private mutating func warmUp() {
    guard var warmUp = state.warmUp else { return }
    state.warmUp = nil
    do {
      try warmUp.go(on: &state)
      if !warmUp.isOver { state.warmUp = warmUp }
    } catch PartitionStoreError.failed(let reason) {
      // What is not in memory goes on being read when it is asked for.
      logger.error("the saved state cannot be brought into memory", metadata: ["reason": "\(reason)"])
    } catch {
      // The store has marked what is damaged; the next start folds the log.
      state.isIncomplete = true
      shared.statistics.withLock { $0.foldFailures += 1 }
      logger.critical(
        "the saved state is damaged; restart the server to fold the log again", metadata: ["reason": "\(error)"])
    }
  }

  /// - Returns: The continuation of a `close` job, after everything before it was done.
  private mutating func cycle() -> PartitionJob.Reply<Void>? {
    var batch = EntryBatch(decisions: decided)
    decided.removeAll(keepingCapacity: true)
    let jobs = takeJobs(into: &batch)
    batch.finish(at: now)
    let begun = state.end
    let outcome = commit(batch)
    let isCommitted = if case .success = outcome { true } else { false }
    if isCommitted { fold(batch) }
    state.unfolded.removeAll(keepingCapacity: true)  // folded now, or lost
    batch.reply(outcome, after: begun)
    for answered in batch.decisions { answer(answered, isRecorded: isCommitted) }

    var closing: PartitionJob.Reply<Void>?
    let begin = now()
    for job in jobs {
      switch job {
      case .decide(let requests, let arrivedAt, let reply):
        decide(requests, arrivedAt: arrivedAt, reply: reply, at: begin)
      case .read(let body, _): body(&state)
      case .checkpointFinished(let outcome): checkpoints.finish(&state, outcome)
      case .finishErasures(let reply): checkpoints.awaitPurge { reply.resume(returning: $0) }
      case .refolded(let folded): refold.finish(folded)
      case .close(let reply): closing = reply
      // Answered above, or left.
      case .accept, .letters, .change, .activate, .unmerge, .model, .prediction, .cohorts, .erase: break
      }
    }
    publish(batch, isCommitted: isCommitted)
    if closing != nil, !decided.isEmpty || !waiting.isEmpty {
      waiting.append(.close(closing!))
      return nil
    }
    return closing
  }

  /// Moves waiting jobs into the cycle: writes in their order until the batch is full, and everything else at once. A
  /// question may overtake writes that nobody was told of yet.
  private mutating func takeJobs(into batch: inout EntryBatch) -> [PartitionJob] {
    var taken: [PartitionJob] = []
    var left: [PartitionJob] = []
    let isErasureWaiting = waiting.contains { if case .erase = $0 { true } else { false } }
    for job in waiting {
      let isHeld =
        switch job {
        case .erase: true
        case .decide: isErasureWaiting
        default: false
        }
      if isHeld {
        left.append(job)
        continue
      }
      if job.isWrite {
        if !left.isEmpty || batch.count >= Self.cycleEntriesMax || batch.mustPrecede(job) {
          left.append(job)
          continue
        }
        batch.add(job, state: state, at: now)
      }
      taken.append(job)
    }
    waiting = left
    return taken
  }

  private mutating func commit(_ batch: EntryBatch) -> Result<Void, EngineError> {
    guard !batch.entries.isEmpty else { return .success(()) }
    let begin = shared.stopwatch()
    do throws(PartitionStoreError) {
      try store.commit(PartitionCommit(epoch: epoch, after: state.end, entries: batch.entries))
      shared.statistics.withLock {
        $0.commitSeconds.record(Double(shared.stopwatch() - begin) / 1e9)
        $0.commits += 1
      }
      if commitFailures > 0 { logger.notice("writing works again", metadata: ["failures": "\(commitFailures)"]) }
      commitFailures = 0
      return .success(())
    } catch {
      commitFailures += 1
      if commitFailures.nonzeroBitCount == 1 {  // 1, 2, 4, 8 …: a full disk must not fill the log too
        logger.error("a commit failed", metadata: ["reason": "\(error)", "failures": "\(commitFailures)"])
      }
      shared.statistics.withLock { $0.commitFailures += 1 }
      return .failure(EngineError(error))
    }
  }

  private mutating func fold(_ batch: EntryBatch) {
    state.beginTeaching(entryCount: batch.count)
    defer { state.endTeaching() }
    for (offset, item) in batch.folds.enumerated() {
      let position = LogPosition(state.end.rawValue + 1)
      do {
        try state.fold(item, entry: batch.entries[offset], at: position)
      } catch let error as StoredEvent.Failure {
        logger.error(
          "an event is not understood", metadata: ["position": "\(position.rawValue)", "reason": "\(error)"])
      } catch {
        // The entry is durable; what failed is a read of derived state, which the next start folds again.
        state.isIncomplete = true
        logger.critical("folding failed", metadata: ["position": "\(position.rawValue)", "reason": "\(error)"])
        shared.statistics.withLock { $0.foldFailures += 1 }
      }
      state.end = position
      if case .definitions = item {
        shared.publish(state.active)
        refold.beginIfNeeded(state)
      }
    }
  }

  private mutating func decide(
    _ requests: [DecisionRequest], arrivedAt: UInt64,
    reply: PartitionJob.Reply<[Result<DecisionAnswer, DecisionRefusal>]>,
    at moment: Timestamp
  ) {
    var computed: [Result<DecisionRecord, DecisionRefusal>] = []
    for request in requests {
      let id = DecisionID(
        SortableID(time: moment, entropy: Digest128(high: identifiers.next(), low: identifiers.next())))
      computed.append(state.decide(request, id: id, at: moment, arrivedAt: arrivedAt, stopwatch: shared.stopwatch))
    }
    decided.append(DecidedRequest(requests: requests, computed: computed, arrivedAt: arrivedAt, reply: reply))
  }

  /// Answers with what was recorded; when nothing could be recorded, with items that touch no cap and have no id.
  private mutating func answer(_ decided: DecidedRequest, isRecorded: Bool) {
    var answers: [Result<DecisionAnswer, DecisionRefusal>] = []
    for (request, computed) in zip(decided.requests, decided.computed) {
      // No closure here: one that names the state would copy all of it.
      switch computed {
      case .failure(let refusal): answers.append(.failure(refusal))
      case .success(let record):
        answers.append(
          .success(isRecorded ? state.answer(to: record) : state.unrecordedAnswer(to: request, in: record)))
      }
    }
    let seconds = Double(shared.stopwatch() - decided.arrivedAt) / 1e9
    shared.statistics.withLock { statistics in
      for case .success(let answer) in answers { statistics.count(answer, seconds: seconds) }
    }
    decided.reply.resume(returning: .success(answers))
  }

  private mutating func publish(_ batch: EntryBatch, isCommitted: Bool) {
    shared.statistics.withLock { statistics in
      if isCommitted {
        statistics.accepted += batch.acceptedCount
        statistics.duplicates += batch.duplicateCount
        statistics.rejected += batch.letterCount
        statistics.unheardItems += batch.unheardItems
      }
      statistics.outcomesJoined = Int(clamping: state.counts.outcomes)
      statistics.logEnd = state.end
      statistics.checkpoint = state.checkpointed
      statistics.isPurgeDue = checkpoints.isPurgeDue
      statistics.checkpointFailures = checkpoints.failures
      statistics.refolds = refold.count
      statistics.profilesInMemory = state.persons.count
      statistics.items = state.catalog.count
      statistics.modelVersion = state.trained.flatMap { Int($0.version) } ?? 0
    }
    if batch.unheardItems > 0, !hasToldOfUnheardItems {
      hasToldOfUnheardItems = true
      logger.warning(
        "events name more items than the catalogue holds and may be only heard of; models do not learn of further ones",
        metadata: ["max": "\(state.unlistedItemsMax)"])
    }
    if isCommitted, !batch.entries.isEmpty {
      let first = LogPosition(state.end.rawValue + 1 - UInt64(batch.entries.count))
      shared.tail.publish(batch, first: first, catalog: state.catalog)
    }
  }

  /// Completes what a crash prevented after an erasure was in the log. Before anybody is answered.
  mutating func finishErasures() {
    do {
      guard try store.isPurgeDue() else { return }
      checkpoints.purge { _ in }
      checkpoints.saveNow(&state)
    } catch {
      logger.error("whether an erasure is complete cannot be read", metadata: ["reason": "\(error)"])
    }
  }

  private mutating func close(_ reply: PartitionJob.Reply<Void>) {
    shared.mailbox.close()
    for job in shared.mailbox.takeNow() {
      if case .checkpointFinished(let outcome) = job {
        checkpoints.finish(&state, outcome)
      } else {
        job.refuse(.closed)
      }
    }
    checkpoints.saveNow(&state)
    store.close()
    reply.resume(returning: .success(()))
  }
}

/// Decisions that wait for their records to become durable.
struct DecidedRequest: Sendable {
  let requests: [DecisionRequest]
  let computed: [Result<DecisionRecord, DecisionRefusal>]
  let arrivedAt: UInt64
  let reply: PartitionJob.Reply<[Result<DecisionAnswer, DecisionRefusal>]>
}
