import Primitives
import Synchronization

/// The `Date` header, written once a second.
final class DateHeader: Sendable {
  private struct Written {
    var second = Int64.min
    var text = ""
  }

  private let written = Mutex(Written())

  /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
  func value(at now: Timestamp) -> String {
    let second = now.microseconds / 1_000_000
    return written.withLock { written in
      if written.second != second { written = Written(second: second, text: Self.text(now)) }
      return written.text
    }
  }

  private static func text(_ time: Timestamp) -> String {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let civil = CivilTime(time)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(days[civil.weekday - 1]), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
      + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) GMT"
  }
}
