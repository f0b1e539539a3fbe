import AttuneTestKit
import Engine
import Primitives
import StorageSQLite
import Testing

@testable import Engine

/// A `StateTable` over a real file against a plain dictionary.
@Suite struct StateTableTests {
  private struct Number: BinaryCodable, Equatable {
    var value: UInt64
    init(_ value: UInt64) { self.value = value }
    func encode(into writer: inout BinaryWriter) { writer.write(varint: value) }
    init(from reader: inout BinaryReader) throws(BinaryError) { value = try reader.readVarint() }
  }

  private static let section: UInt8 = 9

  private static func key(_ number: UInt64) -> IdentifierKey { IdentifierKey(Digest128(high: 7, low: number)) }

  private struct Saving {
    let records: [StateRecord]
    let fails: Bool
  }

  @Test(arguments: 1...8)
  func
    `whatever is evicted, changed while a checkpoint is written or not written at all, every value is the last one set`(
      seed: Int
    ) throws
  {
    var generator = SeededGenerator(seed: UInt64(seed))
    let folder = try TemporaryFolder()
    let store = try SQLitePartitionStore(folder: folder.path)
    defer { store.close() }
    let read: StateReader = { try store.state(section: $0, key: $1) }
    let capacity = seed
    var table = StateTable<IdentifierKey, Number>(section: Self.section, capacity: capacity, isStoreEmpty: true)
    var expected: [UInt64: Number] = [:]
    var saving: Saving?

    for step in 0..<3_000 {
      let number = UInt64.random(in: 0..<40, using: &generator)
      switch Int.random(in: 0..<20, using: &generator) {
      case 0..<6:
        #expect(try table.value(Self.key(number), read) == expected[number], "seed \(seed), step \(step)")
      case 6..<8:
        #expect(try table.contains(Self.key(number), read) == (expected[number] != nil), "seed \(seed), step \(step)")
      case 8..<14:
        try table.update(Self.key(number), read, initial: Number(1_000 * number)) { $0.value += 1 }
        expected[number] = Number((expected[number]?.value ?? 1_000 * number) + 1)
      case 14, 15:
        let value = step.isMultiple(of: 2) ? Number(UInt64(step)) : nil
        try table.set(Self.key(number), to: value, read)
        expected[number] = value
      case 16, 17:
        if let written = saving {
          if !written.fails { try store.save(Checkpoint(position: LogPosition(1), records: written.records)) }
          table.finishSaving(succeeded: !written.fails)
          saving = nil
        } else {
          let records = table.beginSaving().map {
            StateRecord(section: Self.section, key: $0.key.stateKey, value: $0.box.first?.binary)
          }
          saving = Saving(records: records, fails: Int.random(in: 0..<3, using: &generator) == 0)
        }
      case 18 where saving == nil:
        // As after a kill: what no checkpoint has is gone, and the rest is loaded as far as there is room.
        expected = [:]
        table = StateTable(section: Self.section, capacity: capacity, isStoreEmpty: false)
        var isComplete = true
        try store.forEachState(section: Self.section) { key, value in
          if isComplete { isComplete = try table.load(key: key, value: value) }
          var reader = BinaryReader(value)
          expected[try #require(IdentifierKey(stateKey: key)).digest.low] = try Number(from: &reader)
        }
        table.finishLoading(isComplete: isComplete)
      default: break
      }
    }
  }

  @Test func `what no checkpoint has stays in memory, and afterwards the table shrinks to its capacity`() throws {
    let folder = try TemporaryFolder()
    let store = try SQLitePartitionStore(folder: folder.path)
    defer { store.close() }
    let read: StateReader = { try store.state(section: $0, key: $1) }
    var table = StateTable<IdentifierKey, Number>(section: Self.section, capacity: 10, isStoreEmpty: true)
    for number: UInt64 in 0..<200 { try table.set(Self.key(number), to: Number(number), read) }
    #expect(table.count == 200)
    let records = table.beginSaving().map {
      StateRecord(section: Self.section, key: $0.key.stateKey, value: $0.box.first?.binary)
    }
    for number: UInt64 in 0..<200 { #expect(try table.value(Self.key(number), read) == Number(number)) }
    #expect(table.count == 200)
    try store.save(Checkpoint(position: LogPosition(1), records: records))
    table.finishSaving(succeeded: true)
    for number: UInt64 in 0..<200 { #expect(try table.value(Self.key(number), read) == Number(number)) }
    // Reading what is not in memory makes room, twice as much as it needs until all fit.
    try table.set(Self.key(200), to: Number(200), read)
    for _ in 0..<6 {
      for number: UInt64 in 0..<200 { #expect(try table.value(Self.key(number), read) == Number(number)) }
    }
    #expect(table.count == 10)
  }
}
