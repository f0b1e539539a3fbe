extension Compiler {
  mutating func logic(
    _ terms: [Syntax], of syntax: Syntax, _ kind: RulePart.Kind
  ) throws(SyntaxError) -> Operand {
    var operands: [Operand] = []
    for term in terms {
      let operand = try operand(term)
      try require(operand.type, .bool, in: term, "'\(kind == .all ? "&&" : "||")' joins conditions")
      operands.append(operand)
    }
    let run = run(operands.map(\.node))
    let node = append(kind == .all ? .and(run) : .or(run), of: syntax)
    let part = RulePart(
      kind: kind, node: node, range: syntax.range, fields: [], children: operands.map(\.part))
    return Operand(node: node, type: .bool, part: part)
  }

  mutating func negation(_ inner: Syntax, of syntax: Syntax) throws(SyntaxError) -> Operand {
    let operand = try operand(inner)
    try require(operand.type, .bool, in: inner, "'!' turns a condition around")
    let node = append(.not(operand.node), of: syntax)
    let part = RulePart(kind: .not, node: node, range: syntax.range, fields: [], children: [operand.part])
    return Operand(node: node, type: .bool, part: part)
  }

  mutating func choice(_ conditional: Syntax.Conditional, of syntax: Syntax) throws(SyntaxError) -> Operand {
    let condition = try operand(conditional.condition)
    try require(condition.type, .bool, in: conditional.condition, "'?' chooses by a condition")
    let yes = try operand(conditional.yes)
    let no = try operand(conditional.no)
    guard let type = yes.type.joined(with: no.type) else {
      throw SyntaxError(
        at: conditional.no.range.lowerBound,
        "the branches of '?' differ: one is \(yes.type.inWords), the other \(no.type.inWords)"
          + (yes.type.isNumeric && no.type.isNumeric ? "; write both with a decimal point" : ""))
    }
    let node = append(.conditional(condition.node, yes: yes.node, no: no.node), of: syntax)
    let part = RulePart(
      kind: .choice, node: node, range: syntax.range, fields: [], children: [condition.part, yes.part, no.part])
    return Operand(node: node, type: type, part: part)
  }

  func require(_ type: RuleType, _ wanted: RuleType, in syntax: Syntax, _ why: String) throws(SyntaxError) {
    guard type == .dyn || type == wanted else {
      throw SyntaxError(at: syntax.range.lowerBound, "\(why), but '\(text(syntax))' is \(type.inWords)")
    }
  }
}
