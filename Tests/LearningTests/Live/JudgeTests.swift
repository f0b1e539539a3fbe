import Catalog
import Engine
import Events
import Features
import Models
import Primitives
import Testing

@testable import Learning

@Suite struct JudgeTests {
  private static func answers(_ pairs: [(candidate: Double, rival: Double)]) -> [BlendTrial.Answer] {
    pairs.map { BlendTrial.Answer(ndcg: [$0.candidate, $0.rival], hr: [0, 0]) }
  }

  @Test(
    arguments: [
      ([(0.5, 0.5), (0.25, 0.25)], true),  // equal
      ([(0.75, 0.5), (0.5, 0.25)], true),  // better
      // The mean difference is −0.0125; its standard error √(Σ(d − d̄)² / 3 / 4) is 0.0515.
      ([(0.5, 0.6), (0.6, 0.5), (0.5, 0.6), (0.55, 0.5)], true),
      // −0.075 with a standard error of 0.0433: more than one.
      ([(0.5, 0.65), (0.5, 0.65), (0.5, 0.5), (0.5, 0.5)], false),
      ([(0.25, 0.5), (0.25, 0.5)], false),  // always worse
      ([], false),  // nobody to judge by
    ] as [([(Double, Double)], Bool)])
  func `a candidate passes unless it is worse by more than a standard error`(
    pairs: [(Double, Double)], passes: Bool
  ) {
    let refusal = Judge.refusal(Self.answers(pairs.map { (candidate: $0.0, rival: $0.1) }), rival: 1)
    #expect((refusal == nil) == passes, "\(refusal ?? "passed")")
  }

  @Test(arguments: [(0.5, true), (0.45, true), (0.4999, true), (0.5001, false), (0.55, false)])
  func `against a champion nothing worse passes, however little it is and however uncertain`(
    rival: Double, passes: Bool
  ) {
    // Differences of the other people cancel and are large: the standard error is far above what is asked here.
    let pairs = [(0.5, rival), (0.9, 0.1), (0.1, 0.9)]
    let answers = pairs.map { BlendTrial.Answer(ndcg: [$0.0, 0, 0, $0.1], hr: [0, 0, 0, 0]) }
    #expect((Judge.refusal(answers, rival: 3) == nil) == passes)
  }

  @Test func `against a champion something a little worse passes once it is sure to be no more than that`() {
    // 1 % worse for everybody, give or take; then 5 %.
    func passes(_ share: Double) -> Bool {
      let answers = (0..<200).map { person in
        BlendTrial.Answer(ndcg: [0.5 * share + 0.001 * Double(person % 3 - 1), 0, 0, 0.5], hr: [0, 0, 0, 0])
      }
      return Judge.refusal(answers, rival: 3) == nil
    }
    #expect(passes(0.99) && !passes(0.95) && !passes(0.979))
  }

  @Test func `a refusal tells both figures, the people and whom it was compared with`() {
    let worse = (0..<4).map { _ in BlendTrial.Answer(ndcg: [0.25, 0.3, 0, 0.5], hr: [0, 0, 0, 0]) }
    let champion = Judge.refusal(worse, rival: 3)
    #expect(champion?.contains("the champion on the same 4 held-back people: NDCG@10 0.2500 against 0.5000") == true)
    #expect(Judge.refusal(worse, rival: 1)?.contains("the fresh models") == true)
  }

  @Test func `shares are the best mixture, drawn to the prior when few people were asked`() {
    let mixtures: [BlendTrial.Shares] = [[1, 0], [0.5, 0.5], [0, 1]]
    func shares(_ ndcg: [Double], people: Int) -> BlendTrial.Shares {
      let answers = (0..<people).map { _ in BlendTrial.Answer(ndcg: ndcg, hr: ndcg) }
      return Judge.shares(of: answers, among: mixtures, prior: [0.25, 0.75])
    }
    #expect(shares([], people: 0) == [0.25, 0.75])
    #expect(shares([0.9, 0.5, 0.1], people: 20) == [0.625, 0.375], "twenty count as much as the prior")
    #expect(shares([0.9, 0.5, 0.1], people: 1_980)[0] > 0.99)
    // Of equals the nearest to the prior.
    #expect(shares([0.5, 0.5, 0.1], people: 20) == [0.375, 0.625])
  }

  // MARK: The trial

  /// Scores item n as n / 10.
  private struct Rising: CandidateModel {
    let name = "ials"
    let version = "1"
    let isPersonal = true
    mutating func fold(_: Interaction, history: [Interaction], context: ContextFacts, catalog: ItemCatalog) {}
    mutating func fold(changed item: ItemOrdinal, catalog: ItemCatalog) {}
    func candidates(for query: ModelQuery, catalog: ItemCatalog, limit: Int) -> [ScoredItem] { [] }
    func scores(of items: [ItemOrdinal], for query: ModelQuery, catalog: ItemCatalog) -> [Float] {
      items.map { Float($0.rawValue) / 10 }
    }
    func reason(for item: ItemOrdinal, query: ModelQuery, catalog: ItemCatalog) -> ModelReason? { nil }
    mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] { [] }
    mutating func restore(key: [UInt8], value: [UInt8]) {}
  }

  private static let trial = BlendTrial(
    models: [Rising()], catalog: ItemCatalog(), items: (0..<6).map { ItemOrdinal($0) }, workers: 1)

  private static func ndcg(_ items: [UInt32], workers: Int = 1) -> Double? {
    let person = ActSequence(items: items, times: items.map { Timestamp(seconds: Int64($0)) })
    return trial.answers(of: [person], to: [[1]]) { _ in true }.first?.ndcg[0]
  }

  @Test(
    arguments: [
      ([1, 5], 1),  // the best of all
      ([5, 4], 1),  // what was had before is no rival
      ([5, 3], 0.630_929_753_571_457_4),  // second: 1 / log₂ 3
      ([1, 0], 0),  // scored 0: the model does not know it
      ([1, 77], 0),  // not among the items: a miss
      ([1, 5, 77], 0.5),  // one of two questions
      ([3], nil),  // nothing to be asked
    ] as [([UInt32], Double?)])
  func `a person's figure is the mean over their questions, misses included`(items: [UInt32], expected: Double?) throws
  {
    let found = Self.ndcg(items)
    if let expected { #expect(abs(try #require(found) - expected) < 1e-12) } else { #expect(found == nil) }
  }

  @Test func `at most the last ten items of a person are asked for`() {
    // Ascending but the first: each is the best that is left only at the end.
    let person = ActSequence(
      items: [0] + Array(repeating: 77, count: 11) + [5], times: (0..<13).map { Timestamp(seconds: $0) })
    #expect(Self.trial.answers(of: [person], to: [[1]]) { _ in true }.first?.hr[0] == 0.1)
  }

  @Test(arguments: 1...3)
  func `mixtures are every way to share one in fifths`(count: Int) {
    let trial = BlendTrial(
      models: Array(repeating: Rising(), count: 4), catalog: ItemCatalog(), items: [], workers: 1)
    let mixtures = trial.mixtures(ofFirst: count)
    #expect(mixtures.count == [1, 6, 21][count - 1])
    #expect(Set(mixtures).count == mixtures.count)
    #expect(
      mixtures.allSatisfy { $0.count == 4 && abs($0.reduce(0, +) - 1) < 1e-5 && $0[count...].allSatisfy { $0 == 0 } })
  }
}
