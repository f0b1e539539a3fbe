import Mathematics
import Primitives
import Testing

@testable import attune

@Suite struct ScoreboardTests {
  private let click = Reaction(item: 0, act: .clicked)
  private let purchase = Reaction(item: 0, act: .bought(2_000))

  @Test func `clicks and revenue are per decision, and people are what vary`() throws {
    var board = Scoreboard()
    board.recordReactions(person: 1, isHoldout: false, reactions: [click])
    board.recordReactions(person: 1, isHoldout: false, reactions: [])
    board.recordReactions(person: 2, isHoldout: false, reactions: [click, purchase])
    board.recordReactions(person: 3, isHoldout: true, reactions: [])
    #expect(board.personalised.peopleCount == 2)
    #expect(board.personalised.decisions == 3)
    let clicks = try #require(board.personalised.clicks.estimate)
    #expect(abs(clicks.value - 2.0 / 3) < 1e-12)
    #expect(clicks.units == 2)
    #expect(abs(try #require(board.personalised.revenue.estimate).value - 20.0 / 3) < 1e-12)
    #expect(board.holdout.peopleCount == 1)
  }

  @Test func `with one person in an arm nothing is claimed`() {
    var board = Scoreboard()
    for person in 1...50 { board.recordReactions(person: person, isHoldout: false, reactions: [click]) }
    board.recordReactions(person: 60, isHoldout: true, reactions: [])
    guard case .inconclusive = board.clickDifference else {
      Issue.record("a difference from one person")
      return
    }
  }

  @Test(arguments: [(0.5, 0.050), (0.99, 0.099), (1, 0.1)])
  func `a quantile is right within two percent`(rank: Double, expected: Double) throws {
    var table = LatencyTable()
    for millisecond in 1...100 { table.record(.milliseconds(millisecond)) }
    let found = try #require(table.quantile(rank))
    #expect(found >= expected * 0.98 && found <= expected * 1.04)
  }

  @Test func `no latencies have no quantile`() { #expect(LatencyTable().quantile(0.99) == nil) }

  @Test func `rates look at the last three seconds`() {
    var window = RateWindow()
    _ = window.look(at: 0, events: 0, decisions: 0)
    #expect(window.look(at: 2, events: 200, decisions: 20).events == 100)
    _ = window.look(at: 4, events: 200, decisions: 40)
    let late = window.look(at: 6, events: 200, decisions: 60)
    #expect(late.events == 0)
    #expect(late.decisions == 10)
  }

  @Test func `the summary says what a program would ask`() throws {
    var scores = DemoScores()
    for person in 0..<40 {
      // The last ten shop after the training.
      if person == 30 { scores.begin(after: DemoTraining(run: ["version": 1, "outcome": "live"], seconds: 1)) }
      scores.record {
        $0.recordDecision(latency: .milliseconds(2))
        $0.recordReactions(person: person, isHoldout: person % 10 == 0, reactions: person % 3 == 0 ? [click] : [])
      }
    }
    let report = DemoReport(scores: scores, elapsed: 4, duration: 5, eventsPerSecond: 1, decisionsPerSecond: 10)
    var writer = JSONWriter()
    report.json(server: "http://127.0.0.1:1", seed: 1, into: &writer)
    let json = try JSONDocument(parsing: writer.bytes).root.value
    #expect(json["decisions"] == 40)
    #expect(json["decisions_per_second"] == 10)
    #expect(json["clicks_per_decision"]?["people"] == 36)
    #expect(json["clicks_per_decision"]?["interval"]?.array?.count == 2)
    #expect(json["revenue_per_decision"]?["inconclusive"] == "neither arm varies yet")
    #expect(json["training"]?["outcome"] == "live")
    #expect(json["before_training"]?["decisions"] == 30)
    #expect(json["after_training"]?["decisions"] == 10)
  }
}
