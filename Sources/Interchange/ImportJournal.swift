public import Documents
import Foundation
import Primitives

/// How far an import of one file has come, kept in a small file beside it so that Ctrl-C loses nothing.
public struct ImportJournal: Sendable, Equatable {
  /// Tells one file from another of the same name, also after it has grown.
  public struct Fingerprint: Sendable, Hashable, Codable {
    static let headBytes = 4096
    let headCount: Int
    let head: String

    /// - Throws: Foundation's error when the file cannot be read.
    public init(path: String) throws { self.init(head: try Self.head(path: path, count: Self.headBytes)) }

    private init(head: [UInt8]) {
      let digest = StableHash(key0: 1, key1: 2).hash128(head)
      headCount = head.count
      self.head = SortableID(high: digest.high, low: digest.low).description
    }

    /// Whether the file at `path` begins as this one did.
    func matches(path: String) throws -> Bool {
      try Fingerprint(head: Self.head(path: path, count: headCount)) == self
    }

    private static func head(path: String, count: Int) throws -> [UInt8] {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      return try file.read(upToCount: count).map { Array($0) } ?? []
    }
  }

  private struct Body: Codable {
    let fingerprint: Fingerprint
    let target: String
    let position: TextPosition
    let rejected: Int
  }

  public let path: String
  /// Where the file is imported to: a server's address or a data directory, and the workspace.
  public let target: String

  /// - Parameter path: The journal's own file.
  public init(path: String, target: String) {
    self.path = path
    self.target = target
  }

  /// Where to go on with the file at `input`; nil when this file was never begun, or not for this target.
  /// - Throws: Foundation's error when a file cannot be read.
  public func position(input: String) throws -> TextPosition? {
    guard let data = FileManager.default.contents(atPath: path),
      let body = try? JSONDecoder().decode(Body.self, from: data),
      body.target == target, try body.fingerprint.matches(path: input)
    else { return nil }
    return body.position
  }

  /// Everything before `position` is stored. Replaces the file in one step.
  public func save(_ position: TextPosition, rejected: Int, fingerprint: Fingerprint) throws {
    let body = Body(fingerprint: fingerprint, target: target, position: position, rejected: rejected)
    try JSONEncoder().encode(body).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// The import is complete.
  public func remove() { try? FileManager.default.removeItem(atPath: path) }
}
