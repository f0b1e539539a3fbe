import Events
import Features
import Primitives
import Profiles

extension PartitionState {
  mutating func fold(_ tombstone: Tombstone, knownAt: Timestamp, at position: LogPosition) throws {
    switch tombstone {
    case .event(let digest):
      ledger.insert(digest)
      counts.events += 1
    case .decision: counts.decisions += 1
    case .deadLetter(let code): letters.add(position, code: code)
    case .unmerge(let pairs):
      unmergePositions.append(position)
      try cut(pairs, knownAt: knownAt)
    }
  }

  /// Forgets a person whose entries the log has no more, whatever this state knows of them, and folds those again who had an
  /// entry in common with them. Models and dwell statistics keep what they have learnt.
  ///
  /// - Parameter prepared: The people around, when they were looked up; nil has them looked up in this state.
  mutating func fold(_ erasure: Erasure, _ prepared: Surroundings?, at position: LogPosition) throws {
    erasurePositions.append(position)
    for digest in erasure.profiles {
      try erasedProfiles.set(IdentifierKey(digest), to: ErasedProfile(position: position), read)
    }
    unreadPositions = try unreadPositions.filter { try store.entry(at: $0)?.kind != .erased }
    let history = try ActiveHistory(definitionPositions, in: store)
    var around = prepared ?? Surroundings(of: erasure.identifiers + erasure.around)
    try around.complete(in: &self, history)
    try foldAgain(around, history)
    for id in around.erasedDecisions where try outcomes.contains(id, read) { try outcomes.set(id, to: nil, read) }
    for rejoining in erasure.rejoined { try rejoin(rejoining, history) }
    let (profiles, cuts) = (counts.profiles, counts.cuts)
    counts = erasure.counts
    (counts.profiles, counts.cuts) = (profiles, cuts)
  }

  /// Joins the outcomes of a decision again that remain, in their order.
  private mutating func rejoin(_ rejoining: Erasure.Rejoining, _ history: ActiveHistory) throws {
    try outcomes.set(rejoining.decision, to: nil, read)
    for position in rejoining.events {
      guard let entry = try store.entry(at: position), entry.kind == .event else { continue }
      var reader = BinaryReader(entry.payload)
      let event = try StoredEvent(from: &reader).event(by: history.active(at: position).parser)
      try join(event, interactions(of: event), to: rejoining.decision, at: position)
    }
  }
}

extension Erasure {
  /// What the id of a profile is known by.
  static func digest(of id: ProfileID, hash: StableHash) -> Digest128 { hash.hash128(id.description) }
}
