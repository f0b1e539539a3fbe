import Mathematics
import Testing

@Suite struct RunningMomentsTests {
  /// NIST StRD univariate, NumAcc3: mean and deviation certified, chosen to break the textbook formula.
  @Test func `far numbers with a small spread keep their variance`() throws {
    var moments = RunningMoments()
    moments.add(1_000_000.2)
    for _ in 0..<500 {
      moments.add(1_000_000.1)
      moments.add(1_000_000.3)
    }
    #expect(isClose(moments.mean, 1_000_000.2, relative: 1e-14))
    #expect(isClose(try #require(moments.variance).squareRoot(), 0.1, relative: 1e-8))
  }

  @Test(arguments: 0...6)
  func `two parts join to the whole`(cut: Int) {
    let numbers = [3.0, -1, 4, 1, -5, 9]
    func moments(_ values: some Sequence<Double>) -> RunningMoments {
      values.reduce(into: RunningMoments()) { $0.add($1) }
    }
    var joined = moments(numbers[..<cut])
    joined.merge(moments(numbers[cut...]))
    let whole = moments(numbers)
    #expect(joined.count == whole.count)
    #expect(isClose(joined.mean, whole.mean, relative: 1e-14))
    #expect(isClose(joined.sumOfSquaredDeviations, whole.sumOfSquaredDeviations, relative: 1e-14))
  }

  @Test func `fewer than two numbers have no variance`() {
    var moments = RunningMoments()
    #expect(moments.variance == nil)
    moments.add(5)
    #expect(moments.variance == nil)
    #expect(moments.mean == 5)
  }
}
