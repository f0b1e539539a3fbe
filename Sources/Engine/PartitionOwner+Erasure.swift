import Logging
import Primitives
import Synchronization

extension PartitionOwner {
  /// Makes the erasures that wait, each in a commit of its own. Only between decisions: a record that waits for its commit would
  /// come after the erasure of its person.
  mutating func eraseWaiting() {
    guard decided.isEmpty else { return }
    let jobs = waiting
    waiting = []
    for job in jobs {
      guard case .erase(let plan, let reply) = job else {
        waiting.append(job)
        continue
      }
      erase(plan, reply)
    }
  }

  /// The answer waits until no file holds what is gone.
  private mutating func erase(_ plan: ErasurePlan, _ reply: PartitionJob.Reply<ErasureProof?>) {
    var plan = plan
    do {
      guard let draft = try plan.draft(in: &state) else { return reply.resume(returning: .success(nil)) }
      let position = state.end.next
      let entry = LogEntry(kind: .erasure, knownAt: now(), payload: draft.erasure.binary)
      try store.commit(
        PartitionCommit(epoch: epoch, after: state.end, entries: [entry], replacements: draft.replacements))
      do {
        try state.fold(.erasure(draft.erasure, draft.around), entry: entry, at: position)
      } catch {
        // The log is right; the next start folds it.
        state.isIncomplete = true
        logger.critical("folding failed", metadata: ["position": "\(position.rawValue)", "reason": "\(error)"])
      }
      state.end = position
      let proof = ErasureProof(draft.erasure, at: position, knownAt: entry.knownAt)
      shared.statistics.withLock {
        $0.erasures += 1
        $0.erasedEntries += draft.replacements.count
        $0.logEnd = position
      }
      checkpoints.purge { outcome in reply.resume(returning: outcome.map { proof }) }
    } catch let error as PartitionStoreError {
      reply.resume(returning: .failure(EngineError(error)))
    } catch {
      reply.resume(returning: .failure(.corrupt("the entries of a person cannot be read: \(error)")))
    }
  }
}
