import AttuneTestKit
import Dispatch
import Engine
import Foundation
import GRDB
import Primitives
import Synchronization
import Testing

@testable import StorageSQLite

/// After a purge no file holds what was replaced or removed.
@Suite struct PurgeTests {
  private func mark(_ number: Int) -> String {
    "person-\(String(repeating: "0", count: 6 - "\(number)".count))\(number)"
  }

  private func entry(_ number: Int, bytes: Int) -> LogEntry {
    let text = String(repeating: mark(number) + " ", count: max(1, bytes / 14))
    return LogEntry(kind: .event, knownAt: Timestamp(seconds: 5), payload: Array(text.utf8))
  }

  /// Which marks any file of the partition holds.
  private func marks(in files: PartitionFiles, among numbers: some Sequence<Int>) throws -> [Int] {
    var found: Set<Int> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: files.folder.path) {
      let data = try Data(contentsOf: URL(fileURLWithPath: files.folder.path + "/" + name))
      for number in numbers where data.range(of: Data(mark(number).utf8)) != nil { found.insert(number) }
    }
    return found.sorted()
  }

  @Test func `who reads the log for long, as a backup does, makes a purge wait and nothing else`() throws {
    let files = try PartitionFiles()
    let store = try files.open()
    defer { store.close() }
    let epoch = try store.acquire()
    try store.commit(PartitionCommit(epoch: epoch, after: .start, entries: (0..<40).map { entry($0, bytes: 900) }))
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let backup = try DatabaseQueue(path: files.log, configuration: configuration)
    // Held as another process holds it, for as long as its copy takes.
    try backup.inDatabase { try $0.execute(sql: "BEGIN; SELECT count(*) FROM log") }
    let tombstone = LogEntry(kind: .erased, knownAt: Timestamp(seconds: 5), payload: [1])
    try store.commit(
      PartitionCommit(
        epoch: epoch, after: LogPosition(40), entries: [entry(40, bytes: 900)],
        replacements: [PositionedEntry(position: LogPosition(8), entry: tombstone)]))
    let purged = Mutex<Result<Void, any Error>?>(nil)
    let ended = DispatchSemaphore(value: 0)
    Thread {
      let outcome = Result { try store.purge() }
      purged.withLock { $0 = outcome }
      ended.signal()
    }.start()
    for number in 41..<60 {
      try store.commit(
        PartitionCommit(epoch: epoch, after: LogPosition(UInt64(number)), entries: [entry(number, bytes: 900)]))
    }
    #expect(purged.withLock { $0 == nil }, "the reader still sees what was there")
    try backup.inDatabase { try $0.execute(sql: "COMMIT") }
    ended.wait()
    #expect(throws: Never.self) { try purged.withLock { $0 }?.get() }
    #expect(try marks(in: files, among: [7]) == [])
    #expect(try store.end() == LogPosition(60))
  }

  @Test(arguments: [1, 2, 3])
  func `the log's files hold nothing of replaced entries, and all of the others`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let files = try PartitionFiles()
    let store = try files.open()
    defer { store.close() }
    let epoch = try store.acquire()
    var written: [LogEntry] = []
    for _ in 0..<60 {
      let first = written.count
      let entries = (0..<Int.random(in: 1...20, using: &generator)).map {
        entry(first + $0, bytes: Int.random(in: 14...3_000, using: &generator))
      }
      try store.commit(PartitionCommit(epoch: epoch, after: LogPosition(UInt64(first)), entries: entries))
      written += entries
    }
    var gone: Set<Int> = []
    for _ in 0..<8 {
      let erased = Set(
        (0..<Int.random(in: 1...25, using: &generator)).map { _ in
          Int.random(in: 0..<written.count, using: &generator)
        })
      let replacements = erased.map { number in
        let tombstone = LogEntry(
          kind: .erased, knownAt: Timestamp(seconds: 5),
          payload: [UInt8](repeating: 1, count: Int.random(in: 0...20, using: &generator)))
        return PositionedEntry(position: LogPosition(UInt64(number + 1)), entry: tombstone)
      }
      let end = try store.end()
      try store.commit(
        PartitionCommit(
          epoch: epoch, after: end, entries: [LogEntry(kind: .erasure, knownAt: Timestamp(seconds: 6), payload: [])],
          replacements: replacements))
      try store.purge()
      gone.formUnion(erased)
      #expect(try marks(in: files, among: gone) == [], "seed \(seed)")
    }
    let kept = Set(written.indices).subtracting(gone)
    #expect(try marks(in: files, among: kept) == kept.sorted(), "seed \(seed)")
  }

  @Test(arguments: [4, 5, 6])
  func `the state's files hold nothing of removed and replaced records`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let files = try PartitionFiles()
    let store = try files.open()
    defer { store.close() }
    let count = 2_000
    let keys = (0..<count).map { _ in (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) } }
    func record(_ number: Int) -> StateRecord {
      let bytes = Int.random(in: 14...(number % 50 == 0 ? 20_000 : 600), using: &generator)
      return StateRecord(section: 2, key: keys[number], value: entry(number, bytes: bytes).payload)
    }
    // In pieces and again, so that pages are split and values change their length.
    for _ in 0..<2 {
      for start in stride(from: 0, to: count, by: 100) {
        try store.save(Checkpoint(position: .start, records: (start..<start + 100).map(record)))
      }
    }
    var gone: Set<Int> = []
    for _ in 0..<5 {
      let erased = Set((0..<40).map { _ in Int.random(in: 0..<count, using: &generator) })
      let changed = (0..<60).map { _ in Int.random(in: 0..<count, using: &generator) }.filter {
        !gone.contains($0) && !erased.contains($0)
      }
      let removals = erased.map { StateRecord(section: 2, key: keys[$0], value: nil) }
      try store.save(Checkpoint(position: .start, records: removals + changed.map(record)))
      try store.purge()
      gone.formUnion(erased)
      #expect(try marks(in: files, among: gone) == [], "seed \(seed)")
    }
    let kept = Set(0..<count).subtracting(gone)
    #expect(try marks(in: files, among: kept) == kept.sorted(), "seed \(seed)")
    for number in kept { #expect(try store.state(section: 2, key: keys[number]) != nil) }
  }

  @Test func `a purge that a kill prevented is due at the next opening, and done then`() throws {
    let files = try PartitionFiles()
    let store = try files.open()
    let epoch = try store.append((0..<50).map { entry($0, bytes: 400) })
    let tombstone = LogEntry(kind: .erased, knownAt: Timestamp(seconds: 5), payload: [])
    try store.commit(
      PartitionCommit(
        epoch: epoch, after: LogPosition(50), entries: [],
        replacements: [PositionedEntry(position: LogPosition(8), entry: tombstone)]))
    let killed = try files.copy()
    store.close()
    #expect(try marks(in: killed, among: [7]) == [7], "as it is read no more, but stands in a file")
    let again = try killed.open()
    defer { again.close() }
    #expect(try again.entry(at: LogPosition(8)) == tombstone)
    #expect(try again.isPurgeDue())
    try again.purge()
    #expect(try !again.isPurgeDue())
    #expect(try marks(in: killed, among: [7]) == [])
  }

  @Test func `a row that was replaced keeps its place and its length`() throws {
    let files = try PartitionFiles()
    let log = try LogDatabase(path: files.log)
    defer { log.close() }
    let epoch = try log.acquire()
    let entries = (0..<30).map { entry($0, bytes: 200) }
    _ = try log.commit(PartitionCommit(epoch: epoch, after: .start, entries: entries))
    func lengths() throws -> [Int64] {
      try log.reader.read { try HotStatement("SELECT sum(length(body)) FROM log", in: $0).firstInteger() }.map { [$0] }
        ?? []
    }
    let before = try lengths()
    let tombstone = LogEntry(kind: .erased, knownAt: Timestamp(seconds: 5), payload: [1, 2, 3])
    let replacements = [3, 4, 29].map { PositionedEntry(position: LogPosition($0), entry: tombstone) }
    _ = try log.commit(
      PartitionCommit(epoch: epoch, after: LogPosition(30), entries: [], replacements: replacements))
    #expect(try lengths() == before)
  }
}
