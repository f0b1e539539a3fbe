/// A part of a rule as its author wrote it.
struct Syntax {
  let form: Form
  /// Bytes of the source, with the parentheses around it.
  let range: Range<Int>

  indirect enum Form {
    case literal(RuleValue)
    case name(String)
    /// `operand.name`; the name begins at the offset.
    case select(Syntax, String, at: Int)
    case index(Syntax, Syntax)
    case call(Call)
    case list([Syntax])
    case map([MapEntry])
    case not(Syntax)
    case negate(Syntax)
    /// Two or more in a row.
    case and([Syntax])
    case or([Syntax])
    case conditional(Conditional)
    /// The operator begins at the offset.
    case binary(BinaryOperator, Syntax, Syntax, at: Int)
  }

  struct Call {
    let name: String
    let nameOffset: Int
    /// Of `target.name(…)`.
    let target: Syntax?
    let arguments: [Syntax]
  }

  struct MapEntry {
    let key: Syntax
    let value: Syntax
  }

  struct Conditional {
    let condition: Syntax
    let yes: Syntax
    let no: Syntax
  }
}

enum BinaryOperator {
  case compare(Relation)
  case arithmetic(Arithmetic)
  case isIn

  var symbol: String {
    switch self {
    case .compare(let relation): relation.rawValue
    case .arithmetic(let arithmetic): arithmetic.rawValue
    case .isIn: "in"
    }
  }
}

enum Relation: String {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  var isOrdering: Bool { self != .equal && self != .notEqual }
}

enum Arithmetic: String {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
}
