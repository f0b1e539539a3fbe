import Primitives

extension Evaluator {
  mutating func call(
    _ function: RuleFunction, _ run: NodeRun, at id: NodeID, _ environment: some RuleEnvironment
  ) -> RuleValue? {
    guard let first = leaf(children[Int(run.first)], environment) else { return nil }
    var second: RuleValue?
    if run.count > 1 {
      guard let value = leaf(children[Int(run.first) + 1], environment) else { return nil }
      second = value
    }
    switch function {
    case .size: return size(first, at: id)
    case .contains, .startsWith, .endsWith: return search(function, first, second, at: id)
    case .toBool, .toInt, .toDouble, .toString, .toTimestamp, .toDuration:
      return convert(function, first) ?? fail(id, doesNotConvert(first))
    case .fullYear, .month, .dayOfMonth, .date, .dayOfWeek, .dayOfYear, .hours, .minutes, .seconds, .milliseconds:
      return timePart(function, first, second, at: id)
    }
  }

  private mutating func size(_ value: RuleValue, at id: NodeID) -> RuleValue? {
    switch value {
    case .string(let text): spend(on: text) ? .int(Int64(text.unicodeScalars.count)) : nil
    case .list(let values): .int(Int64(values.count))
    case .map(let members): .int(Int64(members.count))
    default: fail(id, "\(value.kindInWords) has no size")
    }
  }

  private mutating func search(
    _ function: RuleFunction, _ first: RuleValue, _ second: RuleValue?, at id: NodeID
  ) -> RuleValue? {
    guard case .string(let text) = first, case .string(let wanted)? = second else {
      return fail(id, "strings expected, found \(first.kindInWords) and \(second?.kindInWords ?? "nothing")")
    }
    if function == .contains, text.utf8.count > 256 {
      // The search takes time with the product of the lengths.
      guard spend(text.utf8.count / 64 * max(1, wanted.utf8.count / 8)) else { return nil }
    }
    return .bool(text.withBytes { text in wanted.withBytes { Rules.search(function, text, $0) } })
  }

  private mutating func timePart(
    _ function: RuleFunction, _ first: RuleValue, _ zone: RuleValue?, at id: NodeID
  ) -> RuleValue? {
    switch (first, zone) {
    case (.timestamp(let moment), nil):
      guard moment.isInRuleRange else { return fail(id, "a timestamp outside of the years 1 to 9999") }
      return moment.part(function, offsetSeconds: 0).map { .int($0) }
    case (.timestamp(let moment), .string(let name)?):
      guard moment.isInRuleRange else { return fail(id, "a timestamp outside of the years 1 to 9999") }
      guard let offset = fixedOffsetSeconds(name) else { return fail(id, noSuchOffset(name)) }
      return moment.part(function, offsetSeconds: offset).map { .int($0) }
    case (.duration(let microseconds), nil):
      switch function {
      case .hours: return .int(microseconds / 3_600_000_000)
      case .minutes: return .int(microseconds / 60_000_000)
      case .seconds: return .int(microseconds / 1_000_000)
      case .milliseconds: return .int(microseconds / 1_000 % 1_000)
      default: break
      }
    default: break
    }
    return fail(id, "\(first.kindInWords) has no such part")
  }

  private func doesNotConvert(_ value: RuleValue) -> String {
    guard case .string(let text) = value else { return "\(value.kindInWords) that does not convert" }
    let isLong = text.utf8.count > 60
    return "a string that does not convert: \(RuleValue.string(isLong ? text.prefix(60) + "…" : text))"
  }
}

/// What `int()`, `double()` and so on make of a value; nil when they do not.
private func convert(_ function: RuleFunction, _ value: RuleValue) -> RuleValue? {
  switch (function, value) {
  case (.toBool, .bool), (.toInt, .int), (.toDouble, .double), (.toString, .string), (.toTimestamp, .timestamp),
    (.toDuration, .duration):
    value
  case (.toBool, .string(let text)): boolean(text).map { .bool($0) }
  case (.toInt, .double(let double)): double > -0x1p63 && double < 0x1p63 ? .int(Int64(double)) : nil
  case (.toInt, .string(let text)): Int64(text).map { .int($0) }
  case (.toInt, .timestamp(let moment)):
    .int((moment.microseconds - (moment.microseconds % 1_000_000 + 1_000_000) % 1_000_000) / 1_000_000)
  case (.toDouble, .int(let int)): .double(Double(int))
  case (.toDouble, .string(let text)): Double(text).map { .double($0) }
  case (.toString, .bool), (.toString, .int): .string(value.description)
  case (.toString, .double(let double)): .string(numberText(double))
  case (.toString, .timestamp(let moment)): moment.isInRuleRange ? .string(moment.ruleText) : nil
  case (.toString, .duration(let microseconds)): .string(durationText(microseconds))
  case (.toTimestamp, .string(let text)): Timestamp(ruleText: text).map { .timestamp($0) }
  case (.toTimestamp, .int(let seconds)): moment(seconds: seconds).map { .timestamp($0) }
  case (.toDuration, .string(let text)): durationMicroseconds(text).map { .duration($0) }
  default: nil
  }
}

private func boolean(_ text: String) -> Bool? {
  switch text {
  case "1", "t", "true", "True", "TRUE": true
  case "0", "f", "false", "False", "FALSE": false
  default: nil
  }
}

private func moment(seconds: Int64) -> Timestamp? {
  let (microseconds, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000)
  let moment = Timestamp(microseconds: microseconds)
  return overflows || !moment.isInRuleRange ? nil : moment
}

/// All three by code points. A text in UTF-8 that starts anywhere in another starts at a code point.
private func search(_ function: RuleFunction, _ text: UnsafeBufferPointer<UInt8>, _ wanted: UnsafeBufferPointer<UInt8>)
  -> Bool
{
  guard let first = wanted.first else { return true }
  guard text.count >= wanted.count else { return false }
  func stands(at start: Int) -> Bool {
    for offset in 0..<wanted.count where text[start + offset] != wanted[offset] { return false }
    return true
  }
  switch function {
  case .startsWith: return stands(at: 0)
  case .endsWith: return stands(at: text.count - wanted.count)
  default:
    for start in 0...(text.count - wanted.count) where text[start] == first && stands(at: start) { return true }
    return false
  }
}
