public import Events
public import Primitives
import Profiles

/// Proofs of erasures, the latest first.
public struct ErasurePage: Sendable {
  public let proofs: [ErasureProof]
  /// Where the next page begins; nil at the end.
  public let next: LogPosition?
}

extension Partition {
  /// Takes a person out of the log, the state, the decisions and the dead letters, and leaves a proof.
  ///
  /// - Returns: The proof, once no file holds what was erased; for a profile that was erased before, its proof; nil when there
  ///   is no such person.
  /// - Throws: `.unavailable` when nothing was erased, or, as it then says, when files may still hold copies of what was:
  ///   the engine goes on trying, and the same call again waits for it.
  /// - Complexity: One read of the log, on the caller's thread, for each entry of the person and of everybody who shared an
  ///   identifier with them, and one for each dead letter; a checkpoint and one read of the saved state.
  public func erase(_ reference: PersonReference) async throws(EngineError) -> ErasureProof? {
    do {
      let plan = try await ErasurePlan.make(
        for: reference, store: store, hash: hash,
        ask: { body in try await self.read { try body(&$0) } },
        look: { around in
          try await self.read { [around] state in
            var next = around
            try next.look(in: &state)
            return next
          }
        })
      if let plan, let proof = try await record(plan) { return proof }
      guard case .profile(let id) = reference else { return nil }
      return try await finishErasure(of: Erasure.digest(of: id, hash: hash))
    } catch let error as EngineError {
      throw error
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the entries of a person cannot be read: \(error)")
    }
  }

  /// Waits for the erasure of a profile, by the digest that its proof has in place of its id; erases nobody.
  ///
  /// - Returns: The proof, once no file holds what was erased; nil when no such profile was erased.
  /// - Throws: As `erase(_:)`.
  public func finishErasure(of profile: Digest128) async throws(EngineError) -> ErasureProof? {
    guard let proof = try await erasure(of: profile) else { return nil }
    try await finishErasures()
    return proof
  }

  /// The proof that a profile was erased, merged ones included; nil when it was not.
  public func erasure(of id: ProfileID) async throws(EngineError) -> ErasureProof? {
    try await erasure(of: Erasure.digest(of: id, hash: hash))
  }

  private func erasure(of profile: Digest128) async throws(EngineError) -> ErasureProof? {
    let key = IdentifierKey(profile)
    let position = try await read { state in try state.erasedProfiles.value(key, state.read)?.position }
    return try position.flatMap { position throws(EngineError) in try proof(at: position) }
  }

  /// - Parameter identifier: Only of people who had this identifier.
  public func erasures(
    of identifier: Identifier? = nil, before: LogPosition?, limit: Int
  ) async throws(EngineError) -> ErasurePage {
    let digest = identifier.map { key(of: $0).digest }
    let positions = try await read { state in state.erasurePositions }
    var proofs: [ErasureProof] = []
    for position in positions.reversed() where before.map({ position < $0 }) ?? true {
      guard let proof = try proof(at: position), digest.map(proof.identifiers.contains) ?? true else { continue }
      if proofs.count == limit { return ErasurePage(proofs: proofs, next: proofs.last?.position) }
      proofs.append(proof)
    }
    return ErasurePage(proofs: proofs, next: nil)
  }

  /// Whether the record of a decision was erased.
  public func isErased(_ id: DecisionID) async throws(EngineError) -> Bool {
    do throws(PartitionStoreError) {
      guard let position = try store.position(of: id.rawValue) else { return false }
      return try store.entry(at: position)?.kind == .erased
    } catch {
      throw EngineError(error)
    }
  }

  private func proof(at position: LogPosition) throws(EngineError) -> ErasureProof? {
    do {
      guard let entry = try store.entry(at: position), entry.kind == .erasure else { return nil }
      var reader = BinaryReader(entry.payload)
      return ErasureProof(try Erasure(from: &reader), at: position, knownAt: entry.knownAt)
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the erasure at entry \(position.rawValue) cannot be read: \(error)")
    }
  }
}
