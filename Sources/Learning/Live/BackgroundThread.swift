import Foundation
import Synchronization

/// A thread that works when nobody else wants to: tasks that prefer it run on it, and so do the threads that they start, since
/// those take over its priority.
final class BackgroundThread: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])
  private let wakeUp = DispatchSemaphore(value: 0)

  /// - Parameter name: As the system's tools show it, at most 15 bytes.
  init(name: String) {
    // Not held by its thread, which would keep both for ever.
    let thread = Thread { [weak self] in
      Self.giveWay()
      while let jobs = self?.take() {
        for job in jobs {
          guard let executor = self else { return }
          job.runSynchronously(on: executor.asUnownedTaskExecutor())
        }
      }
    }
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    wakeUp.signal()
  }

  /// What waits, after a while also nothing.
  private func take() -> [UnownedJob] {
    _ = wakeUp.wait(timeout: .now() + .seconds(1))
    return jobs.withLock { jobs in
      defer { jobs = [] }
      return jobs
    }
  }

  /// The lowest priority of this thread alone; on Linux it is the thread that has one, not the process.
  private static func giveWay() {
    #if os(Linux)
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    #endif
  }
}
