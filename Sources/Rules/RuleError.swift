/// Why a rule is refused, and where in its text.
public struct RuleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// From 1.
  public let line: Int
  /// From 1, in Unicode scalars.
  public let column: Int
  /// What was found, what was expected, and what may have been meant.
  public let message: String

  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  /// `1:14: person.fetures.orders: no such field; did you mean 'features'?`
  public var description: String { "\(line):\(column): \(message)" }
}

/// An error by its offset, before lines are counted.
struct SyntaxError: Error {
  /// In bytes from the start of the source.
  let offset: Int
  let message: String

  init(at offset: Int, _ message: String) {
    self.offset = offset
    self.message = message
  }

  /// - Complexity: O(offset).
  func located(in source: String) -> RuleError {
    var line = 1
    var column = 1
    var position = 0
    for scalar in source.unicodeScalars {
      if position >= offset { break }
      position += UTF8.width(scalar)
      column += 1
      if scalar == "\n" {
        line += 1
        column = 1
      }
    }
    return RuleError(line: line, column: column, message: message)
  }
}

/// Bounds on what an author may write.
public struct RuleLimits: Sendable, Hashable {
  /// Bytes of source.
  public var bytes = 8 * 1_024
  /// Brackets, calls and branches within each other.
  public var depth = 32
  /// Operators, operands and calls.
  public var nodes = 512
  /// Elements of a list literal, entries of a map literal, arguments of a call.
  public var elements = 256

  public init() {}
  public static let standard = RuleLimits()

  /// Steps of one evaluation within macros and on values that it makes; about 10 ns each.
  static let steps = 20_000
  /// Bytes of a text that a rule makes.
  static let textBytes = 64 * 1_024
  /// Height of the syntax tree: chains of operators that lean to the left count too.
  static let height = 100
}
