/// A moment: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// What lies beyond 292,000 years from 1970 becomes the earliest or latest moment: numbers come from strangers, so no
/// arithmetic here traps or wraps around.
public struct Timestamp: Sendable, Hashable, Comparable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }
  public init(milliseconds: Int64) { microseconds = milliseconds.multipliedOrLimit(by: 1_000) }
  public init(seconds: Int64) { microseconds = seconds.multipliedOrLimit(by: 1_000_000) }

  public var secondsSince1970: Double { Double(microseconds) / 1e6 }

  public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

  public static func + (left: Self, right: Duration) -> Timestamp {
    Timestamp(microseconds: left.microseconds.addingOrLimit(right.inMicroseconds))
  }

  public static func - (left: Self, right: Duration) -> Timestamp {
    let (difference, overflowed) = left.microseconds.subtractingReportingOverflow(right.inMicroseconds)
    return Timestamp(microseconds: overflowed ? (left.microseconds < 0 ? .min : .max) : difference)
  }

  public static func - (left: Self, right: Self) -> Duration {
    .microseconds(left.microseconds) - .microseconds(right.microseconds)  // a `Duration` has room for it
  }
}

extension Duration {
  /// Whole microseconds, rounded towards zero; the least or greatest number when they do not fit.
  public var inMicroseconds: Int64 {
    let parts = components
    return parts.seconds.multipliedOrLimit(by: 1_000_000).addingOrLimit(parts.attoseconds / 1_000_000_000_000)
  }

  public var inSeconds: Double {
    let parts = components
    return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
  }
}

/// A day and time of day in some zone, without the zone.
public struct CivilTime: Sendable, Hashable {
  public var year: Int
  public var month: Int
  public var day: Int
  public var hour: Int
  public var minute: Int
  public var second: Int
  public var microsecond: Int

  /// Monday is 1, Sunday is 7 (ISO 8601).
  public var weekday: Int {
    let days = Self.daysSince1970(year: year, month: month, day: day)
    return Int(((days % 7) + 7 + 3) % 7) + 1
  }

  /// Splits `timestamp`, seen from a zone `offsetSeconds` east of UTC.
  public init(_ timestamp: Timestamp, offsetSeconds: Int = 0) {
    let local = timestamp.microseconds.addingOrLimit(Int64(offsetSeconds).multipliedOrLimit(by: 1_000_000))
    let seconds = floorDivide(local, 1_000_000)
    microsecond = Int(local &- seconds &* 1_000_000)  // the product alone may lie below the least number
    let days = floorDivide(seconds, 86_400)
    let secondOfDay = Int(seconds - days * 86_400)
    (hour, minute, second) = (secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60)
    // Hinnant, chrono-compatible low-level date algorithms: civil_from_days.
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = Int(shifted - era * 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + Int(era) * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to a proleptic Gregorian date (Hinnant's days_from_civil).
  public static func daysSince1970(year: Int, month: Int, day: Int) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = floorDivide(Int64(shiftedYear), 400)
    let yearOfEra = Int64(shiftedYear) - era * 400
    let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? quotient - 1 : quotient
}

extension Int64 {
  fileprivate func multipliedOrLimit(by factor: Int64) -> Int64 {
    let (product, overflowed) = multipliedReportingOverflow(by: factor)
    return overflowed ? ((self < 0) == (factor < 0) ? .max : .min) : product
  }

  fileprivate func addingOrLimit(_ other: Int64) -> Int64 {
    let (sum, overflowed) = addingReportingOverflow(other)
    return overflowed ? (other < 0 ? .min : .max) : sum
  }
}

extension Timestamp: CustomStringConvertible {
  /// ISO 8601 in UTC, with microseconds only when there are any below the millisecond: `2026-03-01T09:30:00.250Z`.
  public var description: String {
    let civil = CivilTime(self)
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value.magnitude)
      return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let fraction =
      civil.microsecond % 1_000 == 0 ? padded(civil.microsecond / 1_000, 3) : padded(civil.microsecond, 6)
    return "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))T"
      + "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2)).\(fraction)Z"
  }
}

extension Timestamp {
  /// Reads the timestamp forms that tracking clients send: RFC 3339 and ISO 8601 with `T` or a space, any number of
  /// fraction digits (beyond six are cut), `Z`, `±hh:mm`, `±hhmm`, `±hh`, ` UTC` or no zone (UTC), and a date alone
  /// (midnight UTC). A space may stand before the zone, as Ruby and Postgres write it.
  ///
  /// - Returns: nil for anything else, and for dates that do not exist.
  public init?(iso8601 text: String) {
    var text = text
    guard let parsed = text.withUTF8({ Self.parseISO8601($0) }) else { return nil }
    self = parsed
  }

  private static func parseISO8601(_ bytes: UnsafeBufferPointer<UInt8>) -> Timestamp? {
    var reader = DigitReader(bytes: bytes)
    guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
      reader.skip("-"), let day = reader.number(digits: 2),
      (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year)
    else { return nil }
    let days = CivilTime.daysSince1970(year: year, month: month, day: day)
    if reader.isAtEnd { return Timestamp(seconds: days * 86_400) }

    guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.number(digits: 2),
      reader.skip(":"), let minute = reader.number(digits: 2), hour < 24, minute < 60
    else { return nil }
    var second = 0
    var microsecond = 0
    if reader.skip(":") {
      guard let seconds = reader.number(digits: 2), seconds <= 60 else { return nil }
      second = min(seconds, 59)  // a leap second is the last of its minute
      if reader.skip(".") || reader.skip(",") {
        guard let fraction = reader.fraction() else { return nil }
        microsecond = fraction
      }
    }
    guard let offset = reader.zoneOffsetSeconds(), reader.isAtEnd else { return nil }
    let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset)
    return Timestamp(microseconds: seconds * 1_000_000 + Int64(microsecond))
  }

  private static func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

private struct DigitReader {
  let bytes: UnsafeBufferPointer<UInt8>
  var index = 0

  var isAtEnd: Bool { index == bytes.count }

  mutating func number(digits: Int) -> Int? {
    guard index + digits <= bytes.count else { return nil }
    var value = 0
    for offset in 0..<digits {
      let digit = bytes[index + offset] &- 0x30
      guard digit <= 9 else { return nil }
      value = value * 10 + Int(digit)
    }
    index += digits
    return value
  }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// Microseconds from the digits after a decimal point; at least one digit.
  mutating func fraction() -> Int? {
    var value = 0
    var count = 0
    while index < bytes.count, bytes[index] &- 0x30 <= 9 {
      if count < 6 { value = value * 10 + Int(bytes[index] - 0x30) }
      count += 1
      index += 1
    }
    guard count > 0 else { return nil }
    for _ in count..<max(count, 6) { value *= 10 }
    return value
  }

  mutating func zoneOffsetSeconds() -> Int? {
    if isAtEnd { return 0 }
    if skip(" "), skip("U") { return skip("T") && skip("C") ? 0 : nil }
    if skip("Z") || skip("z") { return 0 }
    let sign: Int
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(digits: 2), hours <= 23 else { return nil }
    if isAtEnd { return sign * hours * 3_600 }
    _ = skip(":")
    guard let minutes = number(digits: 2), minutes < 60 else { return nil }
    return sign * (hours * 3_600 + minutes * 60)
  }
}
