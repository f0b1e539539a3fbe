/// A drawing in SVG that takes its colours from the page around it: classes `s0` … `s7` are those of the series, `axis`,
/// `grid` and `label` the quiet parts.
struct Graphic {
  enum Anchor: String { case start, middle, end }

  static let seriesMax = 8

  let width: Double
  let height: Double
  /// Read out instead of the drawing.
  let title: String
  private var parts: [String] = []

  init(width: Double, height: Double, title: String) {
    (self.width, self.height, self.title) = (width, height, title)
  }

  static func series(_ number: Int) -> String { "s\(number % seriesMax)" }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    parts.append(
      #"<line x1="\#(Self.text(x1))" y1="\#(Self.text(y1))" x2="\#(Self.text(x2))" y2="\#(Self.text(y2))" class="\#(style)"/>"#
    )
  }

  mutating func dot(_ x: Double, _ y: Double, radius: Double, _ style: String) {
    parts.append(
      #"<circle cx="\#(Self.text(x))" cy="\#(Self.text(y))" r="\#(Self.text(radius))" class="\#(style)"/>"#)
  }

  /// - Parameter isClosed: An area instead of a line.
  mutating func path(_ points: [(x: Double, y: Double)], _ style: String, isClosed: Bool = false) {
    guard !points.isEmpty else { return }
    let steps = points.enumerated().map { "\($0 == 0 ? "M" : "L")\(Self.text($1.x)) \(Self.text($1.y))" }
    parts.append(#"<path d="\#(steps.joined(separator: " "))\#(isClosed ? " Z" : "")" class="\#(style)"/>"#)
  }

  mutating func text(_ text: String, _ x: Double, _ y: Double, _ style: String, anchor: Anchor = .start) {
    parts.append(
      #"<text x="\#(Self.text(x))" y="\#(Self.text(y))" class="\#(style)" text-anchor="\#(anchor.rawValue)">\#(text.escapedForHTML)</text>"#
    )
  }

  /// What is drawn until `endGroup` shows `hint` when it is pointed at.
  mutating func beginGroup(hint: String) { parts.append("<g><title>\(hint.escapedForHTML)</title>") }
  mutating func endGroup() { parts.append("</g>") }

  var html: String {
    let head =
      #"<svg viewBox="0 0 \#(Self.text(width)) \#(Self.text(height))" role="img" aria-label="\#(title.escapedForHTML)">"#
    return head + parts.joined() + "</svg>"
  }

  /// At most two decimals: finer is not seen.
  private static func text(_ number: Double) -> String {
    let rounded = (number * 100).rounded() / 100
    return rounded == rounded.rounded() && abs(rounded) < 1e9 ? String(Int(rounded)) : rounded.fixed(2)
  }
}

extension String {
  /// As text or as the value of an attribute in quotes.
  var escapedForHTML: String {
    var result = ""
    for character in unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Control characters are no text of a page.
      case _ where character.value < 32 && character != "\n" && character != "\t": result += "\u{FFFD}"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
