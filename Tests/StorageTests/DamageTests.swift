import AttuneTestKit
import Engine
import Foundation
import Governance
import Primitives
import StorageSQLite
import Testing

@Suite struct DamageTests {
  /// A closed partition of some pages, with what it holds.
  private struct Written {
    let files: PartitionFiles
    let entries: [LogEntry]
    var keys: [SortableID] { entries.compactMap(\.key) }
    var everything: [LogEntry?] { entries + entries.filter { $0.key != nil } }

    init() throws {
      files = try PartitionFiles()
      let store = try files.open()
      entries = (0..<400).map { index in
        index % 5 == 0 ? .example(byteCount: 900 + index) : .example(index, key: .example(index))
      }
      for start in stride(from: 0, to: entries.count, by: 40) {
        try store.append(Array(entries[start..<start + 40]))
      }
      store.close()
    }
  }

  @Test func `a last page of garbage is reported with the file and what to do`() throws {
    let written = try Written()
    let damaged = try written.files.copy()
    try damaged.edit(damaged.log) { bytes in
      for index in bytes.count - 8_192..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 37) }
    }
    let error = #expect(throws: PartitionStoreError.self) { try damaged.everything(keys: written.keys) }
    guard case .corrupt(let message) = error else {
      Issue.record("expected .corrupt, got \(String(describing: error))")
      return
    }
    #expect(message.contains(damaged.log))
    #expect(message.contains("backup"))
  }

  @Test func `a file cut short is reported`() throws {
    let written = try Written()
    for remainder in [0.1, 0.5, 0.9] {
      let cut = try written.files.copy()
      try cut.edit(cut.log) { $0.removeLast(Int(Double($0.count) * (1 - remainder)) / 512 * 512) }
      #expect(throws: PartitionStoreError.self) { try cut.everything(keys: written.keys) }
    }
  }

  enum Loss: CaseIterable {
    case lastPageGarbled, lastPageCut, headerGarbled, removed, allEmptied
  }

  /// SQLite itself says nothing: to it, these are commits that a crash interrupted.
  @Test(arguments: Loss.allCases)
  func `a log that lost acknowledged commits is refused with what is missing and how to go on`(loss: Loss) throws {
    let files = try PartitionFiles()
    let store = try files.open()
    defer { store.close() }
    try store.append((0..<30).map { .example($0) })
    try store.append([.example(byteCount: 20_000)])
    let damaged = try files.copy()
    switch loss {
    case .lastPageGarbled:
      try damaged.edit(damaged.writeAheadLog) { bytes in
        for index in bytes.count - 8_192..<bytes.count { bytes[index] ^= 0x5A }
      }
    case .lastPageCut: try damaged.edit(damaged.writeAheadLog) { $0.removeLast(8_192) }
    case .headerGarbled: try damaged.edit(damaged.writeAheadLog) { $0[20] ^= 1 }
    case .removed: try damaged.edit(damaged.writeAheadLog) { $0 = [] }
    case .allEmptied: for file in [damaged.log, damaged.writeAheadLog] { try damaged.edit(file) { $0 = [] } }
    }
    let error = #expect(throws: PartitionStoreError.self) { try damaged.open() }
    let message = error?.description ?? ""
    #expect(message.contains("entries up to 31 were acknowledged"), "\(message)")
    #expect(message.contains(damaged.log) && message.contains(damaged.end), "\(message)")
    try FileManager.default.removeItem(atPath: damaged.end)
    let rest = try damaged.everything(keys: [])
    #expect(rest.count == ([.lastPageGarbled, .lastPageCut].contains(loss) ? 30 : 0))
  }

  @Test func `a note of the end that is damaged or of another log refuses nothing`() throws {
    let written = try Written()
    let (damaged, foreign) = (try written.files.copy(), try written.files.copy())
    try damaged.edit(damaged.end) { $0[9] ^= 0xFF }
    try foreign.take(foreign.end, from: try Written().files)
    for files in [damaged, foreign] {
      #expect(try files.everything(keys: written.keys) == written.everything)
    }
  }

  /// Wherever bytes are flipped, reading gives what was written or fails: never less, never something else.
  @Test(arguments: 0..<4) func `damage is never read as something else`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let written = try Written()
    let size = try written.files.size(of: written.files.log)
    var found = 0
    for _ in 0..<40 {
      let damaged = try written.files.copy()
      let length = Int.random(in: 1...24, using: &generator)
      let isInLastPages = Bool.random(using: &generator)
      let start = Int.random(in: (isInLastPages ? size - 3 * 8_192 : 0)..<size - length, using: &generator)
      try damaged.edit(damaged.log) { bytes in
        for index in start..<start + length { bytes[index] ^= UInt8.random(in: 1...255, using: &generator) }
      }
      do {
        let isWhole = try damaged.everything(keys: written.keys) == written.everything
        #expect(isWhole, "seed \(seed): \(length) bytes at \(start)")
      } catch is PartitionStoreError {
        found += 1
      }
    }
    #expect(found > 10, "most damage hits something that is read")
  }

  @Test func `a damaged document is reported with the file`() throws {
    let folder = try TemporaryFolder()
    let main = try #require(WorkspaceID("main"))
    var store = try SQLiteDocumentStore(directory: folder.path)
    let body = Array("the definitions of a workspace".utf8)
    _ = try store.save(
      workspace: main, collection: "definitions", key: "all", body: body, expecting: 0, at: Timestamp(seconds: 1))
    store.close()
    let files = try PartitionFiles()
    try files.edit(folder.path + "/attune.db") { bytes in
      let at = bytes.firstRange(of: body)?.lowerBound ?? 0
      bytes[at + 3] ^= 1
    }
    store = try SQLiteDocumentStore(directory: folder.path)
    defer { store.close() }
    let error = #expect(throws: DatabaseFault.self) {
      try store.document(workspace: main, collection: "definitions", key: "all")
    }
    #expect(error?.description.contains("attune.db") == true)
  }

  @Test func `a file that is no database, or of a later format, is refused by name`() throws {
    let files = try PartitionFiles()
    try files.open().close()
    let (foreign, later) = (try files.copy(), try files.copy())
    try foreign.edit(foreign.log) { $0 = Array(repeating: 0x41, count: 10_000) }
    try later.edit(later.log) { $0[63] = 99 }  // user_version is a big-endian word at byte 60
    for (damaged, word) in [(foreign, "damaged"), (later, "format 99")] {
      let error = #expect(throws: PartitionStoreError.self) { try damaged.open() }
      #expect(error?.description.contains(word) == true, "\(String(describing: error))")
      #expect(error?.description.contains(damaged.log) == true)
    }
  }
}
