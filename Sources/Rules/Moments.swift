import Primitives

/// Microseconds of the longest duration, either way: what a conforming implementation holds in 64 bits of nanoseconds,
/// about 292 years.
let durationMax: UInt64 = UInt64(Int64.max) / 1_000

extension Timestamp {
  /// From the year 1 to the year 9999.
  var isInRuleRange: Bool { (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(microseconds) }

  /// RFC 3339 as `timestamp()` takes it: date, `T`, time with seconds, and a zone. Digits below the microsecond are
  /// cut.
  init?(ruleText text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[16] == UInt8(ascii: ":"),
      !bytes.contains(UInt8(ascii: ",")), let last = bytes.last, let moment = Timestamp(iso8601: text),
      moment.isInRuleRange
    else { return nil }
    let hasZone =
      last | 0x20 == UInt8(ascii: "z")
      || (bytes[bytes.count - 3] == UInt8(ascii: ":")
        && [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[bytes.count - 6]))
    guard hasZone else { return nil }
    self = moment
  }

  /// RFC 3339 in UTC with none, three or six digits of a second, as few as say it all.
  var ruleText: String {
    let text = description  // always has three or six
    return microseconds % 1_000_000 == 0 ? text.dropLast(5) + "Z" : text
  }

  /// A part of the moment as the language counts it (months, days of month and year from 0, Sunday is 0), seen from a
  /// zone `offsetSeconds` east of UTC; nil for what is no part.
  func part(_ function: RuleFunction, offsetSeconds: Int) -> Int64? {
    let civil = CivilTime(self, offsetSeconds: offsetSeconds)
    switch function {
    case .fullYear: return Int64(civil.year)
    case .month: return Int64(civil.month - 1)
    case .dayOfMonth: return Int64(civil.day - 1)
    case .date: return Int64(civil.day)
    case .dayOfWeek: return Int64(civil.weekday % 7)
    case .dayOfYear:
      return CivilTime.daysSince1970(year: civil.year, month: civil.month, day: civil.day)
        - CivilTime.daysSince1970(year: civil.year, month: 1, day: 1)
    case .hours: return Int64(civil.hour)
    case .minutes: return Int64(civil.minute)
    case .seconds: return Int64(civil.second)
    case .milliseconds: return Int64(civil.microsecond / 1_000)
    default: return nil
    }
  }
}

/// Seconds east of UTC of `UTC`, `+02:00`, `-09:30` or `02:00`; nil for anything else, names of places too.
func fixedOffsetSeconds(_ zone: String) -> Int? {
  if zone == "UTC" { return 0 }
  return zone.withBytes { bytes in
    let isSigned = bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-")
    let start = isSigned ? 1 : 0
    guard bytes.count == start + 5, bytes[start + 2] == UInt8(ascii: ":") else { return nil }
    func number(at place: Int) -> Int? {
      guard isDigit(bytes[place]), isDigit(bytes[place + 1]) else { return nil }
      return Int(bytes[place] - 0x30) * 10 + Int(bytes[place + 1] - 0x30)
    }
    guard let hours = number(at: start), let minutes = number(at: start + 3), hours < 24, minutes < 60 else {
      return nil
    }
    return (bytes.first == UInt8(ascii: "-") ? -1 : 1) * (hours * 3_600 + minutes * 60)
  }
}

func noSuchOffset(_ zone: String) -> String {
  "'\(zone)' is no fixed offset such as \"+02:00\"; names of zones are not supported, "
    + "the person's own hour and weekday are fields"
}

/// Microseconds of a duration as `duration()` takes it: `90s`, `1h30m`, `-1.5h`, `250ms`, `0`; below the microsecond is
/// cut.
func durationMicroseconds(_ text: String) -> Int64? {
  var bytes = Array(text.utf8)[...]
  var isNegative = false
  if let first = bytes.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
    isNegative = first == UInt8(ascii: "-")
    bytes = bytes.dropFirst()
  }
  if bytes.elementsEqual("0".utf8) { return 0 }
  guard !bytes.isEmpty else { return nil }
  var total: Double = 0  // nanoseconds of the fractions
  var whole: Int64 = 0  // nanoseconds of the rest
  while !bytes.isEmpty {
    let integer = bytes.prefix { isDigit($0) }
    bytes = bytes.dropFirst(integer.count)
    var fraction = ArraySlice<UInt8>()
    if bytes.first == UInt8(ascii: ".") {
      fraction = bytes.dropFirst().prefix { isDigit($0) }
      bytes = bytes.dropFirst(1 + fraction.count)
    }
    let unit = bytes.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
    bytes = bytes.dropFirst(unit.count)
    guard !integer.isEmpty || !fraction.isEmpty, integer.count <= 18, fraction.count <= 18,
      let nanoseconds = nanosecondsOfUnit[String(decoding: unit, as: UTF8.self)],
      let product = nanoseconds.multiplied(by: Int64(String(decoding: integer, as: UTF8.self)) ?? 0),
      let sum = whole.added(product)
    else { return nil }
    whole = sum
    let digits = Double(String(decoding: fraction, as: UTF8.self)) ?? 0
    var scale = 1.0
    for _ in fraction { scale *= 10 }
    total += digits / scale * Double(nanoseconds)
  }
  guard let sum = whole.added(Int64(total.rounded())) else { return nil }
  return isNegative ? -(sum / 1_000) : sum / 1_000
}

private let nanosecondsOfUnit: [String: Int64] = [
  "h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "µs": 1_000, "ns": 1,
]

extension Int64 {
  fileprivate func multiplied(by other: Int64) -> Int64? {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? nil : product
  }

  fileprivate func added(_ other: Int64) -> Int64? {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? nil : sum
  }
}

/// Seconds with none, three or six digits after the point: `5400s`, `1.500s`.
func durationText(_ microseconds: Int64) -> String {
  let magnitude = microseconds.magnitude
  let (seconds, rest) = magnitude.quotientAndRemainder(dividingBy: 1_000_000)
  let sign = microseconds < 0 ? "-" : ""
  if rest == 0 { return "\(sign)\(seconds)s" }
  let digits = String(1_000_000 + rest).dropFirst()
  return "\(sign)\(seconds).\(rest % 1_000 == 0 ? digits.prefix(3) : digits)s"
}
