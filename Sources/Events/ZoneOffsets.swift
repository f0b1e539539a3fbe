import Foundation
public import Primitives
import Synchronization

/// How far time zones lie from UTC. Answers are kept by zone and day, since asking the system takes microseconds.
///
/// One may be shared by all threads; what it keeps never changes an answer.
public final class ZoneOffsets: Sendable {
  /// Longer names are unknown zones.
  public static let nameBytesMax = 64
  /// Zones kept, known or not, before all are forgotten and asked for again.
  private static let zonesMax = 512

  private let zones = Mutex<[String: KnownZone]>([:])

  public init() {}

  /// Seconds east of UTC at `now`, nil when the zone is unknown.
  ///
  /// - Parameter name: An IANA name (`Europe/Berlin`) or an offset (`+02:00`, `GMT+0530`, `UTC-3`).
  /// - Complexity: O(1), without asking the system about a zone and day that were asked for lately.
  public func offsetSeconds(of name: String, at now: Timestamp) -> Int? {
    if let fixed = Self.fixedOffsetSeconds(name) { return fixed }
    guard name.utf8.count <= Self.nameBytesMax else { return nil }
    return zones.withLock { zones in
      if let index = zones.index(forKey: name) { return zones.values[index].offsetSeconds(at: now) }
      if zones.count >= Self.zonesMax { zones = [:] }
      var zone = KnownZone(zone: TimeZone(identifier: name))
      defer { zones[name] = zone }
      return zone.offsetSeconds(at: now)
    }
  }

  /// `UTC`, `GMT` or `Z`, or one of the first two or nothing with `±h`, `±hh`, `±hhmm` or `±hh:mm`.
  private static func fixedOffsetSeconds(_ name: String) -> Int? {
    guard let first = name.utf8.first, "+-UGZ".utf8.contains(first) else { return nil }
    var rest = name.utf8[...]
    if rest.starts(with: "UTC".utf8) || rest.starts(with: "GMT".utf8) {
      rest = rest.dropFirst(3)
    } else if name == "Z" {
      return 0
    }
    guard let sign = rest.popFirst() else { return 0 }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    let digits = rest.filter { $0 != UInt8(ascii: ":") }
    guard (1...4).contains(digits.count), digits.count != 3, digits.allSatisfy({ $0 &- 0x30 <= 9 }),
      let number = Int(String(decoding: digits, as: UTF8.self))
    else { return nil }
    let (hours, minutes) = digits.count <= 2 ? (number, 0) : (number / 100, number % 100)
    guard hours <= 14, minutes < 60 else { return nil }
    return (sign == UInt8(ascii: "+") ? 1 : -1) * (hours * 3_600 + minutes * 60)
  }
}

/// A zone with its offsets on the days that were asked for.
private struct KnownZone {
  private static let daysMax = 1_024
  private static let dayMicroseconds: Int64 = 86_400_000_000

  /// nil for a name that the system does not know.
  let zone: TimeZone?
  /// Days since 1970 in UTC; nil for a day within which the offset changes.
  private var days: [Int64: Int?] = [:]
  private var latestDay = Int64.min
  private var latestOffset = 0

  init(zone: TimeZone?) { self.zone = zone }

  mutating func offsetSeconds(at now: Timestamp) -> Int? {
    guard let zone else { return nil }
    let whole = now.microseconds / Self.dayMicroseconds
    let day = now.microseconds < whole * Self.dayMicroseconds ? whole - 1 : whole
    if day == latestDay { return latestOffset }
    let offset = offset(on: day, in: zone) ?? Self.ask(zone, now.microseconds)
    return offset
  }

  private mutating func offset(on day: Int64, in zone: TimeZone) -> Int? {
    if days[day] == nil {
      if days.count >= Self.daysMax { days = [:] }
      let first = Self.ask(zone, day * Self.dayMicroseconds)
      let last = Self.ask(zone, (day + 1) * Self.dayMicroseconds - 1)
      days[day] = .some(first == last ? first : nil)
    }
    guard let offset = days[day] ?? nil else { return nil }
    (latestDay, latestOffset) = (day, offset)
    return offset
  }

  private static func ask(_ zone: TimeZone, _ microseconds: Int64) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(microseconds) / 1e6))
  }
}
