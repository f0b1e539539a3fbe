/// Sums of bytes that never overflow: what is too much stays too much.
extension Int {
  /// The product, or the greatest number where it is too large.
  func multipliedClamping(by other: Int) -> Int {
    let (product, isTooMuch) = multipliedReportingOverflow(by: other)
    return isTooMuch ? .max : product
  }

  /// The sum, or the greatest number where it is too large.
  func addingClamping(_ other: Int) -> Int {
    let (sum, isTooMuch) = addingReportingOverflow(other)
    return isTooMuch ? .max : sum
  }
}
