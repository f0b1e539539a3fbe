/// Estimates with their intervals, one below the other: a row for each name, in it a mark for each series.
struct IntervalChart {
  struct Mark {
    let series: Int
    let name: String
    let value: Double
    let low: Double
    let high: Double
  }

  struct Row {
    let name: String
    /// Beside the name, quieter.
    var note = ""
    let marks: [Mark]
  }

  let title: String
  let rows: [Row]
  /// Whether 0 is a line of its own, as for differences.
  var hasZero = false
  var digits = 3
  var width = 440.0

  var html: String {
    let labels = min(210, 14 + 6.6 * Double(rows.map { max($0.name.count, $0.note.count) }.max() ?? 0))
    let numbers = hasZero ? 66.0 : 52
    let heights = rows.map { Swift.max($0.note.isEmpty ? 22 : 32, 8 + 13 * Double($0.marks.count)) }
    let bottom = heights.reduce(6, +)
    var graphic = Graphic(width: width, height: bottom + 24, title: title)
    let marks = rows.flatMap(\.marks)
    let axis = Axis(covering: marks.flatMap { [$0.low, $0.high] }, including: hasZero ? [0] : [], count: 4)
    let (left, right) = (labels, width - numbers)
    func place(_ value: Double) -> Double { axis.place(value, from: left, to: right) }
    for tick in axis.ticks {
      graphic.line(place(tick), 4, place(tick), bottom, hasZero && abs(tick) < 1e-12 ? "zero" : "grid")
      graphic.text(axis.label(tick), place(tick), bottom + 16, "tick", anchor: .middle)
    }
    var top = 6.0
    for (row, height) in zip(rows, heights) {
      let middle = top + height / 2
      graphic.text(row.name, left - 12, middle + (row.note.isEmpty ? 4 : -2), "label", anchor: .end)
      if !row.note.isEmpty { graphic.text(row.note, left - 12, middle + 11, "tick", anchor: .end) }
      for (number, mark) in row.marks.enumerated() {
        let y = middle + 13 * (Double(number) - Double(row.marks.count - 1) / 2)
        let style = Graphic.series(mark.series)
        graphic.beginGroup(
          hint: "\(mark.name): \(mark.value.fixed(4)), 95 % interval \(mark.low.fixed(4)) to \(mark.high.fixed(4))")
        graphic.line(place(mark.low), y, place(mark.high), y, "whisker \(style)")
        graphic.dot(place(mark.value), y, radius: 4, "dot \(style)")
        graphic.text(
          hasZero ? mark.value.signed(digits) : mark.value.fixed(digits), width - 2, y + 4, "number", anchor: .end)
        graphic.endGroup()
      }
      top += height
    }
    return graphic.html
  }
}

/// Series over a few depths, which stand at equal distances, with a band for the interval.
struct DepthChart {
  struct Series {
    let name: String
    let points: [(value: Double, low: Double, high: Double)]
  }

  let title: String
  let depths: [Int]
  let series: [Series]
  var width = 440.0
  var height = 250.0

  var html: String {
    var graphic = Graphic(width: width, height: height, title: title)
    let axis = Axis(covering: series.flatMap { $0.points.flatMap { [$0.low, $0.high] } }, including: [0])
    let (left, right, top, bottom) = (40.0, width - 10, 8.0, height - 26)
    func y(_ value: Double) -> Double { axis.place(value, from: bottom, to: top) }
    func x(_ place: Int) -> Double { left + (right - left) * Double(place) / Double(max(1, depths.count - 1)) }
    for tick in axis.ticks {
      graphic.line(left, y(tick), right, y(tick), "grid")
      graphic.text(axis.label(tick), left - 6, y(tick) + 4, "tick", anchor: .end)
    }
    for (place, depth) in depths.enumerated() {
      graphic.text(String(depth), x(place), bottom + 18, "tick", anchor: .middle)
    }
    for (number, line) in series.enumerated() {
      let style = Graphic.series(number)
      let points = Array(line.points.enumerated())
      graphic.path(
        points.map { (x($0), y($1.high)) } + points.reversed().map { (x($0), y($1.low)) }, "band \(style)",
        isClosed: true)
      graphic.path(points.map { (x($0), y($1.value)) }, "curve \(style)")
      for (place, point) in points {
        graphic.beginGroup(hint: "\(line.name) at \(depths[place]): \(point.value.fixed(4))")
        graphic.dot(x(place), y(point.value), radius: 3, "dot \(style)")
        graphic.endGroup()
      }
    }
    return graphic.html
  }
}
