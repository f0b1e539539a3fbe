public import Engine
import Primitives
import Testing

/// What every `PartitionStore` keeps, whatever its backend. Run each law on a fresh store:
///
///     @Test(arguments: Backend.allCases, PartitionStoreContract.laws)
///     func `every backend keeps the contract`(backend: Backend, law: PartitionStoreContract.Law) throws {
///       try law.holds(for: backend.open())
///     }
public enum PartitionStoreContract {
  public typealias Law = StoreLaw<any PartitionStore>

  public static let laws: [Law] = logLaws + ownerLaws + stateLaws + replacementLaws + modelLaws

  // MARK: - The log

  static let logLaws: [Law] = [
    Law("an empty log ends at the start and has no entries") { store throws in
      #expect(try store.end() == .start)
      #expect(try store.entries(from: LogPosition(1), bytesMax: 1_000).isEmpty)
      #expect(try store.entry(at: LogPosition(1)) == nil)
      #expect(try store.position(of: .example(1)) == nil)
    },
    Law("entries are read back as they were written, at positions from 1") { store in
      let entries = LogEntry.edgeCases
      try store.append(entries)
      #expect(try store.end() == LogPosition(UInt64(entries.count)))
      let read = try store.entries(from: LogPosition(1), bytesMax: .max)
      #expect(read.map(\.entry) == entries)
      #expect(read.map(\.position.rawValue) == Array(1...UInt64(entries.count)))
      for (index, entry) in entries.enumerated() {
        #expect(try store.entry(at: LogPosition(UInt64(index + 1))) == entry)
      }
    },
    Law("there is nothing before the first entry nor after the last") { store in
      try store.append([.example(1), .example(2)])
      #expect(try store.entry(at: .start) == nil)
      #expect(try store.entry(at: LogPosition(3)) == nil)
      #expect(try store.entry(at: LogPosition(.max)) == nil)
      #expect(try store.entries(from: LogPosition(3), bytesMax: .max).isEmpty)
      #expect(try store.entries(from: LogPosition(.max), bytesMax: .max).isEmpty)
      #expect(try store.entries(from: .start, bytesMax: .max).first?.position == LogPosition(1))
    },
    Law("reading in pieces of any size gives every entry once, in order") { store in
      var generator = SeededGenerator(seed: 20_260_701)
      var written: [LogEntry] = []
      for _ in 0..<15 {
        let count = Int.random(in: 1...30, using: &generator)
        let entries = (0..<count).map { _ in LogEntry.example(byteCount: Int.random(in: 0...3_000, using: &generator)) }
        try store.append(entries)
        written += entries
      }
      for bytesMax in [0, 1, 2_500, 70_000, .max] {
        var read: [LogEntry] = []
        while case let piece = try store.entries(from: LogPosition(UInt64(read.count + 1)), bytesMax: bytesMax),
          !piece.isEmpty
        {
          let expected = UInt64(read.count + 1)...UInt64(read.count + piece.count)
          #expect(piece.map(\.position.rawValue) == Array(expected))
          let bytes = piece.dropFirst().reduce(0) { $0 + $1.entry.payload.count }
          #expect(bytes <= bytesMax, "the bound holds for all but the first")
          read += piece.map(\.entry)
        }
        #expect(read == written)
      }
    },
    Law("an entry is found by its key, and the first of two with one key") { store in
      try store.append([.example(1), .example(2, key: .example(7)), .example(3, key: .example(5))])
      try store.append([.example(4, key: .example(7)), .example(5, key: .example(6))])
      #expect(try store.position(of: .example(7)) == LogPosition(2))
      #expect(try store.position(of: .example(5)) == LogPosition(3))
      #expect(try store.position(of: .example(6)) == LogPosition(5))
      for absent in [0, 4, 8, 1_000] { #expect(try store.position(of: .example(absent)) == nil) }
    },
    Law("a commit that stands elsewhere than at the end changes nothing") { store in
      let epoch = try store.acquire()
      try store.commit(PartitionCommit(epoch: epoch, after: .start, entries: [.example(1)]))
      for after in [0, 2, 9].map({ LogPosition($0) }) {
        #expect(throws: PartitionStoreError.conflict(expected: after, found: LogPosition(1))) {
          let entries = [LogEntry.example(2, key: .example(2))]
          try store.commit(PartitionCommit(epoch: epoch, after: after, entries: entries))
        }
      }
      #expect(try store.entries(from: .start, bytesMax: .max).map(\.entry) == [.example(1)])
      #expect(try store.position(of: .example(2)) == nil)
    },
  ]

  // MARK: - Owner and end

  static let ownerLaws: [Law] = [
    Law("each owner has a later epoch, and only the latest commits") { store in
      let first = try store.acquire()
      try store.commit(PartitionCommit(epoch: first, after: .start, entries: [.example(1)]))
      let second = try store.acquire()
      #expect(second > first)
      for epoch in [0, first, second + 1] {
        #expect(throws: PartitionStoreError.fenced(epoch: second)) {
          try store.commit(PartitionCommit(epoch: epoch, after: LogPosition(1), entries: [.example(2)]))
        }
      }
      #expect(try store.end() == LogPosition(1))
      try store.commit(PartitionCommit(epoch: second, after: LogPosition(1), entries: [.example(3)]))
      #expect(try store.entry(at: LogPosition(2)) == .example(3))
    },
    Law("nobody commits before acquiring") { store throws in
      #expect(throws: PartitionStoreError.self) {
        try store.commit(PartitionCommit(epoch: 1, after: .start, entries: [.example(1)]))
      }
      #expect(try store.end() == .start)
    },
    Law("a commit without entries changes nothing, but is refused like any other") { store in
      let epoch = try store.append([.example(1)])
      try store.commit(PartitionCommit(epoch: epoch, after: LogPosition(1), entries: []))
      #expect(try store.end() == LogPosition(1))
      #expect(throws: PartitionStoreError.conflict(expected: .start, found: LogPosition(1))) {
        try store.commit(PartitionCommit(epoch: epoch, after: .start, entries: []))
      }
      let next = try store.acquire()
      #expect(throws: PartitionStoreError.fenced(epoch: next)) {
        try store.commit(PartitionCommit(epoch: epoch, after: LogPosition(1), entries: []))
      }
    },
    Law("a closed store fails instead of answering") { store in
      let epoch = try store.append([.example(1)])
      store.close()
      store.close()
      #expect(throws: PartitionStoreError.self) { try store.end() }
      #expect(throws: PartitionStoreError.self) { try store.acquire() }
      #expect(throws: PartitionStoreError.self) { try store.entries(from: .start, bytesMax: 1) }
      #expect(throws: PartitionStoreError.self) { try store.state(section: 1, key: [1]) }
      #expect(throws: PartitionStoreError.self) {
        try store.commit(PartitionCommit(epoch: epoch, after: LogPosition(1), entries: [.example(2)]))
      }
      #expect(throws: PartitionStoreError.self) { try store.save(Checkpoint(position: LogPosition(1), records: [])) }
    },
  ]
}
