import Engine
import Primitives
import StorageSQLite

/// A store that lets a test look at the files between its steps.
final class InterruptedStore: PartitionStore {
  enum Moment { case beforeCommit, afterCommit, afterSave, afterPurge }

  private let inner: SQLitePartitionStore
  private let reached: @Sendable (Moment) -> Void
  private let onPurge: @Sendable () throws(PartitionStoreError) -> Void

  /// - Parameter onPurge: Before each purge, which fails when this throws.
  init(
    _ inner: SQLitePartitionStore, onPurge: @escaping @Sendable () throws(PartitionStoreError) -> Void = {},
    reached: @escaping @Sendable (Moment) -> Void = { _ in }
  ) {
    self.inner = inner
    self.onPurge = onPurge
    self.reached = reached
  }

  func commit(_ commit: PartitionCommit) throws(PartitionStoreError) {
    reached(.beforeCommit)
    try inner.commit(commit)
    reached(.afterCommit)
  }
  func save(_ checkpoint: Checkpoint) throws(PartitionStoreError) {
    try inner.save(checkpoint)
    reached(.afterSave)
  }
  func purge() throws(PartitionStoreError) {
    try onPurge()
    try inner.purge()
    reached(.afterPurge)
  }

  func acquire() throws(PartitionStoreError) -> UInt64 { try inner.acquire() }
  func end() throws(PartitionStoreError) -> LogPosition { try inner.end() }
  func entries(from position: LogPosition, bytesMax: Int) throws(PartitionStoreError) -> [PositionedEntry] {
    try inner.entries(from: position, bytesMax: bytesMax)
  }
  func entry(at position: LogPosition) throws(PartitionStoreError) -> LogEntry? { try inner.entry(at: position) }
  func position(of key: SortableID) throws(PartitionStoreError) -> LogPosition? { try inner.position(of: key) }
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
  func saveModel(_ version: Int, bytes: [UInt8]) throws(PartitionStoreError) {
    try inner.saveModel(version, bytes: bytes)
  }
  func model(_ version: Int) throws(PartitionStoreError) -> [UInt8]? { try inner.model(version) }
  func models() throws(PartitionStoreError) -> [Int] { try inner.models() }
  func removeModel(_ version: Int) throws(PartitionStoreError) { try inner.removeModel(version) }
  func isPurgeDue() throws(PartitionStoreError) -> Bool { try inner.isPurgeDue() }
  func discardState() throws(PartitionStoreError) { try inner.discardState() }
  func close() { inner.close() }
}
