import Mathematics
import Primitives

/// One look at the running demo, and how it reads.
struct DemoReport: Sendable {
  let scores: DemoScores
  let elapsed: Double
  let duration: Double
  /// Of the last seconds.
  let eventsPerSecond: Double
  let decisionsPerSecond: Double

  private var board: Scoreboard { scores.whole }

  /// The block that is drawn again and again in a terminal.
  func lines(_ terminal: Terminal) -> [String] {
    let share = min(1, elapsed / duration)
    let filled = Int(share * 24)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    var lines = [
      "  \(bar)  \(Int(min(elapsed, duration))) of \(Int(duration)) s",
      "",
      "  events     \(rate(eventsPerSecond))   \(board.events.grouped) in all",
      "  decisions  \(rate(decisionsPerSecond))   \(board.decisions.grouped) in all   p50 \(latency(0.5))   p99 \(latency(0.99))",
      "",
    ]
    var table = Table([.left, .right, .right, .left])
    table.add(["", "personalised", "unpersonalised", "difference (95 % interval)"])
    table.add(
      ["people", board.personalised.peopleCount.grouped, board.holdout.peopleCount.grouped, ""])
    table.add(
      row("clicks per decision", board.personalised.clicks, board.holdout.clicks, board.clickDifference, digits: 3))
    table.add(
      row(
        "revenue per decision, €", board.personalised.revenue, board.holdout.revenue, board.revenueDifference, digits: 2
      ))
    for (number, line) in table.lines(indent: "  ").enumerated() {
      lines.append(number == 0 ? terminal.styled(line, .dim) : line)
    }
    if let training = scores.training, let after = scores.after {
      lines += ["", "  " + training.line]
      var table = Table([.left, .right, .right, .left])
      table.add(["clicks per decision", "personalised", "unpersonalised", "difference (95 % interval)"])
      for (name, board) in [("before the training", scores.before), ("after it", after)] {
        table.add(row(name, board.personalised.clicks, board.holdout.clicks, board.clickDifference, digits: 3))
      }
      for (number, line) in table.lines(indent: "  ").enumerated() {
        lines.append(number == 0 ? terminal.styled(line, .dim) : line)
      }
    }
    if let error = board.lastError {
      lines.append("  " + terminal.styled("\(board.errors) failed; the last: \(error)", .red))
    }
    return lines
  }

  /// One line, for logs.
  var line: String {
    "\(Int(elapsed)) s  events/s \(Int(eventsPerSecond))  decisions/s \(Int(decisionsPerSecond))  p99 \(latency(0.99))"
      + "  clicks/decision \(mean(board.personalised.clicks, 3)) vs \(mean(board.holdout.clicks, 3)) "
      + text(of: board.clickDifference, digits: 3)
      + (board.errors > 0 ? "  errors \(board.errors)" : "")
  }

  func json(server: String, seed: UInt64, into writer: inout JSONWriter) {
    writer.object {
      $0.member("server", server)
      $0.member("seed", Int64(bitPattern: seed))
      $0.member("seconds", elapsed)
      $0.member("events", board.events)
      $0.member("decisions", board.decisions)
      $0.member("events_per_second", Double(board.events) / elapsed)
      $0.member("decisions_per_second", Double(board.decisions) / elapsed)
      $0.member(
        "latency_ms",
        object: { latencies in
          for (name, rank) in [("p50", 0.5), ("p99", 0.99)] {
            latencies.member(name, board.latencies.quantile(rank).map { $0 * 1e3 })
          }
        })
      $0.member("errors", board.errors)
      $0.member(
        "clicks_per_decision",
        object: {
          Self.write(board.personalised.clicks, board.holdout.clicks, board.clickDifference, into: &$0)
        })
      $0.member(
        "revenue_per_decision",
        object: {
          Self.write(board.personalised.revenue, board.holdout.revenue, board.revenueDifference, into: &$0)
        })
      guard let training = scores.training, let after = scores.after else { return }
      $0.key("training")
      training.json(into: &$0)
      for (name, board) in [("before_training", scores.before), ("after_training", after)] {
        $0.member(
          name,
          object: { phase in
            phase.member("decisions", board.decisions)
            phase.member(
              "clicks_per_decision",
              object: {
                Self.write(board.personalised.clicks, board.holdout.clicks, board.clickDifference, into: &$0)
              })
          })
      }
    }
  }

  private static func write(
    _ personalised: RatioMoments, _ holdout: RatioMoments, _ difference: DifferenceReadout,
    into writer: inout JSONWriter
  ) {
    writer.member("personalised", personalised.estimate?.value)
    writer.member("unpersonalised", holdout.estimate?.value)
    writer.member("people", personalised.units)
    writer.member("people_unpersonalised", holdout.units)
    switch difference {
    case .estimate(let estimate):
      writer.member("difference", estimate.difference)
      writer.member(
        "interval",
        array: {
          $0.double(estimate.interval.lowerBound)
          $0.double(estimate.interval.upperBound)
        })
    case .inconclusive(let reason): writer.member("inconclusive", reason)
    }
  }

  private func rate(_ value: Double) -> String { "\(Int(value).grouped)/s".paddedLeft(to: 9) }
  private func latency(_ rank: Double) -> String { board.latencies.quantile(rank)?.latencyText ?? "–" }
  private func mean(_ moments: RatioMoments, _ digits: Int) -> String {
    moments.estimate?.value.fixed(digits) ?? "–"
  }

  private func row(
    _ name: String, _ left: RatioMoments, _ right: RatioMoments, _ difference: DifferenceReadout, digits: Int
  ) -> [String] {
    [name, mean(left, digits), mean(right, digits), text(of: difference, digits: digits)]
  }

  private func text(of difference: DifferenceReadout, digits: Int) -> String {
    switch difference {
    case .inconclusive(let reason): "(\(reason))"
    case .estimate(let estimate):
      "\(estimate.difference.signed(digits)) (\(estimate.interval.lowerBound.signed(digits)) … "
        + "\(estimate.interval.upperBound.signed(digits)))"
    }
  }
}

/// Rates over the last few looks, so that a number on the screen is steady and still new.
struct RateWindow: Sendable {
  private var looks: [(at: Double, events: Int, decisions: Int)] = []

  /// - Parameter elapsed: Seconds since the start; must not fall.
  mutating func look(at elapsed: Double, events: Int, decisions: Int) -> (events: Double, decisions: Double) {
    looks.append((elapsed, events, decisions))
    while let first = looks.first, first.at < elapsed - 3, looks.count > 2 { looks.removeFirst() }
    guard let first = looks.first, elapsed > first.at else { return (0, 0) }
    let seconds = elapsed - first.at
    return (Double(events - first.events) / seconds, Double(decisions - first.decisions) / seconds)
  }
}
