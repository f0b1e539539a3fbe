import Engine
import Primitives
import Testing

extension PartitionStoreContract {
  static let replacementLaws: [Law] = [
    Law("a commit puts entries in the place of earlier ones, and nothing else moves") { store in
      let entries = LogEntry.edgeCases + (0..<200).map { LogEntry.example($0, key: .example($0)) }
      let epoch = try store.append(entries)
      var expected = entries
      var replacements: [PositionedEntry] = []
      for (index, entry) in entries.enumerated() where index % 3 == 0 {
        // Shorter, as long, and longer than what was there.
        let payload = [UInt8](repeating: 7, count: [0, 1, entry.payload.count, 17, 90_000][index / 3 % 5])
        expected[index] = LogEntry(kind: .erased, knownAt: entry.knownAt, key: entry.key, payload: payload)
        replacements.append(PositionedEntry(position: LogPosition(UInt64(index + 1)), entry: expected[index]))
      }
      let end = LogPosition(UInt64(entries.count))
      expected.append(.example(1_000))
      try store.commit(
        PartitionCommit(epoch: epoch, after: end, entries: [.example(1_000)], replacements: replacements.reversed()))
      #expect(try store.entries(from: .start, bytesMax: .max).map(\.entry) == expected)
      for (index, entry) in expected.enumerated() {
        #expect(try store.entry(at: LogPosition(UInt64(index + 1))) == entry)
      }
      for number in 0..<200 {
        let position = try store.position(of: .example(number))
        #expect(try position.flatMap { try store.entry(at: $0)?.key } == .example(number))
      }
    },
    Law("an entry that was replaced can be replaced again") { store in
      let epoch = try store.append([.example(byteCount: 500), .example(2)])
      for (round, size) in [100, 99, 98, 0].enumerated() {
        let entry = LogEntry(kind: .erased, knownAt: Timestamp(seconds: 1), payload: [UInt8](repeating: 3, count: size))
        try store.commit(
          PartitionCommit(
            epoch: epoch, after: LogPosition(UInt64(2 + round)), entries: [.example(10 + round)],
            replacements: [PositionedEntry(position: LogPosition(1), entry: entry)]))
        #expect(try store.entry(at: LogPosition(1)) == entry)
        #expect(try store.entry(at: LogPosition(2)) == .example(2))
      }
    },
    Law("a commit that is refused replaces nothing") { store in
      let first = try store.append([.example(1)])
      let second = try store.acquire()
      let replacement = [PositionedEntry(position: LogPosition(1), entry: .example(9))]
      #expect(throws: PartitionStoreError.fenced(epoch: second)) {
        try store.commit(
          PartitionCommit(epoch: first, after: LogPosition(1), entries: [.example(2)], replacements: replacement))
      }
      #expect(throws: PartitionStoreError.conflict(expected: .start, found: LogPosition(1))) {
        try store.commit(
          PartitionCommit(epoch: second, after: .start, entries: [.example(2)], replacements: replacement))
      }
      #expect(try store.entries(from: .start, bytesMax: .max).map(\.entry) == [.example(1)])
      #expect(try !store.isPurgeDue())
    },
    Law("a purge is due from a replacement until it is done") { store in
      let epoch = try store.append([.example(1)])
      #expect(try !store.isPurgeDue())
      let replacement = [PositionedEntry(position: LogPosition(1), entry: .example(9))]
      try store.commit(PartitionCommit(epoch: epoch, after: LogPosition(1), entries: [], replacements: replacement))
      #expect(try store.isPurgeDue())
      try store.save(Checkpoint(position: LogPosition(1), records: []))
      #expect(try store.isPurgeDue())
      try store.purge()
      #expect(try !store.isPurgeDue())
      try store.purge()
      #expect(try store.entry(at: LogPosition(1)) == .example(9))
    },
  ]
}
