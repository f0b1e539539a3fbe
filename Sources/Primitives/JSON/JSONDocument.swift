/// Bounds on what is read from strangers.
public struct JSONLimits: Sendable {
  /// Arrays and objects within each other.
  public var depth: Int

  public init(depth: Int) { self.depth = depth }
  public static let standard = JSONLimits(depth: 64)
}

/// Why a text is not JSON, and where.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable { case syntax, encoding, depth, range }

  public let code: Code
  public let message: String
  /// Offset of the offending byte in the bytes given, from 0, also when only a part of them was to be read.
  public let offset: Int

  public var description: String { "\(message) at byte \(offset)" }
}

/// A text known to be valid JSON (RFC 8259) in valid UTF-8, with the map of its structure; values are read when asked for.
///
/// Lone surrogates in escapes are refused, duplicate keys are kept and the last one counts, numbers must fit a double.
///
/// - Complexity: parsing is one pass, O(bytes); 16 bytes of map for each value and key.
public final class JSONDocument: Sendable {
  public let bytes: [UInt8]
  let nodes: [JSONNode]

  public convenience init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
    try self.init(parsing: bytes, range: 0..<bytes.count, limits: limits)
  }

  /// Reads the text that stands at `range` of `bytes`, which is kept whole (the lines of one JSONL body share it).
  public init(
    parsing bytes: [UInt8], range: Range<Int>, limits: JSONLimits = .standard
  ) throws(JSONError) {
    guard bytes.count < Int(UInt32.max) else {
      throw JSONError(code: .range, message: "a text of more than 4 GiB", offset: 0)
    }
    nodes = try Self.map(of: bytes, range: range, limits: limits)
    self.bytes = bytes
  }

  private static func map(
    of bytes: [UInt8], range: Range<Int>, limits: JSONLimits
  ) throws(JSONError) -> [JSONNode] {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count, "\(range) is not within \(bytes.count) bytes")
    // A value with its key and commas seldom has less than 16 bytes; where it has, the second pass surely has room.
    for capacity in [range.count / 8 + 8, range.count + 2] {
      var outcome: Result<Int?, JSONError> = .success(nil)
      let nodes = [JSONNode](unsafeUninitializedCapacity: capacity) { nodes, count in
        outcome = bytes.withUnsafeBufferPointer { pointer in
          guard let base = pointer.baseAddress else { return .success(0) }
          do throws(JSONError) {
            return .success(try JSONScanner(bytes: base, range: range, limits: limits).scan(into: nodes))
          } catch {
            return .failure(error)
          }
        }
        if case .success(let filled?) = outcome { count = filled }
      }
      if try outcome.get() != nil { return nodes }
    }
    preconditionFailure("more values than bytes")
  }

  public var root: JSONView { JSONView(document: self, index: 0) }
}

enum JSONKind: UInt8 { case null, yes, no, number, string, array, object }

/// One value or key. Children follow their parent; an object's are key, value, key, value …
struct JSONNode: Sendable {
  /// First byte of the text (of a string: after the quote).
  let start: UInt32
  /// After the last byte (of a string: the closing quote).
  var end: UInt32
  /// The node after this one and all that is within it.
  var next: UInt32
  let kind: JSONKind
  /// A string with escapes.
  let isEscaped: Bool
}
