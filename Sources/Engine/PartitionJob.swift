public import Catalog
import Decisions
import Events
import Models
public import Primitives

/// What can be asked of a partition's owner.
enum PartitionJob: Sendable {
  typealias Reply<Value> = CheckedContinuation<Result<Value, EngineError>, Never>

  case accept([PreparedEvent], Reply<[Acceptance]>)
  case letters([DeadLetter], Reply<Void>)
  case change([CatalogChange], Reply<CatalogReceipt>)
  case activate(DefinitionSet, Reply<Int>)
  case unmerge(Unmerge, Reply<Void>)
  /// With the model that the entry brings into force.
  case model(ModelEntry, (any ServedModel)?, Reply<Void>)
  case prediction(PredictionEntry, Reply<Void>)
  case cohorts(CohortRun, Reply<Void>)
  case decide([DecisionRequest], arrivedAt: UInt64, Reply<[Result<DecisionAnswer, DecisionRefusal>]>)
  /// Runs between cycles, on state that shows all that was acknowledged; answers by itself.
  case read(@Sendable (inout PartitionState) -> Void, refused: @Sendable (EngineError) -> Void)
  case erase(ErasurePlan, Reply<ErasureProof?>)
  /// Answers when no file holds anything that was erased.
  case finishErasures(Reply<Void>)
  case checkpointFinished(CheckpointOutcome)
  case refolded(RefoldedState)
  case close(Reply<Void>)

  /// Whether it appends to the log when it is taken.
  var isWrite: Bool {
    switch self {
    case .accept, .letters, .change, .activate, .unmerge, .model, .prediction, .cohorts: true
    case .decide, .read, .erase, .finishErasures, .checkpointFinished, .refolded, .close: false
    }
  }

  func refuse(_ error: EngineError) {
    switch self {
    case .accept(_, let reply): reply.resume(returning: .failure(error))
    case .letters(_, let reply), .unmerge(_, let reply), .model(_, _, let reply), .prediction(_, let reply),
      .cohorts(_, let reply),
      .finishErasures(let reply), .close(let reply):
      reply.resume(returning: .failure(error))
    case .erase(_, let reply): reply.resume(returning: .failure(error))
    case .change(_, let reply): reply.resume(returning: .failure(error))
    case .activate(_, let reply): reply.resume(returning: .failure(error))
    case .decide(_, _, let reply): reply.resume(returning: .failure(error))
    case .read(_, let refused): refused(error)
    case .checkpointFinished, .refolded: break
    }
  }
}

/// An event with everything that can be worked out before the owner's turn.
/// A class, since it goes from hand to hand.
final class PreparedEvent: Sendable {
  let event: Event
  let payload: [UInt8]
  let messageDigest: Digest128
  /// In the order of `event.identifiers`, then that of `previousID` twice: as anonymous and as user id.
  let identifierKeys: [IdentifierKey]

  init(_ event: Event, payload: [UInt8], hash: StableHash) {
    self.event = event
    self.payload = payload
    messageDigest = hash.hash128(event.messageID)
    var keys = event.identifiers.map { IdentifierKey($0, hash: hash) }
    if let previous = event.previousID {
      keys.append(IdentifierKey(.anonymous(previous), hash: hash))
      keys.append(IdentifierKey(.user(previous), hash: hash))
    }
    identifierKeys = keys
  }

  /// The event as the names in force now read it; they may have changed while it waited.
  func read(by parser: EventParser, hash: StableHash) throws(StoredEvent.Failure) -> PreparedEvent {
    if event.namesVersion == parser.version { return self }
    return PreparedEvent(try stored.event(by: parser), payload: payload, hash: hash)
  }

  /// What the payload holds, which this process wrote.
  private var stored: StoredEvent {
    do throws(BinaryError) {
      var reader = BinaryReader(payload)
      return try StoredEvent(from: &reader)
    } catch {
      preconditionFailure("an event in waiting cannot be read: \(error)")
    }
  }
}

/// What became of a call's catalogue changes.
public struct CatalogReceipt: Sendable {
  public struct Refused: Sendable {
    /// Index of the change in the call.
    public let index: Int
    public let refusal: CatalogRefusal
  }

  /// The catalogue's revision after the call.
  public let revision: UInt64
  /// Changes that could not be made; all others were.
  public let refused: [Refused]
}

/// What became of one event.
public enum Acceptance: Sendable, Equatable {
  case accepted(LogPosition)
  /// The log holds this message id already, or an earlier event of the same call has it.
  case duplicate
}
