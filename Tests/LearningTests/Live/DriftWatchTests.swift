import Engine
import Mathematics
import Primitives
import Testing

@testable import Learning

/// Whether what people do is still what a model was trained on.
@Suite struct DriftWatchTests {
  private static let watch = DriftWatch(rules: .init())
  private static let end = Timestamp(seconds: 1_000_000)

  /// People who like six items before the end and two after it, drawn from the first or the last ten of twenty items.
  private static func sequences(_ people: Int, movesOn: Bool, seed: UInt64) -> [ActSequence] {
    var generator = SeededGenerator(seed: seed)
    return (0..<people).map { _ in
      let early = (0..<6).map { _ in UInt32.random(in: 0..<10, using: &generator) }
      let late = (0..<2).map { _ in UInt32.random(in: movesOn ? 10..<20 : 0..<10, using: &generator) }
      let times =
        (0..<6).map { Timestamp(seconds: 999_000 + Int64($0)) } + [1_000_001, 1_000_002].map { Timestamp(seconds: $0) }
      return ActSequence(items: early + late, times: times)
    }
  }

  private static func findings(_ sequences: [ActSequence]) -> [DriftWatch.Finding] {
    // Categories of five items.
    watch.acts(sequences, end: end) { [$0 / 5] }
  }

  @Test func `people who move on to other items have drifted, in items and categories`() {
    let found = Self.findings(Self.sequences(300, movesOn: true, seed: 1))
    #expect(found.map(\.subject) == ["items", "categories"])
    #expect(found.allSatisfy { $0.isDrift && $0.shift.stabilityIndex > 1 && $0.shift.divergence > 0.5 }, "\(found)")
  }

  @Test func `people who stay have not, whatever chance does`() {
    for seed in UInt64(0)..<100 {
      let found = Self.findings(Self.sequences(120, movesOn: false, seed: seed))
      #expect(found.count == 2 && found.allSatisfy { !$0.isDrift }, "seed \(seed): \(found)")
    }
  }

  @Test func `a few people say nothing`() {
    #expect(Self.findings(Self.sequences(99, movesOn: true, seed: 1)).isEmpty)
    #expect(Self.findings([]).isEmpty)
  }

  @Test func `features are compared in the bins of before, and those who have no value are one`() {
    let before = [
      ModelNote.Spread(feature: "views", edges: [1, 2], counts: [100, 100, 100, 0]),
      ModelNote.Spread(feature: "orders", edges: [1], counts: [150, 150, 0]),
      ModelNote.Spread(feature: "gone", edges: [1], counts: [150, 150, 0]),
    ]
    let now = [
      ModelNote.Spread(feature: "views", edges: [1, 2], counts: [10, 10, 80, 200]),
      ModelNote.Spread(feature: "orders", edges: [1], counts: [149, 151, 0]),
      ModelNote.Spread(feature: "new", edges: [1], counts: [1, 299, 0]),
    ]
    let found = Self.watch.features(before: before, now: now)
    #expect(found.map(\.subject) == ["views", "orders"])
    #expect(found.map(\.isDrift) == [true, false])
  }
}

/// What held-back people say of a model that serves.
@Suite struct HeldBackVerdictTests {
  private static func run(ndcg: Double) -> ModelRun {
    let time = Timestamp(seconds: 0)
    return ModelRun(
      version: 2, model: "ials", cause: .asked, startedAt: time, finishedAt: time,
      window: .init(from: time, to: time, end: .start, events: 0, acts: 0, people: 0, items: 0, heldBack: 0),
      parameters: [:],
      metrics: [.init(subject: "candidate", name: "ndcg", k: 10, value: ndcg, low: ndcg - 0.02, high: ndcg + 0.02)],
      shares: [:], refusal: nil, digest: nil, bytes: 0)
  }

  private static func verdict(
    _ champion: Double, fresh: Double, before: Double?, people: Int = 200, noise: Double = 0.2, seed: UInt64 = 1,
    level: Double = 0.001
  ) -> HeldBackTrial.Verdict {
    var generator = SeededGenerator(seed: seed)
    let answers = (0..<people).map { _ in
      func draw(_ mean: Double) -> Double { mean + Double.random(in: -noise...noise, using: &generator) }
      return BlendTrial.Answer(ndcg: [draw(champion), draw(fresh), draw(before ?? 0)], hr: [0, 0, 0])
    }
    return HeldBackTrial.verdict(
      answers, rival: before == nil ? nil : 2, rivalName: "model 1", trained: run(ndcg: 0.4), tolerance: 0.1,
      level: level)
  }

  @Test func `a model below the one before it has to leave, one below what it was is due for a successor`() {
    guard case .worseThanBefore(let text) = Self.verdict(0.3, fresh: 0.2, before: 0.4) else {
      Issue.record("not told")
      return
    }
    #expect(text.contains("200 held-back people") && text.contains("model 1"), "\(text)")
    for (champion, fresh) in [(0.4, 0.5), (0.25, 0.2)] {
      guard case .worseThanItWas = Self.verdict(champion, fresh: fresh, before: champion) else {
        Issue.record("\(champion) against \(fresh): not told")
        continue
      }
    }
    guard case .worseThanItWas = Self.verdict(0.4, fresh: 0.5, before: nil) else {
      Issue.record("without one before, the fresh models call for a training")
      return
    }
    #expect(Self.verdict(0.4, fresh: 0.3, before: 0.4) == .well)
    #expect(Self.verdict(0.38, fresh: 0.3, before: nil) == .well, "a fall within the tolerance")
    #expect(Self.verdict(0, fresh: 1, before: 1, people: 29) == .well, "too few people")
  }

  @Test func `looks that share out the allowed chance raise no more alarms than allowed`() {
    var alarms = 0
    for seed in UInt64(0)..<200 {
      for look in 1...10 {
        let level = 0.05 / Double(look * (look + 1)) / 3
        if Self.verdict(0.4, fresh: 0.4, before: 0.4, people: 60, seed: seed * 100 + UInt64(look), level: level)
          != .well
        {
          alarms += 1
          break
        }
      }
    }
    // Allowed are 5 %; 200 trials give 18 or more with probability 0.013.
    #expect(alarms <= 17, "seeds 0-19910: \(alarms) of 200 runs of ten looks")
  }
}
