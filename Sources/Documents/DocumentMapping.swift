/// The members of a mapping, looked up by key. A key whose value is null counts as absent.
public struct DocumentMapping: Sendable {
  /// Where the mapping begins.
  public let location: SourceLocation
  /// What the mapping is, for messages: `a placement`.
  public let what: String
  /// In the order of the text, those with null included.
  public let members: [DocumentNode.Member]

  public init(location: SourceLocation, what: String, members: [DocumentNode.Member]) {
    self.location = location
    self.what = what
    self.members = members
  }

  /// The value of `key`, nil when absent or null.
  /// - Complexity: O(members).
  public subscript(_ key: String) -> DocumentNode? {
    members.first { $0.key == key }.flatMap { $0.value.isNull ? nil : $0.value }
  }

  /// An error that points at the mapping.
  public func error(_ message: String) -> DocumentError { DocumentError(at: location, message) }

  /// The value of `key`, which must be there.
  public func required(_ key: String) throws(DocumentError) -> DocumentNode {
    if let node = self[key] { return node }
    if let member = members.first(where: { $0.key == key }) {
      throw DocumentError(at: member.keyLocation, "'\(key)' of \(what) has no value")
    }
    throw DocumentError(at: location, "\(what) needs '\(key)'")
  }

  public func string(_ key: String) throws(DocumentError) -> String? { try self[key]?.string() }
  public func bool(_ key: String) throws(DocumentError) -> Bool? { try self[key]?.bool() }
  public func duration(_ key: String) throws(DocumentError) -> Duration? { try self[key]?.duration() }
  public func strings(_ key: String) throws(DocumentError) -> [String]? { try self[key]?.strings() }

  public func int(
    _ key: String, in range: ClosedRange<Int> = Int.min...Int.max
  ) throws(DocumentError) -> Int? { try self[key]?.int(in: range) }

  public func double(
    _ key: String, in range: ClosedRange<Double> = -Double.infinity...Double.infinity
  ) throws(DocumentError) -> Double? { try self[key]?.double(in: range) }

  /// The elements of the list at `key`; none when it is absent.
  public func list(_ key: String) throws(DocumentError) -> [DocumentNode] { try self[key]?.list() ?? [] }

  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type = Choice.self, of what: String
  ) throws(DocumentError) -> Choice? where Choice.RawValue == String {
    try self[key]?.choice(type, of: what)
  }
}
