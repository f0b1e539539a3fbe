import AttuneTestKit
import Engine
import Foundation
import Primitives
import StorageSQLite
import Testing

@Suite struct StateRepairTests {
  /// A closed partition of 10 entries with a checkpoint at the 8th.
  private func written() throws -> PartitionFiles {
    let files = try PartitionFiles()
    let store = try files.open()
    try store.append((0..<10).map { .example($0) })
    let records = (0..<200).map { StateRecord(section: 1, key: [UInt8($0)], value: Array(repeating: 7, count: 500)) }
    try store.save(Checkpoint(position: LogPosition(8), records: records))
    store.close()
    return files
  }

  enum Mishap: CaseIterable {
    case missing, empty, garbage, cut, ahead, foreign, otherFormat
  }

  @Test(arguments: Mishap.allCases)
  func `a state that cannot be used is thrown away and folded again, and the log is whole`(mishap: Mishap) throws {
    let files = try written()
    switch mishap {
    case .missing: try FileManager.default.removeItem(atPath: files.state)
    case .empty: try files.edit(files.state) { $0 = [] }
    case .garbage: try files.edit(files.state) { $0 = Array(repeating: 0x41, count: $0.count) }
    case .cut: try files.edit(files.state) { $0.removeLast($0.count / 2) }
    case .otherFormat: try files.edit(files.state) { $0[63] += 1 }  // the last byte of SQLite's user_version
    case .ahead:
      // As after restoring an older backup of the log alone.
      let older = try files.copy()
      let store = try files.open()
      try store.append([.example(10), .example(11)])
      try store.save(Checkpoint(position: LogPosition(12), records: []))
      store.close()
      try files.take(files.log, from: older)
      try files.take(files.end, from: older)
    case .foreign: try files.take(files.state, from: try written())
    }

    let store = try files.open()
    defer { store.close() }
    #expect(try store.checkpointPosition() == .start)
    #expect(try store.state(section: 1, key: [1]) == nil)
    #expect(try store.end() == LogPosition(10))
    #expect(store.repairs.isEmpty == [.missing, .empty].contains(mishap), "\(store.repairs)")
    try store.save(Checkpoint(position: LogPosition(10), records: [StateRecord(section: 1, key: [1], value: [1])]))
    #expect(try store.state(section: 1, key: [1]) == [1])
  }

  @Test func `damage met while running is reported, and the next start throws the state away`() throws {
    let files = try written()
    try files.edit(files.state) { bytes in
      // Deep in the values, where only a checksum can tell.
      for index in stride(from: 30_000, to: bytes.count, by: 1_000) { bytes[index] ^= 0x10 }
    }
    var store = try files.open()
    #expect(try store.checkpointPosition() == LogPosition(8), "not read yet")
    let error = #expect(throws: PartitionStoreError.self) { try store.forEachState(section: 1) { _, _ in } }
    #expect(error?.description.contains(files.state) == true)
    #expect(error?.description.contains("Restart") == true)
    store.close()
    store = try files.open()
    #expect(try store.checkpointPosition() == .start)
    #expect(store.repairs.count == 1)
    store.close()
    store = try files.open()
    defer { store.close() }
    #expect(store.repairs.isEmpty, "once")
  }

  @Test func `a checkpoint cut short by a kill is as if it had not been`() throws {
    let files = try PartitionFiles()
    let store = try files.open()
    defer { store.close() }
    try store.append((0..<10).map { .example($0) })
    func save(_ position: UInt64, value: UInt8) throws {
      let records = (0..<100).map {
        StateRecord(section: 1, key: [UInt8($0)], value: Array(repeating: value, count: 300))
      }
      try store.save(Checkpoint(position: LogPosition(position), records: records))
    }
    try save(5, value: 1)
    let sizeBefore = try files.size(of: files.state + "-wal")
    try save(9, value: 2)
    let torn = try files.copy()
    try torn.edit(torn.state + "-wal") { $0.removeSubrange(sizeBefore + 20_000..<$0.count) }
    let reopened = try torn.open()
    defer { reopened.close() }
    #expect(try reopened.checkpointPosition() == LogPosition(5))
    try reopened.forEachState(section: 1) { _, value in #expect(value.first == 1) }
  }
}
