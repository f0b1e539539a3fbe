import Testing

@testable import Mathematics

@Suite struct AdjustedRandIndexTests {
  /// Values of scikit-learn 1.x, `adjusted_rand_score`.
  @Test(
    arguments: [
      ([0, 0, 1, 1], [0, 0, 1, 2], 0.5714285714285714),
      ([0, 0, 1, 2, 2, 1, 0], [1, 1, 0, 0, 2, 2, 1], 0.475),
      ([0, 0, 1, 1], [0, 1, 0, 1], -0.5),
      ((0..<60).map { ($0 * 7 + 3) % 11 % 4 }, (0..<60).map { ($0 * 5 + 1) % 13 % 3 }, -0.025156480732412126),
    ] as [([Int], [Int], Double)])
  func `two groupings agree as the formula says`(left: [Int], right: [Int], expected: Double) {
    #expect(abs(adjustedRandIndex(left, right) - expected) < 1e-12)
    #expect(adjustedRandIndex(left, right) == adjustedRandIndex(right, left))
  }

  @Test(
    arguments: [
      ([], []), ([4], [9]), ([0, 0, 0], [7, 7, 7]), ([1, 2, 3], [3, 1, 2]), ([0, 1, 1, 2], [5, 0, 0, 9]),
    ] as [([Int], [Int])])
  func `groupings that differ in names only agree wholly`(left: [Int], right: [Int]) {
    #expect(adjustedRandIndex(left, right) == 1)
  }
}
