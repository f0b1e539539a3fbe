/// Whether a condition holds; `fault` when that cannot be said, and then the evaluator knows why.
enum Truth: UInt8 {
  case no, yes, fault
}

/// Why a part has no value.
enum RuleFault {
  case missing(field: Int32)
  case missingPath(FieldPath)
  case failed(String)
}

/// One evaluation of a program; lives no longer than the buffers it looks into.
///
/// `&&`, `||`, `all` and `exists` let a fault pass when the other operands decide, whichever side it is on; everything
/// else stops at the first.
struct Evaluator {
  /// Not retained for the time of an evaluation: `RuleProgram.withEvaluator` is the only place that makes evaluators,
  /// and it is the program's own method.
  unowned(unsafe) let program: RuleProgram
  let nodes: UnsafeBufferPointer<RuleNode>
  let children: UnsafeBufferPointer<NodeID>
  let constants: UnsafeBufferPointer<RuleValue>
  /// One for each field, negative where there is none; empty when the rule is not bound.
  let slots: UnsafeBufferPointer<Int32>
  var fault: RuleFault?
  var locals: [RuleValue] = []
  var steps = 0

  // MARK: Conditions

  mutating func truth(_ id: NodeID, _ environment: some RuleEnvironment) -> Truth {
    switch nodes[Int(id)] {
    case .compare(let relation, let left, let right):
      guard let leftValue = leaf(left, environment) else { return .fault }
      if case .constant(let index) = nodes[Int(right)] {
        return compare(relation, leftValue, constants[Int(index)], at: id)
      }
      guard let rightValue = leaf(right, environment) else { return .fault }
      return compare(relation, leftValue, rightValue, at: id)
    case .and(let run): return settle(run, on: .no, else: .yes, environment)
    case .or(let run): return settle(run, on: .yes, else: .no, environment)
    case .not(let operand):
      switch truth(operand, environment) {
      case .yes: return .no
      case .no: return .yes
      case .fault: return .fault
      }
    case .has(let field): return read(field, environment) == nil ? .no : .yes
    case .hasKey(let container, let key): return hasKey(container, constants[Int(key)], at: id, environment)
    case .hasEntry(let field, let key):
      guard let key = leaf(key, environment) else { return .fault }
      guard case .string(let name) = key else { return .no }
      return readEntry(field, name, environment) == nil ? .no : .yes
    case .isIn(let element, let container):
      guard let element = leaf(element, environment), let container = leaf(container, environment) else {
        return .fault
      }
      return isIn(element, container, at: id)
    case .isInTexts(let element, let texts):
      guard let element = leaf(element, environment) else { return .fault }
      guard case .string(let text) = element else { return .no }
      return program.sortedTexts[Int(texts)].containsSorted(text) ? .yes : .no
    case .conditional(let condition, let yes, let no):
      switch truth(condition, environment) {
      case .yes: return truth(yes, environment)
      case .no: return truth(no, environment)
      case .fault: return .fault
      }
    case .macro(let index) where program.macros[Int(index)].kind.isQuantifier:
      return quantify(program.macros[Int(index)], environment)
    case .constant, .field, .local, .negate, .arithmetic, .list, .map, .index, .entry, .call, .macro:
      guard let value = leaf(id, environment) else { return .fault }
      guard case .bool(let isTrue) = value else { return fail(id, "a condition expected, found \(value.kindInWords)") }
      return isTrue ? .yes : .no
    }
  }

  /// `&&` and `||`: the deciding operand wins over faults on either side.
  private mutating func settle(
    _ run: NodeRun, on deciding: Truth, else otherwise: Truth, _ environment: some RuleEnvironment
  ) -> Truth {
    var first: RuleFault?
    for index in run.indices {
      let truth = truth(children[index], environment)
      if truth == deciding { return deciding }
      if truth == .fault, first == nil { first = fault }
    }
    guard let first else { return otherwise }
    fault = first
    return .fault
  }

  private mutating func hasKey(
    _ container: NodeID, _ key: RuleValue, at id: NodeID, _ environment: some RuleEnvironment
  ) -> Truth {
    guard let container = leaf(container, environment) else { return .fault }
    guard case .map(let members) = container, case .string(let name) = key else {
      return fail(id, "\(container.kindInWords) has no fields")
    }
    return members[name] == nil ? .no : .yes
  }

  // MARK: Values

  /// A value; what most operands are is read in place.
  @inline(__always)
  mutating func leaf(_ id: NodeID, _ environment: some RuleEnvironment) -> RuleValue? {
    switch nodes[Int(id)] {
    case .constant(let index): return constants[Int(index)]
    case .field(let field):
      if let value = read(field, environment) { return value }
      fault = .missing(field: field)
      return nil
    default: return value(id, environment)
    }
  }

  mutating func value(_ id: NodeID, _ environment: some RuleEnvironment) -> RuleValue? {
    switch nodes[Int(id)] {
    case .constant, .field: return leaf(id, environment)
    case .local(let depth): return locals[Int(depth)]
    case .negate(let operand): return negate(operand, at: id, environment)
    case .conditional(let condition, let yes, let no):
      switch truth(condition, environment) {
      case .yes: return value(yes, environment)
      case .no: return value(no, environment)
      case .fault: return nil
      }
    case .arithmetic(let arithmetic, let left, let right):
      guard let left = leaf(left, environment), let right = leaf(right, environment) else { return nil }
      return compute(arithmetic, left, right, at: id)
    case .list(let run): return list(run, at: id, environment)
    case .map(let run): return map(run, at: id, environment)
    case .index(let container, let position): return element(of: container, at: position, id, environment)
    case .entry(let field, let key): return entry(field, key, id, environment)
    case .call(let function, let run): return call(function, run, at: id, environment)
    case .macro(let index) where !program.macros[Int(index)].kind.isQuantifier:
      return gather(program.macros[Int(index)], at: id, environment)
    case .and, .or, .not, .has, .hasKey, .hasEntry, .compare, .isIn, .isInTexts, .macro:
      switch truth(id, environment) {
      case .yes: return .bool(true)
      case .no: return .bool(false)
      case .fault: return nil
      }
    }
  }

  @inline(__always)
  func read(_ field: Int32, _ environment: some RuleEnvironment) -> RuleValue? {
    if !slots.isEmpty, slots[Int(field)] >= 0 { return environment.value(slot: Int(slots[Int(field)])) }
    return environment.value(of: program.fields[Int(field)])
  }

  func readEntry(_ field: Int32, _ key: String, _ environment: some RuleEnvironment) -> RuleValue? {
    if !slots.isEmpty, slots[Int(field)] >= 0 { return environment.value(slot: Int(slots[Int(field)]), key: key) }
    return environment.value(of: program.fields[Int(field)], key: key)
  }

  // MARK: Faults

  /// Notes why there is no value.
  @inline(never)
  mutating func fail(_ id: NodeID, _ reason: String) -> RuleValue? {
    steps += 20  // the text takes longer to make than most values
    fault = .failed("\(reason) in '\(program.text(program.ranges[Int(id)]))'")
    return nil
  }

  @inline(never)
  mutating func fail(_ id: NodeID, _ reason: String) -> Truth {
    let _: RuleValue? = fail(id, reason)
    return .fault
  }

  /// Accounts for work that depends on the data. False when there was too much of it, and the evaluation ends.
  mutating func spend(_ count: Int) -> Bool {
    steps += count
    guard steps > RuleLimits.steps else { return true }
    fault = .failed("the rule takes more than \(RuleLimits.steps) steps on this data")
    return false
  }

  /// The size of a value with all that is within it, as steps; stops counting where the budget ends.
  mutating func spend(on value: RuleValue) -> Bool {
    switch value {
    case .list(let values):
      guard spend(1 + values.count) else { return false }
      for case let value in values where value.isContainer { guard spend(on: value) else { return false } }
      return true
    case .map(let members):
      guard spend(1 + members.count) else { return false }
      for case let value in members.values where value.isContainer { guard spend(on: value) else { return false } }
      return true
    case .string(let text): return spend(on: text)
    default: return true
    }
  }

  /// Short texts cost nothing.
  @inline(__always)
  mutating func spend(on text: String) -> Bool { text.utf8.count < 256 || spend(text.utf8.count / 64) }
}

extension RuleValue {
  fileprivate var isContainer: Bool {
    switch self {
    case .list, .map: true
    default: false
    }
  }
}

extension [String] {
  /// Of texts in ascending order of their code points.
  fileprivate func containsSorted(_ text: String) -> Bool {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      switch self[middle].order(to: text) {
      case .less: low = middle + 1
      case .greater: high = middle
      case .equal, .unordered: return true
      }
    }
    return false
  }
}
