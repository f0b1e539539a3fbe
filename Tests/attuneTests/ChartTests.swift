import Testing

@testable import attune

/// Plots of a report.
@Suite struct ChartTests {
  @Test(
    arguments: [
      ([0.12, 0.47], [0.1, 0.2, 0.3, 0.4, 0.5], 1), ([0, 100], [0, 20, 40, 60, 80, 100], 0),
      ([-0.003, 0.009], [-0.005, 0, 0.005, 0.01], 3), ([2, 2], [1.8, 1.9, 2, 2.1, 2.2], 1),
    ] as [([Double], [Double], Int)])
  func `an axis reaches over its values in round steps`(values: [Double], ticks: [Double], digits: Int) {
    let axis = Axis(covering: values)
    #expect(zip(axis.ticks, ticks).allSatisfy { abs($0 - $1) < 1e-9 } && axis.ticks.count == ticks.count, "\(axis)")
    #expect(axis.digits == digits)
    #expect(values.allSatisfy { axis.low <= $0 && $0 <= axis.high })
  }

  @Test func `nothing, and what is no number, still make an axis`() {
    for values in [[], [Double.nan], [.infinity, 1]] {
      let axis = Axis(covering: values)
      #expect(axis.low < axis.high && axis.low.isFinite && axis.high.isFinite)
    }
  }

  @Test func `names are text, whatever they hold`() {
    let mark = IntervalChart.Mark(series: 9, name: "<script>", value: 0.5, low: 0.4, high: 0.6)
    let html = IntervalChart(title: "\"a\" & 'b'", rows: [.init(name: "</svg>\u{0}", marks: [mark])]).html
    #expect(html.contains("aria-label=\"&quot;a&quot; &amp; &#39;b&#39;\""))
    #expect(html.contains("&lt;/svg&gt;\u{FFFD}") && html.contains("&lt;script&gt;: 0.5000"))
    #expect(html.contains("dot s1"), "the ninth model has the second one's colour")
  }

  @Test func `an interval's middle lies where its axis says`() {
    let marks = [0.0, 1.0].map { IntervalChart.Mark(series: 0, name: "m", value: $0, low: $0, high: $0) }
    let html = IntervalChart(title: "t", rows: marks.map { .init(name: "m", marks: [$0]) }).html
    // Labels take 14 + 6.6, numbers 52 of 440.
    #expect(html.contains("cx=\"20.60\"") && html.contains("cx=\"388\""), "\(html)")
  }
}
