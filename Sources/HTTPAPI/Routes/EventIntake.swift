import Engine
import Events
import HTTPTypes
import Primitives
import Workspaces

/// Hands events to a partition: parses them, stores the good, sets the bad aside.
struct EventIntake: Sendable {
  /// Events handed over at once; more would hold up everybody else's.
  private static let eventsPerCommit = 5_000

  let context: ServerContext
  let caller: Caller
  let receivedAt: Timestamp

  /// What became of the events of one call.
  struct Outcome: Sendable {
    struct Rejected: Sendable {
      let index: Int
      let rejection: EventRejection
      /// The tracking plan drops it: whoever sent it alone is not told.
      var isDropped = false
    }

    var accepted = 0
    var duplicates = 0
    var rejected: [Rejected] = []
    /// What the sender of a single call hears.
    var refusal: EventRejection? { rejected.first { !$0.isDropped }?.rejection }

    func write(into writer: inout JSONWriter) {
      writer.member("accepted", accepted)
      writer.member("duplicates", duplicates)
      writer.member(
        "rejected",
        array: { list in
          for bad in rejected {
            list.object {
              $0.member("index", bad.index)
              $0.member("code", bad.rejection.code)
              $0.member("message", bad.rejection.message)
              if let field = bad.rejection.field { $0.member("field", field) }
            }
          }
        })
    }
  }

  /// One event and how it was sent.
  struct Item: Sendable {
    let view: JSONView
    let receipt: EventReceipt
  }

  /// Stores the events that can be read; the others become dead letters.
  ///
  /// - Returns: Once all of that is durable and visible.
  /// - Parameters:
  ///   - max: Items of one call.
  ///   - keepsLetters: false for what is a dead letter already.
  /// - Throws: `Problem` when there are too many or the key sends too many, `EngineError` when nothing could be stored, or
  ///   of more than `eventsPerCommit` only a part: sent again, events with ids of their own count no second time.
  func take(_ items: [Item], max: Int = 1, keepsLetters: Bool = true) async throws -> Outcome {
    guard items.count <= max else { throw Problem.tooMany("events", max: max) }
    if let wait = context.eventLimiter.take(items.count, key: caller.key, at: receivedAt) {
      throw Problem.rateLimited(wait, of: "events")
    }
    let partition = try await context.partition(of: caller)
    let (parser, plan) = (partition.parser, partition.plan)
    var outcome = Outcome()
    var intake: [Partition.Intake] = []
    intake.reserveCapacity(items.count)
    var letters: [DeadLetter] = []
    var violations = 0
    let entropy = Digest128(high: context.random(), low: context.random())
    for (index, item) in items.enumerated() {
      var receipt = item.receipt
      // Drawn once for a call and counted up within it; a dead letter has its own.
      receipt.madeMessageID =
        receipt.madeMessageID
        ?? SortableID(time: receivedAt, entropy: Digest128(high: entropy.high, low: entropy.low &+ UInt64(index)))
      do throws(EventRejection) {
        let event = try parser.parse(item.view, receipt: receipt)
        if let violation = plan.violation(of: event) {
          if violation.action != .allow {
            outcome.rejected.append(
              .init(index: index, rejection: violation.rejection, isDropped: violation.action == .drop))
            letters.append(DeadLetter(violation.rejection, raw: item.view.rawBytes, receipt: receipt))
            continue
          }
          violations += 1
        }
        intake.append(Partition.Intake(event: event, stored: StoredEvent(event, from: item.view, receipt: receipt)))
      } catch {
        outcome.rejected.append(Outcome.Rejected(index: index, rejection: error))
        letters.append(DeadLetter(error, raw: item.view.rawBytes, receipt: receipt))
      }
    }
    // Letters first: should they not be stored, no event is either, and one without an id of its own, sent again, counts
    // no second time.
    if keepsLetters { try await partition.record(letters) }
    for start in stride(from: 0, to: intake.count, by: Self.eventsPerCommit) {
      let part = intake[start..<min(start + Self.eventsPerCommit, intake.count)]
      for acceptance in try await partition.accept(Array(part)) {
        if acceptance == .duplicate { outcome.duplicates += 1 } else { outcome.accepted += 1 }
      }
    }
    partition.count(planViolations: violations)
    return outcome
  }
}

extension Problem {
  init(_ rejection: EventRejection) {
    self.init(.badRequest, rejection.code, rejection.message, field: rejection.field)
  }
}
