import Foundation
import Logging
import Primitives

/// When folded state is saved, and the thread that saves it. Values are taken on the owner's thread, which shares them; they
/// are encoded and written on a thread of their own, to a file of their own, so that no commit ever waits for a checkpoint.
struct CheckpointSchedule {
  private let store: any PartitionStore
  private let mailbox: Mailbox<PartitionJob>
  private let logger: Logger
  private let entriesMax: UInt64
  private let nanosecondsMax: UInt64
  private var underWay: LogPosition?
  private var lastBegin: UInt64
  private var lastEnd = LogPosition.start
  private(set) var failures = 0
  /// Whether the files are to be purged when the state is saved that reflects an erasure.
  private(set) var isPurgeDue = false
  /// Those who wait for that: first those of the checkpoint under way, then those who came since.
  private var purging: [(Result<Void, EngineError>) -> Void] = []
  private var awaitingPurge: [(Result<Void, EngineError>) -> Void] = []
  /// Records of a checkpoint that could not be written and whose owners have forgotten them; they go into the next.
  private var carriedOver = CarriedRecords()

  init(
    store: any PartitionStore, mailbox: Mailbox<PartitionJob>, configuration: EngineConfiguration, logger: Logger
  ) {
    self.store = store
    self.mailbox = mailbox
    self.logger = logger
    entriesMax = UInt64(configuration.checkpointEntries)
    nanosecondsMax = UInt64(configuration.checkpointInterval.inSeconds * 1e9)
    lastBegin = configuration.stopwatch()
  }

  mutating func beginIfDue(_ state: inout PartitionState, at nanoseconds: UInt64) {
    guard underWay == nil else { return }
    if !awaitingPurge.isEmpty { return begin(&state, at: nanoseconds) }
    guard state.end > state.checkpointed || isPurgeDue else { return }
    // Counted from the last attempt: one that failed is not repeated with every commit.
    let entries = state.end.rawValue - max(state.checkpointed, lastEnd).rawValue
    guard entries >= entriesMax || nanoseconds - lastBegin >= nanosecondsMax else { return }
    begin(&state, at: nanoseconds)
  }

  private mutating func begin(_ state: inout PartitionState, at nanoseconds: UInt64) {
    purging += awaitingPurge
    awaitingPurge = []
    guard !state.isIncomplete else { return endPurge(.failure(Self.incomplete)) }
    underWay = state.end
    lastEnd = state.end
    lastBegin = nanoseconds
    let snapshot = state.beginCheckpoint(carrying: carriedOver)
    carriedOver = snapshot.forgotten
    let thread = Thread { [store, mailbox, isPurgeDue] in
      mailbox.report(.checkpointFinished(CheckpointOutcome(saving: snapshot, in: store, purging: isPurgeDue)))
    }
    thread.name = "attune-checkpoint"
    thread.qualityOfService = .utility
    thread.start()
  }

  var isUnderWay: Bool { underWay != nil }

  /// For a state that nothing is saved of: the next checkpoint is due at once.
  mutating func beginAnew() {
    carriedOver = CarriedRecords()
    (lastEnd, lastBegin) = (.start, 0)
  }

  mutating func finish(_ state: inout PartitionState, _ outcome: CheckpointOutcome) {
    let succeeded = outcome.failure == nil
    if let failure = outcome.failure {
      failures += 1
      logger.warning("a checkpoint failed; the next one carries it", metadata: ["reason": "\(failure)"])
    }
    state.finishCheckpoint(succeeded: succeeded, at: underWay ?? state.checkpointed)
    if succeeded { carriedOver = CarriedRecords() }
    underWay = nil
    if let purged = outcome.purged { endPurge(purged.mapError(Self.unpurged)) }
  }

  // MARK: Purging

  /// Has the files purged, as soon as the state is saved that is there now.
  mutating func purge(then reply: @escaping (Result<Void, EngineError>) -> Void) {
    isPurgeDue = true
    awaitingPurge.append(reply)
  }

  /// Answers when no purge is due any more.
  mutating func awaitPurge(then reply: @escaping (Result<Void, EngineError>) -> Void) {
    if isPurgeDue { awaitingPurge.append(reply) } else { reply(.success(())) }
  }

  private mutating func endPurge(_ outcome: Result<Void, EngineError>) {
    if case .success = outcome { isPurgeDue = !awaitingPurge.isEmpty }
    for reply in purging { reply(outcome) }
    purging = []
  }

  private static func unpurged(_ error: PartitionStoreError) -> EngineError {
    .unfinishedErasure("the person is erased, but files may still hold copies of what is gone: \(error)")
  }

  private static let incomplete = EngineError.unfinishedErasure(
    "the person is erased, but the saved state may still hold copies of what is gone, since an entry could not be folded: "
      + "restart the server")

  /// For shutdown: waits for a checkpoint under way, then saves what is left.
  mutating func saveNow(_ state: inout PartitionState) {
    while underWay != nil {
      for case .checkpointFinished(let outcome) in mailbox.take(timeout: .milliseconds(50)) { finish(&state, outcome) }
    }
    purging += awaitingPurge
    awaitingPurge = []
    guard !state.isIncomplete else { return endPurge(.failure(Self.incomplete)) }
    guard state.end > state.checkpointed || isPurgeDue else { return }
    underWay = state.end
    let snapshot = state.beginCheckpoint(carrying: carriedOver)
    // Should it fail nothing is lost: the next start folds the log from the last checkpoint on, and purges.
    finish(&state, CheckpointOutcome(saving: snapshot, in: store, purging: isPurgeDue))
  }
}

/// What became of a checkpoint, and of the purge after it.
struct CheckpointOutcome: Sendable {
  /// Why it could not be written.
  let failure: PartitionStoreError?
  /// nil when none was due.
  let purged: Result<Void, PartitionStoreError>?

  init(saving snapshot: StateSnapshot, in store: any PartitionStore, purging isPurgeDue: Bool) {
    var isSaved = false
    do throws(PartitionStoreError) {
      try store.save(snapshot.checkpoint())
      isSaved = true
      if isPurgeDue { try store.purge() }
      failure = nil
      purged = isPurgeDue ? .success(()) : nil
    } catch {
      failure = isSaved ? nil : error
      purged = isPurgeDue ? .failure(error) : nil
    }
  }
}

/// Records by section and key, the later of two the one that counts.
struct CarriedRecords: Sendable {
  private var records: [Slot: StateRecord] = [:]

  private struct Slot: Hashable {
    let section: UInt8
    let key: [UInt8]
  }

  mutating func add(_ record: StateRecord) { records[Slot(section: record.section, key: record.key)] = record }
  var all: [StateRecord] { Array(records.values) }
}
