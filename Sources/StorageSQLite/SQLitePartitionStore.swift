public import Engine
public import Primitives

/// The log, the folded state and the models of one partition, in a folder of its own: `log.db`, `state.db` and a folder for each
/// family of models.
///
/// Commits to the log never wait for a checkpoint of the state: they are separate files. The state is derived: when it
/// is missing, damaged, of another log or ahead of the log, it is thrown away, and `checkpointPosition()` is `.start`.
public final class SQLitePartitionStore: PartitionStore {
  /// What was thrown away on opening and why, for the operator; empty as a rule.
  public let repairs: [String]

  private let log: LogDatabase
  private let state: StateStore
  private let folder: String

  /// Opens the partition in `folder`, or makes it. The caller holds the `DataDirectoryLock`.
  /// - Throws: `.corrupt` when the end of the log is damaged; damage elsewhere shows when it is read.
  public init(folder: String) throws(PartitionStoreError) {
    do throws(DatabaseFault) {
      try makeFolder(folder)
      self.folder = folder
      log = try LogDatabase(path: folder + "/log.db")
      state = try StateStore(path: folder + "/state.db", logID: log.id, end: try log.end())
      repairs = state.repair.map { [$0] } ?? []
    } catch {
      throw PartitionStoreError(error)
    }
  }

  public func close() {
    state.close()
    log.close()
  }

  // MARK: - The log

  public func acquire() throws(PartitionStoreError) -> UInt64 {
    try mapped { () throws(DatabaseFault) in try log.acquire() }
  }

  public func end() throws(PartitionStoreError) -> LogPosition {
    try mapped { () throws(DatabaseFault) in try log.end() }
  }

  public func commit(_ commit: PartitionCommit) throws(PartitionStoreError) {
    let refusal = try mapped { () throws(DatabaseFault) in try log.commit(commit) }
    if let refusal { throw refusal }
  }

  public func entries(from position: LogPosition, bytesMax: Int) throws(PartitionStoreError) -> [PositionedEntry] {
    try mapped { () throws(DatabaseFault) in try log.entries(from: position, bytesMax: bytesMax) }
  }

  public func entry(at position: LogPosition) throws(PartitionStoreError) -> LogEntry? {
    try mapped { () throws(DatabaseFault) in
      try log.entries(from: position, bytesMax: 0).first.flatMap { $0.position == position ? $0.entry : nil }
    }
  }

  public func position(of key: SortableID) throws(PartitionStoreError) -> LogPosition? {
    try mapped { () throws(DatabaseFault) in try log.position(of: key) }
  }

  // MARK: - The state

  public func save(_ checkpoint: Checkpoint) throws(PartitionStoreError) {
    try mapped { () throws(DatabaseFault) in try state.save(checkpoint) }
  }

  public func checkpointPosition() throws(PartitionStoreError) -> LogPosition {
    try mapped { () throws(DatabaseFault) in try state.checkpointPosition() }
  }

  public func state(section: UInt8, key: [UInt8]) throws(PartitionStoreError) -> [UInt8]? {
    try mapped { () throws(DatabaseFault) in try state.value(section: section, key: key) }
  }

  public func forEachState(
    section: UInt8, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws {
    do {
      try state.forEach(section: section, body)
    } catch let fault as DatabaseFault {
      throw PartitionStoreError(fault)
    }
  }

  public func stateRecords(
    section: UInt8, after key: [UInt8]?, limit: Int
  ) throws(PartitionStoreError) -> [StateRecord] {
    try mapped { () throws(DatabaseFault) in try state.records(section: section, after: key, limit: limit) }
  }

  public func isPurgeDue() throws(PartitionStoreError) -> Bool {
    try mapped { () throws(DatabaseFault) in try log.isPurgeDue() }
  }

  public func purge() throws(PartitionStoreError) {
    try mapped { () throws(DatabaseFault) in
      try state.purge()
      try log.purge()
    }
  }

  public func discardState() throws(PartitionStoreError) {
    try mapped { () throws(DatabaseFault) in try state.discard() }
  }

  // MARK: - Models

  public func saveModel(_ version: Int, of family: ModelFamily, bytes: [UInt8]) throws(PartitionStoreError) {
    try mapped { () throws(DatabaseFault) in try files(of: family).save(version, bytes: bytes) }
  }

  public func model(_ version: Int, of family: ModelFamily) throws(PartitionStoreError) -> [UInt8]? {
    try mapped { () throws(DatabaseFault) in try files(of: family).bytes(version) }
  }

  public func models(of family: ModelFamily) throws(PartitionStoreError) -> [Int] { files(of: family).versions() }

  public func removeModel(_ version: Int, of family: ModelFamily) throws(PartitionStoreError) {
    try mapped { () throws(DatabaseFault) in try files(of: family).remove(version) }
  }

  private func files(of family: ModelFamily) -> ModelFiles { ModelFiles(folder: "\(folder)/\(family.rawValue)") }

  private func mapped<Value>(_ body: () throws(DatabaseFault) -> Value) throws(PartitionStoreError) -> Value {
    do { return try body() } catch { throw PartitionStoreError(error) }
  }
}

extension PartitionStoreError {
  init(_ fault: DatabaseFault) {
    switch fault {
    case .full: self = .full
    case .corrupt(let message): self = .corrupt(message)
    case .otherFormat(let message), .failed(let message): self = .failed(message)
    }
  }
}
