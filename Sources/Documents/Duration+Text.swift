extension Duration {
  /// Reads a whole number with a unit: `2w`, `7d`, `12h`, `30m`, `90s` or `250ms`. A day has 24 hours.
  ///
  /// - Returns: nil for anything else, and beyond 10,000 years.
  public init?(documentText text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, let count = Int64(digits) else { return nil }
    let millisecondsEach: Int64
    switch text[digits.endIndex...] {
    case "ms": millisecondsEach = 1
    case "s": millisecondsEach = 1_000
    case "m": millisecondsEach = 60_000
    case "h": millisecondsEach = 3_600_000
    case "d": millisecondsEach = 86_400_000
    case "w": millisecondsEach = 604_800_000
    default: return nil
    }
    let (milliseconds, overflowed) = count.multipliedReportingOverflow(by: millisecondsEach)
    guard !overflowed, milliseconds <= 10_000 * 366 * 86_400_000 else { return nil }
    self = .milliseconds(milliseconds)
  }

  /// The shortest text that reads back as the same duration, to the millisecond: `90m`, `36h`, `2w`.
  public var documentText: String {
    let parts = components
    let milliseconds = parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
    let units: [(String, Int64)] = [
      ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]
    guard milliseconds != 0 else { return "0s" }
    for (unit, each) in units where milliseconds % each == 0 { return "\(milliseconds / each)\(unit)" }
    return "\(milliseconds)ms"
  }
}
