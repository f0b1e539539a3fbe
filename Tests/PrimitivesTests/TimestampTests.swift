import Foundation
import Primitives
import Testing

@Suite struct TimestampTests {
  /// 2026-03-01T09:30:00Z.
  static let morning: Int64 = 1_772_357_400_000_000

  @Test(arguments: [
    ("2026-03-01T09:30:00Z", 0),  // Go, Ruby, curl
    ("2026-03-01T09:30:00.250Z", 250_000),  // analytics.js, iOS, Android
    ("2026-03-01T09:30:00.250000+00:00", 250_000),  // analytics-python, rudder-sdk-python
    ("2026-03-01T09:30:00.123456Z", 123_456), ("2026-03-01T09:30:00.1Z", 100_000),
    ("2026-03-01T09:30:00.1234567Z", 123_456),  // .NET
    ("2026-03-01T09:30:00.123456789Z", 123_456),  // Go with nanoseconds
    ("2026-03-01T09:30:00.99999999999999999999Z", 999_999),
    ("2026-03-01T10:30:00+01:00", 0), ("2026-03-01T10:30:00+0100", 0), ("2026-03-01T10:30:00+01", 0),  // PHP, Java
    ("2026-03-01T04:00:00-05:30", 0), ("2026-02-28T23:30:00-10:00", 0), ("2026-03-02T08:30:00+23:00", 0),
    ("2026-03-01 09:30:00", 0), ("2026-03-01T09:30:00", 0), ("2026-03-01T09:30", 0), ("2026-03-01T09:30Z", 0),
    ("2026-03-01 09:30:00.250+00", 250_000),  // PostgreSQL
    ("2026-03-01 09:30:00 UTC", 0), ("2026-03-01 10:30:00 +0100", 0),  // Ruby's to_s
    ("2026-03-01t09:30:00z", 0), ("2026-03-01T09:30:00,250Z", 250_000), ("2026-03-01", -34_200_000_000),
    ("2026-03-01T09:29:60Z", -1_000_000),  // a leap second is the last of its minute
  ])
  func `the forms that clients send are read`(text: String, beyond: Int64) {
    #expect(Timestamp(iso8601: text)?.microseconds == Self.morning + beyond)
  }

  @Test(arguments: [
    "", "x", "2026", "2026-03", "2026-3-1", "26-03-01", "20260301T093000Z", "2026-13-01", "2026-00-10", "2026-02-29",
    "2026-02-30", "2026-04-31", "2026-01-00", "2026-01-32", "1900-02-29", "2100-02-29", "2026-03-01T24:00:00Z",
    "2026-03-01T09:60:00Z", "2026-03-01T09:30:61Z", "2026-03-01T9:30:00Z", "2026-03-01T09:30:00.Z", "2026-03-01T",
    "2026-03-01T09", "2026-03-01T09:30:", "2026-03-01T09:30:0", "2026-03-01T09:30:00ZZ", "2026-03-01T09:30:00+1",
    "2026-03-01T09:30:00+24:00", "2026-03-01T09:30:00+01:60", "2026-03-01T09:30:00+01:0", "2026-03-01T09:30:00 CET",
    "2026-03-01T09:30:00 ", "2026-03-01T09:30:00 U", " 2026-03-01", "2026-03-01 ", "+2026-03-01", "-2026-03-01",
    "2026/03/01", "2026-03-01X09:30:00Z", "２026-03-01", "1772357400", "2026-03-01T09:30:00Z\u{0}", "9999999999-01-01",
  ])
  func `what is no moment is nothing`(text: String) {
    #expect(Timestamp(iso8601: text) == nil)
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1_000), ("1969-12-31T23:59:59.999999Z", -1),
      ("2000-02-29T12:00:00.000Z", 951_825_600_000_000), ("3000-01-01T00:00:00.000Z", 32_503_680_000_000_000),
      ("0001-01-01T00:00:00.000Z", -62_135_596_800_000_000), ("0000-12-31T00:00:00.000Z", -62_135_683_200_000_000),
      ("-0001-12-31T00:00:00.000Z", -62_167_305_600_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
      ("10000-01-01T00:00:00.000Z", 253_402_300_800_000_000),
    ] as [(String, Int64)])
  func `a moment is written in UTC`(text: String, microseconds: Int64) {
    #expect(Timestamp(microseconds: microseconds).description == text)
    if text.count == 24 || text.count == 27, !text.hasPrefix("-") {
      #expect(Timestamp(iso8601: text)?.microseconds == microseconds)
    }
  }

  @Test func `any moment of the years 0 to 9999 reads back from its text`() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<50_000 {
      let moment = Timestamp(
        microseconds: Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator))
      if Timestamp(iso8601: moment.description) != moment { Issue.record("\(moment.microseconds): \(moment)") }
    }
  }

  @Test func `every day of 1,600 years is the day after the one before`() {
    var days = CivilTime.daysSince1970(year: 1600, month: 1, day: 1)
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    for year in 1600..<3200 {
      let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      for month in 1...12 {
        for day in 1...lengths[month - 1] + (isLeap && month == 2 ? 1 : 0) {
          let civil = CivilTime(Timestamp(seconds: days * 86_400 + 86_399))
          let isSame = (civil.year, civil.month, civil.day, civil.hour, civil.second) == (year, month, day, 23, 59)
          if !isSame || CivilTime.daysSince1970(year: year, month: month, day: day) != days {
            Issue.record("\(year)-\(month)-\(day)")
          }
          days += 1
        }
      }
    }
  }

  @Test func `civil time agrees with Foundation's calendar in any fixed zone`() throws {
    var generator = SeededGenerator(seed: 9)
    var calendar = Calendar(identifier: .gregorian)
    for offset in [0, 3_600, -18_000, 20_700, 45_900, -43_200] {
      calendar.timeZone = try #require(TimeZone(secondsFromGMT: offset))
      for _ in 0..<500 {
        // From 1600 on, where Foundation's calendar is Gregorian, too.
        let seconds = Int64.random(in: -11_670_000_000...32_503_680_000, using: &generator)
        let civil = CivilTime(Timestamp(seconds: seconds), offsetSeconds: offset)
        let parts = calendar.dateComponents(
          [.year, .month, .day, .hour, .minute, .second, .weekday],
          from: Date(timeIntervalSince1970: Double(seconds)))
        #expect(
          [civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second]
            == [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second])
        #expect(civil.weekday == ((parts.weekday ?? 0) + 5) % 7 + 1)  // Foundation's Sunday is 1
      }
    }
  }

  @Test func `no moment and no arithmetic traps`() {
    let edges: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
    for edge in edges {
      let moment = Timestamp(microseconds: edge)
      #expect(!moment.description.isEmpty)
      #expect((1...7).contains(CivilTime(moment, offsetSeconds: 86_400).weekday))
      #expect((1...7).contains(CivilTime(moment, offsetSeconds: -86_400).weekday))
      #expect(SortableID(time: moment, entropy: Digest128(high: 0, low: 0)).description.count == 26)
      for other in edges {
        let difference = moment - Timestamp(microseconds: other)
        #expect((difference < .zero) == (edge < other))
        _ = moment + difference
        _ = moment - difference
      }
    }
    #expect(Timestamp(microseconds: .max) + .seconds(1) == Timestamp(microseconds: .max))
    #expect(Timestamp(microseconds: .min) - .seconds(1) == Timestamp(microseconds: .min))
    #expect(Timestamp(milliseconds: .max) == Timestamp(microseconds: .max))
    #expect(Timestamp(seconds: .min) == Timestamp(microseconds: .min))
    #expect(Duration.seconds(Int64.max).inMicroseconds == .max)
    #expect((Duration.zero - .seconds(Int64.max)).inMicroseconds == .min)
  }

  @Test func `moments and durations add up`() throws {
    let moment = Timestamp(microseconds: Self.morning)
    #expect((moment + .milliseconds(1_500)).microseconds == Self.morning + 1_500_000)
    #expect((moment - .seconds(60)).microseconds == Self.morning - 60_000_000)
    #expect((moment + .seconds(7)) - moment == .seconds(7))
    #expect(moment < moment + .microseconds(1))
    #expect(Timestamp(milliseconds: -5).microseconds == -5_000)
    #expect(Duration.milliseconds(-1_500).inMicroseconds == -1_500_000)
    #expect(Duration.nanoseconds(-1_999).inMicroseconds == -1)
    #expect(Duration.milliseconds(250).inSeconds == 0.25)
    #expect(Timestamp(milliseconds: 1_500).secondsSince1970 == 1.5)
  }
}
