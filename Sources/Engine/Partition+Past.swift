public import Events
public import Primitives
import Profiles

/// Who is meant when the past is asked for.
public enum PersonReference: Sendable, Hashable {
  case profile(ProfileID)
  case identifier(Identifier)
}

/// A person at a moment of the past.
public enum PastView: Sendable {
  case known(PersonView)
  /// Known now, and not yet then.
  case notYetKnown
}

extension Partition {
  /// What was known of a person at a moment: their entries of the log up to then, folded again, with the merges and
  /// unmerges known by then. Features are those in force now, at that moment; items have the facts of now.
  ///
  /// - Returns: nil when nobody of that name is known now.
  /// - Complexity: One read of the log, on the caller's thread, for each entry of the person and of everybody who shared an
  ///   identifier with them.
  public func profile(_ reference: PersonReference, asOf moment: Timestamp) async throws(EngineError) -> PastView? {
    let begin = try await read { state in
      (try state.identifiers(of: reference), state.definitionPositions)
    }
    guard let identifiers = begin.0 else { return nil }
    var around = Surroundings(of: identifiers, hash: hash)
    let history: ActiveHistory
    do {
      history = try ActiveHistory(begin.1, in: store)
      while !around.isComplete {
        around = try await read { [around] state in
          var next = around
          try next.look(in: &state)
          return next
        }
        try around.read(from: store, hash: hash, history)
      }
    } catch let error as EngineError {
      throw error
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the entries of a person cannot be read: \(error)")
    }
    return try await read { [around] state in
      try state.view(of: reference, among: around, history, asOf: moment)
    }
  }
}

extension PartitionState {
  /// Every identifier of who is meant; nil when they are nobody.
  fileprivate mutating func identifiers(of reference: PersonReference) throws -> [Identifier]? {
    switch reference {
    case .identifier(let identifier):
      try profile(of: [IdentifierKey(identifier, hash: hash)]) == nil ? nil : [identifier]
    case .profile(let id):
      try current(id).flatMap { try persons.inspect($0, read) { $0.profile.identifiers } }
    }
  }

  fileprivate func view(
    of reference: PersonReference, among around: Surroundings, _ history: ActiveHistory, asOf moment: Timestamp
  ) throws -> PastView {
    var then = try folded(around, until: moment, history)
    let found: ProfileID? =
      switch reference {
      case .identifier(let identifier): try then.profile(of: [IdentifierKey(identifier, hash: hash)])
      case .profile(let id): id
      }
    guard let found, var view = try then.view(of: found, at: moment) else { return .notYetKnown }
    view.asOf = moment
    return .known(view)
  }
}
