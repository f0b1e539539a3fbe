import Primitives

/// How two values stand to each other.
enum RuleOrder {
  case less, equal, greater
  /// One is not a number.
  case unordered
}

extension RuleValue {
  /// What `==` means in a rule: numbers by value whatever their kind, NaN equal to nothing, strings by code points,
  /// values of different kinds never.
  ///
  /// - SeeAlso: *CEL language definition*, Equality and Ordering.
  public func isEqual(to other: RuleValue) -> Bool {
    switch (self, other) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.int(let left), .double(let right)): compare(left, right) == .equal
    case (.double(let left), .int(let right)): compare(right, left) == .equal
    case (.string(let left), .string(let right)): left.isSameText(as: right)
    case (.timestamp(let left), .timestamp(let right)): left == right
    case (.duration(let left), .duration(let right)): left == right
    case (.list(let left), .list(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isEqual(to: $1) }
    case (.map(let left), .map(let right)):
      left.count == right.count
        && left.allSatisfy { key, value in right[key].map { value.isEqual(to: $0) } ?? false }
    default: false
    }
  }

  /// What `<`, `<=`, `>` and `>=` rest on; nil when the kinds have no order.
  @inline(__always)
  func order(to other: RuleValue) -> RuleOrder? {
    switch (self, other) {
    case (.int(let left), .int(let right)): Rules.order(left, right)
    case (.double(let left), .double(let right)): compare(left, right)
    case (.int(let left), .double(let right)): compare(left, right)
    case (.double(let left), .int(let right)): compare(right, left).reversed
    case (.timestamp(let left), .timestamp(let right)): Rules.order(left.microseconds, right.microseconds)
    case (.duration(let left), .duration(let right)): Rules.order(left, right)
    case (.string(let left), .string(let right)): left.order(to: right)
    case (.bool(let left), .bool(let right)): Rules.order(left ? 1 : 0, right ? 1 : 0)
    default: nil
    }
  }
}

extension RuleOrder {
  var reversed: RuleOrder {
    switch self {
    case .less: .greater
    case .greater: .less
    case .equal, .unordered: self
    }
  }
}

@inline(__always)
private func order(_ left: Int64, _ right: Int64) -> RuleOrder {
  left < right ? .less : left == right ? .equal : .greater
}

@inline(__always)
private func compare(_ left: Double, _ right: Double) -> RuleOrder {
  left < right ? .less : left == right ? .equal : left > right ? .greater : .unordered
}

/// Exact, as if both stood on one line of numbers: 9007199254740993 is greater than 9007199254740992.0.
private func compare(_ left: Int64, _ right: Double) -> RuleOrder {
  if right.isNaN { return .unordered }
  if right >= 0x1p63 { return .less }
  if right < -0x1p63 { return .greater }
  let whole = Int64(right)  // towards zero; what it cuts off is exact
  return whole == left ? compare(Double(0), right - Double(whole)) : order(left, whole)
}

extension String {
  /// The same code points. Swift's `==` also takes canonically equivalent texts for equal, which rules must tell apart.
  @inline(__always)
  func isSameText(as other: String) -> Bool {
    utf8.count == other.utf8.count && order(to: other) == .equal
  }

  /// By code points, which for valid UTF-8 is by bytes.
  func order(to other: String) -> RuleOrder {
    withBytes { left in other.withBytes { right in Self.order(left, right) } }
  }

  /// The text in UTF-8, in place for all strings that Swift made itself.
  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    var text = self
    return text.withUTF8(body)
  }

  func precedes(_ other: String) -> Bool { order(to: other) == .less }

  private static func order(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> RuleOrder {
    for index in 0..<Swift.min(left.count, right.count) where left[index] != right[index] {
      return left[index] < right[index] ? .less : .greater
    }
    return left.count < right.count ? .less : left.count == right.count ? .equal : .greater
  }
}
