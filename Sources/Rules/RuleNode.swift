typealias NodeID = Int32

/// One step of a compiled rule; operands are other nodes, named by their place in the program.
enum RuleNode: Sendable {
  case constant(Int32)
  case field(Int32)
  /// The variable of a macro, by its depth.
  case local(Int32)
  case has(field: Int32)
  /// The key is a constant.
  case hasKey(NodeID, key: Int32)
  case and(NodeRun)
  case or(NodeRun)
  case not(NodeID)
  case negate(NodeID)
  case conditional(NodeID, yes: NodeID, no: NodeID)
  case compare(Relation, NodeID, NodeID)
  case arithmetic(Arithmetic, NodeID, NodeID)
  case isIn(NodeID, NodeID)
  /// In a constant list of strings, sorted and searched by halves.
  case isInTexts(NodeID, texts: Int32)
  case list(NodeRun)
  /// Keys and values in turn.
  case map(NodeRun)
  case index(NodeID, NodeID)
  /// Of a field that is known to be a map.
  case entry(field: Int32, key: NodeID)
  case hasEntry(field: Int32, key: NodeID)
  case call(RuleFunction, NodeRun)
  case macro(Int32)
}

/// Where the operands of a node with any number of them stand among the program's children.
struct NodeRun: Sendable {
  let first: Int32
  let count: Int32

  var indices: Range<Int> { Int(first)..<Int(first + count) }
}

/// What a macro does with each element of a list, or each key of a map in ascending order.
struct RuleMacro: Sendable {
  enum Kind: String, CaseIterable {
    case all, exists, filter, map
    case existsOne = "exists_one"
  }

  let kind: Kind
  let range: NodeID
  let local: Int32
  /// Every kind has one but `map` with two arguments.
  let predicate: NodeID?
  /// Of `map` only.
  let transform: NodeID?
  /// Nodes of predicate and transform: what one turn costs in steps.
  let steps: Int
}

/// A part of a rule as an explanation shows it.
struct RulePart: Sendable {
  enum Kind { case leaf, all, any, not, choice }

  let kind: Kind
  let node: NodeID
  /// Bytes of the source.
  let range: Range<Int>
  /// What a leaf reads, each once, in the order of the text.
  let fields: [Int32]
  /// For `choice`: condition, yes, no.
  let children: [RulePart]
}

/// A compiled rule.
final class RuleProgram: Sendable {
  let source: String
  let nodes: [RuleNode]
  /// Where each node stands in the source, in bytes.
  let ranges: [Range<Int>]
  let children: [NodeID]
  let constants: [RuleValue]
  let sortedTexts: [[String]]
  let macros: [RuleMacro]
  let fields: [FieldPath]
  let localCount: Int
  let root: RulePart

  init(source: String, compiler: borrowing Compiler, root: RulePart) {
    self.source = source
    nodes = compiler.nodes
    ranges = compiler.ranges
    children = compiler.children
    constants = compiler.constants
    sortedTexts = compiler.sortedTexts
    macros = compiler.macros
    fields = compiler.fields
    localCount = compiler.localCountMax
    self.root = root
  }

  func text(_ range: Range<Int>) -> String {
    let start = source.utf8.index(source.startIndex, offsetBy: range.lowerBound)
    return String(source[start..<source.utf8.index(start, offsetBy: range.count)])
  }
}
