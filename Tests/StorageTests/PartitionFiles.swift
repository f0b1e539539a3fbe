import AttuneTestKit
import Engine
import Foundation
import Primitives
import StorageSQLite

/// The files of a partition on disk, to be copied, cut and damaged.
struct PartitionFiles {
  let folder: TemporaryFolder
  var log: String { folder.path + "/log.db" }
  var state: String { folder.path + "/state.db" }
  var writeAheadLog: String { log + "-wal" }
  /// Up to where commits were acknowledged.
  var end: String { log + "-end" }

  init() throws { folder = try TemporaryFolder() }

  func open() throws -> SQLitePartitionStore { try SQLitePartitionStore(folder: folder.path) }

  /// What a crash of the process at this moment leaves behind.
  func copy() throws -> PartitionFiles {
    let copy = try PartitionFiles()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where !name.hasSuffix("-shm") {
      try FileManager.default.copyItem(atPath: folder.path + "/" + name, toPath: copy.folder.path + "/" + name)
    }
    return copy
  }

  /// Changes the bytes of a file.
  func edit(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    change(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// Puts the file of the same name from `other` in place of that at `path`.
  func take(_ path: String, from other: PartitionFiles) throws {
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(
      atPath: other.folder.path + "/" + (path as NSString).lastPathComponent, toPath: path)
  }

  func size(of path: String) throws -> Int {
    try Data(contentsOf: URL(fileURLWithPath: path)).count
  }

  /// Every entry and the position of every key, as `open` finds them; closes again.
  func everything(keys: [SortableID]) throws -> [LogEntry?] {
    let store = try open()
    defer { store.close() }
    let entries = try store.entries(from: .start, bytesMax: .max).map(\.entry)
    return try entries + keys.map { key in try store.position(of: key).flatMap { try store.entry(at: $0) } }
  }
}
