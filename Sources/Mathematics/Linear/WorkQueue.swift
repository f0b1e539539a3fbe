import Foundation
import Synchronization

/// Rows of work that several threads take in chunks.
public final class WorkQueue: Sendable {
  private let count: Int
  private let chunk: Int
  private let taken = Atomic(0)

  private init(count: Int, chunk: Int) {
    self.count = count
    self.chunk = chunk
  }

  /// The next rows to do, nobody else's; nil when all are taken.
  public func next() -> Range<Int>? {
    let start = taken.wrappingAdd(chunk, ordering: .relaxed).oldValue
    return start < count ? start..<min(start + chunk, count) : nil
  }

  /// Calls `work` once on each of `workers` threads, the caller's being one of them, and returns when all have returned.
  ///
  /// Threads of its own, not those of Swift's pool: the work is long, and they take over the caller's priority.
  public static func share(
    _ count: Int, chunk: Int, workers: Int, _ work: @escaping @Sendable (WorkQueue) -> Void
  ) {
    precondition(chunk > 0 && workers > 0)
    let queue = WorkQueue(count: count, chunk: chunk)
    let others = min(workers, (count + chunk - 1) / chunk) - 1
    let done = DispatchSemaphore(value: 0)
    for _ in 0..<max(0, others) {
      Thread {
        work(queue)
        done.signal()
      }.start()
    }
    work(queue)
    for _ in 0..<max(0, others) { done.wait() }
  }
}

/// Memory that several workers write, each its own rows.
///
// Proof: the pointer is used only within `WorkQueue.share`, which gives every row to exactly one worker and returns after
// all of them, while the owner of the memory waits; so no element is reached by two threads without the queue between.
public struct RowsInWork: @unchecked Sendable {
  public let start: UnsafeMutablePointer<Float>

  public init(start: UnsafeMutablePointer<Float>) { self.start = start }
}
