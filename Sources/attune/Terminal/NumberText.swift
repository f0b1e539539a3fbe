import Foundation
import Primitives

extension Int {
  /// With a comma between thousands: `12,345`.
  var grouped: String {
    let digits = String(magnitude)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return self < 0 ? "-\(text)" : text
  }
}

extension Double {
  /// At most seven significant digits: more says nothing to people.
  var shortText: String { String(format: "%.7g", self) }

  /// With a fixed number of digits after the point.
  func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }

  /// The same, with a sign also when positive.
  func signed(_ digits: Int) -> String { (self < 0 ? "" : "+") + fixed(digits) }

  /// A number of seconds in words of a fitting unit: `0.85 ms`, `1.2 s`.
  var latencyText: String {
    self < 0.001
      ? "\(Int(self * 1e6)) µs" : self < 1 ? "\((self * 1e3).fixed(self < 0.01 ? 2 : 0)) ms" : "\(fixed(1)) s"
  }
}

extension String {
  func paddedLeft(to width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) + self }
  func paddedRight(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
