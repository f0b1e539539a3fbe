import Foundation
import Synchronization

/// One client reports that a person bought what was just recommended; once that is answered, another client asks for
/// the same person at once. The bought item must be gone.
struct FreshnessRun: Sendable {
  let target: Target
  /// Pairs of clients at work side by side.
  let pairs: Int
  /// Purchases a second, over all pairs.
  let rate: Double
  let seconds: Double

  struct Outcome {
    /// From sending the event to the end of the decision that answers it.
    var changed: [Int64] = []
    /// The event's part of it.
    var event: [Int64] = []
    var stale = 0
    /// Answers without items, so that nothing could be bought.
    var empty = 0
    var errors = 0
    var lastError = ""
  }

  private final class Tally: Sendable {
    let outcome = Mutex(Outcome())
  }

  func run() -> Outcome {
    let tally = Tally()
    let done = DispatchSemaphore(value: 0)
    let start = monotonicNow()
    for pair in 0..<pairs {
      // Threads, because these clients wait for each answer.
      Thread.detachNewThread {
        do {
          try work(pair: pair, start: start, tally)
        } catch {
          tally.outcome.withLock {
            $0.errors += 1
            $0.lastError = "\(error)"
          }
        }
        done.signal()
      }
    }
    for _ in 0..<pairs { done.wait() }
    return tally.outcome.withLock { $0 }
  }

  private func work(pair: Int, start: Int64, _ tally: Tally) throws {
    let (buyer, asker) = (try BlockingConnection(target), try BlockingConnection(target))
    // People that no other run knows.
    let name = "fresh-\(start)-\(pair)-"
    for turn in 0..<max(1, Int(seconds * rate / Double(pairs))) {
      sleep(until: start + Int64((Double(turn) + Double(pair) / Double(pairs)) * Double(pairs) / rate * 1e9))
      let question = Array("{\"user_id\":\"\(name)\(turn)\",\"placement\":\"home\",\"count\":5}".utf8)
      let before = try asker.expectOK("POST", "/v1/decide", question)
      guard let item = firstItem(in: before.text) else {
        tally.outcome.withLock { $0.empty += 1 }
        continue
      }
      let purchase = """
        {"message_id":"\(name)\(turn)","user_id":"\(name)\(turn)","event_type":"purchase","item_id":"\(item)","value":9.9}
        """
      let sent = monotonicNow()
      _ = try buyer.expectOK("POST", "/v1/events", Array(purchase.utf8))
      let acknowledged = monotonicNow()
      let after = try asker.expectOK("POST", "/v1/decide", question)
      let changed = monotonicNow()
      tally.outcome.withLock {
        $0.event.append(acknowledged - sent)
        $0.changed.append(changed - sent)
        if after.text.contains("\"item_id\":\"\(item)\"") { $0.stale += 1 }
      }
    }
  }

  private func firstItem(in answer: String) -> Substring? {
    guard let start = answer.firstRange(of: "\"item_id\":\"") else { return nil }
    return answer[start.upperBound...].prefix { $0 != "\"" }
  }

  private func sleep(until time: Int64) {
    var time = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
  }
}
