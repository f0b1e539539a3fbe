public import Primitives

/// A line of JSON.
public struct JSONLine: Sendable {
  public let position: TextPosition
  public let document: JSONDocument
}

/// Reads JSON Lines: one JSON text a line. Blank lines are passed over.
///
///     var reader = JSONLinesReader(try ByteSource(path: "events.jsonl"))
///     while let outcome = try reader.next() { … }
public struct JSONLinesReader {
  private var lines: LineReader
  private let limits: JSONLimits

  /// Where the next line begins.
  public var position: TextPosition { lines.position }

  /// - Parameter source: Stands at `position`.
  public init(
    _ source: ByteSource, at position: TextPosition = .start, lineBytesMax: Int = 1 << 20,
    limits: JSONLimits = .standard
  ) {
    lines = LineReader(source, at: position, lineBytesMax: lineBytesMax)
    self.limits = limits
  }

  /// The next line that is not blank, nil at the end.
  /// - Throws: What the source throws; never for what a line holds.
  public mutating func next() throws -> LineOutcome<JSONLine>? {
    while let line = try lines.next() {
      if line.isTooLong { return .bad(line.bad("a line that is too long")) }
      if line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do {
        return .row(JSONLine(position: line.position, document: try JSONDocument(parsing: line.bytes, limits: limits)))
      } catch {
        return .bad(line.bad(error.description))
      }
    }
    return nil
  }
}
