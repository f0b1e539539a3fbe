import Primitives
import Testing

@testable import Mathematics

@Suite struct BestAssignmentTests {
  /// Values of SciPy's `linear_sum_assignment(maximize=True)`.
  @Test func `rows and columns are paired as SciPy pairs them`() {
    #expect(bestAssignment([[7, 5, 11, 2], [5, 4, 1, 9], [9, 3, 2, 8.5]]) == [2, 3, 0])
    func value(_ i: Int, _ j: Int) -> Double {
      let whole = (i * 37 + j * 17) % 23
      let tenths = (i * i + 3 * j) % 7
      return Double(whole) + Double(tenths) / 10
    }
    let large = (0..<9).map { i in (0..<12).map { value(i, $0) } }
    // Several pairings have this sum.
    let sum = bestAssignment(large).enumerated().reduce(0) { $0 + large[$1.offset][$1.element ?? 0] }
    #expect(abs(sum - 190.2) < 1e-9)
  }

  @Test func `where there are more rows than columns the least valuable row has none`() {
    #expect(bestAssignment([[3], [9], [5]]) == [nil, 0, nil])
    #expect(bestAssignment([[], []]) == [nil, nil])
    #expect(bestAssignment([]).isEmpty)
  }

  @Test func `no other pairing has a larger sum`() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<40 {
      let values = (0..<5).map { _ in (0..<5).map { _ in Double(Int.random(in: -9...9, using: &generator)) } }
      let found = bestAssignment(values).enumerated().reduce(0) { $0 + values[$1.offset][$1.element ?? 0] }
      #expect(found == Self.best(values, row: 0, free: Set(0..<5)), "seed 5: \(values)")
    }
  }

  /// Tries all.
  private static func best(_ values: [[Double]], row: Int, free: Set<Int>) -> Double {
    if row == values.count { return 0 }
    return free.map { values[row][$0] + best(values, row: row + 1, free: free.subtracting([$0])) }.max() ?? 0
  }
}
