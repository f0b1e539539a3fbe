import Dispatch
import Engine
import Primitives
import Synchronization
import Testing

extension PartitionStoreContract {
  static let stateLaws: [Law] = [
    Law("before the first checkpoint there is no state") { store in
      try store.append([.example(1)])
      #expect(try store.checkpointPosition() == .start)
      #expect(try store.state(section: 1, key: [1]) == nil)
      #expect(try store.stateOf(section: 1).isEmpty)
    },
    Law("a checkpoint replaces what it names, removes what it says, and keeps the rest") { store in
      try store.append([.example(1), .example(2), .example(3)])
      try store.save(Checkpoint(position: LogPosition(1), records: [record(1, 10), record(2, 20), record(3, 30)]))
      #expect(try store.checkpointPosition() == LogPosition(1))
      try store.save(Checkpoint(position: LogPosition(3), records: [record(3, nil), record(2, 21), record(9, nil)]))
      #expect(try store.checkpointPosition() == LogPosition(3))
      #expect(try store.stateOf(section: 1) == [[1]: [10], [2]: [21]])
      #expect(try store.state(section: 1, key: [2]) == [21])
      #expect(try store.state(section: 1, key: [3]) == nil)
    },
    Law("of several records with one key in a checkpoint the last counts") { store in
      let records = [record(1, 10), record(1, nil), record(1, 11), record(2, 20), record(2, nil)]
      try store.save(Checkpoint(position: .start, records: records))
      #expect(try store.stateOf(section: 1) == [[1]: [11]])
    },
    Law("a checkpoint without records moves the position") { store in
      try store.append([.example(1), .example(2)])
      try store.save(Checkpoint(position: LogPosition(2), records: []))
      #expect(try store.checkpointPosition() == LogPosition(2))
    },
    Law("sections do not see each other") { store in
      let records = [0, 1, 255].map { StateRecord(section: $0, key: [7], value: [$0]) }
      try store.save(Checkpoint(position: .start, records: records))
      try store.save(Checkpoint(position: .start, records: [StateRecord(section: 1, key: [7], value: nil)]))
      #expect(try store.state(section: 0, key: [7]) == [0])
      #expect(try store.state(section: 1, key: [7]) == nil)
      #expect(try store.stateOf(section: 255) == [[7]: [255]])
    },
    Law("records come in the order of their keys' bytes, whatever keys and values are") { store in
      let keys: [[UInt8]] = [
        [], [0], [0, 0], [0, 255], [1], [1, 0], Array(repeating: 5, count: 4_000), [127], [128], [255], [255, 255],
      ]
      let values: [[UInt8]] = keys.indices.map { index in
        index == 3 ? [] : Array(repeating: UInt8(index), count: index == 4 ? 300_000 : index)
      }
      let records = zip(keys, values).map { StateRecord(section: 4, key: $0, value: $1) }
      try store.save(Checkpoint(position: .start, records: records.reversed()))
      var read: [StateRecord] = []
      try store.forEachState(section: 4) { read.append(StateRecord(section: 4, key: $0, value: $1)) }
      #expect(read == records)
      for record in records { #expect(try store.state(section: 4, key: record.key) == record.value) }
      for limit in [1, 3, records.count, 100] {
        var pages: [StateRecord] = []
        while true {
          let page = try store.stateRecords(section: 4, after: pages.last?.key, limit: limit)
          #expect(page.count <= limit)
          pages += page
          if page.count < limit { break }
        }
        #expect(pages == records, "in pages of \(limit)")
      }
      #expect(try store.stateRecords(section: 5, after: nil, limit: 9).isEmpty)
    },
    Law("an error of the body ends the reading and comes out; the body may use the store") { store in
      struct Enough: Error {}
      try store.save(Checkpoint(position: .start, records: [record(1, 10), record(2, 20), record(3, 30)]))
      var seen: [[UInt8]] = []
      #expect(throws: Enough.self) {
        try store.forEachState(section: 1) { key, value in
          #expect(try store.state(section: 1, key: key) == value)
          seen.append(key)
          if key == [2] { throw Enough() }
        }
      }
      #expect(seen == [[1], [2]])
    },
    Law("discarded state is gone, the log stays, and the next checkpoint begins anew") { store in
      let epoch = try store.append([.example(1, key: .example(1))])
      try store.save(Checkpoint(position: LogPosition(1), records: [record(1, 10)]))
      try store.discardState()
      #expect(try store.checkpointPosition() == .start)
      #expect(try store.state(section: 1, key: [1]) == nil)
      #expect(try store.entry(at: LogPosition(1)) == .example(1, key: .example(1)))
      #expect(try store.position(of: .example(1)) == LogPosition(1))
      try store.commit(PartitionCommit(epoch: epoch, after: LogPosition(1), entries: [.example(2)]))
      try store.save(Checkpoint(position: LogPosition(2), records: [record(2, 20)]))
      #expect(try store.checkpointPosition() == LogPosition(2))
      #expect(try store.stateOf(section: 1) == [[2]: [20]])
    },
    Law("commits, checkpoints and reads at once do not disturb each other") { store in
      let epoch = try store.acquire()
      let failures = Mutex<[any Error]>([])
      DispatchQueue.concurrentPerform(iterations: 3) { thread in
        do {
          for round in 0..<50 {
            switch thread {
            case 0:
              let after = LogPosition(UInt64(round * 3))
              let entries = (0..<3).map { LogEntry.example(round * 3 + $0, key: .example(round * 3 + $0)) }
              try store.commit(PartitionCommit(epoch: epoch, after: after, entries: entries))
            case 1:
              let records = (0..<20).map { record(UInt8($0), UInt8(round)) }
              try store.save(Checkpoint(position: .start, records: records))
            default:
              let values = try Set(store.stateOf(section: 1).values)
              #expect(values.count <= 1, "a checkpoint is seen whole or not at all")
              let end = try store.end()
              #expect(end.rawValue % 3 == 0, "a commit is seen whole or not at all")
              let last = try store.entry(at: end)
              #expect(end == .start || last != nil)
            }
          }
        } catch {
          failures.withLock { $0.append(error) }
        }
      }
      #expect(failures.withLock { $0.isEmpty })
      #expect(try store.entries(from: .start, bytesMax: .max).count == 150)
      #expect(try store.stateOf(section: 1).count == 20)
    },
  ]
}

private func record(_ key: UInt8, _ value: UInt8?) -> StateRecord {
  StateRecord(section: 1, key: [key], value: value.map { [$0] })
}

extension PartitionStore {
  fileprivate func stateOf(section: UInt8) throws -> [[UInt8]: [UInt8]] {
    var state: [[UInt8]: [UInt8]] = [:]
    try forEachState(section: section) { state[$0] = $1 }
    return state
  }
}
