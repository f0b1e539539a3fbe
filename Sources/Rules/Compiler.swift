/// Turns syntax into a program and refuses what cannot be meant: unknown names, types that do not fit.
struct Compiler: ~Copyable {
  let schema: RuleSchema
  let source: String
  var nodes: [RuleNode] = []
  var ranges: [Range<Int>] = []
  var children: [NodeID] = []
  var constants: [RuleValue] = []
  var sortedTexts: [[String]] = []
  var macros: [RuleMacro] = []
  var fields: [FieldPath] = []
  var localCountMax = 0
  /// Variables of the macros around, outermost first.
  var locals: [Local] = []
  private var fieldIndices: [FieldPath: Int32] = [:]
  /// Every field read so far, in the order of the text.
  private var reads: [Int32] = []
  private var height = 0

  struct Local {
    let name: String
    let type: RuleType
  }

  /// A compiled part.
  struct Operand {
    let node: NodeID
    let type: RuleType
    let part: RulePart
  }

  init(schema: RuleSchema, source: String) {
    self.schema = schema
    self.source = source
  }

  static func compile(
    _ syntax: Syntax, source: String, expecting: RuleType, schema: RuleSchema
  ) throws(SyntaxError) -> RuleProgram {
    var compiler = Compiler(schema: schema, source: source)
    let root = try compiler.operand(syntax)
    guard expecting.accepts(root.type) else {
      throw SyntaxError(
        at: syntax.range.lowerBound, "\(expecting.inWords) expected, but the rule gives \(root.type.inWords)")
    }
    return RuleProgram(source: source, compiler: compiler, root: root.part)
  }

  mutating func operand(_ syntax: Syntax) throws(SyntaxError) -> Operand {
    height += 1
    defer { height -= 1 }
    guard height <= RuleLimits.height else {
      throw SyntaxError(at: syntax.range.lowerBound, "more than \(RuleLimits.height) operators on top of each other")
    }
    let readsBefore = reads.count
    switch syntax.form {
    case .and(let terms): return try logic(terms, of: syntax, .all)
    case .or(let terms): return try logic(terms, of: syntax, .any)
    case .not(let operand): return try negation(operand, of: syntax)
    case .conditional(let conditional): return try choice(conditional, of: syntax)
    default:
      let typed = try plain(syntax)
      var fields: [Int32] = []
      for field in reads[readsBefore...] where !fields.contains(field) { fields.append(field) }
      let part = RulePart(kind: .leaf, node: typed.node, range: syntax.range, fields: fields, children: [])
      return Operand(node: typed.node, type: typed.type, part: part)
    }
  }

  /// A node without a part of its own.
  struct Typed {
    let node: NodeID
    let type: RuleType
  }

  private mutating func plain(_ syntax: Syntax) throws(SyntaxError) -> Typed {
    switch syntax.form {
    case .literal(let value): return constant(value, type: value.type, of: syntax)
    case .name, .select, .index: return try selection(syntax)
    case .call(let call): return try self.call(call, of: syntax)
    case .list(let elements): return try list(elements, of: syntax)
    case .map(let entries): return try map(entries, of: syntax)
    case .negate(let operand): return try negative(operand, of: syntax)
    case .binary(let binary, let left, let right, let offset):
      return try self.binary(binary, left, right, at: offset, of: syntax)
    case .and, .or, .not, .conditional: preconditionFailure("logic has parts of its own")
    }
  }

  // MARK: Nodes

  mutating func append(_ node: RuleNode, of syntax: Syntax) -> NodeID {
    nodes.append(node)
    ranges.append(syntax.range)
    return NodeID(nodes.count - 1)
  }

  mutating func run(_ ids: [NodeID]) -> NodeRun {
    children.append(contentsOf: ids)
    return NodeRun(first: Int32(children.count - ids.count), count: Int32(ids.count))
  }

  mutating func constant(_ value: RuleValue, type: RuleType, of syntax: Syntax) -> Typed {
    constants.append(value)
    return Typed(node: append(.constant(Int32(constants.count - 1)), of: syntax), type: type)
  }

  func constantValue(_ node: NodeID) -> RuleValue? {
    if case .constant(let index) = nodes[Int(node)] { constants[Int(index)] } else { nil }
  }

  mutating func read(_ path: FieldPath) -> Int32 {
    let index: Int32
    if let known = fieldIndices[path] {
      index = known
    } else {
      index = Int32(fields.count)
      fields.append(path)
      fieldIndices[path] = index
    }
    reads.append(index)
    return index
  }

  /// What a node without fields and variables gives.
  func valueWithoutFields(_ node: NodeID, of syntax: Syntax) -> RuleResult {
    let part = RulePart(kind: .leaf, node: node, range: syntax.range, fields: [], children: [])
    return RuleProgram(source: source, compiler: self, root: part).result(slots: [], in: NoFields())
  }

  /// Replaces a node whose operands are constants by its value, when it has one.
  mutating func folded(_ typed: Typed, operands: [NodeID], of syntax: Syntax) -> Typed {
    guard operands.allSatisfy({ constantValue($0) != nil }),
      case .value(let value) = valueWithoutFields(typed.node, of: syntax)
    else { return typed }
    return constant(value, type: typed.type, of: syntax)
  }

  func text(_ syntax: Syntax) -> String {
    let bytes = source.utf8.dropFirst(syntax.range.lowerBound).prefix(syntax.range.count)
    return String(decoding: bytes, as: UTF8.self)
  }
}
