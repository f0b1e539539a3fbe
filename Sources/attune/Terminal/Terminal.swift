import Foundation

/// Where the program's words go. Colours and progress appear only where a person reads along.
struct Terminal: Sendable {
  enum Style: String { case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

  /// Standard output is a terminal.
  let isInteractive: Bool
  /// Standard error is a terminal.
  let showsProgress: Bool
  private let usesColour: Bool

  /// - Parameter environment: `NO_COLOR` (no-color.org) and `TERM=dumb` turn colours off.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    isInteractive = isatty(STDOUT_FILENO) != 0
    showsProgress = isatty(STDERR_FILENO) != 0
    usesColour = isInteractive && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
  }

  func styled(_ text: String, _ style: Style) -> String {
    usesColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// A line on standard output, at once.
  func line(_ text: String = "") { write(Array((text + "\n").utf8)) }

  func write(_ bytes: [UInt8]) { Self.write(bytes, to: STDOUT_FILENO) }

  /// A line on standard error.
  func note(_ text: String) { Self.write(Array((text + "\n").utf8), to: STDERR_FILENO) }

  /// Replaces the line on standard error that progress stands in; nothing where nobody reads along.
  func progress(_ text: String) {
    guard showsProgress else { return }
    Self.write(Array("\r\u{1B}[K\(text)".utf8), to: STDERR_FILENO)
  }

  func endProgress() { if showsProgress { Self.write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) } }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        return  // nobody reads any more
      }
      rest = rest.dropFirst(written)
    }
  }
}
