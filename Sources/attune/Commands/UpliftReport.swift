import Foundation
import Learning
import Mathematics

/// A page with the Qini curve and the groups; it needs nothing but itself.
struct UpliftReport {
  let result: UpliftRun.Result
  let title: String

  func write(to path: String, terminal: Terminal) throws {
    try OutputFile.write(html.utf8, to: path)
    terminal.note("report written to \(path)")
  }

  private static let width = 640.0
  private static let height = 320.0

  private var html: String {
    let page = result.lines.map(Self.escaped).joined(separator: "\n")
    return """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>Uplift: \(Self.escaped(title))</title>
      <style>body{font:15px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em}pre{overflow-x:auto}
      svg{width:100%;height:auto;background:#fafafa;border:1px solid #ddd}figcaption{color:#555}</style>
      <h1>Whom it persuades</h1><p>\(Self.escaped(title)), learner \(Self.escaped(result.first.learner))</p>
      <figure>\(curve)<figcaption>Additional outcomes (Qini) when people are treated in the order of their predicted
      uplift; the straight line is any order by chance.</figcaption></figure>
      <figure>\(bars)<figcaption>Measured effect of each group of the held-back people, the highest predicted first, with
      95 % intervals; dots are predictions.</figcaption></figure>
      <pre>\(page)</pre></html>
      """
  }

  private var curve: String {
    let points = result.first.curve.points(.qini)
    guard let last = points.last, last.count > 0 else { return "" }
    let top = points.reduce(1e-9) { max($0, $1.value) }
    let bottom = points.reduce(0) { min($0, $1.value) }
    func place(_ point: UpliftCurve.Point) -> String {
      Self.place(point.count / last.count, (point.value - bottom) / (top - bottom))
    }
    let step = max(1, points.count / 400)
    let drawn = points.indices.filter { $0 % step == 0 || $0 == points.count - 1 }.map { place(points[$0]) }
    let line = [points[0], last].map(place).joined(separator: " ")
    return Self.drawing(
      "<polyline fill=\"none\" stroke=\"#999\" stroke-dasharray=\"4\" points=\"\(line)\"/>"
        + "<polyline fill=\"none\" stroke=\"#06c\" stroke-width=\"2\" points=\"\(drawn.joined(separator: " "))\"/>")
  }

  private var bars: String {
    let groups = result.first.groups.groups
    var (low, high) = (0.0, 1e-9)
    for group in groups {
      guard case .estimate(let estimate) = group.effect else { continue }
      low = min(low, estimate.interval.lowerBound, group.scoreMean)
      high = max(high, estimate.interval.upperBound, group.scoreMean)
    }
    func place(_ x: Double, _ value: Double) -> (x: String, y: String) {
      let parts = Self.place(x, (value - low) / (high - low)).split(separator: ",")
      return (String(parts[0]), String(parts[1]))
    }
    let zero = place(0, 0).y
    var shapes = "<line x1=\"0\" x2=\"\(Self.width)\" y1=\"\(zero)\" y2=\"\(zero)\" stroke=\"#999\"/>"
    for (number, group) in groups.enumerated() {
      let x = (Double(number) + 0.5) / Double(groups.count)
      let dot = place(x, group.scoreMean)
      if case .estimate(let estimate) = group.effect {
        let (bottom, top) = (place(x, estimate.interval.lowerBound), place(x, estimate.interval.upperBound))
        let middle = place(x, estimate.difference)
        shapes +=
          "<line x1=\"\(bottom.x)\" x2=\"\(top.x)\" y1=\"\(bottom.y)\" y2=\"\(top.y)\" stroke=\"#06c\" stroke-width=\"2\"/>"
        shapes += "<circle cx=\"\(middle.x)\" cy=\"\(middle.y)\" r=\"4\" fill=\"#06c\"/>"
      }
      shapes += "<circle cx=\"\(dot.x)\" cy=\"\(dot.y)\" r=\"3\" fill=\"none\" stroke=\"#c40\" stroke-width=\"2\"/>"
    }
    return Self.drawing(shapes)
  }

  private static func drawing(_ shapes: String) -> String {
    "<svg viewBox=\"0 0 \(width) \(height)\" role=\"img\">\(shapes)</svg>"
  }

  /// - Parameters: Shares of the width from the left and of the height from below.
  private static func place(_ x: Double, _ y: Double) -> String {
    "\((20 + x * (width - 40)).fixed(1)),\((height - 20 - y * (height - 40)).fixed(1))"
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }
}
