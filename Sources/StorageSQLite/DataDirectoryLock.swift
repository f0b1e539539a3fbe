import Foundation
import Synchronization

/// Keeps a data directory to one process: held from `init` until `release()`, or the end of the process however it ends.
///
/// The lock is that of the open file `attune.lock` (`flock`), which also tells the holder's process id.
public final class DataDirectoryLock: Sendable {
  /// Why the data directory could not be locked.
  public enum Refusal: Error, Equatable, CustomStringConvertible {
    /// Another process, or another part of this one, has it; its id when it is known.
    case held(directory: String, processID: Int32?)
    case failed(String)

    public var description: String {
      switch self {
      case .held(let directory, let processID):
        """
        \(directory) is in use by another attune\(processID.map { " (process \($0))" } ?? ""): stop it, or ask that \
        server with --server URL --key K, or use another --data directory
        """
      case .failed(let message): message
      }
    }
  }

  private let descriptor: Mutex<Int32?>

  /// Locks `directory`, and makes it when it is missing.
  public init(directory: String) throws(Refusal) {
    do { try makeFolder(directory) } catch { throw .failed(error.description) }
    let path = directory + "/attune.lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .failed("\(path) cannot be opened: \(String(cString: strerror(errno)))") }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let cause = errno
      defer { close(file) }
      if cause == EWOULDBLOCK { throw .held(directory: directory, processID: Self.processID(in: file)) }
      throw .failed("\(path) cannot be locked: \(String(cString: strerror(cause)))")
    }
    // Only told to people, so a failure to write it does no harm.
    let text = Array("\(getpid())\n".utf8)
    _ = ftruncate(file, 0)
    _ = pwrite(file, text, text.count, 0)
    descriptor = Mutex(file)
  }

  deinit { release() }

  /// Lets others lock the directory.
  public func release() {
    descriptor.withLock { file in
      if let file { close(file) }
      file = nil
    }
  }

  private static func processID(in file: Int32) -> Int32? {
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = pread(file, &buffer, buffer.count, 0)
    let digits = buffer.prefix(max(0, count)).prefix { $0 != 0x0A }
    return Int32(String(decoding: digits, as: UTF8.self))
  }
}
