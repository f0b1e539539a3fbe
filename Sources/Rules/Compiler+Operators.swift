extension Compiler {
  mutating func negative(_ inner: Syntax, of syntax: Syntax) throws(SyntaxError) -> Typed {
    let operand = try operand(inner)
    guard operand.type == .dyn || operand.type.isNumeric else {
      throw SyntaxError(
        at: syntax.range.lowerBound, "'-' belongs before a number, but '\(text(inner))' is \(operand.type.inWords)")
    }
    let typed = Typed(node: append(.negate(operand.node), of: syntax), type: operand.type)
    return folded(typed, operands: [operand.node], of: syntax)
  }

  mutating func binary(
    _ binary: BinaryOperator, _ left: Syntax, _ right: Syntax, at offset: Int, of syntax: Syntax
  ) throws(SyntaxError) -> Typed {
    if case .isIn = binary, let presence = try presence(of: left, in: right, of: syntax) { return presence }
    let leftOperand = try operand(left)
    let rightOperand = try operand(right)
    let types = (leftOperand.type, rightOperand.type)
    func refusal(_ reason: String) -> SyntaxError {
      SyntaxError(
        at: offset,
        "'\(text(left))' is \(types.0.inWords) and '\(text(right))' \(types.1.inWords): \(reason)")
    }
    switch binary {
    case .compare(let relation):
      if relation.isOrdering {
        guard types.0.hasOrder(with: types.1) else { throw refusal("'\(relation.rawValue)' cannot compare them") }
      } else if !types.0.isComparable(with: types.1) {
        throw refusal("they are never equal")
      }
      return Typed(node: append(.compare(relation, leftOperand.node, rightOperand.node), of: syntax), type: .bool)
    case .arithmetic(let arithmetic):
      guard let type = arithmetic.result(types.0, types.1) else {
        let isMixed = types.0.isNumeric && types.1.isNumeric && arithmetic != .remainder
        throw refusal(
          isMixed
            ? "'\(arithmetic.rawValue)' does not mix them; write the int with a decimal point, or double(…) around it"
            : "'\(arithmetic.rawValue)' cannot join them")
      }
      let typed = Typed(
        node: append(.arithmetic(arithmetic, leftOperand.node, rightOperand.node), of: syntax), type: type)
      return folded(typed, operands: [leftOperand.node, rightOperand.node], of: syntax)
    case .isIn:
      switch types.1 {
      case .dyn: break
      case .list(let element):
        guard types.0.isComparable(with: element) else { throw refusal("it is never in there") }
      case .map:
        guard types.0.isComparable(with: .string) else { throw refusal("keys of a map are strings") }
      default: throw refusal("'in' looks into a list or a map")
      }
      return Typed(node: membership(leftOperand, in: rightOperand, of: syntax), type: .bool)
    }
  }

  /// Long constant lists of strings are sorted once, to be searched by halves.
  private mutating func membership(_ element: Operand, in container: Operand, of syntax: Syntax) -> NodeID {
    if case .map = container.type, case .field(let field) = nodes[Int(container.node)], element.type == .string {
      return append(.hasEntry(field: field, key: element.node), of: syntax)
    }
    return membership(element.node, in: container.node, of: syntax)
  }

  private mutating func membership(_ element: NodeID, in container: NodeID, of syntax: Syntax) -> NodeID {
    guard case .list(let values)? = constantValue(container), values.count > 8 else {
      return append(.isIn(element, container), of: syntax)
    }
    var texts: [String] = []
    for value in values {
      guard case .string(let text) = value else { return append(.isIn(element, container), of: syntax) }
      texts.append(text)
    }
    sortedTexts.append(texts.sorted { $0.precedes($1) })
    return append(.isInTexts(element, texts: Int32(sortedTexts.count - 1)), of: syntax)
  }

  mutating func list(_ elements: [Syntax], of syntax: Syntax) throws(SyntaxError) -> Typed {
    var type: RuleType?
    var ids: [NodeID] = []
    for element in elements {
      let operand = try operand(element)
      ids.append(operand.node)
      type = type.map { $0.joined(with: operand.type) ?? .dyn } ?? operand.type
    }
    let typed = Typed(node: append(.list(run(ids)), of: syntax), type: .list(type ?? .dyn))
    return folded(typed, operands: ids, of: syntax)
  }

  mutating func map(_ entries: [Syntax.MapEntry], of syntax: Syntax) throws(SyntaxError) -> Typed {
    var type: RuleType?
    var ids: [NodeID] = []
    var keys: Set<[UInt8]> = []
    for entry in entries {
      let key = try operand(entry.key)
      try require(key.type, .string, in: entry.key, "keys of a map are strings")
      if case .string(let name)? = constantValue(key.node), !keys.insert(Array(name.utf8)).inserted {
        throw SyntaxError(at: entry.key.range.lowerBound, "the map has \(text(entry.key)) already")
      }
      let value = try operand(entry.value)
      ids += [key.node, value.node]
      type = type.map { $0.joined(with: value.type) ?? .dyn } ?? value.type
    }
    let typed = Typed(node: append(.map(run(ids)), of: syntax), type: .map(type ?? .dyn))
    return folded(typed, operands: ids, of: syntax)
  }
}

extension RuleType {
  fileprivate func hasOrder(with other: RuleType) -> Bool {
    switch (self, other) {
    case (.list, _), (_, .list), (.map, _), (_, .map), (.null, _), (_, .null): false
    case (.dyn, _), (_, .dyn): true
    default: self == other || (isNumeric && other.isNumeric)
    }
  }
}

extension Arithmetic {
  /// The type it gives, `dyn` when that depends on the values; nil when it never takes them.
  fileprivate func result(_ left: RuleType, _ right: RuleType) -> RuleType? {
    switch (self, left, right) {
    case (_, .null, _), (_, _, .null), (_, .bool, _), (_, _, .bool), (_, .map, _), (_, _, .map): nil
    case (.remainder, .double, _), (.remainder, _, .double): nil
    case (_, .int, .int), (_, .double, .double): left
    case (.add, .string, .string): .string
    case (.add, .list, .list): left.joined(with: right) ?? .list(.dyn)
    case (.add, .timestamp, .duration), (.add, .duration, .timestamp), (.subtract, .timestamp, .duration): .timestamp
    case (.add, .duration, .duration), (.subtract, .duration, .duration), (.subtract, .timestamp, .timestamp): .duration
    case (.add, .dyn, _), (.subtract, .dyn, .timestamp), (.subtract, .dyn, .duration): .dyn
    case (.add, _, .dyn), (.subtract, .timestamp, .dyn), (.subtract, .duration, .dyn): .dyn
    case (_, .dyn, .dyn): .dyn
    case (_, .dyn, .int), (_, .dyn, .double): right
    case (_, .int, .dyn), (_, .double, .dyn): left
    default: nil
    }
  }
}
