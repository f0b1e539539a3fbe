import Foundation
import Logging
import Primitives
import Synchronization

/// Folds the whole log again beside the work, for features that changed: on a thread of its own to where the log ends, and the
/// little that came meanwhile on the owner's, which then goes on with that state.
struct Refold {
  /// Read at a time, so that the owner's own reads do not wait long behind it.
  private static let bytesMax = 256 << 10

  private let mailbox: Mailbox<PartitionJob>
  private let configuration: EngineConfiguration
  private let logger: Logger
  private var isUnderWay = false
  private var finished: RefoldedState?
  /// How often the state was replaced.
  private(set) var count = 0

  init(mailbox: Mailbox<PartitionJob>, configuration: EngineConfiguration, logger: Logger) {
    self.mailbox = mailbox
    self.configuration = configuration
    self.logger = logger
  }

  /// For when definitions have come into force.
  mutating func beginIfNeeded(_ state: borrowing PartitionState) {
    guard !isUnderWay, state.lacksHistory else { return }
    guard state.end.rawValue <= configuration.refoldEntriesMax else {
      logger.notice("features changed; they begin anew, and the next start folds the whole log for them")
      return
    }
    isUnderWay = true
    let empty = PartitionState(refolding: state, configuration: configuration)
    let thread = Thread { [mailbox, logger] in
      var fresh = empty
      do {
        try fresh.catchUp(logger: logger, bytesMax: Self.bytesMax)
        mailbox.report(.refolded(RefoldedState(consume fresh)))
      } catch {
        mailbox.report(.refolded(RefoldedState(failure: error)))
      }
    }
    thread.name = "attune-refold"
    thread.qualityOfService = .utility
    thread.stackSize = 8 << 20
    thread.start()
  }

  mutating func finish(_ folded: RefoldedState) { finished = folded }

  /// Goes on with the state that was folded, if there is one and no checkpoint is being written.
  mutating func takeOver(_ state: inout PartitionState, checkpoints: inout CheckpointSchedule) {
    guard let folded = finished, !checkpoints.isUnderWay else { return }
    (finished, isUnderWay) = (nil, false)
    do {
      var fresh = try folded.take()
      try fresh.catchUp(logger: logger, bytesMax: Self.bytesMax)
      fresh.unpin(state.active)
      // Meanwhile they may have changed once more.
      if fresh.lacksHistory { return beginIfNeeded(state) }
      try state.store.discardState()
      fresh.unfolded = state.unfolded
      state = fresh
      checkpoints.beginAnew()
      count += 1
    } catch {
      // Nothing is lost: features that changed began anew, and the next start tries again.
      logger.error("the log could not be folded again for changed features", metadata: ["reason": "\(error)"])
    }
  }
}

/// A state on its way to the owner; given away once, so that nobody else holds on to what the owner then changes.
final class RefoldedState: Sendable {
  private let result: Mutex<Result<PartitionState, any Error>?>

  init(_ state: consuming PartitionState) { result = Mutex(.success(state)) }
  init(failure: any Error) { result = Mutex(.failure(failure)) }

  func take() throws -> PartitionState {
    let taken = result.withLock { result in
      defer { result = nil }
      return result
    }
    guard let taken else { throw EngineError.closed }
    return try taken.get()
  }
}
