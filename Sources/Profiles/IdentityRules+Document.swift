public import Documents
import Events

/// The section `identity` of a workspace's definitions:
///
///     identity:
///       identifiers_max: 200
///       blocked: [test@example.com, "anonymous@*"]
///       namespaces:
///         email: {limit: 5, priority: 1, blocked: [family@example.com]}
///         anonymous_id: {limit: 100}
extension IdentityRules {
  public init(document: DocumentNode?) throws(DocumentError) {
    guard let document else {
      self = .standard
      return
    }
    let section = try document.mapping(
      allowing: ["identifiers_max", "blocked", "namespaces"], of: "the section 'identity'")
    var namespaces: [String: Namespace] = [:]
    for member in try section["namespaces"]?.mapping(of: "namespaces").members ?? [] where !member.value.isNull {
      guard (1...128).contains(member.key.utf8.count) else {
        throw DocumentError(at: member.keyLocation, "a namespace's name has 1 to 128 bytes")
      }
      namespaces[member.key] = try Namespace(member)
    }
    self.init(
      identifiersMax: try section.int("identifiers_max", in: 2...Profile.identifiersMax) ?? Profile.identifiersMax,
      blocked: try BlockedValues(document: section["blocked"]), namespaces: namespaces)
  }
}

extension IdentityRules.Namespace {
  fileprivate init(_ member: DocumentNode.Member) throws(DocumentError) {
    let namespace = try member.value.mapping(allowing: ["limit", "priority", "blocked"], of: "a namespace")
    self.init(
      limit: try namespace.int("limit", in: 1...Profile.identifiersMax),
      priority: try namespace.int("priority", in: 0...1_000) ?? Self.standardPriority,
      blocked: try BlockedValues(document: namespace["blocked"]))
    guard Identifier(namespace: member.key, value: "").isUser else { return }
    if let node = namespace["limit"], limit != 1 {
      throw node.error("found \(node.inWords), expected 1: a person has one user_id, and two users are never one")
    }
    if let node = namespace["priority"] {
      throw node.error("'user_id' always comes before all other namespaces, so that it has no priority")
    }
    // Kept by the rules themselves.
    limit = nil
  }
}

extension BlockedValues {
  private static let patternsMax = 10_000

  fileprivate init(document: DocumentNode?) throws(DocumentError) {
    var patterns: [String] = []
    for node in try document?.list() ?? [] {
      let pattern = try node.nonEmptyString()
      let inner = pattern.dropFirst(pattern.hasPrefix("*") ? 1 : 0).dropLast(pattern.hasSuffix("*") ? 1 : 0)
      guard !inner.isEmpty, !inner.contains("*"), !(pattern.hasPrefix("*") && pattern.hasSuffix("*")) else {
        throw node.error("found '\(pattern)', expected a value with at most one '*', at its beginning or its end")
      }
      patterns.append(pattern)
    }
    if let document, patterns.count > Self.patternsMax {
      throw document.error("found \(patterns.count) values, expected at most \(Self.patternsMax)")
    }
    self.init(patterns)
  }
}
