import Engine
import Primitives
import StorageMemory

/// A store in memory that lets a test be there when it is written and read.
final class HookedStore: PartitionStore {
  private let inner = MemoryPartitionStore()
  private let onCommit: @Sendable (PartitionCommit) throws(PartitionStoreError) -> Void
  private let onRead: @Sendable () -> Void

  /// - Parameters:
  ///   - onCommit: Before each commit, which fails when this throws.
  ///   - onRead: Before each reading of entries.
  init(
    onCommit: @escaping @Sendable (PartitionCommit) throws(PartitionStoreError) -> Void = { _ in },
    onRead: @escaping @Sendable () -> Void = {}
  ) {
    self.onCommit = onCommit
    self.onRead = onRead
  }

  func commit(_ commit: PartitionCommit) throws(PartitionStoreError) {
    try onCommit(commit)
    try inner.commit(commit)
  }

  func entry(at position: LogPosition) throws(PartitionStoreError) -> LogEntry? {
    onRead()
    return try inner.entry(at: position)
  }

  func acquire() throws(PartitionStoreError) -> UInt64 { try inner.acquire() }
  func end() throws(PartitionStoreError) -> LogPosition { try inner.end() }
  func entries(from position: LogPosition, bytesMax: Int) throws(PartitionStoreError) -> [PositionedEntry] {
    onRead()
    return try inner.entries(from: position, bytesMax: bytesMax)
  }
  func position(of key: SortableID) throws(PartitionStoreError) -> LogPosition? { try inner.position(of: key) }
  func save(_ checkpoint: Checkpoint) throws(PartitionStoreError) { try inner.save(checkpoint) }
  func checkpointPosition() throws(PartitionStoreError) -> LogPosition { try inner.checkpointPosition() }
  func state(section: UInt8, key: [UInt8]) throws(PartitionStoreError) -> [UInt8]? {
    try inner.state(section: section, key: key)
  }
  func forEachState(section: UInt8, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {
    try inner.forEachState(section: section, body)
  }
  func stateRecords(section: UInt8, after key: [UInt8]?, limit: Int) throws(PartitionStoreError) -> [StateRecord] {
    try inner.stateRecords(section: section, after: key, limit: limit)
  }
  func isPurgeDue() throws(PartitionStoreError) -> Bool { try inner.isPurgeDue() }
  func purge() throws(PartitionStoreError) { try inner.purge() }
  func discardState() throws(PartitionStoreError) { try inner.discardState() }
  func saveModel(_ version: Int, bytes: [UInt8]) throws(PartitionStoreError) {
    try inner.saveModel(version, bytes: bytes)
  }
  func model(_ version: Int) throws(PartitionStoreError) -> [UInt8]? { try inner.model(version) }
  func models() throws(PartitionStoreError) -> [Int] { try inner.models() }
  func removeModel(_ version: Int) throws(PartitionStoreError) { try inner.removeModel(version) }
  func close() { inner.close() }
}
