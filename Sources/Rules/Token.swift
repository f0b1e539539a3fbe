/// A word of the language with its place.
struct Token {
  enum Kind: Equatable {
    case name(String)
    case keyword(Keyword)
    /// The magnitude; a sign is an operator.
    case int(UInt64)
    case double(Double)
    case string(String)
    case symbol(Symbol)
    case end
  }

  let kind: Kind
  /// Bytes of the source.
  let range: Range<Int>
}

enum Keyword: String, CaseIterable {
  case yes = "true"
  case no = "false"
  case null
  case `in`

  static let all = Set(allCases.map(\.rawValue))

  /// Kept back by the language for its hosts; they may name fields, but no variables.
  static let reserved: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while",
  ]
}

/// Longer symbols stand before those that they begin with.
enum Symbol: String, CaseIterable {
  case equal = "=="
  case notEqual = "!="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case and = "&&"
  case or = "||"
  case less = "<"
  case greater = ">"
  case not = "!"
  case plus = "+"
  case minus = "-"
  case times = "*"
  case over = "/"
  case remainder = "%"
  case question = "?"
  case colon = ":"
  case dot = "."
  case comma = ","
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBracket = "["
  case closeBracket = "]"
  case openBrace = "{"
  case closeBrace = "}"
}

extension Token.Kind {
  /// For messages: what an author sees.
  var inWords: String {
    switch self {
    case .name(let name): "'\(name)'"
    case .keyword(let keyword): "'\(keyword.rawValue)'"
    case .int(let value): "'\(value)'"
    case .double(let value): "'\(value)'"
    case .string: "a string"
    case .symbol(let symbol): "'\(symbol.rawValue)'"
    case .end: "the end"
    }
  }
}
