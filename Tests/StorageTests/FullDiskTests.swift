import AttuneTestKit
import Engine
import Foundation
import GRDB
import Governance
import Primitives
import Testing

@testable import StorageSQLite

@Suite struct FullDiskTests {
  @Test func `a commit that finds no room writes nothing, and the next succeeds when there is`() throws {
    let files = try PartitionFiles()
    let log = try LogDatabase(path: files.log)
    defer { log.close() }
    let epoch = try log.acquire()
    func commit(_ entries: [LogEntry]) throws -> PartitionStoreError? {
      try log.commit(PartitionCommit(epoch: epoch, after: try log.end(), entries: entries))
    }
    _ = try commit([.example(1, key: .example(1))])
    let pages = try log.writer.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    try log.writer.read { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 2)") }
    #expect(throws: DatabaseFault.full) {
      try commit([.example(2, key: .example(2)), .example(byteCount: 100_000)])
    }
    #expect(try log.end() == LogPosition(1))
    #expect(try log.position(of: .example(2)) == nil)
    try log.writer.read { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 1_000)") }
    #expect(try commit([.example(2, key: .example(2)), .example(byteCount: 100_000)]) == nil)
    #expect(try log.end() == LogPosition(3))
  }

  /// Needs the right to mount; skipped without it.
  @Test(.enabled("needs root and the right to mount") { SmallDisk.isMountable }, arguments: [220, 301, 420, 777])
  func `on a full disk nothing acknowledged is lost, and room makes writing possible again`(kilobytes: Int) throws {
    let disk = try SmallDisk(.fileSystem, kilobytes: kilobytes)
    defer { disk.unmount() }
    let store = try SQLitePartitionStore(folder: disk.path + "/partition")
    let epoch = try store.acquire()
    var written: [LogEntry] = []
    var generator = SeededGenerator(seed: UInt64(kilobytes))
    func commit() throws {
      let entries = (0..<Int.random(in: 1...8, using: &generator)).map { _ in
        LogEntry.example(byteCount: Int.random(in: 1...3_000, using: &generator))
      }
      try store.commit(
        PartitionCommit(epoch: epoch, after: LogPosition(UInt64(written.count)), entries: entries))
      written += entries
    }
    #expect(throws: PartitionStoreError.full) { for _ in 0..<10_000 { try commit() } }
    let big = Checkpoint(
      position: LogPosition(1), records: [StateRecord(section: 1, key: [1], value: Array(repeating: 1, count: 800_000))]
    )
    #expect(throws: PartitionStoreError.full) { try store.save(big) }
    #expect(try store.checkpointPosition() == .start)
    #expect(try store.entries(from: .start, bytesMax: .max).map(\.entry) == written)

    try disk.grow(toKilobytes: kilobytes + 8_000)
    for _ in 0..<20 { try commit() }
    try store.save(big)
    store.close()
    let reopened = try SQLitePartitionStore(folder: disk.path + "/partition")
    defer { reopened.close() }
    #expect(try reopened.entries(from: .start, bytesMax: .max).map(\.entry) == written)
    #expect(try reopened.checkpointPosition() == LogPosition(1))
  }

  @Test(.enabled("needs root and the right to mount") { SmallDisk.isMountable })
  func `a document that finds no room is not saved, and the others stay`() throws {
    let disk = try SmallDisk(.fileSystem, kilobytes: 300)
    defer { disk.unmount() }
    let store = try SQLiteDocumentStore(directory: disk.path)
    defer { store.close() }
    let main = try #require(WorkspaceID("main"))
    func save(_ byteCount: Int) throws {
      _ = try store.save(
        workspace: main, collection: "keys", key: "a", body: Array(repeating: 1, count: byteCount), expecting: nil,
        at: Timestamp(seconds: 1))
    }
    try save(100)
    #expect(throws: DatabaseFault.full) { try save(1 << 20) }
    #expect(try store.document(workspace: main, collection: "keys", key: "a")?.body.count == 100)
  }
}
