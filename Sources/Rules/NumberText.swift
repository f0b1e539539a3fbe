/// A double as `string()` writes it: the fewest digits that read back, with an exponent below 1e-04 and from 1e+06 on.
///
/// - SeeAlso: Go's `strconv.FormatFloat(x, 'g', -1, 64)`, which the reference implementations agree on.
func numberText(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
  guard value != 0 else { return value.sign == .minus ? "-0" : "0" }
  var (digits, exponent) = shortestDigits(value.magnitude)
  let sign = value < 0 ? "-" : ""
  if exponent < -4 || exponent >= 6 {
    let first = digits.removeFirst()
    let fraction = digits.isEmpty ? "" : ".\(digits)"
    let width = exponent.magnitude < 10 ? "0" : ""
    return "\(sign)\(first)\(fraction)e\(exponent < 0 ? "-" : "+")\(width)\(exponent.magnitude)"
  }
  if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
  if digits.count <= exponent + 1 {
    return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
  }
  return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
}

/// The significant digits and the power of ten of the first of them.
private func shortestDigits(_ magnitude: Double) -> (digits: String, exponent: Int) {
  let parts = magnitude.description.split(separator: "e")
  let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
  let whole = mantissa[0]
  let fraction = mantissa.count > 1 ? mantissa[1] : ""
  let shift = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  let all = whole + fraction
  let leadingZeros = all.prefix { $0 == "0" }.count
  var digits = String(all.dropFirst(leadingZeros))
  while digits.count > 1, digits.last == "0" { digits.removeLast() }
  return (digits, whole.count - 1 - leadingZeros + shift)
}
