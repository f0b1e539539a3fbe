import Documents
import Engine
import Primitives
import Testing

@Suite struct TrainingRulesTests {
  private static func rules(_ yaml: String) throws -> TrainingRules {
    try TrainingRules(document: DocumentNode.yaml(yaml, file: "training.yaml"))
  }

  @Test(
    arguments: [
      ("3", "1:1", "mapping"), ("often: 3", "1:1", "'often' is not a key"),
      ("dimension: 3", "1:1", "did you mean 'dimensions'?"),
      ("automatic: 7", "1:12", "true or false"), ("every: soon", "1:8", "length of time"),
      ("every: 0s", "1:8", "between 1s and 366d"),
      ("every: 400d", "1:8", "between 1s and 366d"),
      ("automatic: true\nat_least: 20ms", "2:11", "'at_least' between 1s and 366d"),
      ("changed: 0", "1:10", "from 0.001 to 10"), ("changed: 11", "1:10", "from 0.001 to 10"),
      ("changed: much", "1:10", "number"), ("dimensions: 1", "1:13", "from 2 to 1024"),
      ("dimensions: 1025", "1:13", "from 2 to 1024"), ("dimensions: 8.5", "1:13", "whole number"),
      ("memory_mb: 0", "1:12", "from 1 to 1048576"),
      ("drift: {item: 1}", "1:9", "did you mean 'items'?"), ("drift: {items: 0}", "1:16", "from 0.01 to 10"),
      ("drift: much", "1:8", "mapping"), ("degradation:\n  tolerance: 1", "2:14", "from 0 to 0.9"),
      ("degradation:\n  false_alarms: 0", "2:17", "from 0.001 to 0.2"),
      ("degradation: {withdraw: maybe}", "1:25", "true or false"),
    ] as [(String, String, String)])
  func `what cannot be meant is refused where it stands`(yaml: String, place: String, reason: String) throws {
    let error = try #require(throws: DocumentError.self) { try Self.rules(yaml) }
    #expect("\(error.location.line):\(error.location.column)" == place, "\(error)")
    #expect(error.description.contains(reason), "\(error)")
  }

  @Test func `what is not said is the standard`() throws {
    #expect(try TrainingRules(document: nil) == TrainingRules())
    #expect(try Self.rules("{}") == TrainingRules())
    let rules = try Self.rules(
      "{automatic: false, every: 2d, changed: 1.5, at_least: 1h, dimensions: 16, memory_mb: 64}")
    #expect(!rules.isAutomatic && rules.every == .seconds(172_800) && rules.changed == 1.5)
    let watch = try Self.rules("drift: false\ndegradation: {tolerance: 0.2, false_alarms: 0.05, withdraw: false}").watch
    #expect(watch.drift == nil && watch.degradation?.tolerance == 0.2 && watch.degradation?.falseAlarms == 0.05)
    #expect(watch.degradation?.withdraws == false)
    #expect(try Self.rules("drift: {features: 0.5}\ndegradation: false").watch.drift?.features == 0.5)
    #expect(rules.atLeast == .seconds(3_600) && rules.dimensions == 16 && rules.memoryBytes == 64 << 20)
  }

  private static let now = Timestamp(seconds: 1_780_000_000)

  /// A run over `events` that ended some minutes ago.
  private static func run(minutesAgo: Double, events: Int) -> ModelRun {
    let time = now - .seconds(minutesAgo * 60)
    return ModelRun(
      version: 1, model: "ials", cause: .asked, startedAt: time, finishedAt: time,
      window: ModelRun.Window(
        from: time, to: time, end: LogPosition(1), events: events, acts: 1, people: 1, items: 1, heldBack: 0),
      parameters: [:], metrics: [], shares: [:], refusal: nil, digest: nil, bytes: 0)
  }

  @Test(
    arguments: [
      (nil, 999, nil), (nil, 1_000, .changes),  // the first, once there is something to learn from
      (run(minutesAgo: 14, events: 1_000), 9_000, nil),  // never sooner than at_least
      (run(minutesAgo: 15, events: 1_000), 1_200, .changes), (run(minutesAgo: 15, events: 1_000), 1_199, nil),
      (run(minutesAgo: 1_439, events: 1_000), 1_001, nil), (run(minutesAgo: 1_440, events: 1_000), 1_001, .schedule),
      (run(minutesAgo: 9_999, events: 1_000), 1_000, nil),  // nothing new
      (run(minutesAgo: 1_440, events: 1_000), 1_200, .changes),
      (run(minutesAgo: -60, events: 1_000), 9_000, nil),  // a clock that was set back
    ] as [(ModelRun?, Int, ModelRun.Cause?)])
  func `a training begins when enough has changed or the time is over`(
    last: ModelRun?, events: Int, cause: ModelRun.Cause?
  ) {
    #expect(TrainingRules().cause(after: last, events: events, at: Self.now) == cause)
    var manual = TrainingRules()
    manual.isAutomatic = false
    #expect(manual.cause(after: last, events: events, at: Self.now) == nil)
  }
}
