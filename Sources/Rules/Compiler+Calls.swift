import Documents

extension Compiler {
  mutating func call(_ call: Syntax.Call, of syntax: Syntax) throws(SyntaxError) -> Typed {
    if let target = call.target {
      if let kind = RuleMacro.Kind(rawValue: call.name) { return try macro(kind, over: target, call, of: syntax) }
      guard let function = RuleFunction.methods[call.name] else {
        throw unknownFunction(call, isMethod: true)
      }
      return try apply(function, to: [target] + call.arguments, call, of: syntax)
    }
    switch call.name {
    case "has": return try has(call, of: syntax)
    case "dyn":
      guard call.arguments.count == 1 else {
        throw SyntaxError(at: syntax.range.lowerBound, "dyn() takes one value")
      }
      return Typed(node: try operand(call.arguments[0]).node, type: .dyn)
    default:
      guard let function = RuleFunction.plain[call.name] else { throw unknownFunction(call, isMethod: false) }
      return try apply(function, to: call.arguments, call, of: syntax)
    }
  }

  private func unknownFunction(_ call: Syntax.Call, isMethod: Bool) -> SyntaxError {
    let name = call.name
    if let instead = RuleFunction.absent[name] {
      return SyntaxError(at: call.nameOffset, "\(name)() is not supported; \(instead)")
    }
    let methods = Array(RuleFunction.methods.keys) + RuleMacro.Kind.allCases.map(\.rawValue)
    let plain = Array(RuleFunction.plain.keys) + ["has", "dyn"]
    if (isMethod ? plain : methods).contains(name) {
      return SyntaxError(
        at: call.nameOffset, isMethod ? "write \(name)(x) instead of x.\(name)()" : "write x.\(name)(…)")
    }
    let known = isMethod ? methods : plain
    if let nearest = nearestWord(to: name, among: known) {
      return SyntaxError(at: call.nameOffset, "\(name)(): no such function; did you mean '\(nearest)'?")
    }
    return SyntaxError(
      at: call.nameOffset, "\(name)(): no such function; there are \(known.sorted().joined(separator: ", "))")
  }

  private mutating func apply(
    _ function: RuleFunction, to arguments: [Syntax], _ call: Syntax.Call, of syntax: Syntax
  ) throws(SyntaxError) -> Typed {
    var operands: [Operand] = []
    for argument in arguments { operands.append(try operand(argument)) }
    guard let type = function.result(for: operands.map(\.type)) else {
      let found = operands.isEmpty ? "nothing" : operands.map(\.type.description).joined(separator: ", ")
      throw SyntaxError(at: call.nameOffset, "\(call.name)() of \(found): \(function.signature)")
    }
    if function.isTimePart, operands.count == 2, case .string(let zone)? = constantValue(operands[1].node),
      fixedOffsetSeconds(zone) == nil
    {
      throw SyntaxError(at: arguments[1].range.lowerBound, noSuchOffset(zone))
    }
    let ids = operands.map(\.node)
    let typed = Typed(node: append(.call(function, run(ids)), of: syntax), type: type)
    let readsTime = function == .toTimestamp || function == .toDuration
    // A time that can never be read is a slip of the author, not of the data.
    if readsTime, constantValue(ids[0]) != nil,
      case .failed(let reason) = valueWithoutFields(typed.node, of: syntax)
    {
      throw SyntaxError(at: arguments[0].range.lowerBound, reason)
    }
    return readsTime ? folded(typed, operands: ids, of: syntax) : typed
  }

  private mutating func macro(
    _ kind: RuleMacro.Kind, over target: Syntax, _ call: Syntax.Call, of syntax: Syntax
  ) throws(SyntaxError) -> Typed {
    let isMap = kind == .map
    guard call.arguments.count == 2 || (isMap && call.arguments.count == 3),
      case .name(let variable) = call.arguments[0].form
    else {
      throw SyntaxError(
        at: call.nameOffset,
        "\(call.name)() takes the name of a variable and \(isMap ? "a value" : "a condition"), such as "
          + (isMap ? "[1, 2].map(x, x * 2)" : "item.tags.\(call.name)(tag, tag == \"new\")"))
    }
    let range = try operand(target)
    let element: RuleType
    switch range.type {
    case .dyn: element = .dyn
    case .list(let type): element = type
    case .map: element = .string
    default:
      throw SyntaxError(
        at: call.nameOffset,
        "\(call.name)() goes through a list or a map, but '\(text(target))' is \(range.type.inWords)")
    }
    let depth = locals.count
    locals.append(Local(name: variable, type: element))
    localCountMax = max(localCountMax, locals.count)
    defer { locals.removeLast() }
    let nodesBefore = nodes.count
    var predicate: NodeID?
    if !isMap || call.arguments.count == 3 {
      let condition = try operand(call.arguments[1])
      try require(condition.type, .bool, in: call.arguments[1], "\(call.name)() needs a condition here")
      predicate = condition.node
    }
    let transform = isMap ? try operand(call.arguments[call.arguments.count - 1]) : nil
    macros.append(
      RuleMacro(
        kind: kind, range: range.node, local: Int32(depth), predicate: predicate, transform: transform?.node,
        steps: 1 + nodes.count - nodesBefore))
    let node = append(.macro(Int32(macros.count - 1)), of: syntax)
    let type: RuleType =
      switch kind {
      case .all, .exists, .existsOne: .bool
      case .filter: .list(element)
      case .map: .list(transform?.type ?? .dyn)
      }
    return Typed(node: node, type: type)
  }
}
