import AttuneTestKit
import Engine
import Foundation
import GRDB
import Primitives
import StorageSQLite

/// The files of a partition at one moment.
struct Image {
  let folder: TemporaryFolder

  /// What a kill at this moment leaves behind. Nothing may be writing: no commit, no checkpoint.
  init(killing shop: PartitionFixture) throws { try self.init(killing: shop.folder) }
  init(killing folder: TemporaryFolder) throws { try self.init(of: folder) { _ in true } }

  /// The log and the models: all state is to be folded again.
  init(logOf folder: TemporaryFolder) throws {
    try self.init(of: folder) { $0.hasPrefix("log.db") || ["models", "predictions"].contains($0) }
  }

  private init(of other: TemporaryFolder, _ keeps: (String) -> Bool) throws {
    folder = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: other.path)
    where keeps(name) && !name.hasSuffix("-shm") {
      try FileManager.default.copyItem(atPath: other.path + "/" + name, toPath: folder.path + "/" + name)
    }
  }
}

/// Makes one of a partition's files unusable while it is open, by hiding a table that every write needs.
struct HiddenTable {
  enum Table: String {
    case log = "log.db"
    case state = "state.db"

    var name: String { self == .log ? "log" : "state" }
  }

  private let queue: DatabaseQueue
  private let table: Table

  init(_ table: Table, in folder: TemporaryFolder) throws {
    self.table = table
    queue = try DatabaseQueue(path: folder.path + "/" + table.rawValue)
    try queue.write { try $0.execute(sql: "ALTER TABLE \(table.name) RENAME TO hidden") }
  }

  func show() throws {
    try queue.write { try $0.execute(sql: "ALTER TABLE hidden RENAME TO \(table.name)") }
    try queue.close()
  }
}

/// Everything that the checkpoint of a closed partition holds of people, decisions and items, by section; models are
/// asked instead (`Answers`), since their records depend on when checkpoints were made.
struct SavedState: Equatable {
  private(set) var records: [UInt8: [[UInt8]: [UInt8]]] = [:]
  /// The ledger's digests, in whatever chunks they were saved.
  private(set) var messages: Set<[UInt8]> = []

  private static let ledger: UInt8 = 6

  /// - Parameter omitted: Sections that are not looked at.
  init(in folder: TemporaryFolder, omitting omitted: Set<UInt8> = []) throws {
    let store = try SQLitePartitionStore(folder: folder.path)
    defer { store.close() }
    for section: UInt8 in 1...11 where !omitted.contains(section) {
      try store.forEachState(section: section) { key, value in
        if section == Self.ledger {
          for start in stride(from: 0, to: value.count, by: 16) { messages.insert(Array(value[start..<start + 16])) }
        } else {
          records[section, default: [:]][key] = value
        }
      }
    }
  }

  /// Where two states differ, in words.
  func differences(from other: SavedState) -> [String] {
    var found: [String] = messages == other.messages ? [] : ["\(messages.count) messages, \(other.messages.count)"]
    for section in Set(records.keys).union(other.records.keys).sorted() {
      let (mine, theirs) = (records[section] ?? [:], other.records[section] ?? [:])
      for key in Set(mine.keys).union(theirs.keys) where mine[key] != theirs[key] {
        found.append("section \(section), key \(key): \(mine[key] ?? []) and \(theirs[key] ?? [])")
      }
    }
    return found
  }
}
