import Documents

extension Compiler {
  /// A name with what is selected from it, as far as that can be said without evaluating.
  private struct Chain {
    let root: String
    let rootOffset: Int
    let names: [(text: String, offset: Int)]
  }

  /// A field that the schema knows or leaves open.
  private struct Resolved {
    let path: FieldPath
    let field: RuleField
  }

  /// nil when the syntax is no such chain, or begins with the variable of a macro.
  private func chain(_ syntax: Syntax) -> Chain? {
    var current = syntax
    var names: [(text: String, offset: Int)] = []
    while true {
      switch current.form {
      case .select(let operand, let name, let offset):
        names.append((name, offset))
        current = operand
      case .index(let operand, let position):
        guard case .literal(.string(let name)) = position.form else { return nil }
        names.append((name, position.range.lowerBound))
        current = operand
      case .name(let root):
        guard !locals.contains(where: { $0.name == root }) else { return nil }
        return Chain(root: root, rootOffset: current.range.lowerBound, names: names.reversed())
      default: return nil
      }
    }
  }

  private func resolve(_ chain: Chain) throws(SyntaxError) -> Resolved {
    guard var field = schema.roots[chain.root] else {
      throw SyntaxError(at: chain.rootOffset, unknownName(chain.root))
    }
    var path = FieldPath(chain.root)
    for (name, offset) in chain.names {
      let parent = path
      path = parent.member(name)
      switch field {
      case .record(let fields):
        guard let next = fields[name] else {
          throw SyntaxError(at: offset, noField(name, in: parent, of: fullPath(chain), among: fields))
        }
        field = next
      case .open(let fields): field = fields[name] ?? .value(.dyn)
      case .value(.dyn): break
      case .value(.map(let value)): field = .value(value)
      case .value(let type):
        throw SyntaxError(at: offset, "\(fullPath(chain)): no such field; \(parent) is \(type.inWords)")
      }
    }
    return Resolved(path: path, field: field)
  }

  private func fullPath(_ chain: Chain) -> FieldPath { FieldPath(root: chain.root, names: chain.names.map(\.text)) }

  private func noField(
    _ name: String, in parent: FieldPath, of whole: FieldPath, among fields: [String: RuleField]
  ) -> String {
    if let nearest = nearestWord(to: name, among: fields.keys) {
      return "\(whole): no such field; did you mean '\(nearest)'?"
    }
    return "\(whole): no such field; \(parent) has \(Self.inWords(fields.keys))"
  }

  private func unknownName(_ name: String) -> String {
    let known = Array(schema.roots.keys) + locals.map(\.name)
    if let nearest = nearestWord(to: name, among: known) {
      return "'\(name)': no such name; did you mean '\(nearest)'?"
    }
    return "'\(name)': no such name; there are \(Self.inWords(known))"
  }

  /// At most twelve, in alphabetical order.
  static func inWords(_ names: some Sequence<String>) -> String {
    let sorted = names.sorted()
    guard !sorted.isEmpty else { return "none" }
    return sorted.prefix(12).joined(separator: ", ") + (sorted.count > 12 ? " and \(sorted.count - 12) more" : "")
  }

  // MARK: Reading

  mutating func selection(_ syntax: Syntax) throws(SyntaxError) -> Typed {
    if let chain = chain(syntax) { return try fieldValue(chain, of: syntax) }
    switch syntax.form {
    case .select(let operand, let name, let offset):
      let container = try self.operand(operand)
      let type = try member(of: container.type, offset: offset, operand)
      let key = constant(.string(name), type: .string, of: syntax)
      return Typed(node: append(.index(container.node, key.node), of: syntax), type: type)
    case .index(let operand, let position): return try element(of: operand, at: position, syntax)
    case .name(let name):
      guard let depth = locals.lastIndex(where: { $0.name == name }) else {
        throw SyntaxError(at: syntax.range.lowerBound, unknownName(name))
      }
      return Typed(node: append(.local(Int32(depth)), of: syntax), type: locals[depth].type)
    default: preconditionFailure("only names, selections and indices are selected")
    }
  }

  private mutating func fieldValue(_ chain: Chain, of syntax: Syntax) throws(SyntaxError) -> Typed {
    let resolved = try resolve(chain)
    let type: RuleType
    switch resolved.field {
    case .value(let known): type = known
    case .open: type = .map(.dyn)
    case .record(let fields):
      throw SyntaxError(
        at: syntax.range.lowerBound, "\(resolved.path) is a group of fields; name one of \(Self.inWords(fields.keys))")
    }
    return Typed(node: append(.field(read(resolved.path)), of: syntax), type: type)
  }

  private func member(of type: RuleType, offset: Int, _ operand: Syntax) throws(SyntaxError) -> RuleType {
    switch type {
    case .dyn: return .dyn
    case .map(let value): return value
    default: throw SyntaxError(at: offset, "'\(text(operand))' is \(type.inWords), which has no fields")
    }
  }

  private mutating func element(
    of operand: Syntax, at position: Syntax, _ syntax: Syntax
  ) throws(SyntaxError) -> Typed {
    let container = try self.operand(operand)
    let index = try self.operand(position)
    let type: RuleType
    switch container.type {
    case .dyn: type = .dyn
    case .list(let element):
      guard index.type == .dyn || index.type == .int else {
        throw SyntaxError(at: position.range.lowerBound, "the index of a list is an int, not \(index.type.inWords)")
      }
      type = element
    case .map(let value):
      try require(index.type, .string, in: position, "keys of a map are strings")
      type = value
    default:
      throw SyntaxError(
        at: position.range.lowerBound, "'\(text(operand))' is \(container.type.inWords), which has no elements")
    }
    if case .map = container.type, case .field(let field) = nodes[Int(container.node)] {
      return Typed(node: append(.entry(field: field, key: index.node), of: syntax), type: type)
    }
    return Typed(node: append(.index(container.node, index.node), of: syntax), type: type)
  }

  // MARK: Presence

  mutating func has(_ call: Syntax.Call, of syntax: Syntax) throws(SyntaxError) -> Typed {
    guard call.arguments.count == 1, case .select(let operand, let name, let offset) = call.arguments[0].form else {
      throw SyntaxError(
        at: syntax.range.lowerBound,
        "has() takes a selected field, such as has(person.traits.plan); "
          + "for a name with other characters write \"a name\" in person.traits")
    }
    if let chain = chain(call.arguments[0]) {
      let resolved = try resolve(chain)
      return Typed(node: append(.has(field: read(resolved.path)), of: syntax), type: .bool)
    }
    let container = try self.operand(operand)
    _ = try member(of: container.type, offset: offset, operand)
    constants.append(.string(name))
    return Typed(node: append(.hasKey(container.node, key: Int32(constants.count - 1)), of: syntax), type: .bool)
  }

  /// `"name" in person.traits` asks for that one field, so that the environment need not make a map of all.
  mutating func presence(
    of key: Syntax, in container: Syntax, of syntax: Syntax
  ) throws(SyntaxError) -> Typed? {
    guard case .literal(.string(let name)) = key.form, let chain = chain(container) else { return nil }
    let resolved = try resolve(chain)
    switch resolved.field {
    case .open, .value(.map):
      return Typed(node: append(.has(field: read(resolved.path.member(name))), of: syntax), type: .bool)
    case .record, .value: return nil
    }
  }
}
