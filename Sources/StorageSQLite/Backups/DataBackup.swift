import Engine
import Foundation
internal import GRDB
public import Primitives

/// Copies a data directory while a server works on it.
///
/// Each database is copied as one read of it (`VACUUM INTO`), so that a log is what it was at one moment: everything that was
/// acknowledged before the backup began, and a beginning of what came meanwhile. Commits go on; only the write-ahead log
/// grows for the time. Keys come last, so that a key that was revoked meanwhile is not in it. State is not copied: it is folded
/// again from the log.
///
/// It is written beside its place and renamed once it is whole, synced and read again.
public struct DataBackup {
  private let directory: String
  private let target: String
  /// Where it is written until it is whole.
  private let part: String

  /// - Parameters:
  ///   - directory: The data directory.
  ///   - target: The folder to make.
  ///   - processID: Of this process, so that two do not meet in one folder.
  /// - Throws: `.refused` when the one holds no data, or the other is there.
  public init(of directory: String, to target: String, processID: Int32) throws(BackupFailure) {
    guard access(directory + "/attune.db", F_OK) == 0 else {
      throw .refused("\(directory) holds no data of Attune (there is no attune.db)")
    }
    guard access(target, F_OK) != 0 else {
      throw .refused("\(target) is there already; a backup makes a folder of its own")
    }
    self.directory = directory
    self.target = target
    part = "\(target).part-\(processID)"
  }

  /// - Parameter progress: Told what is being copied.
  public func write(at now: Timestamp, progress: (String) -> Void = { _ in }) throws(BackupFailure) -> BackupManifest {
    do {
      try makeFolder(part)
      let manifest = try copy(at: now, progress)
      var writer = JSONWriter()
      manifest.write(into: &writer)
      try Self.save(writer.bytes, to: "\(part)/\(BackupManifest.name)")
      try syncTree(part)
      guard rename(part, target) == 0 else {
        throw BackupFailure.failed("\(part) cannot be renamed: \(String(cString: strerror(errno)))")
      }
      let parent = parentFolder(of: target)
      try syncFolder(parent.isEmpty ? "." : parent)
      return manifest
    } catch {
      try? FileManager.default.removeItem(atPath: part)
      throw error as? BackupFailure ?? .failed("\(error)")
    }
  }

  private func copy(at now: Timestamp, _ progress: (String) -> Void) throws -> BackupManifest {
    var logs: [BackupManifest.Log] = []
    var files: [BackupManifest.File] = []
    var copied: Set<WorkspaceID> = []
    while true {
      // Again after the keys: a workspace that began meanwhile may have a key.
      let new = workspaces.filter { !copied.contains($0) }
      for workspace in new {
        progress("workspace \(workspace)")
        logs.append(try copyLog(of: workspace, into: &files))
        for family in ModelFamily.allCases { try copyModels(family, of: workspace, into: &files) }
        copied.insert(workspace)
      }
      if files.contains(where: { $0.path == "attune.db" }) { break }
      progress("keys")
      try copyDatabase("attune.db")
      try note("attune.db", in: &files)
    }
    return BackupManifest(begunAt: now, logs: logs, files: files)
  }

  private var workspaces: [WorkspaceID] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/workspaces")) ?? []
    return names.compactMap { WorkspaceID($0) }
      .filter { access("\(directory)/workspaces/\($0)/log.db", F_OK) == 0 }.sorted()
  }

  private func copyLog(
    of workspace: WorkspaceID, into files: inout [BackupManifest.File]
  ) throws -> BackupManifest.Log {
    let path = "workspaces/\(workspace)/log.db"
    try makeFolder("\(part)/workspaces/\(workspace)")
    try copyDatabase(path)
    // Opened and read whole: a damaged log is told now, not when it is needed.
    let log = try LogDatabase(path: "\(part)/\(path)")
    do {
      try log.confirm()
      let copied = BackupManifest.Log(workspace: workspace, id: log.id, end: try log.end())
      log.close()
      for name in [path, path + "-end"] { try note(name, in: &files) }
      return copied
    } catch {
      log.close()
      throw error
    }
  }

  private func copyDatabase(_ path: String) throws {
    let file = DatabaseFile(path: "\(directory)/\(path)", remedy: "Stop the server and restore this file from a backup")
    let connection = try file.openToRead()
    defer { connection.close() }
    let copy = "\(part)/\(path)"
    try connection.read { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
    guard chmod(copy, 0o600) == 0 else {
      throw BackupFailure.failed("\(copy): \(String(cString: strerror(errno)))")
    }
  }

  /// Files of models are replaced as wholes; one that goes meanwhile was not needed, nor is one that is not whole.
  private func copyModels(
    _ family: ModelFamily, of workspace: WorkspaceID, into files: inout [BackupManifest.File]
  ) throws {
    let folder = "workspaces/\(workspace)/\(family.rawValue)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)")) ?? []
    for name in names.sorted() where !name.hasPrefix(".") && !name.hasSuffix(ModelFiles.unfinishedEnding) {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat("\(directory)/\(path)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      try makeFolder("\(part)/\(folder)")
      guard let content = try FileCopy.copy("\(directory)/\(path)", to: "\(part)/\(path)") else {
        unlink("\(part)/\(path)")
        continue
      }
      files.append(.init(path: path, bytes: content.bytes, digest: content.digest))
    }
  }

  private func note(_ path: String, in files: inout [BackupManifest.File]) throws {
    let file = open("\(part)/\(path)", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    guard file >= 0, fsync(file) == 0, let content = try FileCopy.content(of: "\(part)/\(path)") else {
      throw BackupFailure.failed("\(part)/\(path) cannot be synced: \(String(cString: strerror(errno)))")
    }
    files.append(.init(path: path, bytes: content.bytes, digest: content.digest))
  }

  private static func save(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    defer { close(file) }
    guard file >= 0, bytes.withUnsafeBytes({ writeAll($0, to: file) }), fsync(file) == 0 else {
      throw BackupFailure.failed("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}
