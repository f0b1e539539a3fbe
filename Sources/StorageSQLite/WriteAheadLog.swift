import Dispatch
internal import GRDB
import Synchronization

/// Moves what was committed from the write-ahead log into the database file, off the thread that commits.
///
/// There is no timer: commits count their bytes, and every few megabytes start a run on a queue of its own. A run copies
/// without blocking commits. Under steady load new commits arrive meanwhile, and the write-ahead log would grow for
/// ever: when it is large the run ends by copying the last frames while commits wait, so that the next commit begins the
/// write-ahead log anew.
final class WriteAheadLog: Sendable {
  /// When a run starts, and how it ends.
  struct Limits {
    /// Bytes committed between the starts of two runs. Small portions are synced quickly, so that the syncs of commits
    /// that queue up behind them stay short: 8 MiB gave the lowest p99 at 30 MB/s.
    var bytesBetweenRuns = 8 << 20
    /// Bytes in the write-ahead log from which a run ends with making commits wait.
    var bytesMax = 64 << 20
    /// Bytes that may be left to copy then: a few milliseconds.
    var bytesLeftMax = 2 << 20
    /// How often emptying it is tried while somebody reads, and the seconds between.
    var truncationsMax = 250
    var truncationPause = 0.1
  }

  private static let copiesMax = 4

  private struct Progress {
    var bytesSinceRun = 0
    var isRunning = false
  }

  private let copier: DatabaseConnection
  private let writer: DatabaseConnection
  private let limits: Limits
  private let queue = DispatchQueue(label: "attune.write-ahead-log", qos: .utility)
  private let progress = Mutex(Progress())

  /// - Parameters:
  ///   - copier: A connection for this purpose alone.
  ///   - writer: The connection that commits, with automatic checkpoints switched off.
  init(copier: DatabaseConnection, writer: DatabaseConnection, limits: Limits) {
    self.copier = copier
    self.writer = writer
    self.limits = limits
  }

  func grew(byBytes bytes: Int) {
    let isDue = progress.withLock { progress in
      progress.bytesSinceRun += bytes
      guard progress.bytesSinceRun >= limits.bytesBetweenRuns, !progress.isRunning else { return false }
      progress = Progress(isRunning: true)
      return true
    }
    guard isDue else { return }
    queue.async { [self] in
      // A run that fails loses nothing: the commits stay in the write-ahead log, and the next run tries again.
      try? run()
      progress.withLock { $0.isRunning = false }
    }
  }

  private func run() throws(DatabaseFault) {
    let pageSize = try copier.read { try Int.fetchOne($0, sql: "PRAGMA page_size") } ?? 0
    for _ in 0..<Self.copiesMax {
      let copied = try copier.read { try $0.checkpoint(.passive) }
      // SQLite syncs the file only with the last frame, all at once; in small portions commits are held up less.
      try copier.syncFile()
      if copied.walFrameCount * pageSize < limits.bytesMax { return }
      let left = copied.walFrameCount - copied.checkpointedFrameCount
      if left * pageSize <= limits.bytesLeftMax { break }
    }
    // On the connection that commits, so that commits queue up behind it and none arrives meanwhile. "Passive" waits for
    // no reader: when one is in the way, the write-ahead log goes on and the next run tries again.
    _ = try writer.read { try $0.checkpoint(.passive) }
  }

  /// Copies everything into the database file and empties the write-ahead log, which holds all that was committed since it was
  /// last begun anew. Waits for whoever reads, such as a backup, without keeping commits waiting.
  /// - Parameter clearsUnusedSpace: Whether to fill the unused room of the file's pages with zeros, too.
  /// - Throws: `.failed` when somebody reads all the time.
  func truncate(clearsUnusedSpace: Bool) throws(DatabaseFault) {
    for attempt in 1...limits.truncationsMax {
      // On the queue, so that nothing is copied into the file meanwhile: commits go to the write-ahead log alone.
      let outcome = queue.sync { () -> Result<Bool, DatabaseFault> in
        do throws(DatabaseFault) {
          _ = try copier.read { try $0.checkpoint(.passive) }
          try copier.syncFile()
          guard try writer.truncateWriteAheadLog(waits: false) else { return .success(false) }
          if clearsUnusedSpace {
            try copier.clearUnusedSpace()
            try writer.releasePages()
          }
          return .success(true)
        } catch {
          return .failure(error)
        }
      }
      if try outcome.get() { return }
      // Nobody tells when another process has read to its end.
      if attempt < limits.truncationsMax {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + limits.truncationPause)
      }
    }
    throw .failed(
      "somebody is reading the log all the time, such as a backup: copies of what was replaced are still there")
  }

  /// Waits for a run that has begun.
  func settle() { queue.sync {} }

  func close() {
    settle()
    copier.close()
  }
}
