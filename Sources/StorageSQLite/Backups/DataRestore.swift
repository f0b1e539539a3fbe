import Engine
import Foundation
import Primitives

/// Makes a data directory of a backup.
///
/// Every file is checked against the manifest while it is copied, the copy is opened and read whole, and only then gets its
/// name. Nothing is restored into a directory that a process uses, and nothing is deleted: what was there is moved aside.
public struct DataRestore {
  private let backup: String
  public let manifest: BackupManifest

  /// Reads the manifest.
  /// - Throws: `.damaged` when there is none or it cannot be read.
  public init(from backup: String) throws(BackupFailure) {
    self.backup = backup
    let path = "\(backup)/\(BackupManifest.name)"
    guard let text = FileManager.default.contents(atPath: path) else {
      throw .damaged("\(backup) is no whole backup: there is no \(BackupManifest.name)")
    }
    manifest = try BackupManifest(parsing: Array(text), path: path)
  }

  /// - Parameters:
  ///   - directory: To be made; it may be there as long as it is empty.
  ///   - aside: A name for what is there, which is moved away; nil refuses a directory that is not empty.
  ///   - processID: Of this process.
  /// - Throws: `.refused` for a directory that is in use or not empty; `.damaged` for a file that is not what it was.
  public func write(
    to directory: String, movingAside aside: String?, processID: Int32, progress: (String) -> Void = { _ in }
  ) throws(BackupFailure) {
    let part = "\(directory).part-\(processID)"
    do {
      let lock = try Self.claim(directory, canMove: aside != nil)
      defer { lock?.release() }
      try makeFolder(part)
      for file in manifest.files {
        progress(file.path)
        try copy(file, into: part)
      }
      for log in manifest.logs {
        progress("reading the log of \(log.workspace)")
        try Self.examine(log, in: part)
      }
      let documents = try SQLiteDocumentStore(directory: part)
      _ = try documents.workspaces()
      documents.close()
      try syncTree(part)
      if let aside, try !Self.isEmpty(directory) {
        try Self.replace(directory, by: part, movingAside: aside)
      } else {
        unlink(directory + "/attune.lock")
        guard rename(part, directory) == 0 else {
          throw BackupFailure.failed("\(part) cannot be renamed: \(String(cString: strerror(errno)))")
        }
      }
      let parent = parentFolder(of: directory)
      try syncFolder(parent.isEmpty ? "." : parent)
    } catch {
      try? FileManager.default.removeItem(atPath: part)
      throw error as? BackupFailure ?? .failed("\(error)")
    }
  }

  /// Gives `part` the name of `directory`, and what had it the name `aside`; when that cannot be, what had it keeps it.
  static func replace(_ directory: String, by part: String, movingAside aside: String) throws(BackupFailure) {
    guard access(aside, F_OK) != 0 else { throw .refused("\(aside) is there already") }
    guard rename(directory, aside) == 0 else {
      throw .failed("\(directory) cannot be moved to \(aside): \(String(cString: strerror(errno)))")
    }
    if rename(part, directory) == 0 { return }
    let cause = String(cString: strerror(errno))
    guard rename(aside, directory) == 0 else {
      throw .failed(
        "\(part) cannot be renamed: \(cause); what was in \(directory) is in \(aside) and cannot be moved back: "
          + String(cString: strerror(errno)))
    }
    throw .failed("\(part) cannot be renamed: \(cause); \(directory) is again what it was")
  }

  /// Makes sure that nobody uses the directory until it is given away; nil when there is none.
  private static func claim(_ directory: String, canMove: Bool) throws -> DataDirectoryLock? {
    guard access(directory, F_OK) == 0 else { return nil }
    var lock: DataDirectoryLock?
    if access(directory + "/attune.lock", F_OK) == 0 {
      do throws(DataDirectoryLock.Refusal) { lock = try DataDirectoryLock(directory: directory) } catch {
        throw BackupFailure.refused("\(error)")
      }
    }
    guard try canMove || isEmpty(directory) else {
      lock?.release()
      throw BackupFailure.refused("\(directory) is not empty; --replace moves what is there aside")
    }
    return lock
  }

  /// Also true when there is no such folder.
  private static func isEmpty(_ directory: String) throws -> Bool {
    guard access(directory, F_OK) == 0 else { return true }
    return try FileManager.default.contentsOfDirectory(atPath: directory).allSatisfy { $0 == "attune.lock" }
  }

  private func copy(_ file: BackupManifest.File, into part: String) throws {
    let target = "\(part)/\(file.path)"
    try makeFolder(parentFolder(of: target))
    guard let content = try FileCopy.copy("\(backup)/\(file.path)", to: target) else {
      throw BackupFailure.damaged("the backup is not whole: \(file.path) is missing")
    }
    guard content.bytes == file.bytes else {
      throw BackupFailure.damaged(
        "the backup is damaged: \(file.path) has \(content.bytes) bytes, expected \(file.bytes)")
    }
    guard content.digest == file.digest else {
      throw BackupFailure.damaged("the backup is damaged: \(file.path) has not the SHA-256 that the manifest says")
    }
  }

  /// Opens a log and reads all of it.
  private static func examine(_ log: BackupManifest.Log, in part: String) throws {
    let store = try SQLitePartitionStore(folder: "\(part)/workspaces/\(log.workspace)")
    defer { store.close() }
    let audit = try PartitionAudit(of: store, configuration: EngineConfiguration { 0 }, comparesState: false)
    if let fault = audit.faults.first { throw BackupFailure.damaged("workspace \(log.workspace): \(fault)") }
    guard audit.end == log.end else {
      throw BackupFailure.damaged(
        "the log of workspace \(log.workspace) ends at entry \(audit.end.rawValue), expected \(log.end.rawValue)")
    }
  }
}
