public import Engine
public import Primitives
import Synchronization

/// A log and its folded state in memory: for tests and trials, gone with the value.
public final class MemoryPartitionStore: PartitionStore {
  private struct Contents {
    var epoch: UInt64 = 0
    var entries: [LogEntry] = []
    var positions: [SortableID: LogPosition] = [:]
    var checkpoint = LogPosition.start
    var sections: [UInt8: [[UInt8]: [UInt8]]] = [:]
    var models: [ModelFamily: [Int: [UInt8]]] = [:]
    var isPurgeDue = false
    var isClosed = false

    var end: LogPosition { LogPosition(UInt64(entries.count)) }
  }

  private let contents = Mutex(Contents())

  public init() {}

  public func close() { contents.withLock { $0.isClosed = true } }

  // MARK: - The log

  public func acquire() throws(PartitionStoreError) -> UInt64 {
    try using { contents in
      contents.epoch += 1
      return contents.epoch
    }
  }

  public func end() throws(PartitionStoreError) -> LogPosition { try using { $0.end } }

  public func commit(_ commit: PartitionCommit) throws(PartitionStoreError) {
    try using { contents throws(PartitionStoreError) in
      guard contents.epoch == commit.epoch else { throw .fenced(epoch: contents.epoch) }
      guard contents.end == commit.after else { throw .conflict(expected: commit.after, found: contents.end) }
      for replacement in commit.replacements {
        contents.entries[Int(replacement.position.rawValue) - 1] = replacement.entry
        contents.isPurgeDue = true
      }
      for entry in commit.entries {
        contents.entries.append(entry)
        guard let key = entry.key, contents.positions[key] == nil else { continue }
        contents.positions[key] = contents.end
      }
    }
  }

  public func entries(from position: LogPosition, bytesMax: Int) throws(PartitionStoreError) -> [PositionedEntry] {
    try using { contents in
      guard position <= contents.end else { return [] }
      var found: [PositionedEntry] = []
      var bytes = 0
      for entry in contents.entries[(Int(max(position.rawValue, 1)) - 1)...] {
        bytes += entry.payload.count
        if !found.isEmpty && bytes > bytesMax { break }
        let at = found.last?.position.next ?? max(position, LogPosition.start.next)
        found.append(PositionedEntry(position: at, entry: entry))
      }
      return found
    }
  }

  public func entry(at position: LogPosition) throws(PartitionStoreError) -> LogEntry? {
    try using { contents in
      position > .start && position <= contents.end ? contents.entries[Int(position.rawValue) - 1] : nil
    }
  }

  public func position(of key: SortableID) throws(PartitionStoreError) -> LogPosition? {
    try using { $0.positions[key] }
  }

  // MARK: - The state

  public func save(_ checkpoint: Checkpoint) throws(PartitionStoreError) {
    try using { contents in
      for record in checkpoint.records {
        contents.sections[record.section, default: [:]][record.key] = record.value
      }
      contents.checkpoint = checkpoint.position
    }
  }

  public func checkpointPosition() throws(PartitionStoreError) -> LogPosition { try using { $0.checkpoint } }

  public func state(section: UInt8, key: [UInt8]) throws(PartitionStoreError) -> [UInt8]? {
    try using { $0.sections[section]?[key] }
  }

  public func forEachState(
    section: UInt8, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws {
    let records = try using { $0.sections[section] ?? [:] }
    for (key, value) in records.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      try body(key, value)
    }
  }

  public func stateRecords(
    section: UInt8, after key: [UInt8]?, limit: Int
  ) throws(PartitionStoreError) -> [StateRecord] {
    let records = try using { $0.sections[section] ?? [:] }
    let later = records.filter { record in key.map { $0.lexicographicallyPrecedes(record.key) } ?? true }
    return later.sorted { $0.key.lexicographicallyPrecedes($1.key) }.prefix(limit).map {
      StateRecord(section: section, key: $0.key, value: $0.value)
    }
  }

  public func isPurgeDue() throws(PartitionStoreError) -> Bool { try using { $0.isPurgeDue } }

  public func purge() throws(PartitionStoreError) { try using { $0.isPurgeDue = false } }

  public func discardState() throws(PartitionStoreError) {
    try using { contents in
      contents.checkpoint = .start
      contents.sections = [:]
    }
  }

  // MARK: - Models

  public func saveModel(_ version: Int, of family: ModelFamily, bytes: [UInt8]) throws(PartitionStoreError) {
    try using { $0.models[family, default: [:]][version] = bytes }
  }

  public func model(_ version: Int, of family: ModelFamily) throws(PartitionStoreError) -> [UInt8]? {
    try using { $0.models[family]?[version] }
  }

  public func models(of family: ModelFamily) throws(PartitionStoreError) -> [Int] {
    try using { ($0.models[family] ?? [:]).keys.sorted() }
  }

  public func removeModel(_ version: Int, of family: ModelFamily) throws(PartitionStoreError) {
    try using { $0.models[family]?[version] = nil }
  }

  private func using<Value: Sendable>(
    _ body: (inout Contents) throws(PartitionStoreError) -> Value
  ) throws(PartitionStoreError) -> Value {
    try contents.withLock { contents throws(PartitionStoreError) in
      if contents.isClosed { throw .failed("the store is closed") }
      return try body(&contents)
    }
  }
}
