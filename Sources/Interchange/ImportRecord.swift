public import Documents

/// What one line of an imported file comes to.
public enum ImportContent: Sendable, Hashable {
  /// JSON of one event, in the Segment form or the flat form, as `POST /v1/import` takes both. It carries a message id, the
  /// same whenever this line is imported.
  case event([UInt8])
  /// JSON of one catalogue item.
  case item([UInt8])
  /// The line is not what it should be: why, and the line as it stands.
  case bad(reason: String, line: [UInt8])
}

/// One line with where it stands.
public struct ImportRecord: Sendable, Hashable {
  public let position: TextPosition
  public let content: ImportContent
  /// The line as it stands in the file; nil where the content is just that.
  public let raw: [UInt8]?

  public init(position: TextPosition, content: ImportContent, raw: [UInt8]? = nil) {
    self.position = position
    self.content = content
    self.raw = raw
  }

  init(_ bad: BadLine) {
    self.init(position: bad.position, content: .bad(reason: bad.reason, line: bad.bytes))
  }
}

/// Reads a file of some format, line by line.
public protocol ImportReader {
  /// Where the line after the last one begins: reading can go on there another day.
  var position: TextPosition { get }
  /// The next line, nil at the end.
  /// - Throws: When the file itself cannot be read; never for what a line holds.
  mutating func next() throws -> ImportRecord?
}
