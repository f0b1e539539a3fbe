public import Primitives

/// How a file writes moments.
public enum TimeUnit: String, Sendable, CaseIterable {
  /// Seconds: since 1970, or since the row's base date when there is one.
  case seconds = "s"
  case milliseconds = "ms"
  /// `2016-05-09`, `2016-05-09T14:30:00+02:00` …
  case iso
  /// ISO when it reads as that, else a number since 1970 whose size tells the unit: below 1e11 seconds, below 1e14
  /// milliseconds, else microseconds.
  case auto
}

/// Reads the moments of a file.
public struct TimeReading: Sendable, Hashable {
  public var unit: TimeUnit
  /// The date that numbers count from when a row brings none of its own; nil is 1970.
  public var base: Timestamp?

  public init(unit: TimeUnit = .auto, base: Timestamp? = nil) {
    self.unit = unit
    self.base = base
  }

  /// - Parameter rowBase: The row's own base date, which goes before `base`.
  /// - Returns: nil for what is no moment in this unit.
  public func moment(_ text: String, rowBase: Timestamp? = nil) -> Timestamp? {
    if unit == .iso { return Timestamp(iso8601: text) }
    if unit == .auto, let moment = Timestamp(iso8601: text) { return moment }
    guard let number = Double(text), number.isFinite, abs(number) < 1e17 else { return nil }
    let microseconds: Double
    switch unit {
    case .seconds: microseconds = number * 1e6
    case .milliseconds: microseconds = number * 1e3
    case .iso: return nil
    case .auto:
      let factor = abs(number) < 1e11 ? 1e6 : abs(number) < 1e14 ? 1e3 : 1
      microseconds = number * factor
    }
    guard abs(microseconds) < 9e18 else { return nil }
    let offset = rowBase ?? base ?? Timestamp(microseconds: 0)
    let (sum, overflowed) = offset.microseconds.addingReportingOverflow(Int64(microseconds.rounded()))
    return overflowed ? nil : Timestamp(microseconds: sum)
  }
}
