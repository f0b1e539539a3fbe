/// Recursive descent over the tokens of one rule.
///
/// Operators of one precedence in a row are a loop, so they do not add to the depth that is bounded.
///
/// - SeeAlso: *CEL language definition*, Syntax.
struct Parser {
  private let tokens: [Token]
  let limits: RuleLimits
  private var index = 0
  private var depth = 0
  private var nodes = 0

  static func parse(_ source: String, limits: RuleLimits) throws(SyntaxError) -> Syntax {
    guard source.utf8.count <= limits.bytes else {
      throw SyntaxError(at: 0, "the rule is longer than \(limits.bytes) bytes")
    }
    let tokens = try Lexer.tokens(of: source)
    guard tokens.count > 1 else { throw SyntaxError(at: 0, "the rule is empty") }
    var parser = Parser(tokens: tokens, limits: limits)
    let syntax = try parser.expression()
    guard parser.token.kind == .end else {
      throw parser.unexpected("an operator or the end")
    }
    return syntax
  }

  private init(tokens: [Token], limits: RuleLimits) {
    self.tokens = tokens
    self.limits = limits
  }

  var token: Token { tokens[index] }

  mutating func countNode() throws(SyntaxError) {
    nodes += 1
    guard nodes <= limits.nodes else {
      throw SyntaxError(at: token.range.lowerBound, "more than \(limits.nodes) operators, operands and calls")
    }
  }

  func unexpected(_ expected: String) -> SyntaxError {
    SyntaxError(at: token.range.lowerBound, "\(expected) expected, found \(token.kind.inWords)")
  }

  mutating func advance() { if index < tokens.count - 1 { index += 1 } }

  mutating func skip(_ symbol: Symbol) -> Bool {
    guard token.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Symbol, _ what: String) throws(SyntaxError) {
    guard skip(symbol) else { throw unexpected("'\(symbol.rawValue)' \(what)") }
  }

  /// The end of the token before this one.
  var end: Int { tokens[index - 1].range.upperBound }

  // MARK: Precedence, loosest first

  mutating func expression() throws(SyntaxError) -> Syntax {
    depth += 1
    defer { depth -= 1 }
    guard depth <= limits.depth + 1 else {
      throw SyntaxError(at: token.range.lowerBound, "more than \(limits.depth) levels of nesting")
    }
    var branches: [(condition: Syntax, yes: Syntax)] = []
    var last = try disjunction()
    while skip(.question) {
      let yes = try disjunction()
      guard token.kind != .symbol(.question) else {
        throw SyntaxError(at: token.range.lowerBound, "a '?' between '?' and ':' needs parentheses around it")
      }
      try expect(.colon, "between the branches of '?'")
      branches.append((last, yes))
      last = try disjunction()
    }
    // `a ? b : c ? d : e` leans to the right.
    for (condition, yes) in branches.reversed() {
      last = Syntax(
        form: .conditional(.init(condition: condition, yes: yes, no: last)),
        range: condition.range.lowerBound..<last.range.upperBound)
    }
    return last
  }

  private mutating func disjunction() throws(SyntaxError) -> Syntax {
    var terms = [try conjunction()]
    while skip(.or) { terms.append(try conjunction()) }
    return joined(terms) { .or($0) }
  }

  private mutating func conjunction() throws(SyntaxError) -> Syntax {
    var terms = [try relation()]
    while skip(.and) { terms.append(try relation()) }
    return joined(terms) { .and($0) }
  }

  private func joined(_ terms: [Syntax], _ form: ([Syntax]) -> Syntax.Form) -> Syntax {
    terms.count == 1
      ? terms[0]
      : Syntax(form: form(terms), range: terms[0].range.lowerBound..<terms[terms.count - 1].range.upperBound)
  }

  private mutating func relation() throws(SyntaxError) -> Syntax {
    try chain({ (parser) throws(SyntaxError) in try parser.sum() }) { kind in
      switch kind {
      case .symbol(let symbol): Relation(rawValue: symbol.rawValue).map { .compare($0) }
      case .keyword(.in): .isIn
      default: nil
      }
    }
  }

  private mutating func sum() throws(SyntaxError) -> Syntax {
    try chain({ (parser) throws(SyntaxError) in try parser.product() }) { kind in
      switch kind {
      case .symbol(.plus): .arithmetic(.add)
      case .symbol(.minus): .arithmetic(.subtract)
      default: nil
      }
    }
  }

  private mutating func product() throws(SyntaxError) -> Syntax {
    try chain({ (parser) throws(SyntaxError) in try parser.unary() }) { kind in
      switch kind {
      case .symbol(.times): .arithmetic(.multiply)
      case .symbol(.over): .arithmetic(.divide)
      case .symbol(.remainder): .arithmetic(.remainder)
      default: nil
      }
    }
  }

  /// Operands and the operators between them, leaning to the left.
  private mutating func chain(
    _ operand: (inout Parser) throws(SyntaxError) -> Syntax, _ binary: (Token.Kind) -> BinaryOperator?
  ) throws(SyntaxError) -> Syntax {
    var left = try operand(&self)
    while let operation = binary(token.kind) {
      let offset = token.range.lowerBound
      try countNode()
      advance()
      let right = try operand(&self)
      left = Syntax(
        form: .binary(operation, left, right, at: offset), range: left.range.lowerBound..<right.range.upperBound)
    }
    return left
  }

  private mutating func unary() throws(SyntaxError) -> Syntax {
    let start = token.range.lowerBound
    var isOdd = false
    if token.kind == .symbol(.not) {
      while skip(.not) { isOdd.toggle() }
      let operand = try member()
      // `!!x` stays a form of its own: unlike `x` it is always a bool.
      let form = Syntax.Form.not(operand)
      let once = Syntax(form: form, range: start..<operand.range.upperBound)
      return isOdd ? once : Syntax(form: .not(once), range: once.range)
    }
    while skip(.minus) { isOdd.toggle() }
    if case .int(let magnitude) = token.kind {
      return try negativeOrPositive(magnitude, isNegative: isOdd, from: start)
    }
    let operand = try member()
    guard start != operand.range.lowerBound else { return operand }
    let once = Syntax(form: .negate(operand), range: start..<operand.range.upperBound)
    return isOdd ? once : Syntax(form: .negate(once), range: once.range)
  }

  /// -9223372036854775808 is an int although its magnitude is none.
  private mutating func negativeOrPositive(
    _ magnitude: UInt64, isNegative: Bool, from start: Int
  ) throws(SyntaxError) -> Syntax {
    guard isNegative || magnitude <= UInt64(Int64.max) else {
      throw SyntaxError(at: start, "\(magnitude) is no int: it does not fit 64 bits")
    }
    advance()
    let value = isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude)
    return try suffixes(of: Syntax(form: .literal(.int(value)), range: start..<end))
  }
}
