import Decisions
import Testing

@Suite struct LadderTests {
  @Test(arguments: [
    (0, false, Stage.context), (0, true, .onboarding), (1, true, .onboarding), (4, false, .context),
    (6, false, .cohort), (10, false, .cohort), (20, false, .individual), (50, true, .individual),
  ])
  func `the leading rung follows how much is known`(acts: Int, hasInterests: Bool, expected: Stage) {
    #expect(Ladder.stage(of: Ladder.weights(evidenceCount: acts, hasStatedInterests: hasInterests)) == expected)
  }

  @Test(arguments: 0...200)
  func `weights are shares of one, and own taste only ever gains`(acts: Int) {
    let weights = Ladder.weights(evidenceCount: acts, hasStatedInterests: acts.isMultiple(of: 2))
    #expect(abs(weights.reduce(0, +) - 1) < 1e-5)
    #expect(weights.allSatisfy { (0...1).contains($0) })
    let next = Ladder.weights(evidenceCount: acts + 1, hasStatedInterests: acts.isMultiple(of: 2))
    #expect(next[3] > weights[3], "a hand-over, not a switch")
    #expect(next[3] - weights[3] < 0.05)
  }
}
