public import Primitives

/// What an entry of the log is. Raw values are stored: never reuse one.
public enum LogEntryKind: UInt8, Sendable, CaseIterable {
  case event = 1
  case decision = 2
  case catalogChange = 3
  /// A version of the definitions came into force.
  case definitions = 4
  case deadLetter = 5
  /// The first entry of a log.
  case created = 6
  /// Items that events name for the first time, in the order of the ordinals that they get. So records that name items by
  /// ordinal say the same for as long as the log is kept, however later programs read events.
  case items = 7
  /// Identifiers that are cut apart, then and ever after.
  case unmerge = 8
  /// What stands where an entry was that an erasure took away: see `Tombstone`.
  case erased = 9
  /// The proof that a person was erased: see `Erasure`.
  case erasure = 10
  /// A training ended, or a model of before is in force again.
  case model = 11
  /// A training of a prediction ended, or a model of before is in force again: see `PredictionEntry`.
  case prediction = 12
  /// A search for cohorts ended: see `CohortRun`.
  case cohorts = 13
}

/// One entry as the log keeps it.
public struct LogEntry: Sendable, Equatable {
  public let kind: LogEntryKind
  /// When the engine knew of it.
  public let knownAt: Timestamp
  /// A decision's id, by which `PartitionStore.position(of:)` finds the entry again.
  public let key: SortableID?
  public let payload: [UInt8]

  public init(kind: LogEntryKind, knownAt: Timestamp, key: SortableID? = nil, payload: [UInt8]) {
    self.kind = kind
    self.knownAt = knownAt
    self.key = key
    self.payload = payload
  }
}

public struct PositionedEntry: Sendable, Equatable {
  public let position: LogPosition
  public let entry: LogEntry

  public init(position: LogPosition, entry: LogEntry) {
    self.position = position
    self.entry = entry
  }
}

/// What is written together or not at all.
public struct PartitionCommit: Sendable {
  /// The owner's epoch; a store refuses a commit of any but the latest owner.
  public let epoch: UInt64
  /// The position after which the entries are to stand; a store refuses when its log ends elsewhere.
  public let after: LogPosition
  public let entries: [LogEntry]
  /// Entries that take the place of those at their positions, which are up to `after`; each keeps the key of the one before.
  public let replacements: [PositionedEntry]

  public init(
    epoch: UInt64, after: LogPosition, entries: [LogEntry], replacements: [PositionedEntry] = []
  ) {
    self.epoch = epoch
    self.after = after
    self.entries = entries
    self.replacements = replacements
  }
}

/// A piece of folded state, saved under a section and a key.
public struct StateRecord: Sendable, Equatable {
  /// Which fold: profiles, identifiers, items … Numbers are the engine's.
  public let section: UInt8
  public let key: [UInt8]
  /// nil removes the record.
  public let value: [UInt8]?

  public init(section: UInt8, key: [UInt8], value: [UInt8]?) {
    self.section = section
    self.key = key
    self.value = value
  }
}

/// All folded state that changed since the last checkpoint, as of one position: saved whole or not at all.
public struct Checkpoint: Sendable {
  public let position: LogPosition
  public let records: [StateRecord]

  public init(position: LogPosition, records: [StateRecord]) {
    self.position = position
    self.records = records
  }
}

public enum PartitionStoreError: Error, Equatable, CustomStringConvertible {
  /// Another owner has taken the partition.
  case fenced(epoch: UInt64)
  /// The log does not end where the owner thinks it does.
  case conflict(expected: LogPosition, found: LogPosition)
  /// No room on the disk; nothing was written, and writing may succeed later.
  case full
  /// What is stored cannot be right: which file, what is wrong with it, and what can be done.
  case corrupt(String)
  /// Reading or writing failed otherwise.
  case failed(String)

  public var description: String {
    switch self {
    case .fenced(let epoch): "another process took over this partition (epoch \(epoch))"
    case .conflict(let expected, let found):
      "the log ends at \(found.rawValue), not at \(expected.rawValue) as expected"
    case .full: "the disk is full"
    case .corrupt(let message), .failed(let message): message
    }
  }
}

/// What a model is for. Each family counts its versions by itself and has a folder of its own, which is called like it.
public enum ModelFamily: String, Sendable, CaseIterable {
  /// Propose items.
  case models
  /// Say what a person may do.
  case predictions
}

/// The log and the folded state of one partition. Calls block; the engine makes them on its own threads, writes from one
/// thread and checkpoints from another. Every backend passes `PartitionStoreContract`.
public protocol PartitionStore: Sendable {
  /// Takes the partition: raises the epoch, so that every earlier owner's commits are refused from now on.
  func acquire() throws(PartitionStoreError) -> UInt64
  /// Where the log ends.
  func end() throws(PartitionStoreError) -> LogPosition
  /// Appends the entries after `commit.after` and makes the replacements; returns once they are on stable storage. All or
  /// nothing. What was replaced is read no more, but files may hold it until `purge()`.
  func commit(_ commit: PartitionCommit) throws(PartitionStoreError)
  /// Entries from `position` on, in order: at least one when there is one, then as many as fit about `bytesMax`.
  func entries(from position: LogPosition, bytesMax: Int) throws(PartitionStoreError) -> [PositionedEntry]
  func entry(at position: LogPosition) throws(PartitionStoreError) -> LogEntry?
  /// Where the entry with this key stands.
  func position(of key: SortableID) throws(PartitionStoreError) -> LogPosition?

  /// Saves a checkpoint whole, replacing records of the same section and key.
  func save(_ checkpoint: Checkpoint) throws(PartitionStoreError)
  /// The position of the last checkpoint; `.start` when there is none.
  func checkpointPosition() throws(PartitionStoreError) -> LogPosition
  /// One record of the last checkpoint.
  func state(section: UInt8, key: [UInt8]) throws(PartitionStoreError) -> [UInt8]?
  /// All records of a section in key order, given to `body` one by one.
  func forEachState(
    section: UInt8, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void
  ) throws
  /// Records of a section in key order: at most `limit`, those after `key`, nil for the first.
  func stateRecords(
    section: UInt8, after key: [UInt8]?, limit: Int
  ) throws(PartitionStoreError) -> [StateRecord]
  /// Whether entries were replaced since `purge()` last did its work, in whatever process.
  func isPurgeDue() throws(PartitionStoreError) -> Bool
  /// Makes sure that no file holds what was replaced in the log, nor what checkpoints have removed or replaced. Called on the
  /// thread that saves checkpoints, when one that reflects the replacements is saved.
  func purge() throws(PartitionStoreError)
  /// Forgets all checkpoints; the log is kept, and the state can be folded again from its start.
  func discardState() throws(PartitionStoreError)
  /// Keeps the file of a model, in place of one of the same version; durable when it returns.
  func saveModel(_ version: Int, of family: ModelFamily, bytes: [UInt8]) throws(PartitionStoreError)
  func model(_ version: Int, of family: ModelFamily) throws(PartitionStoreError) -> [UInt8]?
  /// Versions whose files are kept, ascending.
  func models(of family: ModelFamily) throws(PartitionStoreError) -> [Int]
  func removeModel(_ version: Int, of family: ModelFamily) throws(PartitionStoreError)
  /// Releases files; further calls fail.
  func close()
}

/// Of the models that propose items.
extension PartitionStore {
  public func saveModel(_ version: Int, bytes: [UInt8]) throws(PartitionStoreError) {
    try saveModel(version, of: .models, bytes: bytes)
  }

  public func model(_ version: Int) throws(PartitionStoreError) -> [UInt8]? { try model(version, of: .models) }

  public func models() throws(PartitionStoreError) -> [Int] { try models(of: .models) }

  public func removeModel(_ version: Int) throws(PartitionStoreError) { try removeModel(version, of: .models) }
}
