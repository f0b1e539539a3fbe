public import Events
public import Primitives
public import Profiles

/// Identifiers that are cut apart: an entry of the log, so that a replay comes to the same people.
struct Unmerge: Sendable, Equatable, BinaryCodable {
  let pairs: [IdentifierPair]

  init(pairs: [IdentifierPair]) { self.pairs = pairs }

  func encode(into writer: inout BinaryWriter) { writer.write(list: pairs) }

  init(from reader: inout BinaryReader) throws(BinaryError) { pairs = try reader.readList(of: IdentifierPair.self) }
}

/// A pair of identifiers as their keys, which is all that a cut needs.
struct KeyPair: Sendable, Hashable, BinaryCodable {
  let first: IdentifierKey
  let second: IdentifierKey

  init(_ pair: IdentifierPair, hash: StableHash) {
    first = IdentifierKey(pair.first, hash: hash)
    second = IdentifierKey(pair.second, hash: hash)
  }

  func encode(into writer: inout BinaryWriter) {
    writer.write(digest: first.digest)
    writer.write(digest: second.digest)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    first = IdentifierKey(try reader.readDigest())
    second = IdentifierKey(try reader.readDigest())
  }
}

/// That a pair of identifiers was cut apart.
struct Cut: Sendable, BinaryCodable {
  let knownAt: Timestamp

  init(knownAt: Timestamp) { self.knownAt = knownAt }

  func encode(into writer: inout BinaryWriter) { writer.write(time: knownAt) }

  init(from reader: inout BinaryReader) throws(BinaryError) { knownAt = try reader.readTime() }
}

extension IdentifierKey {
  /// The key of two identifiers, whichever is named first.
  init(_ one: IdentifierKey, _ other: IdentifierKey) {
    self.init(Digest128(high: one.digest.high ^ other.digest.high, low: one.digest.low ^ other.digest.low))
  }
}

/// What is to be undone.
public enum UnmergeRequest: Sendable, Hashable {
  /// Everything that ties the identifier to the others of its profile.
  case identifier(Identifier)
  /// That these two were brought together.
  case link(IdentifierPair)
}

/// What an unmerge came to.
public struct UnmergeReceipt: Sendable {
  /// Pairs that are cut apart from now on.
  public let cut: [IdentifierPair]
  /// Everybody who has an identifier of the profile now, the profile that keeps its id first.
  public let people: [PersonView]

  /// Whether one profile has become several; not when other links hold it together.
  public var isSeparated: Bool { people.count > 1 }

  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("separated", isSeparated)
      writer.member(
        "cut",
        array: { list in
          for pair in cut {
            list.array { for identifier in pair.identifiers { $0.object { identifier.writeMembers(into: &$0) } } }
          }
        })
      writer.member("profiles", array: { list in for person in people { person.write(into: &list) } })
    }
  }
}

/// Why nothing can be undone.
public struct UnmergeRefusal: Error, Sendable, Equatable {
  public enum Reason: Sendable {
    case unknownProfile
    /// The profile does not have the identifier, or not the link.
    case notLinked
    /// The profile has no other identifier.
    case onlyIdentifier
  }

  public let reason: Reason
  public let message: String
}

extension Partition {
  /// Undoes what brought identifiers together, as if it had never happened: the people are folded again from their entries of the
  /// log, later events follow their own identifiers, and what is cut apart stays so.
  ///
  /// Models keep what they have learnt. Acts of the past are folded with the facts that items have now.
  public func unmerge(
    _ id: ProfileID, _ request: UnmergeRequest, at now: Timestamp
  ) async throws(EngineError) -> Result<UnmergeReceipt, UnmergeRefusal> {
    let planned = try await read { state in try state.plan(request, of: id) }
    switch planned {
    case .failure(let refusal): return .failure(refusal)
    case .success(let (pairs, identifiers)):
      try await record(Unmerge(pairs: pairs))
      let people = try await read { state in
        let first = try state.current(id).map { [$0] } ?? []
        var ids: [ProfileID] = []
        for identifier in identifiers {
          guard let owner = try state.profile(of: [IdentifierKey(identifier, hash: state.hash)]) else { continue }
          if !ids.contains(owner) { ids.append(owner) }
        }
        let ordered = first.filter(ids.contains) + ids.filter { !first.contains($0) }
        return try ordered.compactMap { try state.view(of: $0, at: now) }
      }
      return .success(UnmergeReceipt(cut: pairs, people: people))
    }
  }
}

extension PartitionState {
  /// What to cut, and every identifier that the profile has.
  fileprivate mutating func plan(
    _ request: UnmergeRequest, of id: ProfileID
  ) throws -> Result<(pairs: [IdentifierPair], identifiers: [Identifier]), UnmergeRefusal> {
    func refused(_ reason: UnmergeRefusal.Reason, _ message: String) -> UnmergeRefusal {
      UnmergeRefusal(reason: reason, message: message)
    }
    guard let current = try current(id), let profile = try persons.value(current, read)?.profile else {
      return .failure(refused(.unknownProfile, "this workspace has no such profile"))
    }
    switch request {
    case .identifier(let identifier):
      guard profile.identifiers.contains(identifier) else {
        return .failure(refused(.notLinked, "profile \(current) does not have the identifier \(identifier)"))
      }
      let others = profile.identifiers.filter { $0 != identifier }
      guard !others.isEmpty else {
        return .failure(refused(.onlyIdentifier, "profile \(current) has no other identifier than \(identifier)"))
      }
      return .success((others.map { IdentifierPair(identifier, $0) }, profile.identifiers))
    case .link(let pair):
      guard profile.links.contains(where: { $0.pair == pair }) else {
        return .failure(
          refused(
            .notLinked,
            "profile \(current) has no link between \(pair.first) and \(pair.second); 'links' of the profile lists them"
          ))
      }
      return .success(([pair], profile.identifiers))
    }
  }
}
