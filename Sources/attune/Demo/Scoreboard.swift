import Foundation
import Mathematics
import Primitives

/// What the demo has seen so far, as anybody could who watches the shop's own traffic.
struct Scoreboard: Sendable {
  /// Decisions, clicks and revenue of one arm, person by person: people were assigned, so people are what vary.
  struct Arm: Sendable {
    private struct Person: Sendable {
      var decisions = 0
      var clicks = 0
      var revenue = 0.0
    }

    private var people: [Int: Person] = [:]
    private(set) var decisions = 0
    private(set) var clicks = RatioMoments()
    private(set) var revenue = RatioMoments()

    var peopleCount: Int { people.count }

    mutating func record(person: Int, reactions: [Reaction]) {
      let old = people[person]
      var new = old ?? Person()
      new.decisions += 1
      for reaction in reactions {
        switch reaction.act {
        case .clicked: new.clicks += 1
        case .bought(let cents): new.revenue += Double(cents) / 100
        case .saw, .addedToCart: break
        }
      }
      people[person] = new
      decisions += 1
      let weight = Double(new.decisions)
      guard let old else {
        clicks.add(numerator: Double(new.clicks), weight: weight)
        revenue.add(numerator: new.revenue, weight: weight)
        return
      }
      clicks.replace(
        numerator: Double(old.clicks), weight: weight - 1, by: Double(new.clicks), weight: weight)
      revenue.replace(numerator: old.revenue, weight: weight - 1, by: new.revenue, weight: weight)
    }
  }

  private(set) var personalised = Arm()
  private(set) var holdout = Arm()
  private(set) var events = 0
  private(set) var errors = 0
  private(set) var lastError: String?
  private(set) var latencies = LatencyTable()

  mutating func recordEvents(_ count: Int) { events += count }

  mutating func recordError(_ message: String) {
    errors += 1
    lastError = message
  }

  mutating func recordDecision(latency: Duration) { latencies.record(latency) }

  mutating func recordReactions(person: Int, isHoldout: Bool, reactions: [Reaction]) {
    if isHoldout {
      holdout.record(person: person, reactions: reactions)
    } else {
      personalised.record(person: person, reactions: reactions)
    }
  }

  var decisions: Int { latencies.count }

  /// Clicks per decision, personalised minus holdout.
  var clickDifference: DifferenceReadout {
    welchDifference(treatment: personalised.clicks.estimate, control: holdout.clicks.estimate)
  }

  /// Revenue per decision, personalised minus holdout.
  var revenueDifference: DifferenceReadout {
    welchDifference(treatment: personalised.revenue.estimate, control: holdout.revenue.estimate)
  }
}

/// Latencies in ranges of 2 % each, from 10 µs to about 100 s.
struct LatencyTable: Sendable {
  private static let first = 1e-5
  private static let growth = 1.02
  private var counts = [Int](repeating: 0, count: 820)
  private(set) var count = 0

  mutating func record(_ latency: Duration) {
    let place = log(max(latency.inSeconds, Self.first) / Self.first) / log(Self.growth)
    counts[min(counts.count - 1, max(0, Int(place)))] += 1
    count += 1
  }

  /// The latency in seconds that a share `rank` of all stayed below, to 2 %; nil before the first.
  func quantile(_ rank: Double) -> Double? {
    guard count > 0 else { return nil }
    var below = 0
    for (place, inRange) in counts.enumerated() {
      below += inRange
      if Double(below) >= rank * Double(count) { return Self.first * pow(Self.growth, Double(place + 1)) }
    }
    return nil
  }
}
