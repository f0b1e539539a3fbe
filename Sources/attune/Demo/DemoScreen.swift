/// Draws a block of lines over the one before it; where nobody watches, now and then a plain line.
struct DemoScreen {
  private let terminal: Terminal
  private let plainInterval: Double
  private var drawnLines = 0
  private var nextPlain = 0.0

  init(terminal: Terminal, plainInterval: Double = 5) {
    self.terminal = terminal
    self.plainInterval = plainInterval
  }

  mutating func draw(_ report: DemoReport) {
    guard terminal.isInteractive else {
      guard report.elapsed >= nextPlain else { return }
      nextPlain += plainInterval
      return terminal.line(report.line)
    }
    let lines = report.lines(terminal)
    var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
    for line in lines { text += "\u{1B}[K\(line)\n" }
    // An error line of an earlier look may stand below.
    if drawnLines > lines.count { text += "\u{1B}[J" }
    terminal.write(Array(text.utf8))
    drawnLines = lines.count
  }
}
