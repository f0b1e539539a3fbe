/// A place in a text that a person can open: file, line and column.
public struct SourceLocation: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The file's name as it should be shown, such as `placements.yaml`.
  public let file: String
  /// From 1.
  public let line: Int
  /// From 1, in Unicode scalars.
  public let column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line):\(column)" }

  public static func < (left: Self, right: Self) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// What is wrong in a document, and where.
public struct DocumentError: Error, Sendable, Equatable, CustomStringConvertible {
  public let location: SourceLocation
  /// What was found and what was expected, without location and suggestion.
  public let message: String
  /// A word that may have been meant.
  public let suggestion: String?

  public init(at location: SourceLocation, _ message: String, suggestion: String? = nil) {
    self.location = location
    self.message = message
    self.suggestion = suggestion
  }

  /// `placements.yaml:4:7: 'cuont' is not a key of a placement; did you mean 'count'?`
  public var description: String {
    "\(location): \(message)" + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
  }
}
