public import Engine
public import Primitives

/// A store that lets a test be there when it is used, and fail it.
public final class HookedStore: PartitionStore {
  public enum Moment: Sendable { case beforeCommit, afterCommit, afterSave, afterPurge }

  private let inner: any PartitionStore
  private let onCommit: @Sendable (PartitionCommit) throws(PartitionStoreError) -> Void
  private let onPurge: @Sendable () throws(PartitionStoreError) -> Void
  private let onRead: @Sendable () -> Void
  private let onPage: @Sendable () -> Void
  private let reached: @Sendable (Moment) -> Void

  /// - Parameters:
  ///   - onCommit: Before each commit, which fails when this throws.
  ///   - onPurge: Before each purge, which fails when this throws.
  ///   - onRead: Before each reading of one entry.
  ///   - onPage: Before each reading of entries one after the other.
  ///   - reached: At each of these moments, before what else is called then.
  public init(
    _ inner: any PartitionStore,
    onCommit: @escaping @Sendable (PartitionCommit) throws(PartitionStoreError) -> Void = { _ in },
    onPurge: @escaping @Sendable () throws(PartitionStoreError) -> Void = {},
    onRead: @escaping @Sendable () -> Void = {},
    onPage: @escaping @Sendable () -> Void = {},
    reached: @escaping @Sendable (Moment) -> Void = { _ in }
  ) {
    self.inner = inner
    self.onCommit = onCommit
    self.onPurge = onPurge
    self.onRead = onRead
    self.onPage = onPage
    self.reached = reached
  }

  public func commit(_ commit: PartitionCommit) throws(PartitionStoreError) {
    reached(.beforeCommit)
    try onCommit(commit)
    try inner.commit(commit)
    reached(.afterCommit)
  }

  public func save(_ checkpoint: Checkpoint) throws(PartitionStoreError) {
    try inner.save(checkpoint)
    reached(.afterSave)
  }

  public func purge() throws(PartitionStoreError) {
    try onPurge()
    try inner.purge()
    reached(.afterPurge)
  }

  public func entry(at position: LogPosition) throws(PartitionStoreError) -> LogEntry? {
    onRead()
    return try inner.entry(at: position)
  }

  // MARK: Passed on

  public func acquire() throws(PartitionStoreError) -> UInt64 { try inner.acquire() }
  public func end() throws(PartitionStoreError) -> LogPosition { try inner.end() }
  public func entries(from position: LogPosition, bytesMax: Int) throws(PartitionStoreError) -> [PositionedEntry] {
    onPage()
    return try inner.entries(from: position, bytesMax: bytesMax)
  }
  public func position(of key: SortableID) throws(PartitionStoreError) -> LogPosition? { try inner.position(of: key) }
  public func checkpointPosition() throws(PartitionStoreError) -> LogPosition { try inner.checkpointPosition() }
  public func state(section: UInt8, key: [UInt8]) throws(PartitionStoreError) -> [UInt8]? {
    try inner.state(section: section, key: key)
  }
  public func forEachState(section: UInt8, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {
    try inner.forEachState(section: section, body)
  }
  public func stateRecords(section: UInt8, after key: [UInt8]?, limit: Int) throws(PartitionStoreError) -> [StateRecord]
  {
    try inner.stateRecords(section: section, after: key, limit: limit)
  }
  public func saveModel(_ version: Int, of family: ModelFamily, bytes: [UInt8]) throws(PartitionStoreError) {
    try inner.saveModel(version, of: family, bytes: bytes)
  }
  public func model(_ version: Int, of family: ModelFamily) throws(PartitionStoreError) -> [UInt8]? {
    try inner.model(version, of: family)
  }
  public func models(of family: ModelFamily) throws(PartitionStoreError) -> [Int] { try inner.models(of: family) }
  public func removeModel(_ version: Int, of family: ModelFamily) throws(PartitionStoreError) {
    try inner.removeModel(version, of: family)
  }
  public func isPurgeDue() throws(PartitionStoreError) -> Bool { try inner.isPurgeDue() }
  public func discardState() throws(PartitionStoreError) { try inner.discardState() }
  public func close() { inner.close() }
}
