import Documents
import Engine
import Foundation
import Logging
import Primitives
import StorageSQLite
import Workspaces

/// Puts a whole log, as `attune export log` writes it, in place of a workspace's that has none yet.
///
/// Built in a folder beside and renamed, so that a workspace never has half of a log.
struct LogImport {
  private static let entriesTogether = 1_000
  private static let lineBytesMax = 64 << 20

  let path: String
  let directory: String
  let workspace: WorkspaceID
  let terminal: Terminal

  /// - Returns: How many entries there are.
  /// - Throws: `CommandFailure` with the line; then nothing is left behind.
  func run() throws -> UInt64 {
    let installation = try Installation(directory: directory, logger: .quiet)
    defer { installation.release() }
    let folders = URL(fileURLWithPath: directory).standardizedFileURL.path + "/workspaces"
    let (folder, beside) = ("\(folders)/\(workspace)", "\(folders)/.\(workspace).part")
    guard !FileManager.default.fileExists(atPath: folder) else {
      throw CommandFailure(
        "workspace '\(workspace)' of \(directory) has a log already; a whole log goes into a workspace that has none")
    }
    try? FileManager.default.removeItem(atPath: beside)  // of an import that was interrupted
    do {
      let count = try copy(into: beside)
      guard rename(beside, folder) == 0 else {
        throw CommandFailure("\(folder) cannot be made: \(String(cString: strerror(errno)))")
      }
      return count
    } catch {
      try? FileManager.default.removeItem(atPath: beside)
      throw error
    }
  }

  private func copy(into folder: String) throws -> UInt64 {
    guard let file = FileHandle(forReadingAtPath: path) else { throw CommandFailure("\(path) cannot be read") }
    defer { try? file.close() }
    var lines = LineReader(ByteSource(file), lineBytesMax: Self.lineBytesMax)
    do {
      let store = try SQLitePartitionStore(folder: folder)
      defer { store.close() }
      let epoch = try store.acquire()
      var end = LogPosition.start
      var waiting: [LogEntry] = []
      func commit() throws {
        let before = LogPosition(end.rawValue - UInt64(waiting.count))
        try store.commit(PartitionCommit(epoch: epoch, after: before, entries: waiting))
        waiting.removeAll(keepingCapacity: true)
        terminal.progress("\(Int(clamping: end.rawValue).grouped) entries")
      }
      while let line = try lines.next() {
        if line.bytes.isEmpty, !line.isTooLong { continue }
        waiting.append(try entry(line, after: end))
        end = end.next
        if waiting.count == Self.entriesTogether { try commit() }
      }
      if !waiting.isEmpty { try commit() }
      terminal.endProgress()
      guard end > .start else { throw CommandFailure("\(path) holds no entries") }
      return end.rawValue
    } catch let error as PartitionStoreError {
      throw CommandFailure("the log cannot be written: \(error)")
    }
  }

  private func entry(_ line: RawLine, after end: LogPosition) throws -> LogEntry {
    func fault(_ reason: String) -> CommandFailure { CommandFailure("\(path):\(line.position.line): \(reason)") }
    guard !line.isTooLong else { throw fault("the line has more than \(Self.lineBytesMax) bytes") }
    let read: PositionedEntry
    do {
      read = try PositionedEntry(line: try JSONDocument(parsing: Array(line.bytes)).root)
    } catch {
      throw fault("this is no entry of a log: \(error)")
    }
    guard read.position == end.next else {
      throw fault("found entry \(read.position.rawValue), expected \(end.next.rawValue): the file is not a whole log")
    }
    guard (read.position == LogPosition.start.next) == (read.entry.kind == .created) else {
      throw fault("a log begins with the entry 'created', which it has once")
    }
    return read.entry
  }
}
