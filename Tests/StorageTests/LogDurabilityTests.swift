import AttuneTestKit
import Engine
import GRDB
import Primitives
import Testing

@testable import StorageSQLite

@Suite struct LogDurabilityTests {
  @Test func `every commit to the log is synced`() throws {
    let files = try PartitionFiles()
    let log = try LogDatabase(path: files.log)
    defer { log.close() }
    let pragmas = try ["journal_mode", "synchronous", "wal_autocheckpoint"].map { name in
      try log.writer.read { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }
    #expect(pragmas == ["wal", "2", "0"], "2 is FULL")
  }

  @Test func `entries, keys, epoch and checkpoint are there after closing and opening`() throws {
    let files = try PartitionFiles()
    let entries = LogEntry.edgeCases
    var store = try files.open()
    let epoch = try store.append(entries)
    try store.save(Checkpoint(position: LogPosition(3), records: [StateRecord(section: 1, key: [1], value: [2])]))
    store.close()
    store = try files.open()
    defer { store.close() }
    #expect(store.repairs.isEmpty)
    #expect(try store.entries(from: .start, bytesMax: .max).map(\.entry) == entries)
    #expect(try store.position(of: SortableID(high: .max, low: .max)) != nil)
    #expect(try store.checkpointPosition() == LogPosition(3))
    #expect(try store.state(section: 1, key: [1]) == [2])
    #expect(try store.acquire() > epoch)
  }

  @Test func `what was acknowledged is there after a kill`() throws {
    let files = try PartitionFiles()
    let store = try files.open()
    defer { store.close() }
    var written: [LogEntry] = []
    for round in 0..<5 {
      let entries = (0..<20).map { LogEntry.example(round * 20 + $0, key: .example(round * 20 + $0)) }
      try store.append(entries)
      written += entries
      let keys = written.compactMap(\.key)
      #expect(try files.copy().everything(keys: keys) == written + written)
    }
  }

  @Test func `a commit torn by a kill is gone whole and takes none before it along`() throws {
    let files = try PartitionFiles()
    let store = try files.open()
    defer { store.close() }
    let acknowledged = (0..<30).map { LogEntry.example($0, key: .example($0)) }
    try store.append(acknowledged)
    let sizeBefore = try files.size(of: files.writeAheadLog)
    let before = try files.copy()
    try store.append([.example(byteCount: 100_000), .example(1_000, key: .example(1_000))])
    let sizeAfter = try files.size(of: files.writeAheadLog)
    try #require(sizeAfter > sizeBefore + 100_000)

    for size in stride(from: sizeBefore, to: sizeAfter, by: 9_973) {
      let torn = try files.copy()
      try torn.take(torn.end, from: before)
      try torn.edit(torn.writeAheadLog) { $0.removeSubrange(size...) }
      #expect(try torn.everything(keys: [.example(29)]) == acknowledged + [acknowledged[29]])
      let garbled = try files.copy()
      try garbled.take(garbled.end, from: before)
      try garbled.edit(garbled.writeAheadLog) { bytes in
        for index in size..<bytes.count { bytes[index] ^= 0x5A }
      }
      #expect(try garbled.everything(keys: [.example(1_000)]) == acknowledged + [nil])
    }
  }

  @Test func `the write-ahead log stays bounded while commits go on`() throws {
    let files = try PartitionFiles()
    let limits = WriteAheadLog.Limits(bytesBetweenRuns: 64 << 10, bytesMax: 256 << 10, bytesLeftMax: 32 << 10)
    let log = try LogDatabase(path: files.log, limits: limits)
    defer { log.close() }
    let epoch = try log.acquire()
    for round in 0..<60 {
      let entries = [LogEntry.example(byteCount: 50_000)]
      #expect(try log.commit(PartitionCommit(epoch: epoch, after: LogPosition(UInt64(round)), entries: entries)) == nil)
      log.writeAheadLog.settle()
      #expect(try files.size(of: files.writeAheadLog) < 512 << 10)
    }
    #expect(try log.entries(from: .start, bytesMax: .max).count == 60)
  }

  @Test func `a second store on the same files fences the first`() throws {
    let files = try PartitionFiles()
    let (first, second) = (try files.open(), try files.open())
    defer {
      first.close()
      second.close()
    }
    let epoch = try first.append([.example(1)])
    let next = try second.acquire()
    #expect(throws: PartitionStoreError.fenced(epoch: next)) {
      try first.commit(PartitionCommit(epoch: epoch, after: LogPosition(1), entries: [.example(2)]))
    }
    try second.commit(PartitionCommit(epoch: next, after: LogPosition(1), entries: [.example(3)]))
    #expect(try first.entry(at: LogPosition(2)) == .example(3))
  }
}
