extension Parser {
  /// A literal, a name, a bracketed part, and what is selected from it or called on it.
  mutating func member() throws(SyntaxError) -> Syntax { try suffixes(of: try primary()) }

  mutating func suffixes(of primary: Syntax) throws(SyntaxError) -> Syntax {
    var operand = primary
    while true {
      try countNode()
      let start = operand.range.lowerBound
      if skip(.dot) {
        let nameOffset = token.range.lowerBound
        guard case .name(let name) = token.kind else { throw unexpected("a name after '.'") }
        advance()
        if skip(.openParenthesis) {
          let arguments = try elements(until: .closeParenthesis, of: "the call")
          operand = Syntax(
            form: .call(.init(name: name, nameOffset: nameOffset, target: operand, arguments: arguments)),
            range: start..<end)
        } else {
          operand = Syntax(form: .select(operand, name, at: nameOffset), range: start..<end)
        }
      } else if skip(.openBracket) {
        let position = try expression()
        try expect(.closeBracket, "after the index")
        operand = Syntax(form: .index(operand, position), range: start..<end)
      } else if token.kind == .symbol(.openBrace) {
        throw SyntaxError(at: token.range.lowerBound, "messages are not supported; a map is written {\"name\": value}")
      } else {
        return operand
      }
    }
  }

  private mutating func primary() throws(SyntaxError) -> Syntax {
    let start = token.range.lowerBound
    func literal(_ value: RuleValue) -> Syntax { Syntax(form: .literal(value), range: start..<end) }
    switch token.kind {
    case .keyword(.yes), .keyword(.no):
      let value = token.kind == .keyword(.yes)
      advance()
      return literal(.bool(value))
    case .keyword(.null):
      advance()
      return literal(.null)
    case .int(let magnitude):
      // Only unary minus makes use of the one larger magnitude, and it does not come here.
      guard let value = Int64(exactly: magnitude) else {
        throw SyntaxError(at: start, "\(magnitude) is no int: it does not fit 64 bits")
      }
      advance()
      return literal(.int(value))
    case .double(let value):
      advance()
      return literal(.double(value))
    case .string(let text):
      advance()
      return literal(.string(text))
    case .name(let name): return try nameOrCall(name)
    case .symbol(.openParenthesis):
      advance()
      let inner = try expression()
      try expect(.closeParenthesis, "to close the parenthesis")
      return Syntax(form: inner.form, range: start..<end)
    case .symbol(.openBracket):
      advance()
      let values = try elements(until: .closeBracket, of: "the list")
      return Syntax(form: .list(values), range: start..<end)
    case .symbol(.openBrace):
      advance()
      let entries = try mapEntries()
      return Syntax(form: .map(entries), range: start..<end)
    case .symbol(.dot):
      throw SyntaxError(at: start, "a leading '.' is not supported; write the name without it")
    default: throw unexpected("a value")
    }
  }

  private mutating func nameOrCall(_ name: String) throws(SyntaxError) -> Syntax {
    let start = token.range.lowerBound
    guard !Keyword.reserved.contains(name) else {
      throw SyntaxError(at: start, "'\(name)' is a reserved word and names nothing")
    }
    advance()
    guard skip(.openParenthesis) else { return Syntax(form: .name(name), range: start..<end) }
    let arguments = try elements(until: .closeParenthesis, of: "the call")
    return Syntax(
      form: .call(.init(name: name, nameOffset: start, target: nil, arguments: arguments)), range: start..<end)
  }

  /// Parts between commas up to the closing symbol, of which lists and maps may have a comma before it.
  private mutating func elements(until close: Symbol, of what: String) throws(SyntaxError) -> [Syntax] {
    var elements: [Syntax] = []
    while !skip(close) {
      if !elements.isEmpty {
        try expect(.comma, "or '\(close.rawValue)' in \(what)")
        if close != .closeParenthesis, skip(close) { break }
      }
      try refuseMore(than: elements.count, in: what)
      elements.append(try expression())
    }
    return elements
  }

  private mutating func mapEntries() throws(SyntaxError) -> [Syntax.MapEntry] {
    var entries: [Syntax.MapEntry] = []
    while !skip(.closeBrace) {
      if !entries.isEmpty {
        try expect(.comma, "or '}' in the map")
        if skip(.closeBrace) { break }
      }
      try refuseMore(than: entries.count, in: "the map")
      let key = try expression()
      try expect(.colon, "after a key of the map")
      entries.append(.init(key: key, value: try expression()))
    }
    return entries
  }

  private func refuseMore(than count: Int, in what: String) throws(SyntaxError) {
    guard count < limits.elements else {
      throw SyntaxError(at: token.range.lowerBound, "more than \(limits.elements) elements in \(what)")
    }
  }
}
