import Dispatch
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
    lastBegin = DispatchTime.now().uptimeNanoseconds
  }

  mutating func beginIfDue(_ state: inout PartitionState, at nanoseconds: UInt64) {
    guard underWay == nil, !state.isIncomplete, state.end > state.checkpointed else { return }
    // Counted from the last attempt: one that failed is not repeated with every commit.
    let entries = state.end.rawValue - max(state.checkpointed, lastEnd).rawValue
    guard entries >= entriesMax || nanoseconds - lastBegin >= nanosecondsMax else { return }
    underWay = state.end
    lastEnd = state.end
    lastBegin = nanoseconds
    let snapshot = state.beginCheckpoint(carrying: carriedOver)
    carriedOver = snapshot.forgotten
    let thread = Thread { [store, mailbox] in
      var failure: PartitionStoreError?
      do throws(PartitionStoreError) { try store.save(snapshot.checkpoint()) } catch { failure = error }
      mailbox.report(.checkpointFinished(failure))
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

  mutating func finish(_ state: inout PartitionState, failure: PartitionStoreError?) {
    let succeeded = failure == nil
    if let failure {
      failures += 1
      logger.warning("a checkpoint failed; the next one carries it", metadata: ["reason": "\(failure)"])
    }
    state.finishCheckpoint(succeeded: succeeded, at: underWay ?? state.checkpointed)
    if succeeded { carriedOver = CarriedRecords() }
    underWay = nil
  }

  /// For shutdown: waits for a checkpoint under way, then saves what is left.
  mutating func saveNow(_ state: inout PartitionState) {
    while underWay != nil {
      for case .checkpointFinished(let failure) in mailbox.take(timeout: .milliseconds(50)) {
        finish(&state, failure: failure)
      }
    }
    guard !state.isIncomplete, state.end > state.checkpointed else { return }
    let snapshot = state.beginCheckpoint(carrying: carriedOver)
    do throws(PartitionStoreError) {
      try store.save(snapshot.checkpoint())
      state.finishCheckpoint(succeeded: true, at: state.end)
    } catch {
      // Nothing is lost: the next start folds the log from the last checkpoint on.
      logger.warning("the last checkpoint failed; the next start takes longer", metadata: ["reason": "\(error)"])
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
