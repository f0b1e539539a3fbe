extension Evaluator {
  mutating func list(_ run: NodeRun, at id: NodeID, _ environment: some RuleEnvironment) -> RuleValue? {
    var values: [RuleValue] = []
    values.reserveCapacity(Int(run.count))
    for index in run.indices {
      guard let value = leaf(children[index], environment) else { return nil }
      values.append(value)
    }
    let list = RuleValue.list(values)
    return spend(on: list) ? list : nil
  }

  mutating func map(_ run: NodeRun, at id: NodeID, _ environment: some RuleEnvironment) -> RuleValue? {
    var members: [String: RuleValue] = [:]
    for index in stride(from: run.indices.lowerBound, to: run.indices.upperBound, by: 2) {
      guard let key = leaf(children[index], environment), let value = leaf(children[index + 1], environment) else {
        return nil
      }
      guard case .string(let name) = key else { return fail(id, "keys of a map are strings, found \(key.kindInWords)") }
      guard members.updateValue(value, forKey: name) == nil else { return fail(id, "the key \(key) stands twice") }
    }
    let map = RuleValue.map(members)
    return spend(on: map) ? map : nil
  }

  mutating func element(
    of container: NodeID, at position: NodeID, _ id: NodeID, _ environment: some RuleEnvironment
  ) -> RuleValue? {
    guard let value = leaf(container, environment), let index = leaf(position, environment) else { return nil }
    switch (value, index) {
    case (.list(let values), .int(let place)): return element(of: values, at: place, id)
    case (.list(let values), .double(let place)):
      guard let whole = Int64(exactly: place) else { return fail(id, "the index \(place) is not whole") }
      return element(of: values, at: whole, id)
    case (.map(let members), .string(let key)):
      if let member = members[key] { return member }
      // Within a field, a key that is not there is a missing field.
      guard case .field(let field) = nodes[Int(container)] else { return fail(id, "there is no \(index)") }
      fault = .missingPath(program.fields[Int(field)].member(key))
      return nil
    case (.map, _): return fail(id, "keys of a map are strings, found \(index.kindInWords)")
    case (.list, _): return fail(id, "the index of a list is an int, found \(index.kindInWords)")
    default: return fail(id, "\(value.kindInWords) has no elements")
    }
  }

  mutating func entry(
    _ field: Int32, _ key: NodeID, _ id: NodeID, _ environment: some RuleEnvironment
  ) -> RuleValue? {
    guard let key = leaf(key, environment) else { return nil }
    guard case .string(let name) = key else { return fail(id, "keys of a map are strings, found \(key.kindInWords)") }
    if let value = readEntry(field, name, environment) { return value }
    fault = .missingPath(program.fields[Int(field)].member(name))
    return nil
  }

  private mutating func element(of values: [RuleValue], at place: Int64, _ id: NodeID) -> RuleValue? {
    guard place >= 0, place < values.count else {
      return fail(id, "the index \(place) is outside of a list of \(values.count)")
    }
    return values[Int(place)]
  }

  // MARK: Macros

  /// `all`, `exists` and `exists_one`.
  mutating func quantify(_ macro: RuleMacro, _ environment: some RuleEnvironment) -> Truth {
    guard let values = turns(of: macro, environment), let predicate = macro.predicate else { return .fault }
    var first: RuleFault?
    var count = 0
    for value in values {
      guard spend(macro.steps) else { return .fault }
      locals[Int(macro.local)] = value
      switch (macro.kind, truth(predicate, environment)) {
      case (.all, .no): return .no
      case (.exists, .yes): return .yes
      case (.existsOne, .yes): count += 1
      case (_, .fault): first = first ?? fault
      default: break
      }
    }
    if let first {
      fault = first
      return .fault
    }
    switch macro.kind {
    case .all: return .yes
    case .existsOne: return count == 1 ? .yes : .no
    default: return .no
    }
  }

  /// `filter` and `map`.
  mutating func gather(_ macro: RuleMacro, at id: NodeID, _ environment: some RuleEnvironment) -> RuleValue? {
    guard let values = turns(of: macro, environment) else { return nil }
    var gathered: [RuleValue] = []
    for value in values {
      guard spend(macro.steps) else { return nil }
      locals[Int(macro.local)] = value
      if let predicate = macro.predicate {
        switch truth(predicate, environment) {
        case .fault: return nil
        case .no: continue
        case .yes: break
        }
      }
      guard let transform = macro.transform else {
        gathered.append(value)
        continue
      }
      guard let result = self.value(transform, environment) else { return nil }
      gathered.append(result)
    }
    let list = RuleValue.list(gathered)
    return spend(on: list) ? list : nil
  }

  /// What the variable of the macro becomes, one after another.
  private mutating func turns(of macro: RuleMacro, _ environment: some RuleEnvironment) -> [RuleValue]? {
    guard let range = leaf(macro.range, environment) else { return nil }
    if locals.isEmpty { locals = Array(repeating: .null, count: program.localCount) }
    switch range {
    case .list(let values): return values
    case .map(let members):
      guard spend(members.count) else { return nil }
      return members.keys.sorted { $0.precedes($1) }.map { .string($0) }
    default:
      let _: RuleValue? = fail(macro.range, "a list or a map expected, found \(range.kindInWords)")
      return nil
    }
  }
}

extension RuleMacro.Kind {
  var isQuantifier: Bool { self == .all || self == .exists || self == .existsOne }
}
