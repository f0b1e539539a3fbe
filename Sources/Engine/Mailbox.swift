import Dispatch
import Synchronization

/// Where requests wait for the one thread that owns a partition. Bounded, so that a slow disk pushes back instead of
/// filling memory.
final class Mailbox<Job: Sendable>: Sendable {
  private struct Contents {
    var jobs: [Job] = []
    var weight = 0
    var isClosed = false
  }

  private let contents = Mutex(Contents())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let weightMax: Int

  /// - Parameter weightMax: Jobs are refused while those that wait weigh this much; the weight's unit is the caller's.
  init(weightMax: Int) { self.weightMax = weightMax }

  enum Admission { case admitted, full, closed }

  /// - Parameter weight: 0 for what is admitted however much is waiting.
  func post(_ job: Job, weight: Int) -> Admission {
    let (admission, wasEmpty) = contents.withLock { contents -> (Admission, Bool) in
      if contents.isClosed { return (.closed, false) }
      if weight > 0, contents.weight >= weightMax { return (.full, false) }
      let wasEmpty = contents.jobs.isEmpty
      contents.jobs.append(job)
      contents.weight += weight
      return (.admitted, wasEmpty)
    }
    if wasEmpty { wakeUp.signal() }
    return admission
  }

  /// Posts what the owner's own helpers have to tell: it waits for that even after closing.
  func report(_ job: Job) {
    let wasEmpty = contents.withLock { contents in
      defer { contents.jobs.append(job) }
      return contents.jobs.isEmpty
    }
    if wasEmpty { wakeUp.signal() }
  }

  /// Everything that waits, in order; waits up to `timeout` for something to come.
  func take(timeout: DispatchTimeInterval) -> [Job] {
    let waiting = takeNow()
    if !waiting.isEmpty { return waiting }
    _ = wakeUp.wait(timeout: .now() + timeout)
    return takeNow()
  }

  func takeNow() -> [Job] {
    contents.withLock { contents in
      contents.weight = 0
      defer { contents.jobs = [] }
      return contents.jobs
    }
  }

  /// No more jobs are admitted from now on, but for reports.
  func close() { contents.withLock { $0.isClosed = true } }

  var count: Int { contents.withLock { $0.jobs.count } }
}
