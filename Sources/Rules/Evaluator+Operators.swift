import Primitives

extension Evaluator {
  @inline(__always)
  mutating func compare(_ relation: Relation, _ left: RuleValue, _ right: RuleValue, at id: NodeID) -> Truth {
    if relation == .equal || relation == .notEqual {
      guard let isEqual = equal(left, right) else { return .fault }
      return isEqual == (relation == .equal) ? .yes : .no
    }
    if case .string(let text) = left, !spend(on: text) { return .fault }
    guard let order = left.order(to: right) else {
      return fail(id, "'\(relation.rawValue)' cannot compare \(left.kindInWords) with \(right.kindInWords)")
    }
    let holds =
      switch relation {
      case .less: order == .less
      case .lessOrEqual: order == .less || order == .equal
      case .greater: order == .greater
      case .greaterOrEqual: order == .greater || order == .equal
      case .equal, .notEqual: false
      }
    return holds ? .yes : .no
  }

  /// nil when there is too much to compare.
  @inline(__always)
  private mutating func equal(_ left: RuleValue, _ right: RuleValue) -> Bool? {
    switch left {
    case .list, .map: spend(on: left) ? left.isEqual(to: right) : nil
    case .string(let text): spend(on: text) ? left.isEqual(to: right) : nil
    default: left.isEqual(to: right)
    }
  }

  mutating func isIn(_ element: RuleValue, _ container: RuleValue, at id: NodeID) -> Truth {
    switch container {
    case .list(let values):
      guard spend(values.count / 8) else { return .fault }
      for value in values {
        guard let isEqual = equal(value, element) else { return .fault }
        if isEqual { return .yes }
      }
      return .no
    case .map(let members):
      guard case .string(let key) = element else { return .no }
      return members[key] == nil ? .no : .yes
    default: return fail(id, "'in' looks into a list or a map, found \(container.kindInWords)")
    }
  }

  mutating func negate(_ operand: NodeID, at id: NodeID, _ environment: some RuleEnvironment) -> RuleValue? {
    guard let value = leaf(operand, environment) else { return nil }
    switch value {
    case .int(let int):
      return int == .min ? fail(id, "an int overflows") : .int(-int)
    case .double(let double): return .double(-double)
    default: return fail(id, "'-' belongs before a number, found \(value.kindInWords)")
    }
  }

  mutating func compute(_ arithmetic: Arithmetic, _ left: RuleValue, _ right: RuleValue, at id: NodeID) -> RuleValue? {
    switch (left, right) {
    case (.int(let left), .int(let right)): return compute(arithmetic, left, right, at: id)
    case (.double(let left), .double(let right)):
      switch arithmetic {
      case .add: return .double(left + right)
      case .subtract: return .double(left - right)
      case .multiply: return .double(left * right)
      case .divide: return .double(left / right)
      case .remainder: break
      }
    case (.string(let left), .string(let right)) where arithmetic == .add:
      let bytes = left.utf8.count + right.utf8.count
      guard bytes <= RuleLimits.textBytes else {
        return fail(id, "a text of more than \(RuleLimits.textBytes) bytes")
      }
      return spend(1 + bytes / 64) ? .string(left + right) : nil
    case (.list(let left), .list(let right)) where arithmetic == .add:
      let joined = RuleValue.list(left + right)
      return spend(on: joined) ? joined : nil
    case (.timestamp(let moment), .duration(let span)) where arithmetic == .add:
      return moved(moment, by: span, .add, at: id)
    case (.duration(let span), .timestamp(let moment)) where arithmetic == .add:
      return moved(moment, by: span, .add, at: id)
    case (.timestamp(let moment), .duration(let span)) where arithmetic == .subtract:
      return moved(moment, by: span, .subtract, at: id)
    case (.timestamp(let left), .timestamp(let right)) where arithmetic == .subtract:
      return span(left.microseconds, right.microseconds, .subtract, at: id)
    case (.duration(let left), .duration(let right)) where arithmetic == .add || arithmetic == .subtract:
      return span(left, right, arithmetic, at: id)
    default: break
    }
    return fail(id, "'\(arithmetic.rawValue)' cannot join \(left.kindInWords) and \(right.kindInWords)")
  }

  private mutating func compute(_ arithmetic: Arithmetic, _ left: Int64, _ right: Int64, at id: NodeID) -> RuleValue? {
    if right == 0, arithmetic == .divide || arithmetic == .remainder { return fail(id, "division by zero") }
    let (result, overflows) =
      switch arithmetic {
      case .add: left.addingReportingOverflow(right)
      case .subtract: left.subtractingReportingOverflow(right)
      case .multiply: left.multipliedReportingOverflow(by: right)
      case .divide: left.dividedReportingOverflow(by: right)
      case .remainder: left.remainderReportingOverflow(dividingBy: right)
      }
    return overflows ? fail(id, "an int overflows") : .int(result)
  }

  private mutating func moved(_ moment: Timestamp, by span: Int64, _ arithmetic: Arithmetic, at id: NodeID)
    -> RuleValue?
  {
    let (sum, overflows) =
      arithmetic == .add
      ? moment.microseconds.addingReportingOverflow(span) : moment.microseconds.subtractingReportingOverflow(span)
    let result = Timestamp(microseconds: sum)
    return overflows || !result.isInRuleRange
      ? fail(id, "a timestamp outside of the years 1 to 9999") : .timestamp(result)
  }

  private mutating func span(_ left: Int64, _ right: Int64, _ arithmetic: Arithmetic, at id: NodeID) -> RuleValue? {
    let (result, overflows) =
      arithmetic == .add ? left.addingReportingOverflow(right) : left.subtractingReportingOverflow(right)
    return overflows || result.magnitude > durationMax
      ? fail(id, "a duration of more than 290 years") : .duration(result)
  }
}
